"""What the vectors of an archive have in common, and how far they spread about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from embeddings import FloatMatrix, centred

HalfMatrix: TypeAlias = npt.NDArray[np.float16]
AnyMatrix: TypeAlias = FloatMatrix | HalfMatrix

_BLOCK_ROWS = 1024
_FEW_ROWS = 200


@dataclass(frozen=True, slots=True)
class Spread:
    """Measured of vectors, each (dim,)."""

    centre: npt.NDArray[np.float32]
    """What is subtracted from each: their mean, shorter where they are too few to tell it."""
    least: npt.NDArray[np.float32]
    """Of each component of the centred vectors; so the others."""
    most: npt.NDArray[np.float32]
    mean: npt.NDArray[np.float64]
    deviation: npt.NDArray[np.float64]

    @classmethod
    def of(cls, vectors: AnyMatrix) -> Spread:
        """Measure vectors, a block at a time; they may be mapped from disk."""
        dim, centre = vectors.shape[1], _centre(vectors)
        least = np.full(dim, np.inf, dtype=np.float32)
        most = np.full(dim, -np.inf, dtype=np.float32)
        total, squares = np.zeros(dim), np.zeros(dim)
        for block in blocks(vectors, centre):
            np.minimum(least, block.min(axis=0), out=least)
            np.maximum(most, block.max(axis=0), out=most)
            total += block.sum(axis=0, dtype=np.float64)
            squares += np.einsum("ij,ij->j", block, block)
        mean = total / max(1, len(vectors))
        variance = squares / max(1, len(vectors)) - mean**2
        return cls(centre, least, most, mean, np.sqrt(np.maximum(variance, 0.0)))

    def save(self, path: Path) -> None:
        """Write it as one matrix of doubles, which hold the smaller numbers exactly."""
        rows = np.array([self.centre, self.least, self.most, self.mean, self.deviation], np.float64)
        np.save(path, rows, allow_pickle=False)

    @classmethod
    def read(cls, path: Path) -> Spread:
        """Read what `save` wrote.

        Raises:
            OSError, ValueError: it is not there, or damaged.
        """
        centre, least, most, mean, deviation = np.load(path, allow_pickle=False)
        single = np.float32
        return cls(
            centre.astype(single), least.astype(single), most.astype(single), mean, deviation
        )


def blocks(vectors: AnyMatrix, centre: FloatMatrix) -> Iterator[FloatMatrix]:
    """Yield centred vectors, a block that fits the processor's cache at a time."""
    for block in _raw_blocks(vectors):
        yield centred(block, centre)


def _raw_blocks(vectors: AnyMatrix) -> Iterator[FloatMatrix]:
    for start in range(0, len(vectors), _BLOCK_ROWS):
        yield np.asarray(vectors[start : start + _BLOCK_ROWS], dtype=np.float32)


def chosen(vectors: AnyMatrix, rows: npt.NDArray[np.int32]) -> AnyMatrix:
    """Return some rows, ascending; without a copy where they are the first."""
    count = len(rows)
    return vectors[:count] if count and rows[-1] == count - 1 else vectors[rows]


def _centre(vectors: AnyMatrix) -> npt.NDArray[np.float32]:
    """Return the mean of the vectors; shorter where they are too few to tell what is common."""
    total = np.zeros(vectors.shape[1], dtype=np.float64)
    for block in _raw_blocks(vectors):
        total += block.sum(axis=0, dtype=np.float64)
    return np.asarray(total / (len(vectors) + _FEW_ROWS), dtype=np.float32)
