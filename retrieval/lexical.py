"""The keyword leg: BM25 over our own terms, in a tantivy index on disk.

The only module that imports tantivy. The index sees terms and row numbers, never articles.
BM25 as in Robertson and Zaragoza, "The Probabilistic Relevance Framework" (2009), with
tantivy's fixed k1 = 1.2 and b = 0.75.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from retrieval.errors import IndexDamaged
from retrieval.rows import RowMask

if TYPE_CHECKING:
    import tantivy

_WRITER_HEAP_BYTES = 256 << 20
# Up to so many rows are named to tantivy (9 ms on 72,000); beyond, a deeper search finds enough.
_LISTED_ROWS = 5000
_TERMS = "terms"
_ROW = "row"


def _schema() -> tantivy.Schema:
    import tantivy

    builder = tantivy.SchemaBuilder()
    # Frequencies suffice for BM25; positions would double the index.
    builder.add_text_field(_TERMS, tokenizer_name="whitespace", index_option="freq")
    builder.add_unsigned_field(_ROW, fast=True, indexed=True)
    return builder.build()


class LexicalWriter:
    """Writes a new index into an empty folder."""

    def __init__(self, folder: Path) -> None:
        import tantivy

        folder.mkdir(parents=True, exist_ok=True)
        self._index = tantivy.Index(_schema(), path=str(folder))
        # One thread, so that two builds of the same input give the same index.
        self._writer = self._index.writer(_WRITER_HEAP_BYTES, 1)
        self._document = tantivy.Document

    def add(self, row: int, terms: str) -> None:
        """Add one row: its terms, joined by blanks."""
        document = self._document()
        document.add_unsigned(_ROW, row)
        document.add_text(_TERMS, terms)
        self._writer.add_document(document)

    def finish(self) -> None:
        """Commit, and wait until tantivy's merging threads are done with the folder."""
        self._writer.commit()
        self._writer.wait_merging_threads()


class LexicalIndex:
    """A keyword index opened for reading."""

    def __init__(self, folder: Path) -> None:
        """Open the index in `folder`.

        Raises:
            IndexDamaged: tantivy cannot read it.
        """
        import tantivy

        try:
            self._index = tantivy.Index.open(str(folder))
        except ValueError as error:
            raise IndexDamaged(
                f"keyword index {folder} cannot be read ({error}); rebuild the index"
            ) from error
        self._schema = self._index.schema
        self._searcher = self._index.searcher()
        self._query = tantivy.Query
        self._should, self._must = tantivy.Occur.Should, tantivy.Occur.Must

    def __len__(self) -> int:
        return self._searcher.num_docs

    def document_frequency(self, term: str) -> int:
        """Return the number of rows that hold `term`."""
        return self._searcher.doc_freq(_TERMS, term)

    def search(
        self, terms: Mapping[str, float], *, limit: int, within: RowMask | None = None
    ) -> list[tuple[int, float]]:
        """Find the rows that hold the most telling of `terms`, best first.

        `terms` says how much each term counts, usually how often it is asked for. Returns (row,
        BM25 score) pairs, at most `limit`, and only of rows `within`. Equal scores are ordered by
        row. No term, or none that is known: an empty list.

        Raises:
            ValueError: `limit` is below 1.
        """
        if limit < 1:
            raise ValueError(f"limit must be at least 1, not {limit}")
        clauses = [(self._should, self._clause(term, count)) for term, count in terms.items()]
        if not clauses or not len(self):
            return []
        query = self._query.boolean_query(clauses)
        return self._found(query, limit) if within is None else self._within(query, limit, within)

    def _found(self, query: tantivy.Query, limit: int) -> list[tuple[int, float]]:
        hits = self._searcher.search(query, limit=limit, count=False).hits
        rows = self._searcher.fast_field_values(_ROW, [address for _, address in hits])
        pairs = [(int(row or 0), float(score)) for row, (score, _) in zip(rows, hits, strict=True)]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    def _within(self, query: tantivy.Query, limit: int, within: RowMask) -> list[tuple[int, float]]:
        rows = np.flatnonzero(within)
        if not len(rows):
            return []
        if len(rows) <= _LISTED_ROWS:
            listed = self._query.term_set_query(self._schema, _ROW, rows.tolist())
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
