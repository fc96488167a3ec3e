"""Disks that are full, places that may not be written: one error, whichever library met it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from retrieval.errors import IndexUnwritable


@contextmanager
def refusals(index: Path) -> Iterator[None]:
    """Turn what the disk refuses while an index is written into one error.

    Raises:
        IndexUnwritable: naming the index and what the disk said.
    """
    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        reason = getattr(error, "strerror", None) or error
        raise IndexUnwritable(
            f"index {index} cannot be written ({reason}); make room, or see to its rights; "
            "what was there is as it was"
        ) from error


@contextmanager
def refused_as(kind: type[Exception], path: Path) -> Iterator[None]:
    """Turn a library's own kind of error, where it writes a file, into OSError."""
    try:
        yield
    except kind as error:
        raise OSError(f"{path.name}: {str(error).strip().splitlines()[-1]}") from error
