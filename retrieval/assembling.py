"""One generation in the making: read everything, compare it, then index what is left to say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from corpus import Failure, Notice
from embeddings import Encoder
from retrieval.calibration import calibrate, tables_digest
from retrieval.dense import DenseIndex, write_dense_index
from retrieval.errors import IndexDamaged, NothingToIndex
from retrieval.gathering import Gathered, Gatherer
from retrieval.generation import (
    DENSE,
    FORMAT,
    LEXICAL,
    STORE,
    VECTORS,
    Manifest,
    encoder_facts,
    file_names,
    settle_files,
)
from retrieval.indexing import FOLDED, Indexer
from retrieval.kinship import Kinship
from retrieval.lexical import LexicalIndex, Rows
from retrieval.parts import (
    Draft,
    Spans,
    join_settled,
    mark_of,
    rows_of_parts,
    settled_rows,
    write_parts,
)
from retrieval.planning import VERSIONS, Input, Previous, map_vectors
from retrieval.pool import worker_count
from retrieval.progress import Progress
from retrieval.rows import SourceRecord
from retrieval.spread import chosen
from retrieval.store import Store
from retrieval.writing import StoreWriter

# Below this, starting worker processes takes longer than they save.
_POOL_BYTES = 2 << 20


@dataclass(frozen=True, slots=True)
class _Made:
    """The indexes of a generation."""

    kind: str
    """Of the vector index."""
    mark: str
    """Of what calibration is measured on, see `mark_of`."""
    settled: Rows | None
    same: Previous | None
    """The last build, if it was measured on the same."""


class Assembly:
    """One generation in the making."""

    def __init__(
        self,
        folder: Path,
        encoder: Encoder,
        cache: Path | None,
        progress: Progress,
        failures: list[Failure],
        *,
        few: int,
    ) -> None:
        """`cache` is a file for vectors; with fewer passages the keyword index is one part."""
        self.gathered = Gathered(failures)
        self._few = few
        self._folder = folder
        self._encoder = encoder
        self._cache = cache
        self._progress = progress

    def note_problems(self, records: Iterator[SourceRecord]) -> None:
        """Report what earlier builds could not read and this one did not try again."""
        for record in records:
            self.gathered.note(record.problems)

    def run(
        self, inputs: Sequence[Input], roots: tuple[str, ...], previous: Previous | None
    ) -> Manifest:
        """Make everything but the manifest, which is returned.

        `previous` is taken from as much as is the same; what comes of it is no other for that.

        Raises:
            NothingToIndex: not one article could be read.
        """
        workers = _workers(sum(item.size for item in inputs if item.stored is None))
        store = StoreWriter(self._folder / STORE, previous.path if previous else None)
        kin = Kinship(self._folder, store)
        reading = Gatherer(self.gathered, store, kin, previous)
        reading.read(inputs, self._progress, workers=workers)
        self._progress("comparing", 0, None)
        kin.compare(self.gathered.paths)
        known = store.known_articles() if previous else {}
        left = sum(item.size for item in inputs) * (store.articles - len(known))
        spans = Indexer((store, kin), self._encoder, cache=self._cache, previous=previous).run(
            self._folder, known, self._progress, workers=_workers(left // max(1, store.articles))
        )
        store.finish()
        if not store.passages:
            raise NothingToIndex(self._nothing(roots))
        self._progress("finishing", 0, None)
        return self._finish(roots, previous, kin, np.frombuffer(spans, np.int64).reshape(-1, 2))

    def _finish(
        self, roots: tuple[str, ...], previous: Previous | None, kin: Kinship, spans: Spans
    ) -> Manifest:
        """Write both indexes, measure what they say, and describe it all."""
        early = (STORE, VECTORS)
        with ThreadPoolExecutor(1) as beside:
            # Syncing and summing wait for the disk and leave the interpreter alone.
            first = beside.submit(settle_files, self._folder, early)
            made = self._write_indexes(roots, previous, spans)
            names = [name for name in file_names(self._folder) if name not in early]
            rest = beside.submit(settle_files, self._folder, names)
            calibration = self._calibrate(made, len(spans))
        return Manifest(
            format=FORMAT,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            encoder=encoder_facts(self._encoder),
            versions=dict(VERSIONS),
            articles=len(self.gathered.digests),
            passages=len(spans),
            dense_kind=made.kind,
            roots=roots,
            files=first.result() | rest.result(),
            shared=kin.shared,
            reprints=kin.reprints,
            calibration=calibration,
            calibrated_on=made.mark,
        )

    def _write_indexes(
        self, roots: tuple[str, ...], previous: Previous | None, spans: Spans
    ) -> _Made:
        """Write both indexes, and check that they fit the store."""
        reader = Store(self._folder / STORE)
        try:
            keys = reader.keys()
        finally:
            reader.close()
        rows_of = rows_of_parts(keys, roots[-1] if len(roots) > 1 else None, self._few)
        draft = Draft(self._folder / STORE, self._folder / FOLDED, spans)
        known = previous.parts if previous else []
        parts = write_parts(
            draft, self._folder / LEXICAL, keys, rows_of, known, workers=worker_count()
        )
        (self._folder / FOLDED).unlink()
        rows, settled = len(spans), settled_rows(rows_of)
        facts = self._encoder.identity, *VERSIONS.items(), tables_digest()
        mark = mark_of(parts, keys, settled, facts)
        same = previous if previous and previous.was_measured_on(mark) else None
        vectors = map_vectors(self._folder, rows, self._encoder.dim)
        kind = write_dense_index(
            self._folder / DENSE, vectors, settled=settled, same_as=same.dense if same else None
        )
        counts = {len(DenseIndex(self._folder / DENSE)), len(LexicalIndex(self._folder / LEXICAL))}
        if counts != {rows}:
            raise IndexDamaged(f"{self._folder} came out uneven ({rows}, {counts}); try again")
        return _Made(kind, mark, settled, same)

    def _calibrate(self, made: _Made, rows: int) -> dict[str, float]:
        """Return the calibration, that of a build measured on the same where there is one."""
        if made.same:
            return made.same.manifest.calibration
        store = self._folder / STORE
        if made.settled is None:
            return asdict(calibrate(store, self._folder, self._encoder))
        # Named so that the next build removes it if this one is killed.
        index, begun = self._folder.parent, f"{self._folder.stem}-"
        with TemporaryDirectory(dir=index, prefix=begun, suffix=".tmp") as name:
            apart = Path(name)
            join_settled(self._folder / LEXICAL, made.settled, apart / LEXICAL)
            vectors = map_vectors(self._folder, rows, self._encoder.dim)
            write_dense_index(apart / DENSE, chosen(vectors, made.settled))
            return asdict(calibrate(store, apart, self._encoder, rows=made.settled))

    def _nothing(self, roots: tuple[str, ...]) -> str:
        named = ", ".join(roots)
        problems: list[Failure | Notice] = [*self.gathered.failures, *self.gathered.notices]
        if not problems:
            return f"no article in {named}; articles are .txt .md .html .jsonl .pdf .docx files"
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        first = problems[0]
        return f"not one article could be read in {named}: {first.path}: {first.reason}{more}"


def _workers(size: int) -> int:
    """Return how many processes so many bytes of articles are worth."""
    return worker_count() if size >= _POOL_BYTES else 0
