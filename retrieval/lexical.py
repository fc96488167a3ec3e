"""The keyword leg: BM25 over our own terms, in a tantivy index on disk.

The only module that imports tantivy. The index sees terms and row numbers, never articles. It is
made of parts that are written apart, so that a part that has not changed is copied (see
`retrieval.parts`); a document knows its part and its place in it, `ROWS` knows its row.
BM25 as in Robertson and Zaragoza, "The Probabilistic Relevance Framework" (2009), with
tantivy's fixed k1 = 1.2 and b = 0.75.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from retrieval.disk import refused_as
from retrieval.errors import IndexDamaged
from retrieval.rows import RowMask

if TYPE_CHECKING:
    import tantivy

_WRITER_HEAP_BYTES = 256 << 20
# Up to so many rows are named to tantivy (9 ms on 72,000); beyond, a deeper search finds enough.
_LISTED_ROWS = 5000
_KNOWN_TERMS = 1 << 15
_TERMS = "terms"
_NUMBER = "number"
# A document's number: its part, then its place in it.
_PART_BITS = 32
_PLACE = (1 << _PART_BITS) - 1
_META = "meta.json"
PARTS, ROWS = "parts.json", "rows.npz"
"""Beside tantivy's files: which segments each part has, and the rows of each part's documents."""

Rows = npt.NDArray[np.int32]
"""Rows of the documents of one part, in their order."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a keyword index, whole in a folder of its own or in that of an index."""

    folder: Path
    digest: str
    """Of what it was made from."""
    segments: tuple[dict[str, Any], ...]
    """As tantivy describes them."""

    def files(self) -> list[Path]:
        """Return the files of its segments."""
        names = {str(one["segment_id"]).replace("-", "") for one in self.segments}
        return sorted(path for path in self.folder.iterdir() if path.name.split(".")[0] in names)


def _schema() -> tantivy.Schema:
    import tantivy

    builder = tantivy.SchemaBuilder()
    # Frequencies suffice for BM25; positions would double the index.
    builder.add_text_field(_TERMS, tokenizer_name="whitespace", index_option="freq")
    builder.add_unsigned_field(_NUMBER, fast=True, indexed=True)
    return builder.build()


class PartWriter:
    """Writes one part into an empty folder; each step may raise OSError."""

    def __init__(self, folder: Path, part: int) -> None:
        import tantivy

        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        with refused_as(ValueError, folder):
            self._index = tantivy.Index(_schema(), path=str(folder))
            # One thread, so that two builds of the same input give the same index.
            self._writer = self._index.writer(_WRITER_HEAP_BYTES, 1)
        self._document = tantivy.Document
        self._next = part << _PART_BITS

    def add(self, terms: str) -> None:
        """Add the next document of the part: its terms, joined by blanks."""
        document = self._document()
        document.add_unsigned(_NUMBER, self._next)
        document.add_text(_TERMS, terms)
        with refused_as(ValueError, self._folder):
            self._writer.add_document(document)
        self._next += 1

    def finish(self, digest: str) -> Part:
        """Commit, and wait until tantivy's merging threads are done with the folder."""
        with refused_as(ValueError, self._folder):
            self._writer.commit()
            self._writer.wait_merging_threads()
        meta = json.loads((self._folder / _META).read_text(encoding="utf-8"))
        return Part(self._folder, digest, tuple(meta["segments"]))


def join_parts(parts: Sequence[Part], rows: Sequence[Rows], folder: Path) -> None:
    """Make one index of parts in a new folder: their files as they are, one list of segments.

    Statistics are tantivy's own over all segments, so it ranks as if made in one piece.
    """
    folder.mkdir(parents=True)
    meta = json.loads((parts[0].folder / _META).read_text(encoding="utf-8"))
    for part in parts:
        for path in part.files():
            if path.parent.parent == folder.parent:
                path.rename(folder / path.name)
            else:
                # No link: a byte that goes bad in one generation is not bad in the other.
                shutil.copyfile(path, folder / path.name)
    meta["segments"] = [one for part in parts for one in part.segments]
    (folder / _META).write_text(json.dumps(meta), encoding="utf-8")
    known = [{"digest": part.digest, "segments": part.segments} for part in parts]
    (folder / PARTS).write_text(json.dumps(known), encoding="utf-8")
    starts = np.cumsum([0, *map(len, rows)], dtype=np.int64)
    np.savez(folder / ROWS, rows=np.concatenate(rows).astype(np.int32), starts=starts)


def parts_of(folder: Path) -> list[Part]:
    """Return the parts of an index; none where they cannot be told."""
    try:
        known = json.loads((folder / PARTS).read_text(encoding="utf-8"))
        return [Part(folder, one["digest"], tuple(one["segments"])) for one in known]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def rows_in(folder: Path) -> list[Rows]:
    """Return the rows of each part of an index that was just written."""
    rows, starts = _read_rows(folder)
    return np.split(rows, starts[1:-1])


def _read_rows(folder: Path) -> tuple[Rows, npt.NDArray[np.int64]]:
    # Opened here: given a name, numpy leaves a damaged file open.
    with (folder / ROWS).open("rb") as file, np.load(file, allow_pickle=False) as stored:
        return stored["rows"], stored["starts"]


