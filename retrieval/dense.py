"""The vector leg: unit vectors in a FAISS index, cosine similarity only.

The only module that imports faiss. The index sees vectors and row numbers, never text.

What all passages of an archive have in common says nothing about any of them, and how much that is
depends on the encoder and on the archive. So their mean is subtracted from passages and questions
before they are compared (Mu and Viswanath, "All-but-the-Top", 2018); after that the cosine of two
passages drawn at random is about 0 whatever the encoder, and one scale serves all.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from retrieval.errors import IndexDamaged
from retrieval.rows import RowMask

FloatMatrix: TypeAlias = npt.NDArray[np.float32]
IntVector: TypeAlias = npt.NDArray[np.int64]

FLAT, IVF = "sq8", "ivf-sq8"

# Scanning 70,000 rows of 256 bytes takes 1.1 ms here; above this a scan would dominate an answer.
_FLAT_ROWS = 300_000
_TRAINING_ROWS = 100_000
_BLOCK_ROWS = 65_536
_FEW_ROWS = 200


def choose_kind(rows: int) -> str:
    """Return the kind of index for so many rows: an exhaustive scan until that is too slow."""
    return FLAT if rows <= _FLAT_ROWS else IVF


def write_dense_index(path: Path, vectors: FloatMatrix) -> str:
    """Write an index of `vectors`, (rows, dim), rows of length 1 or 0, and return its kind.

    `vectors` may be mapped from disk: it is read a block at a time. Each component is kept in one
    byte (FAISS `QT_8bit`, a range per component), a quarter of float32. The mean that was
    subtracted lies beside the index, see `centre_path`.

    Raises:
        ValueError: `vectors` is not a matrix.
    """
    if vectors.ndim != 2:
        raise ValueError(f"vectors have shape {vectors.shape}, the index wants (rows, dim)")
    faiss = _faiss()
    rows, dim = vectors.shape
    centre = _centre(vectors)
    np.save(centre_path(path), centre, allow_pickle=False)
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
        # Every k-th row: articles stand side by side, a head would be one subject only.
        step = -(-rows // _TRAINING_ROWS)
        index.train(_centred(np.asarray(vectors[::step]), centre))
        for start in range(0, rows, _BLOCK_ROWS):
            index.add(_centred(np.asarray(vectors[start : start + _BLOCK_ROWS]), centre))
    faiss.write_index(index, str(path))
    return kind


def centre_path(path: Path) -> Path:
    """Return where the mean of an index's vectors lies: (dim,) float32."""
    return path.with_suffix(".centre.npy")


def _centre(vectors: FloatMatrix) -> FloatMatrix:
    """Return the mean of the vectors; shorter where they are too few to tell what is common."""
    total = np.zeros(vectors.shape[1], dtype=np.float64)
    for start in range(0, len(vectors), _BLOCK_ROWS):
        total += vectors[start : start + _BLOCK_ROWS].sum(axis=0, dtype=np.float64)
    return np.asarray(total / (len(vectors) + _FEW_ROWS), dtype=np.float32)


def _centred(vectors: FloatMatrix, centre: FloatMatrix) -> FloatMatrix:
    """Subtract the centre and scale to length 1 again; a row of zeros stays one."""
    known = vectors.any(axis=1, keepdims=True)
    moved = np.where(known, vectors - centre, 0.0)
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    return np.ascontiguousarray(moved / np.maximum(lengths, 1e-9), dtype=np.float32)


class DenseIndex:
    """A vector index opened for reading."""

    def __init__(self, path: Path) -> None:
        """Read the index at `path`.

        FAISS cannot notice changed bytes, only missing ones: verify checksums first.

        Raises:
            IndexDamaged: FAISS cannot read it.
        """
        faiss = _faiss()
        try:
            self._index = faiss.read_index(str(path))
            self._centre: FloatMatrix = np.load(centre_path(path), allow_pickle=False)
        except (RuntimeError, OSError, ValueError) as error:
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

    def search(
        self, vector: FloatMatrix, *, limit: int, within: RowMask | None = None
    ) -> list[tuple[int, float]]:
        """Find the rows most similar to one question vector, best first.

        `vector` is (1, dim), float32, of length 1. Returns (row, cosine) pairs, at most `limit`,
        only of rows `within`, and never FAISS's -1 padding. Equal scores are ordered by row. A
        vector of zeros (nothing known in the question) finds nothing.

        Raises:
            ValueError: `vector` is not (1, dim), or `limit` is below 1.
        """
        if limit < 1:
            raise ValueError(f"limit must be at least 1, not {limit}")
        if vector.shape != (1, self.dim):
            raise ValueError(f"vector has shape {vector.shape}, the index wants (1, {self.dim})")
        if not len(self) or not vector.any():
            return []
        # A question is one vector: a second OpenMP thread costs more than it saves. The number
        # belongs to the thread that asks, not to the process.
        _faiss().omp_set_num_threads(1)
        scores, rows = self._index.search(
            _centred(vector, self._centre), min(limit, len(self)), params=self._restricted(within)
        )
        pairs = [
            (int(row), float(score))
            for row, score in zip(rows[0], scores[0], strict=True)
            if row >= 0
        ]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    def _restricted(self, within: RowMask | None) -> Any:  # noqa: ANN401 - faiss ships no types
        """Return what makes FAISS look at these rows only; None for all rows."""
        if within is None:
            return None
        faiss = _faiss()
        selector = faiss.IDSelectorBitmap(np.packbits(within, bitorder="little"))
        if not isinstance(self._index, faiss.IndexIVF):
            return faiss.SearchParameters(sel=selector)
        # The fewer rows, the more lists: as many rows are compared as without a restriction.
        share = max(1, int(within.sum())) / len(within)
        lists = min(self._index.nlist, round(self._index.nprobe / share))
        return faiss.SearchParametersIVF(sel=selector, nprobe=lists)

    def similarity(self, vector: FloatMatrix, rows: list[int]) -> list[float]:
        """Return the cosine of one question vector, (1, dim), with each of `rows`."""
        if not rows:
            return []
        stored: FloatMatrix = self._index.reconstruct_batch(np.asarray(rows, dtype=np.int64))
        return [float(score) for score in stored @ _centred(vector, self._centre)[0]]


def _faiss() -> Any:  # noqa: ANN401 - faiss ships no types
    import faiss

    return faiss
