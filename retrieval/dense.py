"""The vector leg: unit vectors in a FAISS index, cosine similarity only.

The only module that imports faiss. The index sees vectors and row numbers, never text.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from retrieval.errors import IndexDamaged

FloatMatrix: TypeAlias = npt.NDArray[np.float32]
IntVector: TypeAlias = npt.NDArray[np.int64]

FLAT, IVF = "sq8", "ivf-sq8"

# Scanning 70,000 rows of 256 bytes takes 1.1 ms here; above this a scan would dominate an answer.
_FLAT_ROWS = 300_000
_TRAINING_ROWS = 100_000


def choose_kind(rows: int) -> str:
    """Return the kind of index for so many rows: an exhaustive scan until that is too slow."""
    return FLAT if rows <= _FLAT_ROWS else IVF


def write_dense_index(
    path: Path, blocks: Iterator[FloatMatrix], *, sample: FloatMatrix, rows: int, dim: int
) -> str:
    """Write an index of all rows of `blocks`, in order, and return its kind.

    `sample` are rows to learn the quantiser from, any number of them. Each component is kept in
    one byte (FAISS `QT_8bit`, a range per component), a quarter of float32.

    Raises:
        ValueError: the blocks do not hold `rows` rows of width `dim`.
    """
    faiss = _faiss()
    kind = choose_kind(rows)
    index: Any
    quantiser = faiss.ScalarQuantizer.QT_8bit
    if kind == FLAT:
        index = faiss.IndexScalarQuantizer(dim, quantiser, faiss.METRIC_INNER_PRODUCT)
    else:
        lists = int(2 * rows**0.5)
        coarse = faiss.IndexFlatIP(dim)
        index = faiss.IndexIVFScalarQuantizer(
            coarse, dim, lists, quantiser, faiss.METRIC_INNER_PRODUCT
        )
        index.cp.niter, index.cp.seed = 10, 1
        index.cp.min_points_per_centroid = 1  # else it writes a warning to standard error
        index.nprobe = max(16, lists // 16)
    if rows:
        index.train(_contiguous(sample[:_TRAINING_ROWS], dim))
        for block in blocks:
            index.add(_contiguous(block, dim))
    if index.ntotal != rows:
        raise ValueError(f"{rows} rows were announced, but {index.ntotal} were given")
    faiss.write_index(index, str(path))
    return kind


class DenseIndex:
    """A vector index opened for reading."""

    def __init__(self, path: Path) -> None:
        """Read the index at `path`.

        FAISS cannot notice changed bytes, only missing ones: verify checksums first.

        Raises:
            IndexDamaged: FAISS cannot read it.
        """
        faiss = _faiss()
        # A question is one vector: a second thread costs more than it saves.
        faiss.omp_set_num_threads(1)
        try:
            self._index = faiss.read_index(str(path))
        except RuntimeError as error:
            reason = str(error).strip().splitlines()[-1]
            raise IndexDamaged(
                f"vector index {path} cannot be read ({reason}); rebuild the index"
            ) from error
        if isinstance(self._index, faiss.IndexIVF):
            self._index.make_direct_map()

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dim(self) -> int:
        """Width of the vectors."""
        return int(self._index.d)

    def search(self, vector: FloatMatrix, *, limit: int) -> list[tuple[int, float]]:
        """Find the rows most similar to one question vector, best first.

        `vector` is (1, dim), float32, of length 1. Returns (row, cosine) pairs, at most `limit`
        and never FAISS's -1 padding. Equal scores are ordered by row. A vector of zeros (nothing
        known in the question) finds nothing.

        Raises:
            ValueError: `vector` is not (1, dim), or `limit` is below 1.
        """
        if limit < 1:
            raise ValueError(f"limit must be at least 1, not {limit}")
        if vector.shape != (1, self.dim):
            raise ValueError(f"vector has shape {vector.shape}, the index wants (1, {self.dim})")
        if not len(self) or not vector.any():
            return []
        scores, rows = self._index.search(
            np.ascontiguousarray(vector, dtype=np.float32), min(limit, len(self))
        )
        pairs = [
            (int(row), float(score))
            for row, score in zip(rows[0], scores[0], strict=True)
            if row >= 0
        ]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    def similarity(self, vector: FloatMatrix, rows: list[int]) -> list[float]:
        """Return the cosine of one question vector, (1, dim), with each of `rows`."""
        if not rows:
            return []
        stored: FloatMatrix = self._index.reconstruct_batch(np.asarray(rows, dtype=np.int64))
        return [float(score) for score in stored @ vector[0]]


def _contiguous(vectors: FloatMatrix, dim: int) -> FloatMatrix:
    if vectors.ndim != 2 or vectors.shape[1] != dim:
        raise ValueError(f"vectors have shape {vectors.shape}, the index wants (rows, {dim})")
    return np.ascontiguousarray(vectors, dtype=np.float32)


def _faiss() -> Any:  # noqa: ANN401 - faiss ships no types
    import faiss

    return faiss
