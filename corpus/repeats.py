"""What many articles share: a block under all of them is found once, and taken out of each.

Every article is a row of segment keys. Keys that enough articles hold are anchors; anchors that
follow one another in enough articles form chains; a chain that is long enough is a block, unless
it is all an article has to say: then the articles are reprints of one another, which is another
matter (`corpus.families`). Only keys are held for all articles, in files; texts are read of those
that share something. (Lines that every page of a site repeats are how templates are found since
Bar-Yossef and Rajagopalan, "Template detection via data mining", WWW 2002.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from corpus.blocks import Chain, Cutter, Shared
from corpus.confirming import confirmed
from corpus.counting import NO_COUNTS, KeyCounter, KeyCounts
from corpus.segments import LAW, SEGMENT, SENTENCE, Segments

REPEATS_VERSION = "2"
"""Changes whenever another block, or another cut, could be found in any archive."""

RULES = ((3, 150), (2, 800))
"""A block stands in so many articles at least and has so many characters (of its key) at least."""

_GAP_CHARS = 600
_OWN_CHARS = 16
_RARER = 1.5
_THINNINGS = 2
_CHUNK = 1 << 20
_TOGETHER = 1024


class Survey:
    """Collects the segments of all articles; rows count from 0 in the order they are added."""

    def __init__(self, folder: Path) -> None:
        """Keep what is collected in files in an existing folder, until `close`."""
        self._path = folder / "segments.bin"
        self._file = self._path.open("wb")
        self._folder = folder
        self._ends = [0]
        self._counter = KeyCounter(folder / "keys.bin")
        self._counts = NO_COUNTS
        self._waiting: list[bytes] = []
        self._sizes: list[int] = []
        self._held: Any = None
        self._all: Any = None
        self._taken: dict[int, npt.NDArray[np.bool_]] = {}

    def __len__(self) -> int:
        return len(self._ends) - 1

    def add(self, found: Segments) -> int:
        """Add the segments of the next article; returns its row."""
        if not len(found):
            found = np.zeros(1, SEGMENT)
        self._waiting.append(found.tobytes())
        self._sizes.append(len(found))
        self._ends.append(self._ends[-1] + len(found))
        if len(self._waiting) >= _TOGETHER:
            self._write()
        return len(self) - 1

    def _write(self) -> None:
        # Bytes: arrays of records take numpy three times as long to put together.
        together = b"".join(self._waiting)
        self._file.write(together)
        self._counter.add(np.frombuffer(together, SEGMENT)["key"], self._sizes)
        self._waiting.clear()
        self._sizes.clear()

    def close(self) -> None:
        """Remove the files."""
        self._file.close()
        self._all = self._held = None
        for path in (self._path, self._folder / "held.bin", self._folder / "keys.bin"):
            path.unlink(missing_ok=True)

    def finish(self) -> None:
        """Count what was added; nothing can be added any more."""
        self._write()
        self._file.close()
        self._counts = self._counter.finish()
        if not self._ends[-1]:
            return
        self._all = np.memmap(self._path, SEGMENT, "r")
        with (self._folder / "held.bin").open("wb") as file:
            for start in range(0, self._ends[-1], _CHUNK):
                found = self._counts.of(self._all[start : start + _CHUNK]["key"])
                found.astype(np.int32).tofile(file)
        self._held = np.memmap(self._folder / "held.bin", np.int32, "r")

    def held(self, row: int) -> npt.NDArray[np.int32]:
        """Return how many articles hold each segment of one; 0 where no other does."""
        return np.asarray(self._held[self._ends[row] : self._ends[row + 1]])

    def segments(self, row: int) -> Segments:
        """Return the segments of an article."""
        return np.asarray(self._all[self._ends[row] : self._ends[row + 1]])

    def own(self, row: int) -> npt.NDArray[np.bool_]:
        """Return which segments of an article are in no block."""
        taken = self._taken.get(row)
        return np.ones(len(self.segments(row)), np.bool_) if taken is None else ~taken

    def rows(self, least: int, chars: int) -> Iterator[int]:
        """Yield rows with so many characters in keys, of no law, that so many articles hold."""
        for first, part, held, starts in self._chunks():
            good = (held >= least) & (part["flags"] & LAW == 0)
            sums = np.add.reduceat(np.where(good, part["size"], 0), starts)
            yield from (first + int(row) for row in np.flatnonzero(sums >= chars))

    def echoes(self, chars: int, share: float) -> Iterator[int]:
        """Yield rows with so many characters, that share of their own, that stand elsewhere too.

        What is in a block is nobody's own.
        """
        for first, part, held, starts in self._chunks():
            size = part["size"].astype(np.int64)
            for row, taken in self._taken.items():
                if 0 <= row - first < len(starts):
                    size[starts[row - first] :][: len(taken)] *= ~taken
            repeated = np.where(held > 1, size, 0)
            totals, sums = np.add.reduceat(size, starts), np.add.reduceat(repeated, starts)
            found = np.flatnonzero((sums >= chars) & (sums >= share * totals))
            yield from (first + int(row) for row in found)

    def _chunks(
        self,
    ) -> Iterator[tuple[int, Segments, npt.NDArray[np.int32], npt.NDArray[np.int64]]]:
        """Yield many rows at a time: the first, segments, how many hold each, where rows start."""
        ends = np.asarray(self._ends)
        first = 0
        while first < len(self):
            last = max(first + 1, int(np.searchsorted(ends, ends[first] + _CHUNK)) - 1)
            here = slice(ends[first], ends[last])
            found, held = np.asarray(self._all[here]), np.asarray(self._held[here])
            yield first, found, held, ends[first:last] - ends[first]
            first = last

    def shared(
        self, text_of: Callable[[int], str], damage_of: Callable[[int], int] = lambda row: 0
    ) -> Shared:
        """Find all blocks. `text_of` reads the text of a row, `damage_of` how damaged it is."""
        result = Shared()
        for least, chars in RULES:
            for whole in self._grouped(self._chains(least, chars), chars):
                for chain in confirmed(self, whole, text_of, chars):
                    chain.wholes = [one for one in chain.places if not self._is_beside(*one)]
                    chain.places = [one for one in chain.places if not self.is_body(*one)]
                    if len({row for row, _, _ in chain.places}) >= least:
                        Cutter(self, chain, text_of, damage_of, least).cut(result)
        for spans in result.cuts.values():
            spans.sort()
        return result

    def take(self, row: int, first: int, last: int) -> None:
        """Note that the segments first to last of an article are in a block."""
        taken = self._taken.setdefault(row, np.zeros(len(self.segments(row)), np.bool_))
        taken[first : last + 1] = True

    def is_body(self, row: int, first: int, last: int) -> bool:
        """Tell whether a stretch is what an article is about, not something under or over it."""
        if not self._is_beside(row, first, last):
            return True
        found, own = self.segments(row), self.own(row)
        told = (found["flags"][:first] & SENTENCE > 0) & own[:first]
        size = int(found["size"][first : last + 1].sum())
        return not told.any() and 2 * size > int(found["size"][own].sum())

    def _is_beside(self, row: int, first: int, last: int) -> bool:
        """Tell whether an article says anything beside a stretch of it."""
        found = self.segments(row)
        told = (found["flags"] & SENTENCE > 0) & self.own(row)
        told[first : last + 1] = False
        return int(found["size"][told].sum()) >= _OWN_CHARS

    def _chains(self, least: int, chars: int) -> dict[bytes, Chain]:
        """Return the chains of anchors of all articles; equal ones together."""
        links = KeyCounter(self._folder / "links.bin")
        candidates = list(self.rows(least, chars // 2))
        for row in candidates:
            found, anchors = self._anchors(row, least)
            keys = found["key"][anchors]
            joined = _links(keys)[_gaps(found, anchors) <= _GAP_CHARS]
            links.add(joined, [len(joined)])
        counts = links.finish()
        chains: dict[bytes, Chain] = {}
        for row in candidates:
            found, anchors = self._anchors(row, least)
            for chain in _split(found, anchors, self.held(row)[anchors], counts, least):
                first, last = int(chain[0]), int(chain[-1])
                if int(found["size"][first : last + 1].sum()) >= chars:
                    keys = found["key"][chain]
                    known = chains.setdefault(keys.tobytes(), Chain(keys))
                    known.places.append((row, first, last))
        return chains

    def _anchors(self, row: int, least: int) -> tuple[Segments, npt.NDArray[np.int64]]:
        found, counts = self.segments(row), self.held(row)
        anchors = np.flatnonzero((counts >= least) & (found["flags"] & LAW == 0) & self.own(row))
        for _ in range(_THINNINGS):
            anchors = anchors[~_is_variant(counts[anchors])]
        return found, anchors

    def _grouped(self, chains: dict[bytes, Chain], chars: int) -> Iterator[Chain]:
        """Yield chains with everything that overlaps them, the most widely shared first."""
        queue = sorted(chains.values(), key=lambda one: (-len(one.places), -len(one.keys)))
        queue.sort(key=lambda one: -int(self._counts.of(one.keys).max()))
        index: dict[int, list[int]] = {}
        for number, chain in enumerate(queue):
            for key in chain.keys.tolist():
                index.setdefault(key, []).append(number)
        used = [False] * len(queue)
        for number, chain in enumerate(queue):
            if used[number]:
                continue
            used[number] = True
            places = list(chain.places)
            near = {other for key in chain.keys.tolist() for other in index[key]}
            for other in sorted(near):
                if not used[other]:
                    found = self._overlap(chain, queue[other], chars)
                    places += found
                    # What of it reaches beyond this chain is left for the articles to keep.
                    used[other] = bool(found)
            yield Chain(chain.keys, places)

    def _overlap(self, chain: Chain, other: Chain, chars: int) -> list[tuple[int, int, int]]:
        """Return where the longest common stretch of two chains stands in the places of `other`."""
        common = np.isin(other.keys, chain.keys)
        first, last = _longest(common)
        if first > last:
            return []
        places = []
        for row, start, end in other.places:
            found = self.segments(row)
            anchors = start + np.flatnonzero(np.isin(found["key"][start : end + 1], other.keys))
            low, high = int(anchors[first]), int(anchors[min(last, len(anchors) - 1)])
            if int(found["size"][low : high + 1].sum()) >= 0.6 * chars:
                places.append((row, low, high))
        return places


def _is_variant(counts: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
    """Tell which anchors are far rarer than both neighbours: a variant of what stands elsewhere."""
    result = np.zeros(len(counts), np.bool_)
    if len(counts) > 2:
        around = np.minimum(counts[:-2], counts[2:])
        result[1:-1] = (_RARER * counts[1:-1] <= around) & (around - counts[1:-1] >= 2)
    return result


def _links(keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return a key for each pair of neighbours."""
    with np.errstate(over="ignore"):
        mixed = keys[:-1] * np.uint64(0x9E3779B97F4A7C15) ^ keys[1:] * np.uint64(0xC2B2AE3D27D4EB4F)
    return np.where(mixed == 0, np.uint64(1), mixed)


