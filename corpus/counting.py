"""How many articles hold a key, for more keys than fit in memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Keys: TypeAlias = npt.NDArray[np.uint64]

_AT_ONCE = 4 << 20
"""Keys, 8 bytes each."""


class KeyCounts:
    """Keys that several articles hold, sorted, and how many articles hold each."""

    def __init__(self, keys: Keys, counts: npt.NDArray[np.int64]) -> None:
        self._keys = keys
        self._counts = counts

    def of(self, keys: Keys) -> npt.NDArray[np.int64]:
        """Return the number of articles that hold each key; 0 where it is one, or none."""
        if not len(self._keys):
            return np.zeros(len(keys), np.int64)
        places = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return np.where(self._keys[places] == keys, self._counts[places], 0)


NO_COUNTS = KeyCounts(np.zeros(0, np.uint64), np.zeros(0, np.int64))
"""Of no key."""


class KeyCounter:
    """Collects keys in a file; memory does not grow with their number."""

    def __init__(self, path: Path, at_once: int = _AT_ONCE) -> None:
        """Write to a new file; so many keys are sorted in memory at a time."""
        self._path = path
        self._at_once = at_once
        self._file = path.open("wb")
        self._total = 0

    def add(self, keys: Keys, sizes: Sequence[int]) -> None:
        """Add the keys of articles, of so many each; in an article each counts once, 0 not."""
        owners = np.repeat(np.arange(len(sizes)), sizes)
        order = np.lexsort((keys, owners))
        keys, owners = keys[order], owners[order]
        fresh = keys != 0
        fresh[1:] &= (keys[1:] != keys[:-1]) | (owners[1:] != owners[:-1])
        found = keys[fresh]
        self._total += len(found)
        found.astype("<u8").tofile(self._file)

    def finish(self) -> KeyCounts:
        """Count, and remove the file. Keys are sorted in parts by their highest bits."""
        self._file.close()
        parts = max(1, -(-self._total // self._at_once))
        kept: list[tuple[Keys, npt.NDArray[np.int64]]] = []
        if self._total:
            stored: Any = np.memmap(self._path, "<u8", "r")
            width = np.uint64((1 << 64) // parts + 1) if parts > 1 else np.uint64(0)
            for part in range(parts):
                chosen = self._part(stored, part, width) if parts > 1 else np.asarray(stored)
                keys, counts = np.unique(chosen, return_counts=True)
                kept.append((keys[counts > 1], counts[counts > 1]))
            del stored
        self._path.unlink()
        if not kept:
            return NO_COUNTS
        return KeyCounts(
            np.concatenate([keys for keys, _ in kept]), np.concatenate([one for _, one in kept])
        )

    def _part(self, stored: Keys, part: int, width: np.uint64) -> Keys:
        chosen = []
        for start in range(0, len(stored), self._at_once):
            chunk = np.asarray(stored[start : start + self._at_once])
            chosen.append(chunk[chunk // width == np.uint64(part)])
        return np.concatenate(chosen)
