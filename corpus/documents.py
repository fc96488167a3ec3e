"""Articles out of PDF and Word files, with the optional dependencies of `xunzhang[documents]`."""

from __future__ import annotations

import io
import logging
import zipfile
from collections.abc import Iterator
from typing import Any

from corpus.errors import ArticleFormatError, ExtraMissing
from corpus.metadata import Metadata, iso_date
from corpus.raw import Document

MAX_PAGES = 5000
MAX_UNPACKED_BYTES = 256 << 20
"""A Word file is a ZIP archive; one that would unpack to more is refused as a bomb."""
MAX_CHARS = 20_000_000

_EXTRA = "needs the extra `documents`: pip install 'xunzhang[documents]'"


def read_pdf(data: bytes) -> Document:
    """Return the text of a PDF file, page by page, and its title and date.

    Raises:
        ExtraMissing: pypdf is not installed.
        ArticleFormatError: the file is no PDF, is encrypted, or is broken beyond reading.
    """
    try:
        import pypdf
    except ImportError as error:
        raise ExtraMissing(f"a PDF file {_EXTRA}") from error
    try:
        # Its lines name no file; ours do.
        logging.getLogger("pypdf").setLevel(logging.CRITICAL)
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise ArticleFormatError("the PDF is protected by a password; save it without one")
        if len(reader.pages) > MAX_PAGES:
            raise ArticleFormatError(f"the PDF has more than {MAX_PAGES} pages; split it")
        text = "\n".join(_bounded(page.extract_text() for page in reader.pages))
        info = reader.metadata
    except ArticleFormatError:
        raise
    except Exception as error:  # the parser raises almost anything on a broken file
        raise ArticleFormatError(f"the PDF cannot be read ({_reason(error)}); mend it") from error
    title = info.title if info and isinstance(info.title, str) else None
    created = info.get("/CreationDate") if info else None
    date = iso_date(str(created).removeprefix("D:")[:8]) if created else None
    note = "it holds no text, only pictures of it perhaps"
    return Document(text, "pdf", Metadata(title=_somebodys(title), published=date), note=note)


def read_docx(data: bytes) -> Document:
    """Return the text of a Word file: paragraphs and tables in order, and its title and date.

    Raises:
        ExtraMissing: python-docx is not installed.
        ArticleFormatError: the file is no Word file, or would unpack to far too much.
    """
    try:
        import docx
    except ImportError as error:
        raise ExtraMissing(f"a Word file {_EXTRA}") from error
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > MAX_UNPACKED_BYTES:
            raise ArticleFormatError("the Word file unpacks to far too much; save it anew")
        document = docx.Document(io.BytesIO(data))
        text = "\n\n".join(_bounded(_blocks(document)))
        properties = document.core_properties
        title, created = properties.title, properties.created
    except ArticleFormatError:
        raise
    except Exception as error:  # the parser raises almost anything on a broken file
        reason = _reason(error)
        raise ArticleFormatError(f"the Word file cannot be read ({reason}); mend it") from error
    # python-docx's own template bears this date; it says nothing of the article.
    published = created.date().isoformat() if created and created.year > 2013 else None
    return Document(text, "docx", Metadata(title=_somebodys(title), published=published))


def _somebodys(title: str | None) -> str | None:
    """Return a title somebody gave; programs write their own name there, or that of a file.

    python-docx says `Word Document` where a file says nothing.
    """
    if not title or "." in title or not any("\u3400" <= c <= "\u9fff" for c in title):
        return None
    return title


def _blocks(document: Any) -> Iterator[str]:  # noqa: ANN401 (python-docx ships no types)
    for block in document.iter_inner_content():
        if hasattr(block, "rows"):
            yield "\n".join(" | ".join(cell.text for cell in row.cells) for row in block.rows)
        else:
            yield block.text


def _bounded(parts: Iterator[str]) -> Iterator[str]:
    """Pass text on until there is far too much of it."""
    total = 0
    for part in parts:
        total += len(part)
        if total > MAX_CHARS:
            raise ArticleFormatError(f"it holds more than {MAX_CHARS} characters; split it")
        yield part


def _reason(error: Exception) -> str:
    """Return the first line of what a parser said, in one line."""
    return " ".join(str(error).split())[:120] or type(error).__name__
