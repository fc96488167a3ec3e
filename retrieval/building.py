"""Files and folders to a published generation: read, prepare, encode, index, publish."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from corpus import Failure, Notice, find_files
from embeddings import Encoder, VectorCache
from retrieval.dense import DenseIndex, FloatMatrix, write_dense_index
from retrieval.errors import IndexDamaged, IndexMissing, NothingToIndex
from retrieval.generation import (
    DENSE,
    FORMAT,
    LEXICAL,
    STORE,
    Manifest,
    building,
    describe_files,
    publish,
)
from retrieval.lexical import LexicalIndex, LexicalWriter
from retrieval.planning import VERSIONS, Input, Portion, Previous, make_inputs, make_tasks
from retrieval.pool import run_tasks, worker_count
from retrieval.preparing import Prepared, PreparedArticle
from retrieval.store import SourceRecord, StoreWriter

Progress: TypeAlias = Callable[[str, int, int | None], None]
"""Called with (stage, done, total); total is None while it is unknown."""

# Below this, starting worker processes takes longer than they save.
_POOL_BYTES = 2 << 20
_ENCODE_ROWS = 1024


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did."""

    generation: str
    articles: int
    passages: int
    new: int
    changed: int
    removed: int
    unchanged: int
    failed: tuple[Failure, ...]
    notices: tuple[Notice, ...]
    ignored: tuple[str, ...]
    """Files of kinds that hold no articles, left alone."""
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """The object `rebuild --json` prints; its keys are a contract."""
        return {
            "generation": self.generation,
            "articles": self.articles,
            "passages": self.passages,
            "new": self.new,
            "changed": self.changed,
            "removed": self.removed,
            "unchanged": self.unchanged,
            "failed": [{"path": one.path, "reason": one.reason} for one in self.failed],
            "notices": [{"path": one.path, "reason": one.reason} for one in self.notices],
            "ignored": list(self.ignored),
            "seconds": round(self.seconds, 3),
        }


def build_index(
    paths: Sequence[Path],
    directory: Path,
    encoder: Encoder,
    *,
    full: bool = False,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> BuildReport:
    """Make the index in `directory` hold exactly the articles of these files and folders.

    With no `paths`: those of the last generation. Files that have not changed are not read
    again, unless `full`; if nothing has changed at all, the live generation stays. `cache` is a
    file for vectors, used where the encoder is slow enough to be worth it.

    Raises:
        CorpusError: a path does not exist.
        IndexMissing: no paths were given and there is no earlier generation.
        IndexBusy: another process is building here.
        NothingToIndex: not one article could be read; the old generation stays.
    """
    started = time.perf_counter()
    with building(directory) as folder:
        previous = Previous.open(directory)
        roots = tuple(str(path.absolute()) for path in paths)
        if not roots:
            if previous is None:
                raise IndexMissing(
                    f"there is no index at {directory} to rebuild; name the files or folders"
                )
            roots = previous.manifest.roots
        listing = find_files([Path(root) for root in roots])
        inputs, failures = make_inputs(listing.files, None if full else previous)
        failures = [*listing.failures, *failures]
        build = _Build(folder, encoder, cache, progress or _silent, failures)
        identity = {"name": encoder.name, "identity": encoder.identity, "dim": encoder.dim}
        if (
            previous
            and previous.covers(inputs)
            and (previous.manifest.encoder, previous.manifest.roots) == (identity, roots)
        ):
            build.note_problems(item.stored for item in inputs if item.stored)
            name, digests = previous.name, previous.digests
            articles, passages = previous.manifest.articles, previous.manifest.passages
        else:
            build.run(inputs, None if full else previous)
            manifest = build.finish(roots, identity)
            name, digests = publish(directory, folder, manifest), build.digests
            articles, passages = manifest.articles, manifest.passages
        before = previous.digests if previous else {}
    return BuildReport(
        generation=name,
        articles=articles,
        passages=passages,
        new=len(digests.keys() - before.keys()),
        changed=sum(before.get(key, digest) != digest for key, digest in digests.items()),
        removed=len(before.keys() - digests.keys()),
        unchanged=sum(before.get(key) == digest for key, digest in digests.items()),
        failed=tuple(build.failures),
        notices=tuple(build.notices),
        ignored=tuple(str(path) for path in listing.ignored),
        seconds=time.perf_counter() - started,
    )


class _Build:
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
        """Read, prepare, encode and write everything but the manifest."""
        self._store = StoreWriter(self._folder / STORE)
        self._lexical = LexicalWriter(self._folder / LEXICAL)
        total, done = sum(item.size for item in inputs), 0
        with (self._folder / _VECTORS).open("wb") as self._vectors:
            self._waiting: list[str] = []
            problems: list[Failure | Notice] = []
            workers = worker_count() if total >= _POOL_BYTES else 0
            for portions, results in run_tasks(make_tasks(inputs, previous), workers=workers):
                for portion, prepared in zip(portions, results, strict=True):
                    problems += (*portion.problems, *prepared.problems)
                    self._add(portion, prepared, problems)
                    done += portion.size
                    self._progress("indexing", done, total)
            self._encode(at_least=1)
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
        kind = write_dense_index(
            self._folder / DENSE,
            (matrix[start : start + 65_536] for start in range(0, rows, 65_536)),
            # Every k-th row: articles stand side by side, a head would be one subject only.
            sample=np.asarray(matrix[:: max(1, rows // 65_536)]),
            rows=rows,
            dim=self._encoder.dim,
        )
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
            articles=self._store.articles,
            passages=rows,
            dense_kind=kind,
            roots=roots,
            files=describe_files(self._folder),
        )

    def _add(self, portion: Portion, prepared: Prepared, problems: list[Failure | Notice]) -> None:
        for one in prepared.articles:
            article = self._with_own_id(one, portion.input)
            if isinstance(article, Failure):
                problems.append(article)
                continue
            first = self._store.passages
            self._store.add_article(article.article, article.digest, article.passages)
            for row, terms in enumerate(article.terms, start=first):
                self._lexical.add(row, terms)
            self.digests[article.article.id] = article.digest
            self._waiting += article.folded
            self._encode(at_least=_ENCODE_ROWS)
        if portion.last:
            source = portion.input.source
            record = SourceRecord(source.name, portion.input.digest, tuple(problems))
            self._store.add_source(str(source.path), record)
            self._note(problems)
            problems.clear()

    def _with_own_id(self, one: PreparedArticle, item: Input) -> PreparedArticle | Failure:
        """Give an article an id no other has; only a JSONL line insists on its own."""
        article, place = one.article, str(item.source.path)
        if article.id in self._paths and item.source.path.suffix.lower() == ".jsonl":
            return Failure(
                place,
                f"id {article.id!r} was already used in {self._paths[article.id]}; "
                "give each article an id of its own",
            )
        if article.id in self._paths:
            # Two named folders hold a file of the same relative name.
            article = replace(article, id=sha256(place.encode()).hexdigest()[:12])
            one = replace(one, article=article)
        self._paths[article.id] = place
        return one

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


_VECTORS = "vectors.f32"


def _silent(stage: str, done: int, total: int | None) -> None:
    """Report no progress."""
