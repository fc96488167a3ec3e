"""Reprints and near-duplicates: articles that say the same, so that one of them is shown.

The only module that imports rensa. Candidates are found by MinHash and locality-sensitive hashing
(Broder, "On the resemblance and containment of documents", 1997; Indyk and Motwani, 1998) among
the articles that share sentences with others, and every one is compared for real.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from corpus.repeats import Survey
from corpus.segments import LAW, key_text, segment_spans

FAMILIES_VERSION = "2"
"""Changes whenever another family could be found in any archive."""

ALIKE = 0.85
"""Share of two texts' shingles together that both have, from which they are copies."""
HELD = 0.92
"""Share of the shorter text's shingles that the longer has, from which it is an excerpt."""
EXCERPT = 0.6
"""An excerpt has this share of the longer text at least."""
EXACT_CHARS = 120
"""Shorter texts are copies only if they are the same, title and all."""

_SHINGLE = 5
_PERMUTATIONS, _BANDS, _SEED = 128, 32, 1
_CANDIDATE = 0.5
_COMMON_SHARE = 0.3
_AS_FULL = 0.98
_KEPT = 512
_NUMBER = re.compile(r"[0-9一二三四五六七八九十百千万亿零〇两]+")
_LABEL = re.compile(r"来源|发布|编辑|记者|作者|阅读|点击|浏览|稿源|时间|日期|字号|责编|转载")
_LAW_ARTICLE = re.compile(r"\s*第\s?[一二三四五六七八九十百千零〇0-9]{1,9}\s?[条條]")
_FEWEST_BESIDE = 6
_LINE_CHARS = 25


@dataclass(frozen=True, slots=True)
class Facts:
    """What else decides who is shown: see `families`."""

    title: str | None
    published: str | None
    unrepaired: int
    id: str


@dataclass(frozen=True, slots=True)
class Family:
    """Articles that say the same."""

    head: int
    """Row of the fullest one; of equally full ones the least damaged, then the earliest."""
    members: tuple[int, ...]
    """Rows of the others, earliest first."""


@dataclass(frozen=True, slots=True)
class _Text:
    key: str
    shingles: frozenset[int]
    parts: frozenset[str]
    """Key texts of the sentences, and of lines in the middle of the text."""


def families(
    survey: Survey, text_of: Callable[[int], str], facts_of: Callable[[int], Facts]
) -> list[Family]:
    """Group articles; `text_of` gives a row's text without the blocks it shares.

    Articles of law are copies only if they are the same: versions of a law differ in a word.
    """
    texts = _Texts(survey, text_of, facts_of)
    groups = _same(_candidates(survey), texts)
    groups.pop(b"", None)
    found = [group for group in groups.values() if len(group) > 1]
    heads = {group[0]: group for group in groups.values()}
    loose = [row for row in heads if texts.may_differ(row)]
    for group in _alike(loose, texts):
        merged = [row for one in group for row in heads[one]]
        found = [other for other in found if other[0] not in group]
        found.append(merged)
    return sorted((_family(group, texts, facts_of) for group in found), key=lambda one: one.head)


class _Texts:
    """Texts by row, the last few hundred kept."""

    def __init__(
        self, survey: Survey, text_of: Callable[[int], str], facts_of: Callable[[int], Facts]
    ) -> None:
        self._survey = survey
        self._text_of = text_of
        self._facts_of = facts_of
        self.sizes: dict[int, int] = {}
        self.get = lru_cache(_KEPT)(self._read)

    def key(self, row: int) -> bytes:
        """Return a digest of the whole text, empty for a text that says nothing."""
        key = key_text(self._text_of(row))
        self.sizes[row] = len(key)
        if not key:
            return b""
        if len(key) < EXACT_CHARS:
            key += "\n" + key_text(self._facts_of(row).title or "")
        return blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest()

    def may_differ(self, row: int) -> bool:
        """Tell whether a text that differs a little may still be a copy of this one."""
        if self.sizes[row] < EXACT_CHARS or (self._survey.segments(row)["flags"] & LAW > 0).any():
            return False
        return _LAW_ARTICLE.match(self._text_of(row)) is None

    def _read(self, row: int) -> _Text:
        text = self._text_of(row)
        key = key_text(text)
        return _Text(key, shingles(key), frozenset(_parts(text)))


