"""What the bot remembers, in one SQLite file: chats, answers, votes, the journal.

People and chats are kept under salted hashes; the salt lies in a file of its own, so that a
copy of the database names nobody. One thread at a time may use a `State`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path

from bot.telegram.remembered import Asked, ChatSettings, Kept
from bot.telegram.replies import Votes
from bot.telegram.roles import is_anonymous, writer
from bot.telegram.schema import StateError, closing_on_error, migrate, read_salt

_DONE_SECONDS = 2 * 86400
"""How long numbers of updates are remembered; Telegram holds updates for one day."""
_DONE_MOST = 100_000
_TRIES = 100
_KEEP = "INSERT OR REPLACE INTO answers VALUES (?,?,?,?,?,?,?,?,?,?)"
_KEPT = "SELECT key, kind, question, body, reply, before FROM answers"


class State:
    """The bot's SQLite file."""

    def __init__(self, path: Path) -> None:
        """Open the file, making or migrating it first.

        Raises:
            StateError: it is no database, of a later version, or cannot be written.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._salt = read_salt(path.with_suffix(".salt"))
            path.touch(mode=0o600)
            self._path = path
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            with closing_on_error(self._db):
                # NORMAL: a commit survives the death of the process; power loss may cost the last.
                # Moving the log into the file waits for the disk: see `tidy`.
                self._db.executescript(
                    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
                    "PRAGMA wal_autocheckpoint = 0;"
                )
                migrate(self._db, path)
        except (OSError, sqlite3.Error) as error:
            raise StateError(
                f"the bot's state {path} cannot be used ({error}); repair or remove the file"
            ) from error

    def tidy(self) -> None:
        """Move the log into the file; in any thread, beside whatever else is done.

        Otherwise every hundredth answer would wait until the disk has written it, and with it
        all that queue behind.
        """
        with closing(sqlite3.connect(self._path)) as db:
            db.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def hashed(self, number: int) -> str:
        """Return the salted hash a person or chat is kept under."""
        return hmac.new(self._salt, str(number).encode("ascii"), hashlib.sha256).hexdigest()[:24]

    def chat(self, chat: int) -> ChatSettings:
        """Return what a chat has chosen."""
        row = self._db.execute(
            "SELECT language, script FROM chats WHERE chat = ?", (self.hashed(chat),)
        ).fetchone()
        return ChatSettings(*row) if row else ChatSettings()

    def set_chat(self, chat: int, settings: ChatSettings) -> None:
        """Keep what a chat has chosen."""
        self._db.execute(
            "INSERT OR REPLACE INTO chats VALUES (?, ?, ?)",
            (self.hashed(chat), settings.language, settings.script),
        )

    def keep_article(self, key: str, *, chat: int, person: int, article: str, now: float) -> None:
        """Keep what the buttons of an article that a deep link opened will need."""
        kept = (key, "article", self.hashed(chat), self.hashed(person))
        self._db.execute(_KEEP, (*kept, None, None, "", article, now, None))

    def kept(self, key: str, chat: int) -> Kept | None:
        """Return what a button of this chat points to; None for old and foreign ones."""
        row = self._db.execute(
            f"{_KEPT} WHERE key = ? AND chat = ?",
            (key, self.hashed(chat)),
        ).fetchone()
        return Kept(*row) if row else None

    def answer_to(self, chat: int, asked: int) -> Kept | None:
        """Return the answer that was given to a message."""
        row = self._db.execute(
            f"{_KEPT} WHERE chat = ? AND asked = ? ORDER BY created DESC LIMIT 1",
            (self.hashed(chat), asked),
        ).fetchone()
        return Kept(*row) if row else None

    def answer_in(self, chat: int, reply: int) -> Kept | None:
        """Return the answer that a message of ours showed."""
        row = self._db.execute(
            f"{_KEPT} WHERE chat = ? AND reply = ? AND kind = 'answer' LIMIT 1",
            (self.hashed(chat), reply),
        ).fetchone()
        return Kept(*row) if row else None

    def answer(self, key: str) -> Kept | None:
        """Return an answer."""
        row = self._db.execute(f"{_KEPT} WHERE key = ? AND kind = 'answer'", (key,)).fetchone()
        return Kept(*row) if row else None

    def last_answer(self, chat: int, thread: int | None, person: int, since: float) -> Kept | None:
        """Return what a person's next question there may lean on; None where that is old."""
        row = self._db.execute(
            f"{_KEPT} WHERE key = (SELECT key FROM exchanges WHERE chat = ? AND thread = ?"
            " AND person = ? AND created >= ?)",
            (self.hashed(chat), thread or 0, self.hashed(person), since),
        ).fetchone()
        return Kept(*row) if row else None

    def forget_exchange(self, chat: int, thread: int | None, person: int) -> None:
        """Let a person's next question there lean on nothing."""
        self._db.execute(
            "DELETE FROM exchanges WHERE chat = ? AND thread = ? AND person = ?",
            (self.hashed(chat), thread or 0, self.hashed(person)),
        )

    def vote(
        self,
        key: str,
        person: int,
        value: int,
        *,
        question: str,
        passages: str,
        generation: str,
        now: float,
    ) -> tuple[bool, Votes]:
        """Set, change or, by voting the same again, withdraw a person's vote.

        Returns whether there is a vote now, and all votes on this answer.
        """
        who = self.hashed(person)
        old = self._db.execute(
            "SELECT value FROM votes WHERE key = ? AND person = ?", (key, who)
        ).fetchone()
        withdrawn = old is not None and old[0] == value
        if withdrawn:
            self._db.execute("DELETE FROM votes WHERE key = ? AND person = ?", (key, who))
        else:
            self._db.execute(
                "INSERT OR REPLACE INTO votes VALUES (?,?,?,?,?,?,?)",
                (key, who, value, question, passages, generation, now),
            )
        return not withdrawn, self.votes(key)

    def votes(self, key: str) -> Votes:
        """Return the votes on an answer."""
        row = self._db.execute(
            "SELECT coalesce(sum(value > 0), 0), coalesce(sum(value < 0), 0) "
            "FROM votes WHERE key = ?",
            (key,),
        ).fetchone()
        return Votes(*row)

    def finish(self, asked: Asked) -> None:
        """Keep an answer that was sent, count the question, and cross it off the journal.

        One transaction, the first thing after the answer is out: what is killed before it is
        answered twice.
        """
        words = None if asked.answered else asked.question
        chat, person = self.hashed(asked.chat), self.hashed(asked.person)
        kept = (asked.key, "answer", chat, person, asked.message, asked.reply)
        with self._db:
            self._db.execute("BEGIN")
            self.done(asked.update)
            self._db.execute(_KEEP, (*kept, asked.question, asked.body, asked.now, asked.before))
            self._keep_words(asked, person)
            self._keep_exchange(asked, (chat, asked.thread or 0, person))
            self._db.execute(
                "INSERT INTO asked (created, person, answered, ms, question, key)"
                " VALUES (?,?,?,?,?,?)",
                (asked.now, person, asked.answered, asked.ms, words, words and asked.key),
            )

    def _keep_words(self, asked: Asked, person: str) -> None:
        """Keep whose words stand in an answer, so that all of a person's can be found again."""
        whose = {person} if asked.quoted is None else {person, self.hashed(asked.quoted)}
        if asked.leans:
            before = "SELECT person FROM words WHERE key = ?"
            whose |= {one for (one,) in self._db.execute(before, (asked.before,))}
        self._db.executemany(
            "INSERT OR IGNORE INTO words VALUES (?, ?)", [(asked.key, one) for one in sorted(whose)]
        )

    def _keep_exchange(self, asked: Asked, where: tuple[str, int, str]) -> None:
        """Keep what the next question may lean on, if this was the last one."""
        last = "SELECT asked FROM exchanges WHERE chat = ? AND thread = ? AND person = ?"
        row = self._db.execute(last, where).fetchone()
        if asked.edited and (row is None or row[0] != asked.message):
            return
        self._db.execute(
            "INSERT OR REPLACE INTO exchanges VALUES (?, ?, ?, ?, ?, ?)",
            (*where, asked.message, asked.key, asked.now),
        )

    def forget(self, person: int) -> int:
        """Delete all that is kept of a person; returns how many records that were.

        Of others, what holds a word of his goes too: answers to what was asked after his
        questions, and what he asked where they voted on it.
        """
        who = self.hashed(person)
        his = "key IN (SELECT key FROM words WHERE person = ?)"
        with self._db:
            self._db.execute("BEGIN")
            found = sum(
                self._db.execute(f"DELETE FROM {table} WHERE person = ?", (who,)).rowcount
                for table in ("answers", "votes", "asked")
            )
            self._db.execute(f"DELETE FROM answers WHERE {his}", (who,))
            self._db.execute(f"UPDATE votes SET question = '' WHERE {his}", (who,))
            self._db.execute(f"UPDATE asked SET question = NULL WHERE {his}", (who,))
            for table in ("exchanges", "words"):
                self._db.execute(f"DELETE FROM {table} WHERE person = ?", (who,))
            if not is_anonymous(person):  # what a group has chosen is not one person's
                self._db.execute("DELETE FROM chats WHERE chat = ?", (who,))
            self._forget_unfinished(person)
        # Deleted rows must not linger in the log beside the file.
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return found

    def _forget_unfinished(self, person: int) -> None:
        """Cross off what he wrote and nobody has answered."""
        bodies = "SELECT id, body FROM journal WHERE body IS NOT NULL"
        for number, body in self._db.execute(bodies).fetchall():
            update = json.loads(body)
            message = update.get("message") or update.get("edited_message") or {}
            if writer(message) == person:
                self.done(number)

    def purge(self, before: float, now: float) -> None:
        """Delete what is older than a moment."""
        for table in ("answers", "votes", "asked", "exchanges"):
            self._db.execute(f"DELETE FROM {table} WHERE created < ?", (before,))
        self._db.execute(
            "DELETE FROM words WHERE key NOT IN (SELECT key FROM answers UNION"
            " SELECT key FROM votes UNION SELECT key FROM asked WHERE key IS NOT NULL)"
        )
        self._db.execute(
            "DELETE FROM journal WHERE body IS NULL AND "
            "(created < ? OR id < (SELECT max(id) FROM journal) - ?)",
            (now - _DONE_SECONDS, _DONE_MOST),
        )

    def begin(self, bodies: Mapping[int, str], now: float) -> set[int]:
        """Write updates to the journal; returns those of which this very text was not there."""
        new = set()
        with self._db:
            self._db.execute("BEGIN")
            for number, body in bodies.items():
                mark = hmac.new(self._salt, body.encode(), hashlib.sha256).hexdigest()
                known = "SELECT mark FROM journal WHERE id = ?"
                if self._db.execute(known, (number,)).fetchone() != (mark,):
                    row = (number, mark, body, now)
                    self._db.execute("INSERT OR REPLACE INTO journal VALUES (?, ?, ?, 0, ?)", row)
                    new.add(number)
        return new

    def done(self, update: int) -> None:
        """Cross an update off the journal; its text goes, its number stays a while."""
        self._db.execute("UPDATE journal SET body = NULL WHERE id = ?", (update,))

    def unfinished(self) -> list[str]:
        """Return the updates an earlier run did not finish, oldest first.

        One that was left so a hundred times is given up: it may be what ends the program.
        """
        self._db.execute("UPDATE journal SET tries = tries + 1 WHERE body IS NOT NULL")
        self._db.execute("UPDATE journal SET body = NULL WHERE tries > ?", (_TRIES,))
        rows = self._db.execute(
            "SELECT body FROM journal WHERE body IS NOT NULL ORDER BY created, id"
        )
        return [body for (body,) in rows]

    def rows(self, query: str, values: Iterable[object] = ()) -> list[tuple[object, ...]]:
        """Run a query that only reads; for statistics."""
        return self._db.execute(query, tuple(values)).fetchall()
