"""An SQLite file of a published generation, opened for reading."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias
from weakref import finalize

from retrieval.errors import IndexDamaged

Values: TypeAlias = Sequence[Any] | Mapping[str, Any]

_AT_ONCE = 30_000
"""Values of one statement; SQLite takes 32,766, some builds of it more."""


class Database:
    """May be used from several threads, one at a time; closed at the latest when nobody has it."""

    def __init__(self, path: Path, table: str) -> None:
        """Open the file, in which there must be this table.

        Raises:
            IndexDamaged: SQLite cannot read it.
        """
        self.path = path
        try:
            # immutable: no locks, no journal; a published generation never changes. Without `ro`
            # a missing file would be made, an empty one.
            self._connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
            )
            # Python 3.13 warns of a connection that is left to the garbage collector.
            self._closing = finalize(self, self._connection.close)
            self._connection.execute(f"SELECT 1 FROM {table} LIMIT 1")
        except sqlite3.Error as error:
            raise self._damaged(error) from error

    def close(self) -> None:
        """Close the file; closing twice is fine."""
        self._closing()

    def query(self, statement: str, values: Values = ()) -> list[tuple[Any, ...]]:
        """Return what a statement finds; raises as `Database` does."""
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise self._damaged(error) from error

    def query_in(self, statement: str, values: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
        """Yield what a statement that ends in `IN` finds for these values, however many.

        The order is SQLite's; raises as `Database` does.
        """
        for start in range(0, len(values), _AT_ONCE):
            some = values[start : start + _AT_ONCE]
            yield from self.query(f"{statement} ({','.join('?' * len(some))})", some)

    def stream(self, statement: str) -> Iterator[tuple[Any, ...]]:
        """Yield what a statement finds, a row at a time; raises as `Database` does."""
        try:
            yield from self._connection.execute(statement)
        except sqlite3.Error as error:
            raise self._damaged(error) from error

    def _damaged(self, error: sqlite3.Error) -> IndexDamaged:
        return IndexDamaged(f"{self.path} cannot be read ({error}); rebuild the index")
