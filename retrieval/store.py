"""Articles and passages of one generation, in one SQLite file.

Row numbers of passages are those of the vector and keyword indexes. Article texts are
compressed: they are read only to show a whole article or to reuse it in the next build.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from corpus import Failure, Notice
from retrieval.database import Database
from retrieval.errors import IndexDamaged
from retrieval.records import Damage, Source
from retrieval.rows import (
    ArticleRow,
    Keys,
    KnownArticle,
    Relations,
    Shown,
    ShownArticle,
    SourceRecord,
    unpack,
)

_KNOWN_PASSAGES = 8192


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage as searching needs it."""

    row: int
    article: int
    """Row of its article."""
    start: int
    text: str
    heading: str | None
    source: Source
    damage: Damage


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """A whole article, for reading."""

    source: Source
    text: str


class Store:
    """A store opened for reading. May be used from several threads, one at a time."""

    def __init__(self, path: Path) -> None:
        """Open the store at `path`.

        Raises:
            IndexDamaged: SQLite cannot read it.
        """
        self._db = Database(path, "passages")
        self._known: dict[int, StoredPassage] = {}

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def passages(self, rows: Iterable[int]) -> dict[int, StoredPassage]:
        """Return the passages of these rows, by row.

        Raises:
            IndexDamaged: a row is missing, so the parts of the index do not fit together.
        """
        wanted = set(rows)
        # Those shown have been read a moment ago, to rank them; and questions share many.
        found = {row: self._known[row] for row in wanted & self._known.keys()}
        if missing := wanted - found.keys():
            read = self._read(list(missing))
            found |= read
            if len(self._known) > _KNOWN_PASSAGES:
                self._known.clear()
            self._known |= read
        if len(found) < len(wanted):
            raise IndexDamaged(f"{self._db.path} lacks passages it has indexed; rebuild the index")
        return found

    def _read(self, rows: Sequence[int]) -> dict[int, StoredPassage]:
        found = self._db.query_in(
            "SELECT p.row, p.article, p.start, p.text, p.heading, p.repaired, p.unrepaired,"
            " a.id, a.title, a.path, a.url, a.published, a.site"
            " FROM passages p JOIN articles a ON a.row = p.article WHERE p.row IN",
            rows,
        )
        return {
            row: StoredPassage(
                row, article, start, text, heading, Source(*source), Damage(repaired, unrepaired)
            )
            for row, article, start, text, heading, repaired, unrepaired, *source in found
        }

    def places(self, rows: Iterable[int]) -> dict[int, tuple[str, int]]:
        """Return (article id, offset in the article) of each of these rows."""
        found = self._db.query_in(
            "SELECT p.row, a.id, p.start FROM passages p JOIN articles a ON a.row = p.article"
            " WHERE p.row IN",
            list(rows),
        )
        return {row: (article_id, start) for row, article_id, start in found}

    def searched(self, rows: Iterable[int]) -> dict[int, tuple[str | None, str | None, str]]:
        """Return title, heading and text of each of these rows: what is searched of it."""
        found = self._db.query_in(
            "SELECT p.row, a.title, p.heading, p.text FROM passages p"
            " JOIN articles a ON a.row = p.article WHERE p.row IN",
            list(rows),
        )
        return {row: (title, heading, text) for row, title, heading, text in found}

    def rows_of(self, article_ids: Sequence[str]) -> list[int]:
        """Return the rows of the passages of these articles, in order."""
        found = self._db.query_in(
            "SELECT p.row FROM passages p JOIN articles a ON a.row = p.article WHERE a.id IN",
            article_ids,
        )
        return sorted(row for (row,) in found)

    def catalogue(self) -> Iterator[tuple[int, int | None, bool, Source]]:
        """Yield row, head's row, whether it is a block, and citation of each article.

        The earliest first, those without a date last.
        """
        for row, head, block, *source in self._db.query(
            "SELECT row, head, block, id, title, path, url, published, site FROM articles"
            " ORDER BY published IS NULL, published, id"
        ):
            yield row, head, bool(block), Source(*source)

    def blocks_by_holder(self) -> dict[int, list[int]]:
        """Return the rows of the blocks each article was cut of, by its own row."""
        found: dict[int, list[int]] = {}
        for holder, block in self._db.query("SELECT article, block FROM holders ORDER BY block"):
            found.setdefault(holder, []).append(block)
        return found

    def keys(self) -> Keys:
        """Return what parts of the keyword index are made by."""
        counts = self._db.query(
            "SELECT a.id, a.path, COUNT(*) FROM passages p JOIN articles a ON a.row = p.article"
            " GROUP BY p.article ORDER BY p.article"
        )
        digests = self._db.query("SELECT digest FROM passages ORDER BY row")
        return Keys([Shown(*one) for one in counts], b"".join(one for (one,) in digests))

    def articles_of_passages(self) -> list[int]:
        """Return the row of each passage's article, in the order of passages."""
        return [row for (row,) in self._db.query("SELECT article FROM passages ORDER BY row")]

    def article(self, article_id: str) -> StoredArticle | None:
        """Return an article by its id, or None."""
        for text, *source in self._db.query(
            "SELECT COALESCE(cut_text, text), id, title, path, url, published, site"
            " FROM articles WHERE id = ?",
            [article_id],
        ):
            return StoredArticle(Source(*source), unpack(text))
        return None

    def reach(self, article: int) -> int:
        """Return how far the passages of an article reach into its text, by its row."""
        last = self._db.query(
            "SELECT start + length(text) FROM passages WHERE article = ? ORDER BY row DESC LIMIT 1",
            [article],
        )
        return int(last[0][0]) if last else 0

    def sources(self) -> dict[str, SourceRecord]:
        """Return what is known of every file that was read, by path."""
        return {
            path: SourceRecord(
                name,
                digest,
                tuple(
                    Failure(place, reason) if failed else Notice(place, reason)
                    for failed, place, reason in json.loads(problems)
                ),
            )
            for path, name, digest, problems in self._db.query(
                "SELECT path, name, digest, problems FROM sources"
            )
        }

    def inventory(self) -> dict[str, list[KnownArticle]]:
        """Return the articles that were read, in order, by the path of their file."""
        found: dict[str, list[KnownArticle]] = {}
        for path, *known in self._db.query(
            "SELECT path, row, id, digest FROM articles WHERE block = 0 ORDER BY row"
        ):
            found.setdefault(path, []).append(KnownArticle(*known))
        return found

    def standings(self, path: str) -> Iterator[tuple[str, int, Source | None, int, list[str]]]:
        """Yield what `retrieval.standing` tells of each article of a file, in order."""
        for row, article, passages, copies, *head in self._db.query(
            "SELECT a.row, a.id, (SELECT COUNT(*) FROM passages WHERE article = a.row),"
            " (SELECT COUNT(*) FROM articles WHERE head = a.row), h.id, h.title, h.path, h.url,"
            " h.published, h.site FROM articles a LEFT JOIN articles h ON h.row = a.head"
            " WHERE a.path = ? AND a.block = 0 ORDER BY a.row",
            [path],
        ):
            blocks = self._db.query(
                "SELECT substr(p.text, 1, 60) FROM holders h JOIN passages p ON p.row ="
                " (SELECT MIN(row) FROM passages WHERE article = h.block)"
                " WHERE h.article = ? AND h.block != ? ORDER BY h.block",
                [row, row],
            )
            source = Source(*head) if head[0] else None
            yield article, passages, source, copies, [text for (text,) in blocks]

    def sources_of(self, article_ids: Sequence[str]) -> list[Source]:
        """Return what a citation needs of these articles, in their order."""
        found = {
            key: Source(key, *rest)
            for key, *rest in self._db.query_in(
                "SELECT id, title, path, url, published, site FROM articles WHERE id IN",
                article_ids,
            )
        }
        return [found[key] for key in article_ids]

    def also_in(self, article: int, *, limit: int) -> list[Source]:
        """Return who else carries the text of an article: its reprints, or a block's holders.

        `article` is a row; at most `limit`, earliest first.
        """
        if article not in self._carried:
            return []
        return [
            Source(*source)
            for source in self._db.query(
                "SELECT id, title, path, url, published, site FROM articles WHERE head = :row"
                " OR row IN (SELECT article FROM holders WHERE block = :row)"
                " ORDER BY published IS NULL, published, id LIMIT :limit",
                {"row": article, "limit": limit},
            )
        ]

    @cached_property
    def _carried(self) -> frozenset[int]:
        """Rows of the articles whose text others carry."""
        found = self._db.query(
            "SELECT head FROM articles WHERE head IS NOT NULL UNION SELECT block FROM holders"
        )
        return frozenset(row for (row,) in found)

    def shown_articles(self) -> Iterator[ShownArticle]:
        """Yield every article and block as it is shown, with its whole ledger, by row."""
        names = ", ".join(f"a.{name}" for name in ArticleRow._fields)
        names = names.replace("a.text", "COALESCE(a.cut_text, a.text)")
        names = names.replace("a.ledger", "COALESCE(a.cut_ledger, a.ledger)")
        for block, head, whole, ledger, *values in self._db.stream(
            f"SELECT a.block, h.id, a.cut_text IS NULL, a.ledger, {names} FROM articles a"
            " LEFT JOIN articles h ON h.row = a.head ORDER BY a.row"
        ):
            row = ArticleRow(*values)
            article = row.article()
            read = article if whole else row._replace(ledger=ledger).article()
            yield ShownArticle(article, read.repairs, head, bool(block))

    def relations(self) -> Relations:
        """Return all that is known of which articles belong together."""
        found = Relations()
        for member, head in self._db.query(
            "SELECT a.id, h.id FROM articles a JOIN articles h ON h.row = a.head"
            " ORDER BY a.published IS NULL, a.published, a.id"
        ):
            found.heads[member] = head
            found.members.setdefault(head, []).append(member)
        for block, holder in self._db.query(
            "SELECT b.id, a.id FROM holders h JOIN articles b ON b.row = h.block"
            " JOIN articles a ON a.row = h.article ORDER BY a.id"
        ):
            found.holders.setdefault(block, []).append(holder)
        found.blocks.update(one for (one,) in self._db.query("SELECT id FROM articles WHERE block"))
        return found
