"""What can go wrong with an index.

RetrievalError
 ├── IndexMissing    there is no index at that place yet
 ├── IndexDamaged    files are missing, cut or changed
 ├── IndexMismatch   the index was built with another model or by another version
 ├── IndexBusy       another process is building this index
 ├── NothingToIndex  no readable article in what was named
 └── DatasetError    a BEIR-layout folder is not one
"""

from __future__ import annotations


class RetrievalError(Exception):
    """Root of everything `retrieval` raises on bad input; the message is one line for people."""


class IndexMissing(RetrievalError):
    """No generation has been published at this place."""


class IndexDamaged(RetrievalError):
    """A generation is not what its manifest says."""


class IndexMismatch(RetrievalError):
    """A generation is sound, but does not fit the encoder or this version of the program."""


class IndexBusy(RetrievalError):
    """Another process holds the build lock."""


class NothingToIndex(RetrievalError):
    """Not one article could be read; the old generation stays."""


class DatasetError(RetrievalError):
    """An evaluation folder lacks a file or a line of it cannot be read."""
