"""What every handler works with."""

from __future__ import annotations

import asyncio
import logging
import secrets
import sqlite3
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from telegram import Bot

from bot.services import Services
from bot.settings import Settings
from bot.telegram.desk import Desk
from bot.telegram.gate import Gate
from bot.telegram.keeper import Keeper
from bot.telegram.language import language_for
from bot.telegram.library import Library
from bot.telegram.limits import Buckets
from bot.telegram.parsing import Me
from bot.telegram.replies import Style
from bot.telegram.roles import Access
from bot.telegram.sending import Sender
from bot.telegram.settings import TelegramSettings
from bot.wording import LANGUAGES, Language
from corpus.script import Script
from retrieval.errors import RetrievalError
from retrieval.generation import Manifest

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Counters:
    """What happened since the start; for the metrics."""

    answered: int = 0
    not_found: int = 0
    refused: int = 0
    errors: int = 0
    times: deque[float] = field(default_factory=lambda: deque(maxlen=1000))
    """Milliseconds from message to reply, of the last questions."""


@dataclass(slots=True)
class Office:
    """The parts of the running bot."""

    settings: Settings
    options: TelegramSettings
    services: Services
    access: Access
    keeper: Keeper
    library: Library
    desk: Desk
    bot: Bot
    sender: Sender
    me: Me = field(default_factory=lambda: Me(0, ""))
    gate: Gate = field(default_factory=Gate)
    counters: Counters = field(default_factory=Counters)
    notices: Buckets = field(default_factory=lambda: Buckets(1, 60))
    """How often a refused person is told so."""
    chatter: Buckets = field(default_factory=lambda: Buckets(5, 1.0))
    """How often a person may send what is no question: commands, courtesies, what is too long.

    Telegram lets the bot send thirty messages a second, to all together.
    """
    presses: Buckets = field(default_factory=lambda: Buckets(20, 0.5))
    """How often a person may press a button."""
    clock: Callable[[], float] = time.time
    lag_ms: float = 0.0
    """How late the event loop was at worst in the last seconds."""
    building: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while the index is rebuilt for admins, who may ask for it together."""
    crossed: set[int] = field(default_factory=set)
    """Updates that were crossed off the journal together with their answer."""
    newest: dict[int, int] = field(default_factory=dict)
    """Number of each person's newest inline query."""

    @asynccontextmanager
    async def sending(self, update: int) -> AsyncIterator[None]:
        """Hold the gate while a reply goes out and until its message is crossed off."""
        async with self.gate.passing():
            yield
            await self.cross_off(self.keeper.run(self.keeper.state.done, update), update)

    async def cross_off(self, crossing: Awaitable[None], update: int) -> None:
        """Wait until a message is crossed off the journal; its reply is out, whatever happens."""
        try:
            await crossing
            self.crossed.add(update)
        except sqlite3.Error as error:
            logger.error("a reply could not be kept: %s", error)

    async def style(self, chat: int, code: str | None, text: str = "") -> Style:
        """Return how a chat reads: as chosen, else by the client's language and the text."""
        chosen = await self.keeper.chat(chat)
        language = next(
            (one for one in LANGUAGES if one == chosen.language), language_for(code, text)
        )
        scripts: tuple[Script, ...] = ("hans", "hant")
        script = next((one for one in scripts if one == chosen.script), None)
        return Style(language, script, self.services.today())

    async def language(self, chat: int | None, code: str | None) -> Language:
        """Return the language of our words in a chat."""
        if chat is None:
            return language_for(code)
        return (await self.style(chat, code)).language

    async def manifest(self) -> Manifest | None:
        """Return the facts of the generation that is searched; None where there is none."""
        name = self.library.generation
        if name is None:
            return None
        try:
            return await asyncio.to_thread(Manifest.read, self.settings.index_directory / name)
        except RetrievalError:
            return None

    def fault(self, error: BaseException) -> str:
        """Log an error that is ours, and return the number to tell the person."""
        number = secrets.token_hex(3)
        self.counters.errors += 1
        logger.error("error %s", number, exc_info=error)
        return number
