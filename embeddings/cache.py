"""Vectors kept between runs, found by the encoder's identity and the text's digest.

A cache may be lost at any time and must never be the reason that work fails: a file that is
damaged is set aside and a new one begun, a file that cannot be used now is done without.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from embeddings.encoder import Encoder, FloatMatrix, Progress

logger = logging.getLogger(__name__)

Known: TypeAlias = npt.NDArray[np.bool_]
"""Which of some texts are known."""

_FORMAT = 1
_SCHEMA = """
create table encoder (number integer primary key, identity text not null unique);
create table vector (
    encoder integer not null references encoder,
    text blob not null,
    vector blob not null,
    unique (encoder, text)
);
"""
# SQLite allows 999 parameters a statement in its older builds.
_BATCH = 900
_WAIT_SECONDS = 30
# Errors that say nothing against the file: it is locked, read-only, or the disk is full.
_PASSING = (sqlite3.OperationalError,)
_UNIT = 1e-3


class VectorCache:
    """Vectors of passages in one SQLite file, float32, so that a hit is exactly the original.

    Writes are transactions in a write-ahead log: after a kill at any point the file holds whole
    vectors only. Several processes may share the file.
    """

    def __init__(self, path: Path) -> None:
        """Open the cache at `path`, or begin one. Never fails: see `available`."""
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._begin()
        if not self.available and not path.exists():
            # A damaged file was set aside just now.
            self._begin()

    @property
    def available(self) -> bool:
        """Whether vectors are kept at all; if not, everything is encoded anew."""
        return self._connection is not None

    def close(self) -> None:
        """Close the file. Closing twice is fine."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def encode(
        self, encoder: Encoder, texts: Sequence[str], *, progress: Progress | None = None
    ) -> FloatMatrix:
        """Encode passages, taking from the cache what is there and keeping what is not.

        Same result as `encoder.encode_passages(texts)`: (len(texts), dim), in the same order.
        """
        found = self.get_many(encoder.identity, encoder.dim, texts)
        missing = list(dict.fromkeys(text for text in texts if text not in found))
        if progress and len(missing) < len(texts):
            progress(len(texts) - len(missing))
        if missing:
            vectors = encoder.encode_passages(missing, progress=progress)
            self.put_many(encoder.identity, missing, vectors)
            found |= dict(zip(missing, vectors, strict=True))
        result = np.empty((len(texts), encoder.dim), dtype=np.float32)
        for row, text in enumerate(texts):
            result[row] = found[text]
        return result

    def get_many(self, identity: str, dim: int, texts: Sequence[str]) -> dict[str, FloatMatrix]:
        """Look up texts; the result holds those that are known, each with its (dim,) vector."""
        wanted = list(dict.fromkeys(texts))
        vectors, known = self.look_up(identity, dim, list(map(text_digest, wanted)))
        return {wanted[number]: vectors[number] for number in np.flatnonzero(known).tolist()}

    def look_up(
        self, identity: str, dim: int, digests: Sequence[bytes]
    ) -> tuple[FloatMatrix, Known]:
        """Look up texts by their `text_digest`: (len(digests), dim) vectors, and which are known.

        A stored vector that has not the width or the length it must have counts as unknown, and
        those of unknown texts are zeros.
        """
        vectors = np.zeros((len(digests), dim), dtype=np.float32)
        known = np.zeros(len(digests), dtype=np.bool_)
        place_of = {digest: place for place, digest in enumerate(digests)}
        with self._guarded():
            for rows in self._stored(identity, list(place_of)):
                sound = [(place_of[text], row) for text, row in rows if len(row) == 4 * dim]
                values = np.frombuffer(b"".join(row for _, row in sound), "<f4").reshape(-1, dim)
                lengths = np.einsum("ij,ij->i", values, values)
                good = (np.abs(lengths - 1) < _UNIT) | (lengths == 0)
                places = np.array([place for place, _ in sound], dtype=np.int64)[good]
                vectors[places], known[places] = values[good], True
        if len(place_of) < len(digests):
            # Of equal digests the last was filled.
            places = np.array([place_of[digest] for digest in digests], dtype=np.int64)
            vectors, known = vectors[places], known[places]
        return vectors, known

    def put_many(self, identity: str, texts: Sequence[str], vectors: FloatMatrix) -> None:
        """Keep vectors, (len(texts), dim), in one transaction; known texts are overwritten.

        Raises:
            ValueError: not as many vectors as texts.
        """
        if len(texts) != len(vectors):
            raise ValueError(f"{len(texts)} texts but {len(vectors)} vectors")
        rows = vectors.astype("<f4", copy=False)
        with self._guarded():
            if self._connection is None:
                return
            with self._connection as transaction:
                transaction.execute(
                    "insert or ignore into encoder (identity) values (?)", (identity,)
                )
                number = _encoder_number(transaction, identity)
                transaction.executemany(
                    "insert or replace into vector (encoder, text, vector) values (?, ?, ?)",
                    (
                        (number, text_digest(text), row.tobytes())
                        for text, row in zip(texts, rows, strict=True)
                    ),
                )

    def _begin(self) -> None:
        with self._guarded():
            self._connection = _open(self._path)

    def _stored(
        self, identity: str, digests: Sequence[bytes]
    ) -> Iterator[list[tuple[bytes, bytes]]]:
        """Yield digests and vectors that are stored, some hundreds at a time."""
        if self._connection is None:
            return
        number = _encoder_number(self._connection, identity)
        for start in range(0, len(digests) if number is not None else 0, _BATCH):
            some = digests[start : start + _BATCH]
            places = ",".join("?" * len(some))
            yield self._connection.execute(
                f"select text, vector from vector where encoder = ? and text in ({places})",
                (number, *some),
            ).fetchall()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Turn trouble with the file into a cache that is not used, and say so once."""
        try:
            yield
        except sqlite3.Error as error:
            passing = isinstance(error, _PASSING)
            self.close()
            if passing:
                logger.warning("vector cache %s is not used now: %s", self._path, error)
            else:
                self._set_aside(error)
        except OSError as error:
            self.close()
            logger.warning("vector cache %s is not used now: %s", self._path, error)

    def _set_aside(self, reason: Exception) -> None:
        aside = self._path.with_name(self._path.name + ".damaged")
        for suffix in ("", "-wal", "-shm"):
            part = self._path.with_name(self._path.name + suffix)
            if part.exists():
                part.replace(aside.with_name(aside.name + suffix))
        logger.warning(
            "vector cache %s was damaged (%s); moved to %s, vectors are encoded anew",
            self._path,
            reason,
            aside,
        )


def _open(path: Path) -> sqlite3.Connection:
    """Open the file and make sure that it is ours and readable."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=_WAIT_SECONDS)
    try:
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = normal")
        with connection:
            connection.execute("begin immediate")
            version = connection.execute("pragma user_version").fetchone()[0]
            if version == 0:
                for statement in filter(str.strip, _SCHEMA.split(";")):
                    connection.execute(statement)
                connection.execute(f"pragma user_version = {_FORMAT}")
            elif version != _FORMAT:
                raise sqlite3.DatabaseError(f"format {version}, this version reads {_FORMAT}")
            _encoder_number(connection, "")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _encoder_number(connection: sqlite3.Connection, identity: str) -> int | None:
    row = connection.execute("select number from encoder where identity = ?", (identity,))
    found = row.fetchone()
    return None if found is None else int(found[0])


def text_digest(text: str) -> bytes:
    """Return what a text's vector is found by: sha256 of its UTF-8."""
    return sha256(text.encode("utf-8", "surrogatepass")).digest()
