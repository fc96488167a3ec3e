"""A chain of keys made into a block: its text is chosen, and what goes from each holder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from corpus.segments import key_text, segment_spans

if TYPE_CHECKING:
    from corpus.repeats import Survey

_EXTEND = 4
_LEAST_CUT = 0.8
"""Share of a stretch that must be the block's own words, for the stretch to be the block."""
_SAMPLE = 50
_CONFIRMING = 12
"""Articles that are read to tell whether a gap in a chain is part of the block."""
_SMALL_GAP = 24
_LIKE = 0.6
_MENDED_CHARS, _MENDED_HELD = 3, 0.7


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of text that several articles share."""

    id: str
    row: int
    """The article its text is taken from: the least damaged one."""
    start: int
    end: int
    holders: tuple[int, ...]
    """Rows of the articles it was taken out of, in order."""
    whole: bool = False
    """Whether the article of `row` is nothing but the block, and so may stand for it."""


@dataclass(slots=True)
class Shared:
    """All blocks of an archive, and what goes from each article."""

    blocks: list[Block] = field(default_factory=list)
    cuts: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    """(start, end) of what is taken out, in order, by row."""


@dataclass(slots=True)
class Chain:
    """Keys that follow one another in several articles."""

    keys: npt.NDArray[np.uint64]
    places: list[tuple[int, int, int]] = field(default_factory=list)
    """(row, first segment, last segment) wherever it stands."""
    wholes: list[tuple[int, int, int]] = field(default_factory=list)
    """Where it is all there is."""


def confirmed(
    survey: Survey, chain: Chain, text_of: Callable[[int], str], chars: int
) -> Iterator[Chain]:
    """Yield the parts of a chain between which its articles really say the same.

    A heading above and a footer under every article of a site make one chain, and what lies
    between them is the articles.
    """
    keys = chain.keys.tolist()
    sample = [_Place(survey, text_of, keys, place) for place in chain.places[:_CONFIRMING]]
    cuts = [0]
    for number, pair in enumerate(pairwise(keys), start=1):
        gaps = [gap for place in sample if (gap := place.between(*pair)) is not None]
        if max(map(len, gaps), default=0) > _SMALL_GAP and not _are_alike(gaps):
            cuts.append(number)
    for start, end in pairwise([*cuts, len(keys)]):
        if len(cuts) == 1:
            yield chain
            return
        part = Chain(chain.keys[start:end])
        for row, first, last in chain.places:
            found = survey.segments(row)[first : last + 1]
            places = first + np.flatnonzero(np.isin(found["key"], part.keys))
            if len(places):
                low, high = int(places[0]), int(places[-1])
                if int(found["size"][low - first : high - first + 1].sum()) >= 0.6 * chars:
                    part.places.append((row, low, high))
        sizes = [
            int(survey.segments(row)["size"][low : high + 1].sum())
            for row, low, high in part.places
        ]
        if max(sizes, default=0) >= chars:
            yield part


class _Place:
    """One stretch of a chain, and what stands between its anchors."""

    def __init__(
        self,
        survey: Survey,
        text_of: Callable[[int], str],
        keys: list[int],
        place: tuple[int, int, int],
    ) -> None:
        row, first, last = place
        self._text_of = text_of
        self._row = row
        found = survey.segments(row)["key"].tolist()
        wanted = set(keys)
        self._at: dict[int, int] = {}
        for number in range(first, last + 1):
            if found[number] in wanted:
                self._at.setdefault(found[number], number)
        self._reading: _Reading | None = None

    def between(self, first: int, second: int) -> str | None:
        """Return the key text between two anchors; None where one is missing."""
        start, end = self._at.get(first), self._at.get(second)
        if start is None or end is None or end <= start:
            return None
        if end == start + 1:
            return ""
        if self._reading is None:
            self._reading = _Reading(self._text_of(self._row))
        return "".join(map(self._reading.key, range(start + 1, end)))


def _are_alike(gaps: list[str]) -> bool:
    """Tell whether at least half of the others say much the same as the longest."""
    longest = max(range(len(gaps)), key=lambda number: len(gaps[number]))
    known = _pairs(gaps[longest])
    others = [gap for number, gap in enumerate(gaps) if number != longest]
    alike = sum(2 * len(gap) >= len(gaps[longest]) and _held(gap, known) >= _LIKE for gap in others)
    return 2 * alike >= len(others) > 0


class Cutter:
    """Makes one block of a chain: chooses its text, and what goes from each holder."""

    def __init__(
        self,
        survey: Survey,
        chain: Chain,
        text_of: Callable[[int], str],
        damage_of: Callable[[int], int],
        least: int,
    ) -> None:
        self._survey = survey
        self._text_of = text_of
        self._least = least
        self._places = sorted(chain.places)
        complete = [p for p in self._places if len(chain.keys) <= p[2] - p[1] + 1]
        self._whole = bool(chain.wholes)
        choice = chain.wholes or complete or self._places
        best = min(choice[:_SAMPLE], key=lambda p: (damage_of(p[0]), p[0]))
        self._row, self._first, self._last = best
        self._keys = set(chain.keys.tolist())
        self._known: set[str] = set()

    def cut(self, result: Shared) -> None:
        """Add the block and its cuts."""
        base = _Reading(self._text_of(self._row))
        before = 0 if self._whole else self._extension(base, -1)
        after = 0 if self._whole else self._extension(base, 1)
        self._known = base.pairs(self._first - before, self._last + after)
        size = base.size(self._first - before, self._last + after)
        found: list[tuple[int, int, int, list[tuple[int, int]]]] = []
        for row, first, last in self._places:
            reading = base if row == self._row else _Reading(self._text_of(row))
            first -= self._reach(base, reading, first, -1, before)
            last += self._reach(base, reading, last, 1, after)
            first, last = self._mended(reading, first, last, size)
            spans = self._spans(reading, row, first, last)
            whole = reading.spans[last][1] - reading.spans[first][0]
            if sum(end - start for start, end in spans) >= _LEAST_CUT * whole:
                found.append((row, first, last, spans))
        found = [one for one in found if not self._survey.is_body(*one[:3])]
        rows = sorted({row for row, *_ in found})
        if len(rows) < self._least:
            return
        for row, first, last, spans in found:
            self._survey.take(row, first, last)
            result.cuts.setdefault(row, []).extend(spans)
        start = base.spans[self._first - before][0]
        end = base.spans[self._last + after][1]
        name = sha256(key_text(base.text[start:end]).encode("utf-8", "replace")).hexdigest()[:12]
        block = Block(f"block-{name}", self._row, start, end, tuple(rows), self._whole)
        result.blocks.append(block)

    def _extension(self, base: _Reading, step: int) -> int:
        """Return how many segments beside the chain most holders share as well."""
        edge = 1 if step < 0 else 2
        sample = [place for place in self._places if place[0] != self._row][:_SAMPLE]
        others = [(_Reading(self._text_of(place[0])), place[edge]) for place in sample]
        own = self._first if step < 0 else self._last
        reach = 0
        while reach < _EXTEND:
            at = own + step * (reach + 1)
            alike = sum(
                base.is_like(at, other, place + step * (reach + 1)) for other, place in others
            )
            if alike + 1 < self._least or alike < 0.6 * len(others):
                break
            reach += 1
        return reach

    def _reach(self, base: _Reading, other: _Reading, edge: int, step: int, most: int) -> int:
        own = self._first if step < 0 else self._last
        reach = 0
        while reach < most and base.is_like(
            own + step * (reach + 1), other, edge + step * (reach + 1)
        ):
            reach += 1
        return reach

    def _mended(self, other: _Reading, first: int, last: int, size: int) -> tuple[int, int]:
        """Return a stretch with the damaged pieces of the block beside it, where it lacks some."""
        room = size - other.size(first, last)
        for step in (-1, 1):
            edge = (first if step < 0 else last) + step
            while 0 <= edge < len(other.spans):
                key = other.key(edge)
                if len(key) < _MENDED_CHARS or len(key) > 1.1 * room:
                    break
                if _held(key, self._known) < _MENDED_HELD:
                    break
                room -= len(key)
                first, last = min(first, edge), max(last, edge)
                edge += step
        return first, last

    def _spans(self, other: _Reading, row: int, first: int, last: int) -> list[tuple[int, int]]:
        """Return what goes: everything but what only this holder says in between."""
        if row == self._row:
            return [(other.spans[first][0], other.spans[last][1])]
        keys = self._survey.segments(row)["key"].tolist()
        spans: list[tuple[int, int]] = []
        for number in range(first, last + 1):
            anchored = keys[number] in self._keys
            key = other.key(number)
            if anchored or len(key) < 4 or _held(key, self._known) >= 0.5:
                start, end = other.spans[number]
                if spans and spans[-1][1] == start:
                    spans[-1] = spans[-1][0], end
                else:
                    spans.append((start, end))
        return spans


class _Reading:
    """A text and its segments, each with its key text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.spans = segment_spans(text)

    def key(self, number: int) -> str:
        start, end = self.spans[number]
        return key_text(self.text[start:end])

    def is_like(self, number: int, other: _Reading, theirs: int) -> bool:
        if not (0 <= number < len(self.spans) and 0 <= theirs < len(other.spans)):
            return False
        mine, key = self.key(number), other.key(theirs)
        if mine == key:
            return True
        return len(mine) >= 6 and _held(mine, _pairs(key)) >= 0.7 and len(key) < 1.5 * len(mine)

    def size(self, first: int, last: int) -> int:
        """Return the characters in the keys of some segments."""
        return sum(len(self.key(number)) for number in range(first, last + 1))

    def pairs(self, first: int, last: int) -> set[str]:
        """Return the pairs of neighbouring characters of some segments."""
        found: set[str] = set()
        for number in range(first, last + 1):
            found |= _pairs(self.key(number))
        return found


def _pairs(key: str) -> set[str]:
    return {first + second for first, second in pairwise(key)}


def _held(key: str, known: set[str]) -> float:
    """Return the share of a key's pairs that are known."""
    own = _pairs(key)
    return len(own & known) / len(own) if own else 1.0
