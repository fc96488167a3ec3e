"""The index, open in a few readers, and replaced when a new generation is published."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from bot.errors import BotError
from retrieval.errors import RetrievalError

if TYPE_CHECKING:
    from retrieval.records import Answer, Exchange
    from retrieval.store import StoredArticle

logger = logging.getLogger(__name__)

T = TypeVar("T")

_AHEAD = 2
"""Questions a reader has at once: one it answers, and one so that it need not wait for the next."""
_FINISH_SECONDS, _END_SECONDS = 20.0, 0.5
"""How long readers may take over what they have, when they are replaced and when all ends."""
_PAUSE_SECONDS = 5.0
_TRIES = 3
"""How often a question is put, where its readers die. It may be what they die of."""


@dataclass(frozen=True, slots=True)
class Found:
    """An answer, and the same as `frozen.freeze` keeps it."""

    answer: Answer
    body: str


class Reader(Protocol):
    """One generation, open for questions."""

    generation: str

    @property
    def gone(self) -> bool:
        """Whether it has died."""

    async def answer(
        self, question: str, *, limit: int = 5, previous: Exchange | None = None
    ) -> Found:
        """Answer a question, which may lean on the exchange before it."""

    async def article(self, article_id: str) -> StoredArticle | None:
        """Return a whole article."""

    async def close(self, seconds: float) -> None:
        """Finish what was asked for, within so many seconds, and close."""

    def kill(self) -> None:
        """Close at once; what was asked for is `ReaderGone`."""


class Unavailable(Exception):
    """No generation of the index can be searched."""


class ReaderGone(BotError):
    """A reader died with the question, or before it."""

    def __str__(self) -> str:
        return "a process that searches has died"


class Library:
    """Puts questions to readers of the live generation, few to each at a time."""

    def __init__(
        self, start: Callable[[], Awaitable[Reader]], live: Callable[[], str], workers: int
    ) -> None:
        """`start` opens the live generation; `live` names it."""
        self._start = start
        self._live = live
        self._workers = workers
        self._places = asyncio.Semaphore(workers * _AHEAD)
        self._readers: dict[Reader, int] = {}
        """Each reader of the edition, and how many questions it has."""
        self._care = asyncio.Lock()
        self._refused: str | None = None
        """The generation that could not be opened."""
        self._pause_until = 0.0
        """When to try again to replace what died; by the clock of the loop."""
        self._closed = False

    @property
    def generation(self) -> str | None:
        """Name of the generation that is searched."""
        return next((reader.generation for reader in self._readers), None)

    async def open(self) -> None:
        """Open the live generation.

        Raises:
            BotError: it cannot be opened.
        """
        self._readers = dict.fromkeys(await self._opened(self._workers), 0)

    async def run(self, work: Callable[[Reader], Awaitable[T]], *, seconds: float) -> T:
        """Let a reader work and return what it returns; `seconds` count from when it has it.

        Raises:
            Unavailable: nothing is open, or whatever reader has this work dies.
            TimeoutError: it took too long; the reader is replaced.
        """
        async with self._places:
            for _ in range(_TRIES):
                reader = await self._free()
                self._readers[reader] += 1
                try:
                    return await asyncio.wait_for(work(reader), seconds)
                except ReaderGone:
                    self._discard(reader)
                except TimeoutError:
                    logger.error("a search took longer than %.0f s", seconds)
                    self._discard(reader)
                    raise
                finally:
                    if reader in self._readers:
                        self._readers[reader] -= 1
        raise Unavailable

    async def refresh(self) -> bool:
        """Open a newly published generation beside the old one, and change over.

        A generation that cannot be opened is named in one line; the old one goes on serving.
        Readers that died are replaced.
        """
        async with self._care:
            live, served = "", self.generation
            # Whatever else is wrong: with nobody left to ask, the health is to say so.
            for reader in [one for one in self._readers if one.gone]:
                self._discard(reader)
            try:
                live = await asyncio.to_thread(self._live)
                if self._closed or live in (served, self._refused):
                    await self._fill()
                    return False
                readers = await self._opened(self._workers)
            except (BotError, RetrievalError, OSError) as error:
                if live != self._refused:
                    logger.error("the new index cannot be used, the old one serves on: %s", error)
                self._refused = live
                return False
            old, self._readers = self._readers, dict.fromkeys(readers, 0)
            self._refused = None
        logger.info("now searching %s", self.generation)
        await asyncio.gather(*(reader.close(_FINISH_SECONDS) for reader in old))
        return True

    async def close(self) -> None:
        """Close the readers once they have finished."""
        self._closed = True
        readers, self._readers = self._readers, {}
        await asyncio.gather(*(reader.close(_END_SECONDS) for reader in readers))

    async def _free(self) -> Reader:
        """Return the reader with the fewest questions."""
        if not self._readers and not self._closed:
            async with self._care:
                await self._fill()
        if not self._readers:
            raise Unavailable
        return min(self._readers, key=self._readers.__getitem__)

    async def _fill(self) -> None:
        """Put new readers in the place of those that died."""
        missing, loop = self._workers - len(self._readers), asyncio.get_running_loop()
        if self._closed or missing < 1 or loop.time() < self._pause_until:
            return
        try:
            self._readers |= dict.fromkeys(await self._opened(missing), 0)
        except (BotError, OSError) as error:
            logger.error("the index cannot be searched: %s", error)
            self._pause_until = loop.time() + _PAUSE_SECONDS

    async def _opened(self, count: int) -> list[Reader]:
        opened = await asyncio.gather(
            *(self._start() for _ in range(count)), return_exceptions=True
        )
        wrong = [one for one in opened if isinstance(one, BaseException)]
        readers = [one for one in opened if not isinstance(one, BaseException)]
        if wrong:
            for reader in readers:
                reader.kill()
            raise wrong[0]
        return readers

    def _discard(self, reader: Reader) -> None:
        if self._readers.pop(reader, None) is not None:
            logger.error("a process that searches has died; another takes its place")
        reader.kill()
