"""The tables of the bot's state, and the salt beside them."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import BotError

MIGRATIONS = (
    """
    CREATE TABLE chats (chat TEXT PRIMARY KEY, language TEXT, script TEXT) WITHOUT ROWID;
    CREATE TABLE answers (
        key TEXT PRIMARY KEY,
        kind TEXT NOT NULL,              -- answer: body is a frozen answer; article: an id
        chat TEXT NOT NULL,
        person TEXT NOT NULL,
        asked INTEGER,                   -- message id of the question
        reply INTEGER,                   -- message id of the answer
        question TEXT NOT NULL,
        body TEXT NOT NULL,
        created REAL NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX answers_by_question ON answers (chat, asked);
    CREATE INDEX answers_by_time ON answers (created);
    CREATE TABLE votes (
        key TEXT NOT NULL,               -- of the answer; the rest outlives it
        person TEXT NOT NULL,
        value INTEGER NOT NULL,          -- 1 good, -1 bad
        question TEXT NOT NULL,
        passages TEXT NOT NULL,          -- JSON: [article id, start, score] of each
        generation TEXT NOT NULL,
        created REAL NOT NULL,
        PRIMARY KEY (key, person)
    ) WITHOUT ROWID;
    CREATE TABLE asked (
        id INTEGER PRIMARY KEY,
        created REAL NOT NULL,
        person TEXT NOT NULL,
        answered INTEGER NOT NULL,
        ms REAL NOT NULL,
        question TEXT                    -- only where there was no answer
    );
    CREATE INDEX asked_by_time ON asked (created);
    CREATE TABLE journal (
        id INTEGER PRIMARY KEY,          -- update_id
        mark TEXT NOT NULL,              -- salted hash of the update: numbers may come again
        body TEXT,                       -- the update; NULL when it is done with
        tries INTEGER NOT NULL,          -- how often an earlier run has left it unfinished
        created REAL NOT NULL
    );
    """,
    """
    ALTER TABLE answers ADD COLUMN before TEXT;  -- the exchange it was asked after, as JSON
    CREATE INDEX answers_by_reply ON answers (chat, reply);
    CREATE TABLE exchanges (                     -- what each person asked last
        chat TEXT NOT NULL,
        thread INTEGER NOT NULL,                 -- 0 outside topics
        person TEXT NOT NULL,
        asked INTEGER NOT NULL,                  -- message id of the question
        body TEXT NOT NULL,                      -- JSON; empty where nothing can lean on it
        created REAL NOT NULL,
        PRIMARY KEY (chat, thread, person)
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE words (                         -- whose words stand in an answer and its votes
        key TEXT NOT NULL,                       -- of the answer
        person TEXT NOT NULL,
        PRIMARY KEY (key, person)
    ) WITHOUT ROWID;
    CREATE INDEX words_by_person ON words (person);
    -- Follow-ups held the words they leaned on, and nobody knows whose. From here on `before` and
    -- `exchanges` name an answer by its key.
    DELETE FROM answers WHERE before != '';
    UPDATE answers SET before = NULL;
    INSERT INTO words SELECT key, person FROM answers WHERE kind = 'answer';
    UPDATE votes SET question = '' WHERE key NOT IN (SELECT key FROM answers);
    ALTER TABLE asked ADD COLUMN key TEXT;       -- of the answer, where the question is kept
    DROP TABLE exchanges;
    CREATE TABLE exchanges (                     -- what each person asked last
        chat TEXT NOT NULL,
        thread INTEGER NOT NULL,                 -- 0 outside topics
        person TEXT NOT NULL,
        asked INTEGER NOT NULL,                  -- message id of the question
        key TEXT NOT NULL,                       -- of its answer
        created REAL NOT NULL,
        PRIMARY KEY (chat, thread, person)
    ) WITHOUT ROWID;
    """,
)
"""Each run once, in order; append, never edit. `user_version` counts those that were run."""


class StateError(BotError):
    """The file of the bot's state cannot be used."""


def migrate(db: sqlite3.Connection, path: Path) -> None:
    """Bring the tables of a file to this version.

    Raises:
        StateError: the file is of a later one.
    """
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise StateError(
            f"the bot's state {path} has version {version}, this program knows "
            f"{len(MIGRATIONS)}; use the newer program or remove the file"
        )
    db.execute("PRAGMA secure_delete = ON")
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        db.executescript(f"BEGIN; {script}; PRAGMA user_version = {number}; COMMIT;")


@contextmanager
def closing_on_error(db: sqlite3.Connection) -> Iterator[None]:
    """Close a connection that turns out to be of no use."""
    try:
        yield
    except BaseException:
        db.close()
        raise


def read_salt(path: Path) -> bytes:
    """Return the salt, made at the first start.

    Raises:
        StateError: the file is too short for one.
        OSError: it cannot be read or made.
    """
    try:
        salt = path.read_bytes()
    except FileNotFoundError:
        salt = secrets.token_bytes(32)
        beside = path.with_suffix(".salt.tmp")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(salt)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    if len(salt) < 16:
        raise StateError(f"{path} is too short for a salt; remove it to forget who asked what")
    return salt
