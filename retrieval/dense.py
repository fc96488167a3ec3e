"""The vector leg: unit vectors in a FAISS index, cosine similarity only.

The only module that imports faiss. The index sees vectors and row numbers, never text.

What all passages of an archive have in common says nothing about any of them, and how much that is
depends on the encoder and on the archive. So their mean is subtracted from passages and questions
before they are compared (Mu and Viswanath, "All-but-the-Top", 2018); after that the cosine of two
passages drawn at random is about 0 whatever the encoder, and one scale serves all.

Where passages are many, a question is compared with all of them in four bits a component first,
thirty-two at a time in the registers of the processor (André, Kermarrec and Le Scouarnec, "Quicker
ADC", 2019), and then in eight bits with some hundreds of them. That takes about a third of the time
of eight bits alone. Over 2,355 questions of STARD, DRCD and our own asked of the laws all lists of
a hundred had the same scores to the last bit, and five another of several equals at their end.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from embeddings import FloatMatrix, centred
from retrieval.disk import refused_as
from retrieval.errors import IndexDamaged
from retrieval.rows import RowMask
from retrieval.spread import AnyMatrix, Spread, blocks, chosen

DENSE_VERSION = "3"
"""Changes whenever the same vectors would be written otherwise; written in the manifest."""

FLAT, COARSE, IVF = "sq8", "pq4-sq8", "ivf-sq8"

# Below the first a scan of eight bits is quick, above the second any scan would dominate an answer.
_FLAT_ROWS, _COARSE_ROWS = 16_384, 300_000
_LOOKED_AT = 8
"""How many times as many rows as are wanted four bits choose for a second look."""
_REACH = 3.0
"""Standard deviations of a component that its sixteen levels reach to either side."""
_TRAINING_ROWS = 100_000


def choose_kind(rows: int) -> str:
    """Return the kind of index for so many rows: an exhaustive scan until that is too slow."""
    return FLAT if rows <= _FLAT_ROWS else COARSE if rows <= _COARSE_ROWS else IVF


def write_dense_index(
    path: Path,
    vectors: AnyMatrix,
    kind: str | None = None,
    *,
    settled: npt.NDArray[np.int32] | None = None,
    same_as: Path | None = None,
) -> str:
    """Write an index of `vectors`, (rows, dim), rows of length 1 or 0, and return its kind.

    `vectors` may be mapped from disk, in half precision too: it is read a block at a time. Each
    component is kept in one byte (FAISS `QT_8bit`, a range per component), a quarter of float32.
    The mean that was subtracted lies beside the index, see `centre_path`. `kind` is what
    `choose_kind` says, unless it is given. Mean and ranges are those of the rows `settled`, where
    they are given; `same_as` is an index in which those were the same.

    Raises:
        OSError: the disk does not take it.
        ValueError: `vectors` is not a matrix.
    """
    if vectors.ndim != 2:
        raise ValueError(f"vectors have shape {vectors.shape}, the index wants (rows, dim)")
    faiss = _faiss()
    rows, dim = vectors.shape
    known = vectors if settled is None else chosen(vectors, settled)
    facts = Spread.of(known) if same_as is None else Spread.read(centre_path(same_as))
    facts.save(centre_path(path))
    centre = facts.centre
    kind = kind or choose_kind(rows)
    index: Any
    quantiser = faiss.ScalarQuantizer.QT_8bit
    if kind == IVF:
        lists = int(2 * rows**0.5)
        nearest = faiss.IndexFlatIP(dim)
        index = faiss.IndexIVFScalarQuantizer(
            nearest, dim, lists, quantiser, faiss.METRIC_INNER_PRODUCT
        )
        index.cp.niter, index.cp.seed = 10, 1
        index.cp.min_points_per_centroid = 1  # else it writes a warning to standard error
        index.nprobe = max(16, lists // 16)
        # Every k-th row: articles stand side by side, a head would be one subject only.
        step = max(1, -(-len(known) // _TRAINING_ROWS))
        index.train(centred(np.asarray(known[::step], dtype=np.float32), centre))
    else:
        # Threads of OpenMP wait for one another by spinning: two took twice the time of one.
        faiss.omp_set_num_threads(1)
        index = faiss.IndexScalarQuantizer(dim, quantiser, faiss.METRIC_INNER_PRODUCT)
        if rows:
            ranges = np.concatenate([facts.least, facts.most - facts.least])
            faiss.copy_array_to_vector(ranges.astype(np.float32), index.sq.trained)
            index.is_trained = True
    coarse = _Coarse(facts) if kind == COARSE else None
    for block in blocks(vectors, centre):
        index.add(block)
        if coarse:
            coarse.add(block)
    with refused_as(RuntimeError, path):
        faiss.write_index(coarse.before(index) if coarse else index, str(path))
    return kind


def centre_path(path: Path) -> Path:
    """Return where the mean of an index's vectors lies, see `retrieval.spread`."""
    return path.with_suffix(".centre.npy")