def shingles(key: str) -> frozenset[int]:
    """Return the hashed runs of five characters of a key text.

    Python's own `hash` of a string differs from run to run, so the code points are mixed here.
    """
    codes = [ord(character) for character in key]
    found = set()
    value, mask, top = 0, (1 << 61) - 1, pow(1_000_003, _SHINGLE, (1 << 61) - 1)
    for place, code in enumerate(codes):
        value = (value * 1_000_003 + code) % mask
        if place >= _SHINGLE:
            value = (value - codes[place - _SHINGLE] * top) % mask
        if place >= _SHINGLE - 1:
            found.add(value)
    return frozenset(found)


def _candidates(survey: Survey) -> Iterator[int]:
    """Yield rows much of whose own text stands elsewhere too."""
    for row in survey.rows(2, 8, law=True):
        found, own = survey.segments(row), survey.own(row)
        size = found["size"] * own
        repeated = survey.counts.of(found["key"]) > 1
        if int(size[repeated].sum()) >= _COMMON_SHARE * int(size.sum()) > 0:
            yield row


def _same(rows: Iterable[int], texts: _Texts) -> dict[bytes, list[int]]:
    groups: dict[bytes, list[int]] = {}
    for row in rows:
        groups.setdefault(texts.key(row), []).append(row)
    return groups


def _alike(rows: list[int], texts: _Texts) -> Iterator[list[int]]:
    """Yield groups around their longest text, so that likeness never chains."""
    import rensa

    index = rensa.RMinHashLSH(threshold=_CANDIDATE, num_perm=_PERMUTATIONS, num_bands=_BANDS)
    hashes = {}
    for row in rows:
        hashes[row] = rensa.RMinHash(num_perm=_PERMUTATIONS, seed=_SEED)
        hashes[row].update([str(value) for value in texts.get(row).shingles])
        index.insert(row, hashes[row])
    left = set(rows)
    for row in sorted(rows, key=lambda row: (-texts.sizes[row], row)):
        if row not in left:
            continue
        left.discard(row)
        near = sorted(left.intersection(index.query(hashes[row])))
        group = [row, *(other for other in near if _are_copies(texts.get(row), texts.get(other)))]
        left.difference_update(group)
        if len(group) > 1:
            yield group


def _are_copies(first: _Text, second: _Text) -> bool:
    both = len(first.shingles & second.shingles)
    longer, shorter = sorted((len(first.shingles), len(second.shingles)), reverse=True)
    alike = both >= ALIKE * (longer + shorter - both)
    excerpt = both >= HELD * shorter and shorter >= EXCERPT * longer
    return (alike or excerpt) and not _numbers_differ(first.parts, second.parts)


def _numbers_differ(first: frozenset[str], second: frozenset[str]) -> bool:
    """Tell whether a sentence of one stands in the other with other numbers: another matter."""
    mine = {bare: _NUMBER.findall(one) for one in first - second if (bare := _bare(one))}
    for other in second - first:
        numbers = _NUMBER.findall(other)
        if numbers and mine.get(_bare(other), numbers) not in ([], numbers):
            return True
    return False


def _bare(part: str) -> str:
    bare = _NUMBER.sub("", part)
    return bare if len(bare) >= 4 else ""


def _parts(text: str) -> Iterator[str]:
    spans = segment_spans(text)
    for number, (start, end) in enumerate(spans):
        piece = text[start:end]
        key = key_text(piece)
        inner = _FEWEST_BESIDE <= number < len(spans) - _FEWEST_BESIDE
        ended = any(mark in piece for mark in "。！？")
        if len(key) >= 6 and (ended or inner or len(key) >= _LINE_CHARS) and not _LABEL.search(key):
            yield key


def _family(group: list[int], texts: _Texts, facts_of: Callable[[int], Facts]) -> Family:
    fullest = max(texts.sizes[row] for row in group)
    facts = {row: facts_of(row) for row in group}

    def order(row: int) -> tuple[bool, int, str, str]:
        one = facts[row]
        full = texts.sizes[row] >= _AS_FULL * fullest
        return not full, one.unrepaired if full else 0, one.published or "9", one.id

    head, *_ = sorted(group, key=order)
    rest = sorted(
        (row for row in group if row != head),
        key=lambda row: (facts[row].published or "9", facts[row].id),
    )
    return Family(head, tuple(rest))
