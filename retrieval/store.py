"""Articles and passages of one generation, in one SQLite file.

Row numbers of passages are those of the vector and keyword indexes. Article texts are
compressed: they are read only to show a whole article or to reuse it in the next build.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from corpus import Article, Drop, Failure, Notice, Passage, Repair
from retrieval.errors import IndexDamaged
from retrieval.records import Damage, Source

_SCHEMA = """
CREATE TABLE sources (
    path TEXT PRIMARY KEY,
    name TEXT NOT NULL,              -- SourceFile.name, from which ids are made
    digest TEXT NOT NULL,            -- sha256 of the file's bytes
    problems TEXT NOT NULL           -- JSON: what of it could not be read
) WITHOUT ROWID;
CREATE TABLE articles (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    digest TEXT NOT NULL,            -- sha256 of what people would see change
    title TEXT,
    path TEXT NOT NULL,              -- sources.path
    url TEXT, published TEXT, site TEXT,
    text BLOB NOT NULL,              -- zlib
    ledger BLOB NOT NULL,            -- zlib, JSON: encoding, repairs, dropped, unrepaired
    repaired INTEGER NOT NULL, unrepaired INTEGER NOT NULL
);
CREATE INDEX articles_by_path ON articles (path);
CREATE TABLE passages (
    row INTEGER PRIMARY KEY,
    article INTEGER NOT NULL REFERENCES articles (row),
    start INTEGER NOT NULL,          -- code points into the article's text
    text TEXT NOT NULL,
    heading TEXT
);
CREATE INDEX passages_by_article ON passages (article);
"""


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """A file as it was when an index was built from it."""

    name: str
    """Relative to the folder that was named, as in `SourceFile`; ids are made from it."""
    digest: str
    """sha256 of its bytes."""
    problems: tuple[Failure | Notice, ...] = ()
    """What of it could not be read, in order."""


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


class StoreWriter:
    """Writes a new store; rows are numbered from 0 in the order they are added."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        # The file is synced once, whole, before its generation is published.
        self._db.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
        self._db.executescript(_SCHEMA)
        self._db.execute("BEGIN")
        self.articles = 0
        self.passages = 0

    def add_source(self, path: str, record: SourceRecord) -> None:
        """Record a file that was read, whatever came of it."""
        problems = [
            (isinstance(problem, Failure), problem.path, problem.reason)
            for problem in record.problems
        ]
        self._db.execute(
            "INSERT INTO sources VALUES (?, ?, ?, ?)",
            (path, record.name, record.digest, json.dumps(problems, ensure_ascii=False)),
        )

    def add_article(self, article: Article, digest: str, passages: Sequence[Passage]) -> None:
        """Add an article and its passages, in order."""
        ledger = {
            "encoding": article.encoding,
            "repairs": [asdict(repair) for repair in article.repairs],
            "dropped": [asdict(drop) for drop in article.dropped],
            "unrepaired": article.unrepaired,
        }
        self._db.execute(
            "INSERT INTO articles VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                self.articles,
                article.id,
                digest,
                article.title,
                article.path,
                article.url,
                article.published,
                article.site,
                _pack(article.text),
                _pack(json.dumps(ledger, ensure_ascii=False)),
                len(article.repairs),
                len(article.unrepaired),
            ),
        )
        self._db.executemany(
            "INSERT INTO passages VALUES (?,?,?,?,?)",
            (
                (row, self.articles, passage.start, passage.text, passage.heading)
                for row, passage in enumerate(passages, start=self.passages)
            ),
        )
        self.articles += 1
        self.passages += len(passages)

    def finish(self) -> None:
        """Commit and close."""
        self._db.execute("COMMIT")
        self._db.close()


