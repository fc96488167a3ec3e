"""What is done to each article on its own: split it, fold it, take its terms.

Runs in worker processes, so everything that goes in or out is a plain dataclass.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from corpus import Article, Failure, Notice, Passage, SourceFile, fold, read_articles, split
from retrieval.tokens import terms


@dataclass(frozen=True, slots=True)
class PreparedArticle:
    """An article ready to be indexed; the three lists run side by side."""

    article: Article
    digest: str
    """Changes whenever anything people see of the article does."""
    passages: tuple[Passage, ...]
    folded: tuple[str, ...]
    """Each passage with its title and heading, folded: what the encoder reads."""
    terms: tuple[str, ...]
    """The terms of each folded text, joined by blanks."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What came of one piece of work, in input order."""

    articles: tuple[PreparedArticle, ...]
    problems: tuple[Failure | Notice, ...] = ()


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


def prepare(article: Article, passages: Iterable[Passage] | None = None) -> PreparedArticle:
    """Prepare one article; `passages` where they are known from an earlier build."""
    pieces = tuple(split(article) if passages is None else passages)
    folded = tuple(search_text(article.title, piece.heading, piece.text) for piece in pieces)
    return PreparedArticle(
        article=article,
        digest=article_digest(article),
        passages=pieces,
        folded=folded,
        terms=tuple(" ".join(terms(text)) for text in folded),
    )


def prepare_file(source: SourceFile) -> Prepared:
    """Read one file and prepare its articles."""
    articles, problems = [], []
    for item in read_articles(source):
        if isinstance(item, Article):
            articles.append(prepare(item))
        else:
            problems.append(item)
    return Prepared(tuple(articles), tuple(problems))


def prepare_files(sources: list[SourceFile]) -> list[Prepared]:
    """Read a batch of files; one result a file."""
    return [prepare_file(source) for source in sources]


def prepare_articles(
    batch: list[tuple[Article, tuple[Passage, ...] | None]],
) -> list[Prepared]:
    """Prepare a batch of articles that were read already; one result for the batch."""
    return [Prepared(tuple(prepare(article, passages) for article, passages in batch))]