def _opened(folder: Path) -> tuple[tantivy.Index, tantivy.Searcher]:
    """Open an index, also one that may not be written.

    Whoever reads takes tantivy's lock, a file that is opened for writing. Where a folder does not
    let us (a read-only mount, another person's index), links to its files are opened; once it
    has them open, tantivy needs them no more.
    """
    import tantivy

    try:
        index = tantivy.Index.open(str(folder))
        return index, index.searcher()
    except ValueError as error:
        if "Lockfile" not in str(error):
            raise
    with TemporaryDirectory(prefix="xunzhang-") as name:
        for path in folder.iterdir():
            if path.suffix != ".lock":
                Path(name, path.name).symlink_to(path.absolute())
        index = tantivy.Index.open(name)
        return index, index.searcher()


@contextmanager
def _reading(folder: Path) -> Iterator[None]:
    """Say that an index is damaged where reading it fails as it does on bytes gone bad."""
    try:
        yield
    except BaseException as error:
        # A panic of tantivy's is no Exception, and its class is known by its module alone.
        if not isinstance(error, _DAMAGE) and type(error).__module__ != "pyo3_runtime":
            raise
        raise IndexDamaged(
            f"keyword index {folder} cannot be read ({error}); rebuild the index"
        ) from error


# The last three are what a byte gone bad in `ROWS`, a zip file, comes to.
_DAMAGE = (ValueError, TypeError, OSError, LookupError, EOFError, RuntimeError, BadZipFile)


class LexicalIndex:
    """A keyword index opened for reading."""

    def __init__(self, folder: Path) -> None:
        """Open the index in `folder`.

        Raises:
            IndexDamaged: tantivy cannot read it.
        """
        import tantivy

        self._folder = folder
        with _reading(folder):
            self._index, self._searcher = _opened(folder)
            self._rows, self._starts = _read_rows(folder)
        self._schema = self._index.schema
        self._query = tantivy.Query
        self._should, self._must = tantivy.Occur.Should, tantivy.Occur.Must
        self.document_frequency = lru_cache(_KNOWN_TERMS)(self._document_frequency)
        """`document_frequency(term)` returns the number of rows that hold `term`. Questions of one
        archive share many."""

    def __len__(self) -> int:
        return self._searcher.num_docs

    def _document_frequency(self, term: str) -> int:
        with _reading(self._folder):
            return self._searcher.doc_freq(_TERMS, term)

    def search(
        self,
        terms: Mapping[str, float],
        *,
        limit: int,
        within: RowMask | None = None,
        every: bool = False,
    ) -> list[tuple[int, float]]:
        """Find the rows that hold the most telling of `terms`, best first.

        `terms` says how much each term counts, usually how often it is asked for. Returns (row,
        BM25 score) pairs, at most `limit`, and only of rows `within`. Equal scores are ordered by
        row. No term, or none that is known: an empty list. With `every` only rows that hold all.

        Raises:
            ValueError: `limit` is below 1.
            IndexDamaged: bytes have gone bad that were not read before.
        """
        if limit < 1:
            raise ValueError(f"limit must be at least 1, not {limit}")
        occurs = self._must if every else self._should
        clauses = [(occurs, self._clause(term, count)) for term, count in terms.items()]
        if not clauses or not len(self):
            return []
        query = self._query.boolean_query(clauses)
        return self._found(query, limit) if within is None else self._within(query, limit, within)

    def _found(self, query: tantivy.Query, limit: int) -> list[tuple[int, float]]:
        with _reading(self._folder):
            hits = self._searcher.search(query, limit=limit, count=False).hits
            found = self._searcher.fast_field_values(_NUMBER, [address for _, address in hits])
            numbers = np.asarray(found, dtype=np.int64)
            rows = self._rows[self._starts[numbers >> _PART_BITS] + (numbers & _PLACE)].tolist()
        pairs = [(row, score) for row, (score, _) in zip(rows, hits, strict=True)]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    def _within(self, query: tantivy.Query, limit: int, within: RowMask) -> list[tuple[int, float]]:
        rows = np.flatnonzero(within)
        if not len(rows):
            return []
        if len(rows) <= _LISTED_ROWS:
            places = np.flatnonzero(within[self._rows])
            parts = np.searchsorted(self._starts, places, side="right") - 1
            numbers = (parts << _PART_BITS) + places - self._starts[parts]
            listed = self._query.term_set_query(self._schema, _NUMBER, numbers.tolist())
            both = [(self._must, query), (self._must, self._query.const_score_query(listed, 0.0))]
            return self._found(self._query.boolean_query(both), limit)
        # Twice as deep as it would take if the rows lay at random; then all there is.
        for depth in (min(len(self), 2 * limit * len(self) // len(rows)), len(self)):
            pairs = [pair for pair in self._found(query, depth) if within[pair[0]]]
            if len(pairs) >= limit:
                break
        return pairs[:limit]

    def _clause(self, term: str, count: float) -> tantivy.Query:
        query = self._query.term_query(self._schema, _TERMS, term, index_option="freq")
        return query if count == 1 else self._query.boost_query(query, count)
