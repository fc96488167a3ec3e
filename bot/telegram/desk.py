"""Where questions queue: one at a time per person, so many in all, and no more."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal, TypeAlias

from bot.telegram.limits import Buckets

Refusal: TypeAlias = Literal["slow_down", "busy"]


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a question was not taken, and when to come back."""

    reason: Refusal
    seconds: int
    tell: bool
    """Whether to say so: a person who floods is told once."""


@dataclass(slots=True)
class _Line:
    lock: asyncio.Lock
    waiting: int = 0


class Desk:
    """Admits questions and gives each person's turns in order."""

    def __init__(
        self, buckets: Buckets, *, capacity: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`capacity` is the most questions that wait or run at once."""
        self._buckets = buckets
        self._capacity = capacity
        self._clock = clock
        self._lines: dict[int, _Line] = {}
        self.waiting = 0
        """Questions admitted and not yet answered."""

    def admit(self, person: int) -> Refused | None:
        """Take a token for a question; None: it is admitted, and `turn` must follow."""
        now = self._clock()
        if not self._buckets.take(person, now):
            seconds = max(1, round(self._buckets.wait(person, now)))
            return Refused("slow_down", seconds, self._buckets.may_tell(person, now))
        if self.waiting >= self._capacity:
            # As if a question took a thirtieth of a second: the rate Telegram lets us send at.
            seconds = max(2, self.waiting // 30)
            return Refused("busy", seconds, self._buckets.may_tell(person, now))
        self.waiting += 1
        return None

    @asynccontextmanager
    async def turn(self, person: int) -> AsyncIterator[None]:
        """Wait for the person's turn, and hold it, for a question that was admitted."""
        try:
            async with self.alone(person):
                yield
        finally:
            self.waiting -= 1

    @asynccontextmanager
    async def alone(self, person: int) -> AsyncIterator[None]:
        """Wait until what the person has asked is answered; hold back what comes meanwhile."""
        line = self._lines.setdefault(person, _Line(asyncio.Lock()))
        line.waiting += 1
        try:
            async with line.lock:
                yield
        finally:
            line.waiting -= 1
            if not line.waiting:
                del self._lines[person]
