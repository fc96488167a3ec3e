"""Damage a clean text the way one family of news sites does, for tests and measurements.

Written from the description in the project's notes, not from the repair: the steps are those of
the sites' own programs (see docs/repair.md), on bytes, in the order they ran.
"""

from __future__ import annotations

import html
import random
import re
from dataclasses import dataclass, field
from functools import cache

from corpus.gbk import decode, encode

# Characters with several Traditional forms, which the sites' one-to-one table left alone, and
# one that it mapped to the commonest form.
_LEFT_SIMPLIFIED = "后于制并范系采余布里"
_PRIVATE_USE = re.compile("[\ue000-\uf8ff]")
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
# The bytes of 。 ， ？ wherever they stand, overlapping ones too (。可 holds those of ？).
_CUT_MARKS = re.compile(b"(?=\xa1\xa3|\xa3\xac|\xa3\xbf)")


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
