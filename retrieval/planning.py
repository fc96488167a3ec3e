"""What a build has to do: which files are new or changed, which can be taken from the last one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby, islice
from pathlib import Path

import numpy as np

from corpus import (
    CLEANER_VERSION,
    FOLD_VERSION,
    SPLITTER_VERSION,
    Article,
    Failure,
    Notice,
    SourceFile,
    read_articles,
)
from corpus.families import FAMILIES_VERSION
from corpus.repair import REPAIR_VERSION
from corpus.repeats import REPEATS_VERSION
from embeddings import Encoder
from retrieval.calibration import CALIBRATION_VERSION
from retrieval.dense import DENSE_VERSION
from retrieval.errors import IndexDamaged, IndexMismatch, IndexMissing
from retrieval.generation import (
    DENSE,
    LEXICAL,
    STORE,
    VECTORS,
    Manifest,
    checksum,
    current_generation,
    verify,
)
from retrieval.lexical import Part, parts_of
from retrieval.pool import Task, TaskHere
from retrieval.preparing import Read, read_files, take_articles
from retrieval.rows import KnownArticle, SourceRecord
from retrieval.spread import HalfMatrix
from retrieval.store import Store
from retrieval.tokens import TOKENS_VERSION

VERSIONS = {
    "cleaner": CLEANER_VERSION,
    "repair": REPAIR_VERSION,
    "splitter": SPLITTER_VERSION,
    "fold": FOLD_VERSION,
    "terms": TOKENS_VERSION,
    "repeats": f"{REPEATS_VERSION}.{FAMILIES_VERSION}",
    "calibration": CALIBRATION_VERSION,
    "dense": DENSE_VERSION,
}
"""Everything of ours that shapes an index; a change makes the next build write it anew."""

_DERIVED = ("calibration", "dense")
"""What is made of what was read: a change of these makes no build read the files again."""

VECTOR = np.dtype("<f2")
"""Of a component. Rounding to it moves a cosine by a tenth of what one byte a component does."""

_BATCH_BYTES = 512 << 10
_BATCH_ARTICLES = 256
_STORED_FILES = 1024


class Previous:
    """The live generation, as the next build sees it."""

    def __init__(self, generation: Path) -> None:
        """Open a generation; see `Manifest.read` and `Store` for what is raised."""
        self.name = generation.name
        self.path = generation / STORE
        self.dense = generation / DENSE
        self._generation = generation
        self.manifest = Manifest.read(generation)
        self.store = Store(generation / STORE)
        self._articles = self.store.inventory()
        versions = self.manifest.versions
        self.is_current = versions == VERSIONS
        """Whether a build of the same articles would give the same."""
        self.fits = _that_last(versions) == _that_last(VERSIONS)
        """Whether a build can take anything from it."""
        self._sources = self.store.sources() if self.fits else {}

    @classmethod
    def open(cls, index: Path) -> Previous | None:
        """Open the live generation, or None where there is none that can be read."""
        try:
            return cls(current_generation(index))
        except (IndexMissing, IndexDamaged, IndexMismatch):
            return None

    def articles(self, source: SourceFile) -> list[KnownArticle]:
        """Return the articles of a file, in order."""
        return self._articles.get(str(source.path), [])

    @cached_property
    def digests(self) -> dict[str, str]:
        """The digest of every article that was read, by id."""
        return {one.id: one.digest for found in self._articles.values() for one in found}

    @cached_property
    def parts(self) -> list[Part]:
        """The parts of its keyword index."""
        return parts_of(self._generation / LEXICAL)

    def vectors(self, encoder: Encoder) -> HalfMatrix | None:
        """Return the vectors of its passages, if this encoder made them."""
        if not self.manifest.is_made_by(encoder) or VECTORS not in self.manifest.files:
            return None
        return map_vectors(self._generation, self.manifest.passages, encoder.dim)

    def was_measured_on(self, mark: str) -> bool:
        """Tell whether its calibration and the mean of its vectors are of this, see `mark_of`."""
        return bool(self.manifest.calibration) and self.manifest.calibrated_on == mark

    def is_whole(self) -> bool:
        """Tell whether it is as it was written; reads every byte of it."""
        try:
            verify(self._generation, self.manifest, contents=True)
        except (IndexDamaged, OSError):
            return False
        return True

    def covers(self, inputs: Sequence[Input]) -> bool:
        """Tell whether a build from these inputs would hold the very same articles."""
        return all(item.stored for item in inputs) and {
            str(item.source.path) for item in inputs
        } == set(self._sources)

    def known(self, source: SourceFile, digest: str) -> SourceRecord | None:
        """Return the record of a file whose articles need not be read again, or None.

        A file that gave nothing is read again each time: what stopped it may be gone (an extra
        installed since, say).
        """
        record = self._sources.get(str(source.path))
        if record is None or (record.name, record.digest) != (source.name, digest):
            return None
        if self.articles(source):
            return record
        found = list(islice(read_articles(source), 1 + len(record.problems)))
        problems = tuple(item for item in found if not isinstance(item, Article))
        return replace(record, problems=problems) if len(problems) == len(found) else None


def _that_last(versions: Mapping[str, str]) -> dict[str, str]:
    return {part: version for part, version in versions.items() if part not in _DERIVED}


def map_vectors(generation: Path, rows: int, dim: int) -> HalfMatrix:
    """Map the vectors of a generation from disk, (rows, dim)."""
    return np.memmap(generation / VECTORS, VECTOR, "r", shape=(rows, dim))


@dataclass(frozen=True, slots=True)
class Input:
    """One file of a build."""

    source: SourceFile
    digest: str
    size: int
    stored: SourceRecord | None
    """The record of the last build, where its articles can be reused."""


def make_inputs(
    files: Sequence[SourceFile], previous: Previous | None
) -> tuple[list[Input], list[Failure]]:
    """Look at every file once; give those that can be read, and a failure for each other."""
    inputs, failures = [], []
    for source in dict.fromkeys(files):
        try:
            size, digest = source.path.stat().st_size, checksum(source.path)
        except OSError as error:
            failures.append(Failure(str(source.path), f"cannot be read ({error.strerror})"))
            continue
        stored = previous.known(source, digest) if previous else None
        inputs.append(Input(source, digest, size, stored))
    if previous is None or previous.covers(inputs):
        return inputs, failures
    return [_asked_again(item) for item in inputs], failures


def _asked_again(item: Input) -> Input:
    """Let a JSONL file that gave a failure be read again: the id that was taken may be free now."""
    failed = item.stored and any(isinstance(one, Failure) for one in item.stored.problems)
    lines = item.source.path.suffix.lower() == ".jsonl"
    return replace(item, stored=None) if failed and lines else item


@dataclass(frozen=True, slots=True)
class Portion:
    """Which part of which file one `Read` came from."""

    input: Input
    size: int
    """Bytes of the file it stands for, for the progress bar."""
    last: bool
    """Whether it completes the file."""
    problems: tuple[Failure | Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Stored:
    """Files one after the other, the articles of which are taken from the last build."""

    inputs: list[Input]


ReadTask = Task[list[Portion] | Stored, list[Read]]


def make_tasks(inputs: Sequence[Input]) -> Iterator[ReadTask]:
    """Cut the reading into tasks of about half a megabyte, in input order."""
    batch: list[Input] = []
    for stored, group in groupby(inputs, key=lambda item: item.stored is not None):
        if stored:
            while some := list(islice(group, _STORED_FILES)):
                yield TaskHere(Stored(some), list[Read])
            continue
        for item in group:
            streamed = item.source.path.suffix.lower() == ".jsonl"
            if not streamed:
                batch.append(item)
            if batch and (streamed or sum(one.size for one in batch) >= _BATCH_BYTES):
                yield _read_task(batch)
                batch = []
            if streamed:
                yield from _stream_tasks(item)
        if batch:
            yield _read_task(batch)
            batch = []


def _read_task(batch: list[Input]) -> ReadTask:
    portions = [Portion(item, item.size, last=True) for item in batch]
    return Task(portions, read_files, [item.source for item in batch])


def _stream_tasks(item: Input) -> Iterator[ReadTask]:
    """Cut one file of many articles into tasks."""
    articles: list[Article] = []
    problems: list[Failure | Notice] = []
    characters, rest = 0, item.size

    def task(*, last: bool) -> ReadTask:
        nonlocal characters, rest
        size = rest if last else min(rest, 3 * characters)
        made: ReadTask = Task(
            [Portion(item, size, last, tuple(problems))], take_articles, list(articles)
        )
        characters, rest = 0, rest - size
        articles.clear()
        problems.clear()
        return made

    for found in read_articles(item.source):
        if isinstance(found, (Failure, Notice)):
            problems.append(found)
            continue
        articles.append(found)
        characters += len(found.text)
        if len(articles) >= _BATCH_ARTICLES or 3 * characters >= _BATCH_BYTES:
            yield task(last=False)
    yield task(last=True)
