"""The bot with everything but the network: the real application on the fake Telegram."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from telegram import Update
from telegram.request import BaseRequest, RequestData

from bot.settings import Settings
from bot.telegram.application import App, attach, build_application
from bot.telegram.desk import Desk
from bot.telegram.frozen import freeze, thaw
from bot.telegram.keeper import Keeper
from bot.telegram.library import Found, Library, Reader
from bot.telegram.limits import Buckets
from bot.telegram.office import Office
from bot.telegram.parsing import Me
from bot.telegram.roles import Access
from bot.telegram.sending import Sender
from bot.telegram.settings import TelegramSettings
from bot.telegram.state import State
from retrieval import Answer, Exchange, StoredArticle
from tests.bot_fakes import FakeSearcher, FakeServices
from tests.telegram_fake import TOKEN, FakeTelegram, Shown
from tests.telegram_rules import decoded


class Line(BaseRequest):
    """The fake Telegram without HTTP; `trouble` is what happens first."""

    def __init__(self, telegram: FakeTelegram) -> None:
        self.telegram = telegram
        self.trouble: list[Exception | int] = []

    @property
    def read_timeout(self) -> float:
        return 1.0

    async def initialize(self) -> None:
        pass

    async def shutdown(self) -> None:
        pass

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        *_: object,
        **__: object,
    ) -> tuple[int, bytes]:
        if self.trouble:
            trouble = self.trouble.pop(0)
            if isinstance(trouble, Exception):
                raise trouble
            wait = {"parameters": {"retry_after": 3}} if trouble == 429 else {}
            refusal: dict[str, Any] = {"ok": False, "error_code": trouble, "description": "x"}
            return trouble, json.dumps(refusal | wait).encode()
        data = decoded(request_data.json_parameters if request_data else {})
        name = url.rpartition("/")[2]
        if "/file/" in url:
            return 200, self.telegram.files[name]
        status, answer = self.telegram.call(name, data)
        return status, json.dumps(answer).encode()


class FakeReader:
    """A searcher asked in a thread instead of in a process."""

    def __init__(self, searcher: FakeSearcher) -> None:
        self.generation = searcher.generation
        self.searcher = searcher
        self.gone = False

    async def answer(
        self, question: str, *, limit: int = 5, previous: Exchange | None = None
    ) -> Found:
        answer = await asyncio.to_thread(
            self.searcher.answer, question, limit=limit, previous=previous
        )
        body = freeze(answer)
        return Found(thaw(body), body)

    async def article(self, article_id: str) -> StoredArticle | None:
        return self.searcher.article(article_id)

    async def close(self, seconds: float) -> None:
        self.searcher.close()

    def kill(self) -> None:
        self.searcher.close()


@dataclass
class House:
    """A running bot and the people around it."""

    telegram: FakeTelegram
    office: Office
    app: App
    searcher: FakeSearcher
    line: Line

    async def settle(self) -> None:
        """Give the bot every update that waits, and let it finish."""
        updates, self.telegram.updates = self.telegram.updates, []
        for update in updates:
            await self.app.update_queue.put(Update.de_json(update, self.app.bot))
        await self.app.update_queue.join()

    async def say(self, text: str | None, **more: Any) -> list[Shown]:  # noqa: ANN401
        """A person writes; returns the bot's new messages in that chat."""
        chat = more.get("chat") or more.get("person", 7)
        before = len(self.telegram.in_chat(chat))
        self.telegram.say(text, **more)
        await self.settle()
        return self.telegram.in_chat(chat)[before:]

    async def press(self, shown: Shown, label: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
        """A person presses a button; returns what the bot acknowledged it with."""
        data = shown.button(label) if not label.startswith("data=") else label[5:]
        return await self.press_data(shown, data, **more)

    async def press_data(self, shown: Shown, data: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
        self.telegram.press(shown, data, **more)
        before = len(self.telegram.done("answerCallbackQuery"))
        await self.settle()
        answered = self.telegram.done("answerCallbackQuery")[before:]
        return answered[0] if answered else {}


@dataclass
class Plan:
    """What a house is made of."""

    state: Path
    access: Access = field(default_factory=Access)
    options: TelegramSettings = field(default_factory=TelegramSettings)
    searcher: FakeSearcher = field(default_factory=FakeSearcher)
    services: FakeServices = field(default_factory=FakeServices)
    telegram: FakeTelegram = field(default_factory=FakeTelegram)
    buckets: Buckets = field(default_factory=lambda: Buckets(10, 2.0))
    capacity: int = 100

    async def _reader(self) -> Reader:
        return FakeReader(self.searcher)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[House]:
        keeper = Keeper(State(self.state / "bot.sqlite"))
        library = Library(self._reader, lambda: self.searcher.generation, 1)
        await library.open()
        line = Line(self.telegram)
        app = build_application(TOKEN, self.options, keeper, request=line, poll_request=line)
        office = Office(
            settings=Settings(state=self.state),
            options=self.options,
            services=self.services,
            access=self.access,
            keeper=keeper,
            library=library,
            desk=Desk(self.buckets, capacity=self.capacity),
            bot=app.bot,
            sender=Sender(app.bot, pause=lambda _: asyncio.sleep(0)),
        )
        attach(app, office)
        await app.initialize()
        office.me = Me(app.bot.id, app.bot.username)
        await app.start()
        try:
            yield House(self.telegram, office, app, self.searcher, line)
        finally:
            await app.stop()
            await app.shutdown()
            await library.close()
            await keeper.close()


def live(plan: Plan, scene: Callable[[House], Any]) -> None:
    """Run a scene in a house."""

    async def run() -> None:
        async with plan.running() as house:
            await scene(house)

    asyncio.run(run())


class Held(FakeSearcher):
    """Answers nothing until it is let go, as a large index on a busy machine."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def answer(self, question: str, *, limit: int = 5, previous: Exchange | None = None) -> Answer:
        if not self.go.wait(10):
            raise RuntimeError("never let go")
        return super().answer(question, limit=limit, previous=previous)


async def until(reached: Callable[[], object]) -> None:
    """Wait until something is true, ten seconds at most."""
    async with asyncio.timeout(10):
        while not reached():
            await asyncio.sleep(0.005)
