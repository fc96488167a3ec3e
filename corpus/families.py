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
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from corpus.repeats import Survey
from corpus.segments import LAW, key_text, keyed_pieces

FAMILIES_VERSION = "3"
"""Changes whenever another family could be found in any archive."""

ALIKE = 0.85
"""Share of two texts' shingles together that both have, from which they are copies."""
HELD = 0.92
"""Share of the shorter text's shingles that the longer has, from which it is an excerpt."""
EXCERPT = 0.6
"""An excerpt has this share of the longer text at least."""
EXACT_CHARS = 120
"""Shorter texts are copies only if they are the same, title and all."""

Shingles: TypeAlias = npt.NDArray[np.uint64]
"""Hashes of the runs of five characters of a text, ascending, each once."""

_SHINGLE = 5
_PERMUTATIONS, _BANDS, _SEED = 128, 32, 1
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_SIZE_BYTES = 4
_COMMON_CHARS, _COMMON_SHARE = 8, 0.3
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
    fingerprint: bytes | None = None
    """Of the text as it is shown, see `fingerprint`; None where nobody has taken it."""


@dataclass(frozen=True, slots=True)
class Family:
    """Articles that say the same."""

    head: int
    """Row of the fullest one; of equally full ones the least damaged, then the earliest."""
    members: tuple[int, ...]
    """Rows of the others, earliest first."""


@dataclass(frozen=True, slots=True)
class _Text:
    shingles: Shingles
    parts: frozenset[str]
    """Key texts of the sentences, and of lines in the middle of the text."""


def families(
    survey: Survey, text_of: Callable[[int], str], facts_of: Callable[[int], Facts]
) -> list[Family]:
    """Group articles; `text_of` gives a row's text without the blocks it shares.

    Articles of law are copies only if they are the same: versions of a law differ in a word.
    """
    texts = _Texts(survey, text_of, facts_of)
    groups = _same(survey.echoes(_COMMON_CHARS, _COMMON_SHARE), texts)
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
        """Return the fingerprint of the whole text, empty for a text that says nothing."""
        facts = self._facts_of(row)
        found = facts.fingerprint
        if found is None:
            key = "".join(key for _, key in keyed_pieces(self._text_of(row)))
            found = fingerprint(key, facts.title)
        self.sizes[row] = int.from_bytes(found[:_SIZE_BYTES], "big")
        return found

    def may_differ(self, row: int) -> bool:
        """Tell whether a text that differs a little may still be a copy of this one."""
        if self.sizes[row] < EXACT_CHARS or (self._survey.segments(row)["flags"] & LAW > 0).any():
            return False
        return _LAW_ARTICLE.match(self._text_of(row)) is None

    def _read(self, row: int) -> _Text:
        pieces = keyed_pieces(self._text_of(row))
        return _Text(shingles("".join(key for _, key in pieces)), frozenset(_parts(pieces)))


def fingerprint(key: str, title: str | None) -> bytes:
    """Return the size and a digest of a key text, with the title where it is short.

    Empty where the text says nothing.
    """
    if not key:
        return b""
    size = len(key).to_bytes(_SIZE_BYTES, "big")
    if len(key) < EXACT_CHARS:
        key += "\n" + key_text(title or "")
    return size + blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def shingles(key: str) -> Shingles:
    """Return the hashed runs of five characters of a key text: polynomials of their codes."""
    codes = np.frombuffer(key.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint64)
    count = max(0, len(codes) - _SHINGLE + 1)
    values = np.zeros(count, np.uint64)
    for place in range(_SHINGLE):
        values = values * _FACTOR + codes[place : place + count]
    return np.unique((values ^ values >> np.uint64(32)) * _FACTOR)


def in_both(first: Shingles, second: Shingles) -> int:
    """Return how many shingles two texts have in common."""
    return len(np.intersect1d(first, second, assume_unique=True))


def _same(rows: Iterable[int], texts: _Texts) -> dict[bytes, list[int]]:
    groups: dict[bytes, list[int]] = {}
    for row in rows:
        groups.setdefault(texts.key(row), []).append(row)
    return groups


def _alike(rows: list[int], texts: _Texts) -> Iterator[list[int]]:
    """Yield groups around their longest text, so that likeness never chains."""
    near_of = _near(rows, texts)
    left = set(rows)
    for row in sorted(rows, key=lambda row: (-texts.sizes[row], row)):
        if row not in left:
            continue
        left.discard(row)
        near = sorted(left & near_of(row))
        group = [row, *(other for other in near if _are_copies(texts.get(row), texts.get(other)))]
        left.difference_update(group)
        if len(group) > 1:
            yield group


def _near(rows: list[int], texts: _Texts) -> Callable[[int], set[int]]:
    """Return what tells which rows may be like a row: those with which it shares a band."""
    import rensa

    bands: dict[tuple[int, bytes], set[int]] = {}
    own: dict[int, list[tuple[int, bytes]]] = {}
    for row in rows:
        found = texts.get(row).shingles
        ends = np.array([0, len(found)], np.uint64)
        signature: Any = rensa.RMinHash.digest_matrix_from_flat_token_hashes(
            found, ends, _PERMUTATIONS, _SEED
        ).to_rows()
        values = np.array(signature, np.uint32).reshape(_BANDS, -1)
        own[row] = [(number, band.tobytes()) for number, band in enumerate(values)]
        for band in own[row]:
            bands.setdefault(band, set()).add(row)
    return lambda row: set[int]().union(*(bands[band] for band in own[row]))


def _are_copies(first: _Text, second: _Text) -> bool:
    both = in_both(first.shingles, second.shingles)
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


def _parts(pieces: list[tuple[str, str]]) -> Iterator[str]:
    for number, (piece, key) in enumerate(pieces):
        inner = _FEWEST_BESIDE <= number < len(pieces) - _FEWEST_BESIDE
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