class Store:
    """A store opened for reading. May be used from several threads, one at a time."""

    def __init__(self, path: Path) -> None:
        """Open the store at `path`.

        Raises:
            IndexDamaged: SQLite cannot read it.
        """
        self._path = path
        try:
            # immutable: no locks, no journal; a published generation never changes.
            self._db = sqlite3.connect(
                f"{path.absolute().as_uri()}?immutable=1", uri=True, check_same_thread=False
            )
            self._db.execute("SELECT 1 FROM passages LIMIT 1")
        except sqlite3.Error as error:
            raise IndexDamaged(f"{path} cannot be read ({error}); rebuild the index") from error

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def passages(self, rows: Iterable[int]) -> dict[int, StoredPassage]:
        """Return the passages of these rows, by row.

        Raises:
            IndexDamaged: a row is missing, so the parts of the index do not fit together.
        """
        wanted = list(rows)
        marks = ",".join("?" * len(wanted))
        found = {
            row: StoredPassage(
                row, article, start, text, heading, Source(*source), Damage(repaired, unrepaired)
            )
            for row, article, start, text, heading, repaired, unrepaired, *source in self._query(
                "SELECT p.row, p.article, p.start, p.text, p.heading, a.repaired, a.unrepaired,"
                " a.id, a.title, a.path, a.url, a.published, a.site"
                f" FROM passages p JOIN articles a ON a.row = p.article WHERE p.row IN ({marks})",
                wanted,
            )
        }
        if len(found) != len(set(wanted)):
            raise IndexDamaged(f"{self._path} lacks passages that are indexed; rebuild the index")
        return found

    def places(self, rows: Iterable[int]) -> dict[int, tuple[str, int]]:
        """Return (article id, offset in the article) of each of these rows."""
        wanted = list(rows)
        marks = ",".join("?" * len(wanted))
        return {
            row: (article_id, start)
            for row, article_id, start in self._query(
                "SELECT p.row, a.id, p.start FROM passages p JOIN articles a ON a.row = p.article"
                f" WHERE p.row IN ({marks})",
                wanted,
            )
        }

    def article(self, article_id: str) -> StoredArticle | None:
        """Return an article by its id, or None."""
        for text, *source in self._query(
            "SELECT text, id, title, path, url, published, site FROM articles WHERE id = ?",
            [article_id],
        ):
            return StoredArticle(Source(*source), _unpack(text))
        return None

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
            for path, name, digest, problems in self._query(
                "SELECT path, name, digest, problems FROM sources"
            )
        }

    def article_paths(self) -> set[str]:
        """Return the paths of all files that gave at least one article."""
        return {row[0] for row in self._query("SELECT DISTINCT path FROM articles")}

    def digests(self) -> dict[str, str]:
        """Return the digest of every article, by id."""
        return dict(self._query("SELECT id, digest FROM articles"))

    def read_source(self, path: str) -> Iterator[tuple[Article, list[Passage]]]:
        """Return the articles of one file with their passages, as they were added."""
        rows = self._query(
            "SELECT row, id, title, text, path, url, published, site, ledger FROM articles"
            " WHERE path = ? ORDER BY row",
            [path],
        )
        for row, article_id, title, text, origin, url, published, site, ledger in rows:
            record = json.loads(_unpack(ledger))
            article = Article(
                id=article_id,
                title=title,
                text=_unpack(text),
                path=origin,
                url=url,
                published=published,
                site=site,
                encoding=record["encoding"],
                repairs=tuple(Repair(**repair) for repair in record["repairs"]),
                dropped=tuple(Drop(**drop) for drop in record["dropped"]),
                unrepaired=tuple(record["unrepaired"]),
            )
            passages = [
                Passage(start, start + len(piece), piece, heading)
                for start, piece, heading in self._query(
                    "SELECT start, text, heading FROM passages WHERE article = ? ORDER BY row",
                    [row],
                )
            ]
            yield article, passages

    def _query(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise IndexDamaged(
                f"{self._path} cannot be read ({error}); rebuild the index"
            ) from error


def _pack(text: str) -> bytes:
    # Lone surrogates can stand in broken input; they survive the round trip.
    return zlib.compress(text.encode("utf-8", "surrogatepass"), 1)


def _unpack(data: bytes) -> str:
    return zlib.decompress(data).decode("utf-8", "surrogatepass")
