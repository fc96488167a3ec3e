"""Where replies go out: one after the other, so that a kill repeats one at most."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_SHARE = 0.2
"""Weight of the last reply in what is usual."""


class Gate:
    """Lets replies out one after the other.

    What is under way when the process is killed, sent and not yet crossed off, is answered again
    at the next start, for nobody knows whether it arrived. So one is under way at a time, as long
    as Telegram usually takes less than a moment: the thirtieth of a second it wants between
    messages anyway. Where it takes longer, waiting for each would make the bot slow; then they
    go out a moment apart. One that takes unusually long is waited for with some patience.
    """

    def __init__(self, moment: float = 0.033, patience: float = 0.25) -> None:
        """Both in seconds."""
        self._moment = moment
        self._patience = patience
        self._usual = 0.0
        self._last = asyncio.Event()
        self._last.set()

    @asynccontextmanager
    async def passing(self) -> AsyncIterator[None]:
        """Wait until the one before is out, or has had its time."""
        before, mine, loop = self._last, asyncio.Event(), asyncio.get_running_loop()
        self._last = mine
        try:
            await before.wait()
            started = loop.time()
            swift = self._usual <= self._moment
            timer = loop.call_later(self._patience if swift else self._moment, mine.set)
            try:
                yield
            finally:
                timer.cancel()
                self._usual += _SHARE * (loop.time() - started - self._usual)
        finally:
            mine.set()
