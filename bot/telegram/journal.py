"""Updates written down before Telegram is told that they arrived.

The library confirms a batch as soon as it lies in its queue. What was being answered when the
process was killed would be lost; from the journal it is answered at the next start, and what
Telegram sends a second time is noticed.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from telegram import Bot, Update
from telegram.ext import BaseUpdateProcessor

from bot.telegram.keeper import Keeper

logger = logging.getLogger(__name__)

# Tasks, not threads: each is a few kilobytes, and nearly all wait. The desk has its own limit.
_AT_ONCE = 10_000
_JOURNALED = frozenset(("message", "edited_message"))


class JournalQueue(asyncio.Queue[object]):
    """The queue of the application; messages are journaled on their way in."""

    def __init__(self, keeper: Keeper, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._keeper = keeper
        self._clock = clock
        self._noted: set[int] = set()
        """The last updates that were journaled, or found to be there already."""
        self._owed: set[int] = set()
        """Updates that were journaled and have not been queued yet.

        Where the library cannot read one, it drops the whole batch; they come again.
        """

    async def note(self, updates: Iterable[dict[str, Any]]) -> None:
        """Journal a batch at once, as Telegram sent it, before the library queues it one by one.

        What cannot be written down is tried again, alone, when it is queued.
        """
        self._noted = set()
        bodies = {
            update["update_id"]: json.dumps(update, sort_keys=True)
            for update in updates
            if not _JOURNALED.isdisjoint(update)
        }
        if not bodies:
            return
        try:
            new = await self._keeper.run(self._keeper.state.begin, bodies, self._clock())
        except sqlite3.Error as error:
            logger.error("a message could not be written down: %s", error)
            return
        self._noted = set(bodies)
        self._owed |= new

    async def put(self, item: object) -> None:
        """Journal and queue an update; one that was here before is dropped.

        One that cannot be written down is answered all the same: an error here would end the
        library's polling, for good and without a word.
        """
        if isinstance(item, Update) and journaled(item):
            if item.update_id not in self._noted:
                await self.note([json.loads(item.to_json())])
            if item.update_id in self._noted and item.update_id not in self._owed:
                return
            self._owed.discard(item.update_id)
        await super().put(item)

    async def replay(self, bot: Bot) -> int:
        """Queue what an earlier run left unfinished, and return how much that was."""
        bodies = await self._keeper.run(self._keeper.state.unfinished)
        for body in bodies:
            await super().put(Update.de_json(json.loads(body), bot))
        return len(bodies)


class JournalProcessor(BaseUpdateProcessor):
    """Runs updates side by side and crosses them off."""

    def __init__(self, keeper: Keeper) -> None:
        super().__init__(_AT_ONCE)
        self._keeper = keeper
        self.undone: set[int] = set()
        """Updates to be tried again at the next start; whoever handles them puts them here."""
        self.crossed: set[int] = set()
        """Updates that whoever handled them has crossed off already."""

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Run the handlers of an update, then cross it off."""
        await coroutine
        if isinstance(update, Update) and journaled(update):
            number = update.update_id
            if number not in self.undone and number not in self.crossed:
                try:
                    await self._keeper.run(self._keeper.state.done, number)
                except sqlite3.Error as error:
                    logger.error("a message could not be crossed off: %s", error)
            self.undone.discard(number)
            self.crossed.discard(number)

    async def initialize(self) -> None:
        """Nothing to do."""

    async def shutdown(self) -> None:
        """Nothing to do."""


def journaled(update: Update) -> bool:
    """Tell whether an update is worth an answer after a restart; a press of a button is not."""
    return update.message is not None or update.edited_message is not None
