"""Writes the store of one generation: first the articles as they are read, then their passages.

In between the articles are compared: what several share is cut out of them, reprints are put under
one of them. So the rows of articles are also the draft that is read again.
"""

from __future__ import annotations

import json
import sqlite3
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from corpus import Article, Failure, Passage
from corpus.cleaning import is_damage
from corpus.families import Facts
from retrieval.rows import ArticleRow, SourceRecord, pack, unpack

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
    text BLOB NOT NULL,              -- zlib; as it was read and cleaned
    ledger BLOB NOT NULL,            -- zlib, JSON: encoding, repairs, dropped, unrepaired
    repaired INTEGER NOT NULL, unrepaired INTEGER NOT NULL,
    segments BLOB NOT NULL,          -- corpus.segments, to compare it with others
    fingerprint BLOB NOT NULL,       -- corpus.families, of the text as it was read
    cut_text BLOB, cut_ledger BLOB,  -- without the blocks it shares, where it shares any
    head INTEGER,                    -- row of the article shown for it, where it is a reprint
    block INTEGER NOT NULL           -- 1: no article that was read, but a block of several
);
CREATE INDEX articles_by_path ON articles (path);
CREATE INDEX articles_by_head ON articles (head) WHERE head IS NOT NULL;
CREATE TABLE holders (
    block INTEGER NOT NULL REFERENCES articles (row),
    article INTEGER NOT NULL REFERENCES articles (row),
    PRIMARY KEY (block, article)
) WITHOUT ROWID;
CREATE TABLE passages (
    row INTEGER PRIMARY KEY,
    article INTEGER NOT NULL REFERENCES articles (row),
    start INTEGER NOT NULL,          -- code points into the article's text
    text TEXT NOT NULL,
    heading TEXT,
    repaired INTEGER NOT NULL, unrepaired INTEGER NOT NULL,
    digest BLOB NOT NULL             -- of what is searched of it, see embeddings.cache
);
CREATE INDEX passages_by_article ON passages (article);
"""

_TAKEN = "CREATE TEMP TABLE taken (row INTEGER PRIMARY KEY, old INTEGER, id TEXT)"
_KNOWN = """
SELECT n.row, o.row
FROM articles n JOIN old.articles o ON o.id = n.id
LEFT JOIN articles nh ON nh.row = n.head LEFT JOIN old.articles oh ON oh.row = o.head
WHERE n.title IS o.title AND n.text = o.text AND n.ledger = o.ledger
AND n.cut_text IS o.cut_text AND n.cut_ledger IS o.cut_ledger
AND nh.id IS oh.id
AND COALESCE(nh.cut_text, nh.text) IS COALESCE(oh.cut_text, oh.text)
"""
_CUT = "COALESCE(cut_text, text), COALESCE(cut_ledger, ledger)"


class StoreWriter:
    """Writes a new store; rows are numbered from 0 in the order they are added."""

    def __init__(self, path: Path, previous: Path | None = None) -> None:
        """Begin a store; `previous` is one of an earlier build to take passages from."""
        self._db = sqlite3.connect(path.absolute().as_uri(), uri=True, isolation_level=None)
        # The file is synced once, whole, before its generation is published.
        for setting in ("journal_mode = OFF", "synchronous = OFF", "temp_store = MEMORY"):
            self._db.execute(f"PRAGMA {setting}")
        self._db.executescript(_SCHEMA)
        if previous is not None:
            self._db.execute("ATTACH ? AS old", [f"{previous.absolute().as_uri()}?immutable=1"])
            self._db.execute(_TAKEN)
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

    def add_article(self, row: ArticleRow, *, block: bool = False) -> int:
        """Add an article and return its row."""
        names = ", ".join(ArticleRow._fields)
        marks = ",".join("?" * len(row))
        self._db.execute(
            f"INSERT INTO articles (row, {names}, block) VALUES (?,{marks},?)",
            (self.articles, *row, int(block)),
        )
        self.articles += 1
        return self.articles - 1

    def take_articles(self, taken: Iterable[tuple[int, str]]) -> int:
        """Take over articles of the earlier store as they were read; returns the first's row.

        `taken` names the row of each there, and its id here.
        """
        first = self.articles
        rows = [(row, *one) for row, one in enumerate(taken, start=first)]
        self._db.executemany("INSERT INTO taken VALUES (?, ?, ?)", rows)
        names = ", ".join(ArticleRow._fields[1:])
        self._db.execute(
            f"INSERT INTO articles (row, id, {names}, block) SELECT t.row, t.id, {names}, 0"
            " FROM taken t JOIN old.articles o ON o.row = t.old ORDER BY t.row"
        )
        self._db.execute("DELETE FROM taken")
        self.articles += len(rows)
        return first

    def segments(self, first: int) -> Iterator[bytes]:
        """Yield the segments of articles, from this one to the last."""
        found = self._db.execute("SELECT segments FROM articles WHERE row >= ?", [first])
        return (segments for (segments,) in found)

    def article(self, row: int, *, cut: bool = False) -> Article:
        """Return an article as it was read, or `cut`: as it is shown."""
        names = ", ".join(ArticleRow._fields)
        if cut:
            names = names.replace("text, ledger", _CUT)
        found = self._db.execute(f"SELECT {names} FROM articles WHERE row = ?", [row]).fetchone()
        return ArticleRow(*found).article()

    def text(self, row: int) -> str:
        """Return the text of an article, without what was cut out of it already."""
        found = self._db.execute(
            "SELECT COALESCE(cut_text, text) FROM articles WHERE row = ?", [row]
        ).fetchone()
        return unpack(found[0])

    def facts(self, row: int) -> Facts:
        """Return what decides which of several copies is shown."""
        return Facts(
            *self._db.execute(
                "SELECT title, published, unrepaired, id,"
                " CASE WHEN cut_text IS NULL THEN fingerprint END FROM articles WHERE row = ?",
                [row],
            ).fetchone()
        )

    def cut(self, row: int, article: Article) -> None:
        """Replace what is shown of an article by what is left of it."""
        self._db.execute(
            "UPDATE articles SET cut_text = ?, cut_ledger = ? WHERE row = ?",
            (pack(article.text), pack_ledger(article), row),
        )

    def fold_under(self, head: int, members: Iterable[int]) -> None:
        """Put reprints under the article that is shown for them."""
        self._db.executemany(
            "UPDATE articles SET head = ? WHERE row = ?", ((head, row) for row in members)
        )

    def add_holders(self, block: int, rows: Iterable[int]) -> None:
        """Record which articles hold a block."""
        self._db.executemany(
            "INSERT OR IGNORE INTO holders VALUES (?, ?)", ((block, row) for row in rows)
        )

    def add_passages(
        self, row: int, article: Article, passages: Sequence[Passage], digests: Sequence[bytes]
    ) -> None:
        """Add passages of an article, in order."""
        repaired = [one.start for one in article.repairs if is_damage(one)]
        self._db.executemany(
            "INSERT INTO passages VALUES (?,?,?,?,?,?,?,?)",
            (
                (
                    number,
                    row,
                    passage.start,
                    passage.text,
                    passage.heading,
                    _within(repaired, passage),
                    _within(article.unrepaired, passage),
                    digest,
                )
                for number, (passage, digest) in enumerate(
                    zip(passages, digests, strict=True), start=self.passages
                )
            ),
        )
        self.passages += len(passages)

    def known_articles(self) -> dict[int, int]:
        """Return the articles shown just as in the earlier store: their row, and that there.

        What is shown of a reprint depends on the article shown for it, so that must be the same.
        """
        return dict(self._db.execute(_KNOWN))

    def keep_passages(self, first: int, last: int, old: int) -> range:
        """Take over the passages of articles `first` to `last`, there `old` and those after it.

        Returns the rows they had.
        """
        low, count = self._db.execute(
            "SELECT MIN(row), COUNT(*) FROM old.passages WHERE article BETWEEN ? AND ?",
            (old, old + last - first),
        ).fetchone()
        if not count:
            return range(0)
        self._db.execute(
            "INSERT INTO passages SELECT row + ?, article + ?, start, text, heading, repaired,"
            " unrepaired, digest FROM old.passages WHERE row BETWEEN ? AND ? ORDER BY row",
            (self.passages - low, first - old, low, low + count - 1),
        )
        self.passages += int(count)
        return range(low, low + count)

    def digests(self, first: int, last: int) -> list[bytes]:
        """Return the digests of passages, `last` not among them."""
        found = self._db.execute(
            "SELECT digest FROM passages WHERE row >= ? AND row < ? ORDER BY row", (first, last)
        )
        return [digest for (digest,) in found]

    def searched(self, row: int) -> tuple[str | None, str | None, str]:
        """Return title, heading and text of a passage."""
        title, heading, text = self._db.execute(
            "SELECT a.title, p.heading, p.text FROM passages p"
            " JOIN articles a ON a.row = p.article WHERE p.row = ?",
            [row],
        ).fetchone()
        return title, heading, text

    def finish(self) -> None:
        """Commit and close."""
        self._db.execute("COMMIT")
        self._db.close()


def row_of(article: Article, digest: str, segments: bytes, fingerprint: bytes) -> ArticleRow:
    """Return an article as the store keeps it."""
    return ArticleRow(
        id=article.id,
        digest=digest,
        title=article.title,
        path=article.path,
        url=article.url,
        published=article.published,
        site=article.site,
        text=pack(article.text),
        ledger=pack_ledger(article),
        repaired=sum(map(is_damage, article.repairs)),
        unrepaired=len(article.unrepaired),
        segments=segments,
        fingerprint=fingerprint,
    )


def pack_ledger(article: Article) -> bytes:
    """Return what was done to an article, packed."""
    ledger = {
        "encoding": article.encoding,
        "repairs": [asdict(repair) for repair in article.repairs],
        "dropped": [asdict(drop) for drop in article.dropped],
        "unrepaired": article.unrepaired,
    }
    return pack(json.dumps(ledger, ensure_ascii=False))


def _within(offsets: Sequence[int], passage: Passage) -> int:
    return bisect_left(offsets, passage.end) - bisect_left(offsets, passage.start)
