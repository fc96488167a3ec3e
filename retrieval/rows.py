"""What the rows of the store hold, and how texts are packed in them."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from corpus import Article, Drop, Failure, Notice, Repair

RowMask: TypeAlias = npt.NDArray[np.bool_]
"""(passages,): which rows of an index a search is restricted to."""


DIGEST_BYTES = 32
"""Of what is searched of a passage: `embeddings.cache.text_digest`."""


class ArticleRow(NamedTuple):
    """An article as it was read, in the columns of the table."""

    id: str
    digest: str
    title: str | None
    path: str
    url: str | None
    published: str | None
    site: str | None
    text: bytes
    ledger: bytes
    repaired: int
    unrepaired: int
    segments: bytes
    fingerprint: bytes

    def article(self) -> Article:
        """Return it as an article."""
        return _article(self)


class KnownArticle(NamedTuple):
    """An article of the last build, by what tells whether it can be taken over."""

    row: int
    id: str
    digest: str


class Shown(NamedTuple):
    """An article of which something is indexed."""

    id: str
    path: str
    passages: int


@dataclass(frozen=True, slots=True)
class Keys:
    """What tells in which part of the keyword index a passage is, and whether it is the same."""

    articles: Sequence[Shown]
    """In the order of their passages."""
    digests: bytes
    """Of every passage, `DIGEST_BYTES` each."""


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
class ShownArticle:
    """An article of an index, whole."""

    article: Article
    """Without the blocks it shares; they are among what was dropped."""
    repairs: tuple[Repair, ...]
    """Everything that was put right in it, in the blocks it shares as well."""
    head: str | None
    """Id of the article shown for it, where it is a reprint."""
    block: bool
    """Whether it is a block of several, and no article anybody gave."""


@dataclass(slots=True)
class Relations:
    """Which articles belong together, by id."""

    heads: dict[str, str] = field(default_factory=dict)
    """The article shown for a reprint."""
    members: dict[str, list[str]] = field(default_factory=dict)
    """The reprints an article is shown for, earliest first."""
    holders: dict[str, list[str]] = field(default_factory=dict)
    """The articles a block was taken out of."""
    blocks: set[str] = field(default_factory=set)
    """Blocks that are no article anybody gave."""

    def expand(self, scores: Mapping[str, float]) -> dict[str, float]:
        """Return the score of every article that was read; `scores` are in ranked order.

        A block counts for each of its holders, and the members of a family follow its head.
        """
        result: dict[str, float] = {}
        for key, score in scores.items():
            own = [] if key in self.blocks else [key]
            for one in (*own, *self.holders.get(key, ())):
                head = self.heads.get(one, one)
                for each in (head, *self.members.get(head, ())):
                    result.setdefault(each, score)
        return result


def pack(text: str) -> bytes:
    """Compress a text. Lone surrogates can stand in broken input; they survive the round trip."""
    return zlib.compress(text.encode("utf-8", "surrogatepass"), 1)


def unpack(data: bytes) -> str:
    """Return a text that was packed."""
    return zlib.decompress(data).decode("utf-8", "surrogatepass")


def _article(row: ArticleRow) -> Article:
    record = json.loads(unpack(row.ledger))
    return Article(
        id=row.id,
        title=row.title,
        text=unpack(row.text),
        path=row.path,
        url=row.url,
        published=row.published,
        site=row.site,
        encoding=record["encoding"],
        repairs=tuple(Repair(**repair) for repair in record["repairs"]),
        dropped=tuple(Drop(**drop) for drop in record["dropped"]),
        unrepaired=tuple(record["unrepaired"]),
    )
