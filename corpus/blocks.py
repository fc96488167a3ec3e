"""A chain of keys made into a block: its text is chosen, and what goes from each holder."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from corpus.likeness import Reading, held
from corpus.segments import key_text

if TYPE_CHECKING:
    from corpus.repeats import Survey

_EXTEND = 4
_LEAST_CUT = 0.8
"""Share of a stretch that must be the block's own words, for the stretch to be the block."""
_SAMPLE = 50
_SAID = 0.8
_SHORT_CHARS = 4
_NUMBER = re.compile(r"\d+")
_MENDED_CHARS, _MENDED_HELD = 3, 0.75


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
        self._numbers: set[str] = set()

    def cut(self, result: Shared) -> None:
        """Add the block and its cuts."""
        base = Reading(self._text_of(self._row))
        before = 0 if self._whole else self._extension(base, -1)
        after = 0 if self._whole else self._extension(base, 1)
        self._known = base.pairs(self._first - before, self._last + after)
        wide = range(self._first - before, self._last + after + 1)
        self._numbers = {one for number in wide for one in _NUMBER.findall(base.key(number))}
        size = base.size(self._first - before, self._last + after)
        found: list[tuple[int, int, int, list[tuple[int, int]]]] = []
        for row, first, last in self._places:
            reading = base if row == self._row else Reading(self._text_of(row))
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

    def _is_said(self, key: str) -> bool:
        """Tell whether the block says this as well, damage aside; other numbers are other words."""
        if not self._numbers.issuperset(_NUMBER.findall(key)):
            return False
        return len(key) < _SHORT_CHARS or held(key, self._known) >= _SAID

    def _extension(self, base: Reading, step: int) -> int:
        """Return how many segments beside the chain most holders share as well."""
        edge = 1 if step < 0 else 2
        sample = [place for place in self._places if place[0] != self._row][:_SAMPLE]
        others = [(Reading(self._text_of(place[0])), place[edge]) for place in sample]
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

    def _reach(self, base: Reading, other: Reading, edge: int, step: int, most: int) -> int:
        own = self._first if step < 0 else self._last
        reach = 0
        while reach < most and base.is_like(
            own + step * (reach + 1), other, edge + step * (reach + 1)
        ):
            reach += 1
        return reach

    def _mended(self, other: Reading, first: int, last: int, size: int) -> tuple[int, int]:
        """Return a stretch with the damaged pieces of the block beside it, where it lacks some."""
        room = size - other.size(first, last)
        for step in (-1, 1):
            edge = (first if step < 0 else last) + step
            while 0 <= edge < len(other.spans):
                key = other.key(edge)
                if len(key) < _MENDED_CHARS or len(key) > 1.1 * room:
                    break
                if held(key, self._known) < _MENDED_HELD:
                    break
                room -= len(key)
                first, last = min(first, edge), max(last, edge)
                edge += step
        return first, last

    def _spans(self, other: Reading, row: int, first: int, last: int) -> list[tuple[int, int]]:
        """Return what goes: everything but what only this holder says in between."""
        if row == self._row:
            return [(other.spans[first][0], other.spans[last][1])]
        keys = self._survey.segments(row)["key"].tolist()
        spans: list[tuple[int, int]] = []
        for number in range(first, last + 1):
            anchored = keys[number] in self._keys
            key = other.key(number)
            if anchored or self._is_said(key):
                start, end = other.spans[number]
                if spans and spans[-1][1] == start:
                    spans[-1] = spans[-1][0], end
                else:
                    spans.append((start, end))
        return spans
