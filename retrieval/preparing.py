"""What is done to each article on its own: split it and fold it.

Runs in worker processes, so everything that goes in or out is a plain dataclass.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from corpus import Article, Failure, Notice, Passage, SourceFile, fold, read_articles, split
from corpus.families import Shingles, fingerprint, in_both, shingles
from corpus.segments import key_text, read_segments
from embeddings.cache import text_digest
from retrieval.rows import ArticleRow
from retrieval.writing import row_of

_HELD = 0.5
"""Share of a reprint's passage in the article shown for it, from which it is not indexed."""


@dataclass(frozen=True, slots=True)
class Read:
    """What came of reading one file, or a part of one, in input order."""

    articles: tuple[ArticleRow, ...]
    problems: tuple[Failure | Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """An article that is to be indexed."""

    row: int
    article: Article
    """As it is shown: without what it shares with others."""
    head: str | None = None
    """The text of the article shown for it: what that one says as well is not indexed again."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """An article ready to be indexed; the lists run side by side."""

    row: int
    article: Article
    passages: tuple[Passage, ...]
    folded: tuple[str, ...]
    """Each passage with its title and heading, folded: what the encoder reads."""
    digests: tuple[bytes, ...]
    """Of each folded text; its vector is kept under it."""


def search_text(title: str | None, heading: str | None, text: str) -> str:
    r"""Return what is searched of a passage: its context and itself, folded.

    >>> search_text("消費者權益保護法", None, "第二十五條 …")
    '消费者权益保护法\n第二十五条 ...'
    """
    return fold("\n".join(part for part in (title, heading, text) if part))


def article_digest(article: Article) -> str:
    """Return a sha256 over everything people see of an article."""
    seen = [article.title, article.text, article.url, article.published, article.site]
    return hashlib.sha256(json.dumps(seen).encode("ascii")).hexdigest()


def read_row(article: Article) -> ArticleRow:
    """Return an article as it is kept, with the segments by which it is compared."""
    found, key = read_segments(article.text)
    own = fingerprint(key, article.title)
    return row_of(article, article_digest(article), found.tobytes(), own)


def read_files(sources: list[SourceFile]) -> list[Read]:
    """Read a batch of files; one result a file."""
    results = []
    for source in sources:
        articles, problems = [], []
        for item in read_articles(source):
            if isinstance(item, Article):
                articles.append(read_row(item))
            else:
                problems.append(item)
        results.append(Read(tuple(articles), tuple(problems)))
    return results


def take_articles(batch: list[Article]) -> list[Read]:
    """Take a batch of articles of one file; one result for the batch."""
    return [Read(tuple(map(read_row, batch)))]


def prepare(job: Job) -> Prepared:
    """Split an article and fold its passages."""
    article = job.article
    pieces = tuple(split(article))
    if job.head is not None:
        said = shingles(key_text(job.head))
        pieces = tuple(one for one in pieces if not is_held(one.text, said))
    folded = tuple(search_text(article.title, piece.heading, piece.text) for piece in pieces)
    return Prepared(
        row=job.row,
        article=article,
        passages=pieces,
        folded=folded,
        digests=tuple(map(text_digest, folded)),
    )


def prepare_jobs(jobs: list[Job]) -> list[Prepared]:
    """Prepare a batch of articles."""
    return [prepare(job) for job in jobs]


def is_held(text: str, said: Shingles) -> bool:
    """Tell whether a text of these shingles says what a passage says."""
    own = shingles(key_text(text))
    return in_both(own, said) >= _HELD * len(own)
