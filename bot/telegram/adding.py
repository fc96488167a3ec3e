"""An article that comes by chat: fetched, checked, stored, and what the cleaner made of it."""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from telegram import Message
from telegram.error import TelegramError

from bot.errors import BotError
from bot.telegram.markup import shorten
from bot.telegram.office import Office
from bot.telegram.sending import Undelivered
from bot.telegram.wording import tell
from bot.wording import Language
from corpus import SUFFIXES
from corpus.errors import CorpusError
from corpus.records import Article, SourceFile

MOST_BYTES = 20 << 20
"""Telegram hands no larger file to a bot."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What an admin sent: a file on Telegram's side, or a text."""

    text: str = ""
    file_id: str | None = None
    name: str = ""
    size: int = 0


class NotAdded(BotError):
    """Something sent to be added was not; `tell` says why in a person's language."""

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(f"not added: {sentence}")
        self._sentence = sentence
        self._values = values

    def tell(self, language: Language) -> str:
        """Return the reason in words."""
        values = {"kinds": " ".join(sorted(SUFFIXES))} | self._values
        return tell(self._sentence, language, **values)


def sent_in(message: Message | None, text: str) -> Sent | None:
    """Return what a message, or the one it replies to, brings; `text` is what follows `/add`."""
    if message is None:
        return None
    for one in (message, message.reply_to_message):
        if one is not None and one.document is not None:
            file = one.document
            return Sent("", file.file_id, file.file_name or "", file.file_size or 0)
    replied = message.reply_to_message
    body = text or (replied.text or replied.caption or "" if replied else "")
    return Sent(body) if body.strip() else None


@dataclass(frozen=True, slots=True)
class Stored:
    """A file under STATE/added."""

    path: Path
    articles: tuple[Article, ...]
    """As the cleaner sees them, by themselves."""


async def store(office: Office, sent: Sent) -> Stored:
    """Store a file or text under STATE/added and read it.

    Raises:
        NotAdded: it is too large, of another kind, or holds no article; nothing is kept.
    """
    suffix, data = await _fetch(office, sent)
    path = await asyncio.to_thread(_write, office.settings.added, data, suffix)
    try:
        return Stored(path, tuple(await asyncio.to_thread(_articles, office, path)))
    except NotAdded:
        path.unlink(missing_ok=True)
        raise


async def _fetch(office: Office, sent: Sent) -> tuple[str, bytes]:
    if sent.file_id is None:
        return ".txt", sent.text.encode("utf-8", "replace")
    suffix = PurePosixPath(sent.name).suffix.lower()
    if suffix not in SUFFIXES:
        raise NotAdded("add_kind", name=shorten(sent.name or "?", 80))
    if sent.size > MOST_BYTES:
        raise NotAdded("add_big", size=sent.size >> 20, most=MOST_BYTES >> 20)
    file_id, patiently = sent.file_id, office.sender.patiently
    try:
        file = await patiently(lambda: office.bot.get_file(file_id))
        return suffix, bytes(await patiently(file.download_as_bytearray))
    except (TelegramError, Undelivered) as error:
        raise NotAdded("failed", reason=str(error) or type(error).__name__) from error


def _write(folder: Path, data: bytes, suffix: str) -> Path:
    # Named by its content: what a stranger calls a file is never a path of ours.
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{hashlib.sha256(data).hexdigest()[:16]}{suffix}"
    # The same file may come twice at once.
    beside = path.with_suffix(f".{secrets.token_hex(4)}.part")
    with beside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    return path


def _articles(office: Office, path: Path) -> list[Article]:
    try:
        found = list(office.services.read_articles(SourceFile(path, path.name)))
    except CorpusError as error:
        raise NotAdded("add_nothing", reason=str(error)) from error
    articles = [one for one in found if isinstance(one, Article)]
    if not articles:
        reasons = [one.reason for one in found if not isinstance(one, Article)]
        raise NotAdded("add_nothing", reason=reasons[0] if reasons else "-")
    return articles
