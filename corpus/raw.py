"""A file's raw text and particulars, and the clean article made of them."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field

from corpus.cleaning import clean_line, clean_text
from corpus.metadata import Metadata, from_head, title_of
from corpus.records import Article, Drop, Notice

_MAY_BE_DAMAGED = re.compile(r"[(?]")


@dataclass(frozen=True, slots=True)
class Document:
    """The raw text of one file, before cleaning."""

    text: str
    encoding: str = "utf-8"
    metadata: Metadata = field(default_factory=Metadata)
    titled: bool = True
    """Whether the first line may be taken for a title where nothing else gives one."""
    dropped: tuple[Drop, ...] = ()
    """What reading it left out already."""
    note: str | None = None
    """What to say where there is no text."""


def make_article(
    document: Document,
    *,
    path: str,
    identity: str,
    where: str | None = None,
    named: str | None = None,
) -> Article | Notice:
    """Clean a document and gather its particulars.

    `where` is the path with a line number, for notices; `named` the date in the file's name, which
    counts only where nothing else gives one.
    """
    cleaned = clean_text(document.text)
    text = cleaned.text
    metadata = document.metadata.or_else(from_head(text))
    title = _title(document) or one_line(metadata.title)
    if title is None and document.titled:
        title = title_of(text)
    article = Article(
        id=identity,
        title=title,
        text=text,
        path=path,
        url=one_line(metadata.url),
        published=metadata.published or named,
        site=one_line(metadata.site),
        encoding=document.encoding,
        repairs=cleaned.repairs,
        dropped=(*document.dropped, *cleaned.dropped),
        unrepaired=cleaned.unrepaired,
    )
    if not text:
        return Notice(where or path, document.note or "it holds no article text", article)
    return article


def _title(document: Document) -> str | None:
    """Return a page's title repaired along with its text, None where nothing of it was damaged.

    A title is too short to show by itself what happened to the page. One that was given for the
    article (a JSONL line) is as it was given.
    """
    title = one_line(document.metadata.title)
    if title is None or not document.titled or not _MAY_BE_DAMAGED.search(title):
        return None
    from corpus.repair import repair

    first, _, rest = repair(f"{title}\n{document.text}").text.partition("\n")
    return one_line(first) if rest else None


def name_id(name: str) -> str:
    """Return an article id: the first 12 hex digits of the sha256 of a name (in NFC)."""
    normal = unicodedata.normalize("NFC", name).encode("utf-8", "surrogatepass")
    return hashlib.sha256(normal).hexdigest()[:12]


def one_line(text: str | None) -> str | None:
    """Return a particular cleaned like any text and on one line; None where nothing is left."""
    return clean_line(text) or None if text else None