def _gaps(found: Segments, anchors: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the characters between each anchor and the next."""
    total = np.concatenate([[0], np.cumsum(found["size"], dtype=np.int64)])
    return np.asarray(total[anchors[1:]] - total[anchors[:-1] + 1])


def _split(
    found: Segments,
    anchors: npt.NDArray[np.int64],
    counts: npt.NDArray[np.int32],
    links: KeyCounts,
    least: int,
) -> list[npt.NDArray[np.int64]]:
    """Split the anchors of an article where one does not follow the other elsewhere too."""
    if not len(anchors):
        return []
    low, high = np.minimum(counts[1:], counts[:-1]), np.maximum(counts[1:], counts[:-1])
    joined = (
        (_gaps(found, anchors) <= _GAP_CHARS)
        & (links.of(_links(found["key"][anchors])) >= least)
        & ((high < _RARER * low) | (high - low < 2))
    )
    return np.split(anchors, np.flatnonzero(~joined) + 1)


def _longest(flags: npt.NDArray[np.bool_]) -> tuple[int, int]:
    """Return the first and last place of the longest stretch of true; (1, 0) without any."""
    best, start = (1, 0), 0
    for place, flag in enumerate([*flags.tolist(), False]):
        if not flag:
            if place - start > best[1] - best[0] + 1:
                best = start, place - 1
            start = place + 1
    return best
