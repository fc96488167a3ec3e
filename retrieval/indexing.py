"""The second stage of a build: passages with their vectors, new ones made and old ones kept."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from embeddings import Encoder, FloatMatrix, VectorCache
from retrieval.generation import VECTORS
from retrieval.kinship import Kinship
from retrieval.planning import VECTOR, Previous
from retrieval.pool import Task, TaskHere, run_tasks
from retrieval.preparing import Job, Prepared, prepare_jobs, search_text
from retrieval.progress import Progress
from retrieval.writing import StoreWriter

FOLDED = "folded.txt"
"""The texts that were folded, in an unfinished generation."""

_ENCODE_ROWS = 1024
_JOB_CHARS = 128 << 10
_JOBS = 256


@dataclass(frozen=True, slots=True)
class _Known:
    """Articles one after the other that are shown as in the last build."""

    first: int
    last: int
    old: int
    """Row of the first in the last build."""


class Indexer:
    """Writes passages into the store, and their vectors beside it."""

    def __init__(
        self,
        into: tuple[StoreWriter, Kinship],
        encoder: Encoder,
        *,
        cache: Path | None,
        previous: Previous | None,
    ) -> None:
        """`cache` is a file of vectors, used where the encoder is slow enough to be worth it.

        Vectors of passages that are kept are taken from `previous`, if this encoder made them.
        """
        self._store, self._kin = into
        self._encoder = encoder
        self._cache = VectorCache(cache) if cache and encoder.worth_caching else None
        self._old_vectors = previous.vectors(encoder) if previous else None
        self._waiting: list[str] = []

    def run(
        self, folder: Path, known: dict[int, int], progress: Progress, *, workers: int
    ) -> array[int]:
        """Split, fold and encode every article as it is shown, in the order of rows.

        Vectors and folded texts are written in `folder`, an unfinished generation. `known` gives
        the row in the last build of those that are shown as there. Returns where the folded text of
        each row was written, start and length one after the other; -1 and 0 for those of the last
        build, which were not folded.
        """
        spans = array("q")
        with (folder / VECTORS).open("wb") as vectors, (folder / FOLDED).open("wb") as folded:
            for done, found in run_tasks(self._tasks(known), workers=workers):
                if isinstance(found, _Known):
                    self._encode(vectors, at_least=1)
                    spans.extend([-1, 0] * self._keep(found, vectors))
                else:
                    for one in found:
                        self._store.add_passages(one.row, one.article, one.passages, one.digests)
                        for text in one.folded:
                            spans.append(folded.tell())
                            spans.append(folded.write(text.encode("utf-8", "surrogatepass")))
                        self._waiting += one.folded
                        self._encode(vectors, at_least=_ENCODE_ROWS)
                progress("indexing", done, self._store.articles)
            self._encode(vectors, at_least=1)
        if self._cache:
            self._cache.close()
        return spans

    def _tasks(self, known: dict[int, int]) -> Iterator[Task[int, list[Prepared] | _Known]]:
        row, total = 0, self._store.articles
        while row < total:
            first, jobs, characters = row, list[Job](), 0
            while row < total and row in known and known[row] - row == known[first] - first:
                row += 1
            if row > first:
                yield TaskHere(row, _Known, first, row - 1, known[first])
                continue
            while row < total and row not in known:
                jobs.append(self._kin.job(row))
                characters += len(jobs[-1].article.text)
                row += 1
                if characters >= _JOB_CHARS or len(jobs) >= _JOBS:
                    break
            yield Task(row, prepare_jobs, jobs)

    def _keep(self, known: _Known, out: BinaryIO) -> int:
        """Take over the passages of articles, with their vectors; returns how many."""
        first = self._store.passages
        rows = self._store.keep_passages(known.first, known.last, known.old)
        for start in range(0, len(rows), _ENCODE_ROWS):
            block = rows[start : start + _ENCODE_ROWS]
            if self._old_vectors is None:
                _write(self._vectors_again(first + start, first + start + len(block)), out)
            else:
                out.write(self._old_vectors[block.start : block.stop].tobytes())
        return len(rows)

    def _vectors_again(self, start: int, end: int) -> FloatMatrix:
        """Return vectors of passages that another encoder read last: kept from before, or made."""
        encoder, digests = self._encoder, self._store.digests(start, end)
        vectors = np.zeros((len(digests), encoder.dim), dtype=np.float32)
        known = np.zeros(len(digests), dtype=np.bool_)
        if self._cache:
            vectors, known = self._cache.look_up(encoder.identity, encoder.dim, digests)
        lost = np.flatnonzero(~known)
        if len(lost):
            found = [self._store.searched(start + row) for row in lost.tolist()]
            vectors[lost] = self._vectors_of([search_text(*one) for one in found])
        return vectors

    def _encode(self, out: BinaryIO, *, at_least: int) -> None:
        while len(self._waiting) >= at_least:
            block, self._waiting = self._waiting[:_ENCODE_ROWS], self._waiting[_ENCODE_ROWS:]
            _write(self._vectors_of(block), out)

    def _vectors_of(self, texts: list[str]) -> FloatMatrix:
        if self._cache is None:
            return self._encoder.encode_passages(texts)
        return self._cache.encode(self._encoder, texts)


def _write(vectors: FloatMatrix, out: BinaryIO) -> None:
    out.write(vectors.astype(VECTOR).tobytes())
