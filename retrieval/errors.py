"""What can go wrong with an index.

RetrievalError
 ├── IndexMissing    there is no index at that place yet
 ├── IndexDamaged    files are missing, cut or changed
 ├── IndexMismatch   the index was built with another model or by another version
 ├── IndexBusy       another process is building this index
 ├── IndexUnwritable the disk is full, or the place may not be written
 ├── NothingToIndex  no readable article in what was named
 ├── DatasetError    a BEIR-layout folder is not one
 ├── SynonymsError   a file of synonyms cannot be read (in `retrieval.synonyms`)
 └── FilterError     a filter in a question cannot be read
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


class IndexUnwritable(RetrievalError):
    """An index cannot be written where it is; what was there is as it was."""


class NothingToIndex(RetrievalError):
    """Not one article could be read; the old generation stays."""


class DatasetError(RetrievalError):
    """An evaluation folder lacks a file or a line of it cannot be read."""


class FilterError(RetrievalError):
    """A filter in a question has no value, or one that is no date."""

    def __init__(self, name: str, value: str) -> None:
        """`name` is what stands before the colon, `value` what stands behind it."""
        self.name, self.value = name, value
        if name in ("since", "before"):
            wrong = f"{name}:{value} is not a date" if value else f"{name}: lacks a date"
            super().__init__(f"{wrong}; write {name}:2019, {name}:2019-06 or {name}:2019-06-01")
        else:
            super().__init__(f"{name}: lacks a value; write {name}:{_EXAMPLES[name]}")


_EXAMPLES = {"site": "12315.cn", "title": "召回"}
