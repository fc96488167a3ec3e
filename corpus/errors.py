"""What can go wrong between a file on disk and a clean article.

CorpusError
 ├── SourceNotFound        a path that was named does not exist
 ├── ArticleFormatError    a file is not what its name says
 ├── ArticleEncodingError  no encoding turns the bytes into readable text
 └── ExtraMissing          the format needs an optional dependency
"""

from __future__ import annotations


class CorpusError(Exception):
    """Root of everything `corpus` raises on bad input; the message is one line for people."""


class SourceNotFound(CorpusError):
    """A file or folder that was asked for does not exist or cannot be listed."""


class ArticleFormatError(CorpusError):
    """A file cannot be parsed as the format its name promises."""


class ArticleEncodingError(CorpusError):
    """The bytes of a file are not text in any encoding we read."""


class ExtraMissing(CorpusError):
    """The format is readable only with an optional dependency installed."""
