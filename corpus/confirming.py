"""Whether what stands between the anchors of a chain is part of it, or an article of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from corpus.blocks import Chain
from corpus.likeness import Reading, held, pairs_of

if TYPE_CHECKING:
    from corpus.repeats import Survey

_CONFIRMING = 12
"""Articles that are read to tell whether a gap in a chain is part of the block."""
_SMALL_GAP = 24
_LIKE = 0.6


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
        self._reading: Reading | None = None

    def between(self, first: int, second: int) -> str | None:
        """Return the key text between two anchors; None where one is missing."""
        start, end = self._at.get(first), self._at.get(second)
        if start is None or end is None or end <= start:
            return None
        if end == start + 1:
            return ""
        if self._reading is None:
            self._reading = Reading(self._text_of(self._row))
        return "".join(map(self._reading.key, range(start + 1, end)))


def _are_alike(gaps: list[str]) -> bool:
    """Tell whether at least half of the others say much the same as the longest."""
    longest = max(range(len(gaps)), key=lambda number: len(gaps[number]))
    known = pairs_of(gaps[longest])
    others = [gap for number, gap in enumerate(gaps) if number != longest]
    alike = sum(2 * len(gap) >= len(gaps[longest]) and held(gap, known) >= _LIKE for gap in others)
    return 2 * alike >= len(others) > 0
