"""One generation in the making: read everything, compare it, then index what is left to say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from corpus import Failure, Notice
from corpus.segments import SEGMENT
from embeddings import Encoder, VectorCache
from retrieval.calibration import calibrate
from retrieval.dense import DenseIndex, FloatMatrix, write_dense_index
from retrieval.errors import IndexDamaged, NothingToIndex
from retrieval.generation import DENSE, FORMAT, LEXICAL, STORE, Manifest, describe_files
from retrieval.kinship import Kinship
from retrieval.lexical import LexicalIndex, LexicalWriter
from retrieval.planning import VERSIONS, Input, Portion, Previous, make_tasks
from retrieval.pool import Task, run_tasks, worker_count
from retrieval.preparing import Job, Prepared, Read, prepare_jobs
from retrieval.rows import ArticleRow
from retrieval.store import SourceRecord
from retrieval.writing import StoreWriter

Progress: TypeAlias = Callable[[str, int, int | None], None]
"""Called with (stage, done, total); total is None while it is unknown."""

# Below this, starting worker processes takes longer than they save.
_POOL_BYTES = 2 << 20
_ENCODE_ROWS = 1024
_JOB_CHARS = 128 << 10
_JOBS = 256
_VECTORS = "vectors.f32"


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

    def run(self, inputs: Sequence[Input], previous: Previous | None) -> None:
        """Read, compare, prepare, encode and write everything but the manifest."""
        total = sum(item.size for item in inputs)
        workers = worker_count() if total >= _POOL_BYTES else 0
        self._store = StoreWriter(self._folder / STORE)
        self._kin = Kinship(self._folder, self._store)
        self._old: set[int] = set()
        self._read(inputs, previous, total, workers)
        self.articles = self._store.articles
        self._progress("comparing", 0, None)
        self._kin.compare(self._paths)
        self._lexical = LexicalWriter(self._folder / LEXICAL)
        self._index(previous, workers)
        if self._cache:
            self._cache.close()
        self._store.finish()
        self._progress("finishing", 0, None)
        self._lexical.finish()

    def finish(self, roots: tuple[str, ...], identity: dict[str, Any]) -> Manifest:
        """Write the vector index, check that the parts fit, and describe them."""
        rows = self._store.passages
        if not rows:
            raise NothingToIndex(self._nothing(roots))
        vectors = self._folder / _VECTORS
        matrix = np.memmap(vectors, np.float32, "r", shape=(rows, self._encoder.dim))
        kind = write_dense_index(self._folder / DENSE, matrix)
        del matrix
        vectors.unlink()
        counts = {len(DenseIndex(self._folder / DENSE)), len(LexicalIndex(self._folder / LEXICAL))}
        if counts != {rows}:
            raise IndexDamaged(f"{self._folder} came out uneven ({rows}, {counts}); try again")
        return Manifest(
            format=FORMAT,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            encoder=identity,
            versions=dict(VERSIONS),
            articles=self.articles,
            passages=rows,
            dense_kind=kind,
            roots=roots,
            files=describe_files(self._folder),
            shared=self._kin.shared,
            reprints=self._kin.reprints,
            calibration=asdict(calibrate(self._folder, self._encoder)),
        )

    def _read(
        self, inputs: Sequence[Input], previous: Previous | None, total: int, workers: int
    ) -> None:
        done = 0
        problems: list[Failure | Notice] = []
        for portions, results in run_tasks(make_tasks(inputs, previous), workers=workers):
            for portion, read in zip(portions, results, strict=True):
                problems += (*portion.problems, *read.problems)
                self._add(portion, read, problems)
                done += portion.size
                self._progress("reading", done, total)

    def _add(self, portion: Portion, read: Read, problems: list[Failure | Notice]) -> None:
        for one in read.articles:
            article = self._with_own_id(one, portion.input)
            if isinstance(article, Failure):
                problems.append(article)
                continue
            row = self._store.add_article(article)
            self._kin.add(np.frombuffer(article.segments, SEGMENT))
            self.digests[article.id] = article.digest
            if portion.input.stored:
                self._old.add(row)
        if portion.last:
            source = portion.input.source
            record = SourceRecord(source.name, portion.input.digest, tuple(problems))
            self._store.add_source(str(source.path), record)
            self._note(problems)
            problems.clear()

    def _index(self, previous: Previous | None, workers: int) -> None:
        """Split, fold, encode and index every article as it is shown, in the order of rows."""
        total = self._store.articles
        with (self._folder / _VECTORS).open("wb") as self._vectors:
            self._waiting: list[str] = []
            for done, prepared in run_tasks(self._tasks(previous), workers=workers):
                for one in prepared:
                    first = self._store.passages
                    self._store.add_passages(one.row, one.article, one.passages)
                    for number, terms in enumerate(one.terms, start=first):
                        self._lexical.add(number, terms)
                    self._waiting += one.folded
                    self._encode(at_least=_ENCODE_ROWS)
                self._progress("indexing", done, total)
            self._encode(at_least=1)

    def _tasks(self, previous: Previous | None) -> Iterator[Task[int, list[Prepared]]]:
        jobs: list[Job] = []
        characters = 0
        for row in range(self._store.articles):
            job = self._kin.job(row)
            if previous and row in self._old and self._kin.is_alone(row):
                known = previous.store.whole_passages(job.article.id)
                job = job if known is None else Job(row, job.article, tuple(known))
            jobs.append(job)
            characters += len(job.article.text)
            if characters >= _JOB_CHARS or len(jobs) >= _JOBS:
                yield Task(row + 1, prepare_jobs, jobs)
                jobs, characters = [], 0
        if jobs:
            yield Task(self._store.articles, prepare_jobs, jobs)

    def _with_own_id(self, article: ArticleRow, item: Input) -> ArticleRow | Failure:
        """Give an article an id no other has; only a JSONL line insists on its own."""
        place = str(item.source.path)
        if article.id in self._paths and item.source.path.suffix.lower() == ".jsonl":
            return Failure(
                place,
                f"id {article.id!r} was already used in {self._paths[article.id]}; "
                "give each article an id of its own",
            )
        if article.id in self._paths:
            # Two named folders hold a file of the same relative name.
            article = article._replace(id=sha256(place.encode()).hexdigest()[:12])
        self._paths[article.id] = place
        return article

    def _encode(self, *, at_least: int) -> None:
        while len(self._waiting) >= at_least:
            block, self._waiting = self._waiting[:_ENCODE_ROWS], self._waiting[_ENCODE_ROWS:]
            self._vectors.write(self._vectors_of(block).astype(np.float32, copy=False).tobytes())

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
