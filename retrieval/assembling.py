"""One generation in the making: read everything, compare it, then index what is left to say."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from corpus import Failure, Notice
from corpus.raw import name_id
from embeddings import Encoder, FloatMatrix, VectorCache
from retrieval.calibration import calibrate
from retrieval.dense import DenseIndex, write_dense_index
from retrieval.errors import IndexDamaged, NothingToIndex
from retrieval.generation import (
    DENSE,
    FORMAT,
    LEXICAL,
    STORE,
    VECTORS,
    Manifest,
    settle_files,
)
from retrieval.kinship import Kinship
from retrieval.lexical import LexicalIndex
from retrieval.parts import Draft, write_parts
from retrieval.planning import (
    VECTOR,
    VERSIONS,
    Input,
    Portion,
    Previous,
    Stored,
    make_tasks,
    map_vectors,
)
from retrieval.pool import Task, TaskHere, run_tasks, worker_count
from retrieval.preparing import Job, Prepared, Read, prepare_jobs, search_text
from retrieval.rows import SourceRecord
from retrieval.store import Store
from retrieval.writing import StoreWriter

Progress: TypeAlias = Callable[[str, int, int | None], None]
"""Called with (stage, done, total); total is None while it is unknown."""

# Below this, starting worker processes takes longer than they save.
_POOL_BYTES = 2 << 20
_ENCODE_ROWS = 1024
_JOB_CHARS = 128 << 10
_JOBS = 256
_FOLDED = "folded.txt"


@dataclass(frozen=True, slots=True)
class _Known:
    """Articles one after the other that are shown as in the last build."""

    first: int
    last: int
    old: int
    """Row of the first in the last build."""


class Assembly:
    """One generation in the making."""

    def __init__(
        self,
        folder: Path,
        encoder: Encoder,
        cache: Path | None,
        progress: Progress,
        failures: list[Failure],
    ) -> None:
        self.failures = failures
        self.notices: list[Notice] = []
        self.digests: dict[str, str] = {}
        self._folder = folder
        self._encoder = encoder
        self._cache = VectorCache(cache) if cache and encoder.worth_caching else None
        self._progress = progress
        self._paths: dict[str, str] = {}

    def note_problems(self, records: Iterator[SourceRecord]) -> None:
        """Report what earlier builds could not read and this one did not try again."""
        for record in records:
            self._note(record.problems)

    def run(self, inputs: Sequence[Input], roots: Sequence[str], previous: Previous | None) -> None:
        """Read, compare, prepare, encode and write everything but the vectors and the manifest.

        `previous` is taken from as much as is the same; what comes of it is no other for that.
        """
        total = sum(item.size for item in inputs if item.stored is None)
        self._store = StoreWriter(self._folder / STORE, previous.path if previous else None)
        self._kin = Kinship(self._folder, self._store)
        self._read(inputs, previous, _workers(total))
        self.articles = self._store.articles
        self._progress("comparing", 0, None)
        self._kin.compare(self._paths)
        spans = self._index(previous, sum(item.size for item in inputs))
        if self._cache:
            self._cache.close()
        self._store.finish()
        self._progress("finishing", 0, None)
        self._write_lexical(previous, spans, roots[-1] if len(roots) > 1 else None)

    def finish(self, roots: tuple[str, ...], identity: dict[str, Any]) -> Manifest:
        """Write the vector index, check that the parts fit, and describe them."""
        rows = self._store.passages
        if not rows:
            raise NothingToIndex(self._nothing(roots))
        vectors = map_vectors(self._folder, rows, self._encoder.dim)
        kind = write_dense_index(self._folder / DENSE, vectors)
        del vectors
        counts = {len(DenseIndex(self._folder / DENSE)), len(LexicalIndex(self._folder / LEXICAL))}
        if counts != {rows}:
            raise IndexDamaged(f"{self._folder} came out uneven ({rows}, {counts}); try again")
        with ThreadPoolExecutor(1) as beside:
            # Both wait for the disk and leave the interpreter alone.
            files = beside.submit(settle_files, self._folder)
            calibration = asdict(calibrate(self._folder, self._encoder))
        return Manifest(
            format=FORMAT,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            encoder=identity,
            versions=dict(VERSIONS),
            articles=self.articles,
            passages=rows,
            dense_kind=kind,
            roots=roots,
            files=files.result(),
            shared=self._kin.shared,
            reprints=self._kin.reprints,
            calibration=calibration,
        )

    def _read(self, inputs: Sequence[Input], previous: Previous | None, workers: int) -> None:
        done, total = 0, sum(item.size for item in inputs)
        problems: list[Failure | Notice] = []
        for owner, results in run_tasks(make_tasks(inputs), workers=workers):
            if isinstance(owner, Stored):
                self._take(owner.inputs, previous)
                done += sum(item.size for item in owner.inputs)
            else:
                for portion, read in zip(owner, results, strict=True):
                    problems += (*portion.problems, *read.problems)
                    self._add(portion, read, problems)
                    done += portion.size
            self._progress("reading", done, total)

    def _take(self, inputs: Sequence[Input], previous: Previous | None) -> None:
        """Take over the articles of files that have not changed."""
        taken = []
        for item in inputs:
            record = item.stored
            if not (record and previous):
                raise ValueError(f"{item.source.path} is in no earlier build")
            problems = list(record.problems)
            for row, old_id, digest in previous.articles(item.source):
                own_id = self._own_id(old_id, item)
                if isinstance(own_id, Failure):
                    problems.append(own_id)
                    continue
                taken.append((row, own_id))
                self.digests[own_id] = digest
            self._add_source(item, problems)
        for found in self._store.segments(self._store.take_articles(taken)):
            self._kin.add(found)

    def _add(self, portion: Portion, read: Read, problems: list[Failure | Notice]) -> None:
        for article in read.articles:
            own_id = self._own_id(article.id, portion.input)
            if isinstance(own_id, Failure):
                problems.append(own_id)
                continue
            self._store.add_article(article._replace(id=own_id))
            self._kin.add(article.segments)
            self.digests[own_id] = article.digest
        if portion.last:
            self._add_source(portion.input, problems)
            problems.clear()

    def _add_source(self, item: Input, problems: Sequence[Failure | Notice]) -> None:
        record = SourceRecord(item.source.name, item.digest, tuple(problems))
        self._store.add_source(str(item.source.path), record)
        self._note(problems)

    def _index(self, previous: Previous | None, size: int) -> array[int]:
        """Split, fold and encode every article as it is shown, in the order of rows.

        Returns where the folded text of each row was written, start and length one after the
        other; -1 and 0 for those of the last build, which were not folded.
        """
        total = self._store.articles
        known = self._store.known_articles() if previous else {}
        self._old_vectors = previous.vectors(self._encoder) if previous else None
        workers = _workers(size * (total - len(known)) // max(1, total))
        spans = array("q")
        self._waiting: list[str] = []
        with (
            (self._folder / VECTORS).open("wb") as self._vectors,
            (self._folder / _FOLDED).open("wb") as folded,
        ):
            for done, found in run_tasks(self._tasks(known), workers=workers):
                if isinstance(found, _Known):
                    self._encode(at_least=1)
                    spans.extend([-1, 0] * self._keep(found))
                else:
                    for one in found:
                        self._store.add_passages(one.row, one.article, one.passages, one.digests)
                        for text in one.folded:
                            spans.append(folded.tell())
                            spans.append(folded.write(text.encode("utf-8", "surrogatepass")))
                        self._waiting += one.folded
                        self._encode(at_least=_ENCODE_ROWS)
                self._progress("indexing", done, total)
            self._encode(at_least=1)
        self._old_vectors = None
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

    def _keep(self, known: _Known) -> int:
        """Take over the passages of articles, with their vectors; returns how many."""
        first = self._store.passages
        rows = self._store.keep_passages(known.first, known.last, known.old)
        for start in range(0, len(rows), _ENCODE_ROWS):
            block = rows[start : start + _ENCODE_ROWS]
            if self._old_vectors is None:
                self._write_vectors(self._known_vectors(first + start, first + start + len(block)))
            else:
                self._vectors.write(self._old_vectors[block.start : block.stop].tobytes())
        return len(rows)

    def _known_vectors(self, start: int, end: int) -> FloatMatrix:
        """Return vectors of passages that another encoder read last: kept from before, or made."""
        encoder, digests = self._encoder, self._store.digests(start, end)
        if self._cache:
            vectors, known = self._cache.look_up(encoder.identity, encoder.dim, digests)
        else:
            vectors = np.zeros((len(digests), encoder.dim), dtype=np.float32)
            known = np.zeros(len(digests), dtype=np.bool_)
        lost = np.flatnonzero(~known)
        if len(lost):
            rows = (start + int(number) for number in lost)
            vectors[lost] = self._vectors_of([search_text(*self._store.searched(r)) for r in rows])
        return vectors

    def _write_lexical(
        self, previous: Previous | None, spans: array[int], last: str | None
    ) -> None:
        store, folded = self._folder / STORE, self._folder / _FOLDED
        reader = Store(store)
        try:
            keys = reader.keys()
        finally:
            reader.close()
        if keys.articles:
            draft = Draft(store, folded, np.frombuffer(spans, np.int64).reshape(-1, 2))
            known = previous.parts if previous else []
            folder, workers = self._folder / LEXICAL, worker_count()
            write_parts(draft, folder, keys, known, last=last, workers=workers)
        folded.unlink()

    def _own_id(self, wanted: str, item: Input) -> str | Failure:
        """Return an id no other article has; only a JSONL line insists on its own."""
        place, lines = str(item.source.path), item.source.path.suffix.lower() == ".jsonl"
        if item.stored and not lines:
            # The last build may have given it another; whether it has to is not the same now.
            wanted = name_id(item.source.name)
        if wanted in self._paths and lines:
            return Failure(
                place,
                f"id {wanted!r} was already used in {self._paths[wanted]}; "
                "give each article an id of its own",
            )
        if wanted in self._paths:
            # Two named folders hold a file of the same relative name.
            wanted = sha256(place.encode()).hexdigest()[:12]
        self._paths[wanted] = place
        return wanted

    def _encode(self, *, at_least: int) -> None:
        while len(self._waiting) >= at_least:
            block, self._waiting = self._waiting[:_ENCODE_ROWS], self._waiting[_ENCODE_ROWS:]
            self._write_vectors(self._vectors_of(block))

    def _write_vectors(self, vectors: FloatMatrix) -> None:
        self._vectors.write(vectors.astype(VECTOR).tobytes())

    def _vectors_of(self, texts: list[str]) -> FloatMatrix:
        if self._cache is None:
            return self._encoder.encode_passages(texts)
        return self._cache.encode(self._encoder, texts)

    def _note(self, problems: Sequence[Failure | Notice]) -> None:
        for problem in problems:
            if isinstance(problem, Failure):
                self.failures.append(problem)
            else:
                self.notices.append(problem)

    def _nothing(self, roots: tuple[str, ...]) -> str:
        named = ", ".join(roots)
        if not (self.failures or self.notices):
            return f"no article in {named}; articles are .txt .md .html .jsonl .pdf .docx files"
        first: Failure | Notice = self.failures[0] if self.failures else self.notices[0]
        count = len(self.failures) + len(self.notices)
        more = f" (and {count - 1} more)" if count > 1 else ""
        return f"not one article could be read in {named}: {first.path}: {first.reason}{more}"


def _workers(size: int) -> int:
    """Return how many processes so many bytes of articles are worth."""
    return worker_count() if size >= _POOL_BYTES else 0
