"""Articles out of web pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corpus.encodings import decode
from corpus.metadata import Metadata, iso_date

if TYPE_CHECKING:
    from corpus.reading import Document

_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?([\w-]{2,30})", re.I)


def read_html(data: bytes) -> Document:
    """Return the article of a page."""
    import trafilatura

    from corpus.reading import Document

    claimed = _CHARSET.search(data[:8192])
    source, encoding = decode(data, claimed[1].decode("ascii") if claimed else None)
    found = trafilatura.bare_extraction(source, with_metadata=True, include_comments=False)
    if found is None:
        return Document("", encoding)
    return Document(
        found.text or "",
        encoding,
        Metadata(found.title, found.url, iso_date(found.date or ""), found.sitename),
    )
