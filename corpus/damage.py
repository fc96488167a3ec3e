"""Damage a clean text the way one family of news sites does, for tests and measurements.

Written from the description in the project's notes, not from the repair: the steps are those of
the sites' own programs (see docs/repair.md), on bytes, in the order they ran. Nothing of it runs
when articles are read: `retrieval.suites` asks how well a damaged archive is searched.
"""

from __future__ import annotations

import html
import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache

from corpus.folding import fold
from corpus.gbk import decode, encode
from corpus.readings import reading_of

# Characters with several Traditional forms, which the sites' one-to-one table left alone, and
# one that it mapped to the commonest form.
_LEFT_SIMPLIFIED = "后于制并范系采余布里"
_PRIVATE_USE = re.compile("[\ue000-\uf8ff]")
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
# The bytes of 。 ， ？ wherever they stand, overlapping ones too (。可 holds those of ？).
_CUT_MARKS = re.compile(b"(?=\xa1\xa3|\xa3\xac|\xa3\xbf)")
_TABLE = (60, 150)
_ANNOTATABLE = 600


@dataclass(frozen=True)
class Page:
    """How one page was damaged: what the site's programs happened to do to it."""

    table: tuple[str, ...]
    """The annotated characters, in the order in which the replacements ran."""
    readings: dict[str, str] = field(hash=False)
    cut_share: float = 0.65
    """Probability that the stream is cut in front of a mark's two bytes."""
    keep_private: bool = True
    seed: int = 0


def annotatable(texts: Iterable[str]) -> tuple[str, ...]:
    """Return what such sites may annotate in these texts: the commonest first, at most 600.

    They are the characters that have a reading and differ from their Simplified form.
    """
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(to_traditional(text))
    found = [one for one in counts if reading_of(one) and fold(one) != one]
    return tuple(sorted(found, key=lambda one: (-counts[one], one))[:_ANNOTATABLE])


def draw_page(characters: Sequence[str], seed: str) -> Page:
    """Draw what happens to one page: 60 to 150 of the characters are annotated.

    Two thirds of them at most, as no page annotates all it has; half of the pages keep their
    private-use characters.
    """
    chance = random.Random(seed)
    size = min(chance.randint(*_TABLE), len(characters) * 2 // 3)
    table = chance.sample(characters, size)
    return Page(
        tuple(table),
        {one: reading_of(one) or "" for one in table},
        keep_private=chance.random() < 0.5,
        seed=chance.getrandbits(30),
    )


@cache
def _to_traditional() -> dict[int, str]:
    import opencc

    characters = [chr(code) for code in range(0x4E00, 0xA000)]
    converted = opencc.OpenCC("s2tw").convert("\n".join(characters)).split("\n")
    table = {
        ord(before): after
        for before, after in zip(characters, converted, strict=True)
        if len(after) == 1 and before not in _LEFT_SIMPLIFIED and before != after
    }
    return table | {ord("复"): "復"}


def to_traditional(text: str) -> str:
    """Convert one character to one character, as the sites did."""
    return text.translate(_to_traditional())


def to_half_width(text: str) -> str:
    """Bring full-width ASCII and the wide blank to half width."""
    return text.translate(_HALF_WIDTH)


def annotate(text: str, page: Page) -> str:
    """Annotate characters the way the sites meant to: never across a character."""
    table = {ord(character): f"{character}({page.readings[character]})" for character in page.table}
    return to_half_width(text.translate(table))


def damage(text: str, page: Page) -> str:
    """Return the text as such a site shows it."""
    data = encode(text)
    for character in page.table:
        pair = encode(character)
        data = data.replace(pair, pair + encode(f"({page.readings[character]})"))
    text = _cut(encode(decode(data)), page)
    if not page.keep_private:
        text = _PRIVATE_USE.sub("", text)
    # What GBK cannot say stood there as HTML references, which a reader of the page resolves.
    return to_half_width(html.unescape(text))


def _cut(data: bytes, page: Page) -> str:
    chance = random.Random(page.seed)
    pieces: list[str] = []
    start = 0
    for match in _CUT_MARKS.finditer(data):
        if match.start() > start and chance.random() < page.cut_share:
            pieces.append(decode(data[start : match.start()]))
            start = match.start()
    pieces.append(decode(data[start:]))
    return "".join(pieces)
