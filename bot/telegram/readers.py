"""Readers of the index: each a process of its own, asked over a socket."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
from collections import deque
from contextlib import suppress
from functools import partial
from typing import Any

from bot.errors import BotError
from bot.settings import Settings
from bot.telegram.children import child_command, child_environment
from bot.telegram.frozen import thaw
from bot.telegram.library import Found, Library, ReaderGone
from bot.telegram.searching import (
    ANSWER,
    ARTICLE,
    BUG,
    FILTER,
    HEAD,
    LENGTH,
    READY,
    REFUSAL,
    settings_to_json,
)
from retrieval.errors import FilterError, RetrievalError
from retrieval.generation import current_name
from retrieval.records import Exchange, Source
from retrieval.store import StoredArticle

_PROGRAM = "from bot.telegram import searching; searching.main(int(sys.argv[1]))"


class IndexUnusable(BotError):
    """A reader could not open the index; the message is the one it had from there."""


class ProcessReader:
    """The index, open in a process; questions are answered in the order they are put."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        heard: asyncio.StreamReader,
        line: asyncio.StreamWriter,
    ) -> None:
        self.generation = ""
        self._process = process
        self._heard = heard
        self._line = line
        self._waiting: deque[asyncio.Future[tuple[bytes, str]]] = deque()
        self._ending = False
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def start(cls, settings: Settings) -> ProcessReader:
        """Start a process and wait until it has the index open.

        Raises:
            IndexUnusable: it cannot open it.
            ReaderGone: it died over it.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                process = subprocess.Popen(
                    child_command(_PROGRAM, str(theirs.fileno())),
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=2,  # what a library prints there is no answer
                    # A question is little work: a second thread would only spin on the other core.
                    env={"OMP_NUM_THREADS": "1"} | child_environment(os.environ),
                )
            except OSError:
                ours.close()
                raise
        reader = cls(process, *await asyncio.open_unix_connection(sock=ours))
        try:
            kind, text = await reader._ask(settings_to_json(settings))
        except BaseException:
            reader.kill()
            raise
        if kind != READY:
            reader.kill()
            raise IndexUnusable(text)
        reader.generation = text
        return reader

    async def answer(
        self, question: str, *, limit: int = 5, previous: Exchange | None = None
    ) -> Found:
        """Answer a question, which may lean on the exchange before it.

        Raises:
            RetrievalError: the question's filters are wrong, or the index is.
            ReaderGone: the process died.
        """
        asked = {
            "question": question,
            "limit": limit,
            "previous": previous and previous.to_json(),
        }
        body = await self._result(ANSWER, asked)
        return Found(thaw(body), body)

    async def article(self, article_id: str) -> StoredArticle | None:
        """Return a whole article. Raises as `answer` does."""
        found: dict[str, Any] | None = json.loads(
            await self._result(ARTICLE, {"article": article_id})
        )
        if found is None:
            return None
        return StoredArticle(Source(**found["source"]), found["text"])

    @property
    def gone(self) -> bool:
        """Whether the process has died."""
        return self._listening.done()

    async def close(self, seconds: float) -> None:
        """Let the process finish what it was asked, within so many seconds, and end."""
        self._ending = True
        with suppress(OSError):
            self._line.write_eof()
        await asyncio.wait((self._listening,), timeout=seconds)
        self.kill()

    def kill(self) -> None:
        """End the process at once; whoever waits for it hears so."""
        self._line.close()
        self._process.kill()
        self._process.wait()
        self._fail()

    async def _result(self, wanted: bytes, asked: dict[str, Any]) -> str:
        kind, text = await self._ask(json.dumps(asked))
        if kind == FILTER:
            raise FilterError(*json.loads(text))
        if kind == REFUSAL:
            raise RetrievalError(text)
        if kind == BUG:
            raise RuntimeError(f"the search failed:\n{text}")
        if kind != wanted:
            raise RuntimeError(f"asked for {wanted!r}, got {kind!r}")
        return text

    async def _ask(self, message: str) -> tuple[bytes, str]:
        if self.gone or self._ending or self._line.is_closing():
            raise ReaderGone
        waiting = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        data = message.encode("ascii")
        self._line.write(LENGTH.pack(len(data)) + data)
        # Shielded: the place in the queue stays, whoever gives up waiting.
        return await asyncio.shield(waiting)

    async def _listen(self) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                kind, length = HEAD.unpack(await self._heard.readexactly(HEAD.size))
                data = await self._heard.readexactly(length)
                waiting = self._waiting.popleft()
                if not waiting.done():
                    waiting.set_result((kind, data.decode("utf-8", "surrogatepass")))
        self._fail()

    def _fail(self) -> None:
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():
                waiting.set_exception(ReaderGone())
                waiting.exception()  # heard or not


def open_library(settings: Settings, workers: int) -> Library:
    """Return the library of the settings' index, not yet open."""
    live = partial(current_name, settings.index_directory)
    return Library(partial(ProcessReader.start, settings), live, workers)