class _Coarse:
    """Rows in four bits a component: sixteen even levels about its mean.

    To FAISS this is a product quantiser of one component each, the levels of which need no
    training.
    """

    def __init__(self, facts: Spread) -> None:
        faiss = _faiss()
        dim = len(facts.mean)
        step = np.maximum(facts.deviation, 1e-9) * (2 * _REACH / 15)
        lowest = facts.mean - 7.5 * step
        self._codes = faiss.IndexPQ(dim, dim, 4, faiss.METRIC_INNER_PRODUCT)
        levels = lowest[:, None] + step[:, None] * np.arange(16)
        faiss.copy_array_to_vector(levels.astype(np.float32).ravel(), self._codes.pq.centroids)
        self._codes.is_trained = True
        self._scale = (1 / step).astype(np.float32)
        self._shift = (0.5 - lowest / step).astype(np.float32)
        """Half a level is in it, so that cutting off what follows the point gives the nearest."""

    def add(self, block: FloatMatrix) -> None:
        """Add rows; what is in `block` then are their levels."""
        rows, dim = block.shape
        block *= self._scale
        block += self._shift
        numbers = np.zeros((rows, dim + dim % 2), dtype=np.uint8)
        numbers[:, :dim] = np.clip(block, 0, 15, out=block)
        self._codes.add_sa_codes(numbers[:, ::2] | numbers[:, 1::2] << 4)

    def before(self, index: Any) -> Any:  # noqa: ANN401 - faiss ships no types
        """Return an index that searches these, and then `index` for what they found."""
        faiss = _faiss()
        return faiss.IndexRefine(faiss.IndexPQFastScan(self._codes), index)


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
            self._centre = Spread.read(centre_path(path)).centre
        except (RuntimeError, OSError, ValueError) as error:
            reason = str(error).strip().splitlines()[-1]
            raise IndexDamaged(
                f"vector index {path} cannot be read ({reason}); rebuild the index"
            ) from error
        self._exact = self._index
        self._twice = faiss.IndexRefineSearchParameters(k_factor=_LOOKED_AT)
        if isinstance(self._index, faiss.IndexRefine):
            self._exact = faiss.downcast_index(self._index.refine_index)
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
        index, parameters = self._prepared(limit, within)
        scores, rows = index.search(
            centred(vector, self._centre), min(limit, len(self)), params=parameters
        )
        pairs = [
            (row, score)
            for row, score in zip(rows[0].tolist(), scores[0].tolist(), strict=True)
            if row >= 0
        ]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    def _prepared(self, limit: int, within: RowMask | None) -> tuple[Any, Any]:
        """Return the index to search, and what makes FAISS look at these rows only."""
        faiss = _faiss()
        if within is None:
            # Where much of the archive is wanted, looking twice saves nothing.
            if self._exact is self._index or _LOOKED_AT * limit > len(self) // 4:
                return self._exact, None
            return self._index, self._twice
        selector = faiss.IDSelectorBitmap(np.packbits(within, bitorder="little"))
        if not isinstance(self._index, faiss.IndexIVF):
            return self._exact, faiss.SearchParameters(sel=selector)
        # The fewer rows, the more lists: as many rows are compared as without a restriction.
        share = max(1, int(within.sum())) / len(within)
        lists = min(self._index.nlist, round(self._index.nprobe / share))
        return self._index, faiss.SearchParametersIVF(sel=selector, nprobe=lists)

    def similarity(self, vector: FloatMatrix, rows: list[int]) -> list[float]:
        """Return the cosine of one question vector, (1, dim), with each of `rows`."""
        if not rows:
            return []
        stored: FloatMatrix = self._exact.reconstruct_batch(np.asarray(rows, dtype=np.int64))
        scores: list[float] = (stored @ centred(vector, self._centre)[0]).tolist()
        return scores


def _faiss() -> Any:  # noqa: ANN401 - faiss ships no types
    import faiss

    return faiss
