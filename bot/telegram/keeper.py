"""The state off the event loop: one thread, so that its file has one writer and one reader."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from bot.telegram.remembered import ChatSettings
from bot.telegram.roles import is_anonymous
from bot.telegram.state import State

P = ParamSpec("P")
T = TypeVar("T")

_CACHED = 10_000


class Keeper:
    """Runs methods of a state in their thread, in the order they are called."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="state")
        self._chats: dict[int, ChatSettings] = {}

    async def run(self, method: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        """Run a method of the state and return what it returns."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, partial(method, *args, **named))

    async def chat(self, chat: int) -> ChatSettings:
        """Return what a chat has chosen; from memory, where it was asked for before."""
        known = self._chats.get(chat)
        if known is None:
            known = await self.run(self.state.chat, chat)
            if len(self._chats) >= _CACHED:
                self._chats.clear()
            self._chats[chat] = known
        return known

    async def set_chat(self, chat: int, settings: ChatSettings) -> None:
        """Keep what a chat has chosen."""
        self._chats[chat] = settings
        await self.run(self.state.set_chat, chat, settings)

    async def forget(self, person: int) -> int:
        """Delete all that is kept of a person."""
        if not is_anonymous(person):
            self._chats.pop(person, None)
        return await self.run(self.state.forget, person)

    async def close(self) -> None:
        """Finish what was asked for and close the file."""
        await self.run(self.state.close)
        self._thread.shutdown()
