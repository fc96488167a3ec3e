"""Articles out of PDF and Word files, with the optional dependencies of `xunzhang[documents]`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.errors import ExtraMissing

if TYPE_CHECKING:
    from corpus.reading import Document


def read_pdf(data: bytes) -> Document:
    """Return the text of a PDF file."""
    raise ExtraMissing("PDF is not read yet")


def read_docx(data: bytes) -> Document:
    """Return the text of a Word file."""
    raise ExtraMissing("Word is not read yet")
