"""The nouns of the corpus: a file that may hold articles, an article, a passage of it.

Every offset counts code points of the article's cleaned text.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class SourceFile:
    """A file that may hold articles, and the folder the user named to get there."""

    path: Path
    """Absolute path."""
    name: str
    """Path relative to the named folder, with forward slashes; the bare name for a named file."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A cleaning step's proposal to put `after` in the place of `text[start:end]`."""

    start: int
    end: int
    after: str
    kind: str | None = None
    """The `kind` in the ledger; None: the name of the step."""
    unrepaired: tuple[int, ...] = ()
    """Offsets into `after` where damage is still visible."""


@dataclass(frozen=True, slots=True)
class Repair:
    """One change that put damaged text right."""

    kind: str
    """What was undone, as a short stable word such as `control` or `annotation`."""
    before: str
    after: str
    start: int
    """Offset of `after` in the cleaned text."""


@dataclass(frozen=True, slots=True)
class Drop:
    """One piece of a page that is not part of the article and was left out."""

    kind: str
    """Why, as a short stable word such as `navigation` or `spam`."""
    text: str
    shared: bool = False
    """Whether the piece stands in other articles too and is kept once, elsewhere."""


@dataclass(frozen=True, slots=True)
class Article:
    """One article, cleaned, in its source's own script."""

    id: str
    title: str | None
    text: str
    """The cleaned body. A title taken from the first line is still in it."""
    path: str
    """Absolute path of the file it came from."""
    url: str | None = None
    published: str | None = None
    """ISO 8601: YYYY, YYYY-MM or YYYY-MM-DD."""
    site: str | None = None
    encoding: str = "utf-8"
    """The encoding the bytes were read in, as Python names it."""
    repairs: tuple[Repair, ...] = ()
    dropped: tuple[Drop, ...] = ()
    unrepaired: tuple[int, ...] = ()
    """Offsets where damage is still visible in `text`."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of an article, at most a few sentences long: what is indexed and quoted."""

    start: int
    end: int
    text: str
    """Always `article.text[start:end]`."""
    heading: str | None = None
    """The nearest heading above it inside the article; context for search, never quoted."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A file, or one line of it, that could not be read. Never silent."""

    path: str
    """Absolute path, with `:LINE` for one line of a JSONL file."""
    reason: str
    """What is wrong and what to do about it, in one line."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A file that was read and holds no article text; worth a line, not an error."""

    path: str
    reason: str
    article: Article | None = None
    """What is known of the article that has no text; `clean` lists it all the same."""
