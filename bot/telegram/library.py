"""The index, open in a few worker threads, and replaced when a new generation is published."""

from __future__ import annotations

import asyncio
import logging
import queue
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from corpus.errors import CorpusError
from embeddings.errors import EmbeddingsError
from retrieval.errors import RetrievalError

if TYPE_CHECKING:
    from retrieval.records import Answer, Exchange
    from retrieval.store import StoredArticle

logger = logging.getLogger(__name__)

T = TypeVar("T")


class Reader(Protocol):
    """What is used of a `retrieval.Searcher`."""

    generation: str

    def answer(self, question: str, *, limit: int = 5, previous: Exchange | None = None) -> Answer:
        """Answer a question, which may lean on the exchange before it."""

    def article(self, article_id: str) -> StoredArticle | None:
        """Return a whole article."""

    def close(self) -> None:
        """Close the files."""


class Unavailable(Exception):
    """No generation of the index can be searched."""


class _Closed(Exception):
    """The edition was closed between being looked up and being used."""


class _Edition:
    """The readers of one generation; each is used by one thread at a time."""

    def __init__(self, readers: list[Reader]) -> None:
        self.name = readers[0].generation
        self._readers = readers
        self._free: queue.SimpleQueue[Reader | None] = queue.SimpleQueue()
        for reader in readers:
            self._free.put(reader)

    def use(self, work: Callable[[Reader], T]) -> T:
        """Run work on a free reader. Raises `_Closed` where there will be none any more."""
        reader = self._free.get()
        if reader is None:
            self._free.put(None)
            raise _Closed
        try:
            return work(reader)
        finally:
            self._free.put(reader)

    def close(self) -> None:
        """Wait for readers in use, then close all."""
        for _ in self._readers:
            if reader := self._free.get():
                reader.close()
        self._free.put(None)


class Library:
    """Runs work on the live generation, off the event loop."""

    def __init__(
        self, open_readers: Callable[[int], list[Reader]], live: Callable[[], str], workers: int
    ) -> None:
        """`open_readers` opens the live generation so many times; `live` names it."""
        self._open = open_readers
        self._live = live
        self._workers = workers
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="search")
        self._care = ThreadPoolExecutor(1, thread_name_prefix="index")
        self._edition: _Edition | None = None
        self._refused: str | None = None
        """The generation that could not be opened."""

    @property
    def generation(self) -> str | None:
        """Name of the generation that is searched."""
        return self._edition.name if self._edition else None

    async def open(self) -> None:
        """Open the live generation.

        Raises:
            RetrievalError, EmbeddingsError: it cannot be opened.
        """
        readers = await self._aside(partial(self._open, self._workers))
        self._edition = _Edition(readers)

    async def run(self, work: Callable[[Reader], T], *, seconds: float) -> T:
        """Run work on a reader and return what it returns.

        Raises:
            Unavailable: nothing is open.
            TimeoutError: it took longer than `seconds`; it is still finished, unheard.
        """
        loop = asyncio.get_running_loop()
        running = loop.run_in_executor(self._threads, self._use, work)
        return await asyncio.wait_for(asyncio.shield(running), seconds)

    async def refresh(self) -> bool:
        """Open a newly published generation beside the old one, and change over.

        A generation that cannot be opened is named in one line; the old one goes on serving.
        """
        live = ""
        try:
            live = await self._aside(self._live)
            if live in (self.generation, self._refused):
                return False
            readers = await self._aside(partial(self._open, self._workers))
        except (RetrievalError, EmbeddingsError, CorpusError, OSError) as error:
            if live != self._refused:
                logger.error("the new index cannot be used, the old one serves on: %s", error)
            self._refused = live
            return False
        old, self._edition, self._refused = self._edition, _Edition(readers), None
        logger.info("now searching %s", self.generation)
        if old is not None:
            await self._aside(old.close)
        return True

    async def close(self) -> None:
        """Close the files once they are no longer used."""
        edition, self._edition = self._edition, None
        self._threads.shutdown(wait=False, cancel_futures=True)
        if edition is not None:
            await self._aside(edition.close)
        self._care.shutdown(wait=False)

    def _use(self, work: Callable[[Reader], T]) -> T:
        # Read here, not when the work was queued: the edition may have been replaced since.
        while (edition := self._edition) is not None:
            try:
                return edition.use(work)
            except _Closed:
                continue
        raise Unavailable

    async def _aside(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._care, work)
