"""Articles out of web pages: trafilatura, and what to do where it finds nothing or too little."""

from __future__ import annotations

import html
import logging
import re
from typing import Any

from corpus.encodings import decode
from corpus.hidden import without_hidden
from corpus.metadata import Metadata, iso_date
from corpus.raw import Document
from corpus.records import Drop

logger = logging.getLogger(__name__)

MAX_PARSED_CHARS = 4_000_000
"""A larger page is no article a parser is made for: lxml silently loses text beyond 10 MB."""

_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?([\w-]{2,30})", re.I)
_DECLARATION = re.compile(r"\A\s{0,99}<\?xml[^<>]{0,200}\?>")
_TITLE = re.compile(r"<title(?:\s[^<>]{0,200})?>([^<]{1,300})</title", re.I)
_BLOCK = re.compile(
    r"</?(?:p|div|br|li|tr|td|h[1-6]|section|article|title|table)(?:\s[^<>]*)?/?>", re.I
)
_TAG = re.compile(r"<[!/?a-zA-Z][^<>]*>?")
_SENTENCE = re.compile(r"[\w”’」』）》)][。！？；]|[a-z][.!?](?:\s|$)")
_UNSEEN = ("script", "style", "noscript", "template", "textarea", "svg")
_LITTLE = 50


def read_html(data: bytes) -> Document:
    """Return the article of a page, with title, date, site and link from its metadata.

    Raises:
        ArticleEncodingError: the bytes are no text.
    """
    claimed = _CHARSET.search(data[:8192])
    source, encoding = decode(data, claimed[1].decode("ascii", "replace") if claimed else None)
    source = _DECLARATION.sub("", source)
    text, metadata = "", Metadata()
    hidden: tuple[Drop, ...] = ()
    if len(source) <= MAX_PARSED_CHARS:
        source, hidden = without_hidden(source)
        text, metadata = _extract(source)
    note = None
    if len(text) < _LITTLE:
        visible = visible_text(source)
        told = "\n".join(line for line in visible.split("\n") if _SENTENCE.search(line))
        text = max(text, told, key=len)
        if not text:
            note = f"it holds no article text ({len(visible)} characters of page, no sentence)"
    if metadata.title is None and (named := _TITLE.search(source)):
        metadata = metadata.or_else(Metadata(title=html.unescape(named[1])))
    return Document(text, encoding, metadata, dropped=hidden, note=note)


def _extract(source: str) -> tuple[str, Metadata]:
    import trafilatura

    # Its lines name no file; ours do.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        found: Any = trafilatura.bare_extraction(
            source,
            with_metadata=True,
            include_comments=False,
            # Without this, any date in the text may be taken for the day of publication.
            date_extraction_params={"extensive_search": False, "original_date": True},
        )
    except Exception:  # whatever hostile markup does to the parsers, the page is only text to us
        logger.debug("trafilatura failed on a page", exc_info=True)
        return "", Metadata()
    if found is None:
        return "", Metadata()
    url = found.url if found.url and found.url.startswith(("http://", "https://")) else None
    metadata = Metadata(found.title, url, iso_date(found.date or ""), found.sitename)
    return found.text or "", metadata


def visible_text(source: str) -> str:
    """Return the text of a page without markup, in one pass over it whatever it holds."""
    source = _without(source, "<!--", "-->")
    for name in _UNSEEN:
        source = _without(source, f"<{name}", f"</{name}")
    text = html.unescape(_TAG.sub("", _BLOCK.sub("\n", source)))
    return "\n".join(stripped for line in text.split("\n") if (stripped := line.strip()))


def _without(source: str, opening: str, closing: str) -> str:
    """Remove what stands between two marks; an opening without an end removes only itself."""
    lower = source.lower()
    if len(lower) != len(source):  # a few letters grow: leave the marks in capitals alone
        lower = source
    parts, position = [], 0
    while (start := lower.find(opening, position)) >= 0:
        end = lower.find(closing, start + len(opening))
        if end < 0:
            break
        parts.append(source[position:start])
        stop = lower.find(">", end)
        position = stop + 1 if stop >= 0 else len(source)
    return "".join([*parts, source[position:]])
