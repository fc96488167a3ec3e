"""A Bot API server on this machine for tests: long polling, faults, webhooks.

async with TelegramServer() as server:
    server.telegram.say("质量问题怎么退货")
    await server.until(lambda: server.telegram.in_chat(7))
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Literal, Self, TypeAlias

from aiohttp import web

from tests.telegram_fake import FakeTelegram
from tests.telegram_rules import decoded

PATIENCE = 180.0
"""Seconds after which a test gives up what should long have happened."""

Fault: TypeAlias = Literal["429", "502", "drop", "lost", "slow", "409", "401", "400", "junk"]
"""`drop` closes the connection unheard, `lost` does the work first, `slow` answers late."""


class TelegramServer:
    """The fake Telegram behind HTTP."""

    def __init__(self, telegram: FakeTelegram | None = None, port: int = 0) -> None:
        self.telegram = telegram or FakeTelegram()
        self.faults: dict[str, list[Fault]] = defaultdict(list)
        """Method -> what happens to its next requests, in order."""
        self.polls = 0
        self.slow_seconds = 0.5
        self.asked: dict[int, int] = {}
        """Person -> message id of the last question `ask` put."""
        self._port = port
        self._wake = asyncio.Event()
        self._poller = 0
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 << 20)
        app.router.add_route("*", "/bot{token}/{method}", self._answer)
        app.router.add_get("/file/bot{token}/{path:.*}", self._file)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._wake.set()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def ask(self, person: int, text: str = "网上买的东西可以退货吗？") -> float:
        """A person writes; returns when."""
        self.asked[person] = self.telegram.say(text, person=person)["message_id"]
        return self.telegram.clock()

    def wake(self) -> None:
        """Let a waiting poll see what was queued."""
        self._wake.set()

    async def until(self, reached: Callable[[], object], *, seconds: float = PATIENCE) -> None:
        """Wait until something is true, waking the poll; fail after so many seconds.

        How long it may take is no matter of these tests: they also run on machines with other
        work, where a rebuild of seconds takes a minute.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not reached():
            if loop.time() > end:
                raise AssertionError(f"not within {seconds} s; calls: {self.summary()}")
            self.wake()
            await asyncio.sleep(0.01)

    def summary(self) -> str:
        return ", ".join(
            f"{call.method}{'' if call.ok else '!'}" for call in self.telegram.calls[-20:]
        )

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        if request.match_info["token"] != self.telegram.token:
            return _refusal(401, "Unauthorized")
        try:
            fields = {name: str(value) for name, value in (await request.post()).items()}
        except ConnectionResetError:  # the bot was killed while it spoke
            return web.Response(status=499)
        data = decoded(fields)
        fault = self.faults[method].pop(0) if self.faults[method] else None
        if fault == "429":
            return _refusal(429, "Too Many Requests: retry after 1", {"retry_after": 1})
        if fault == "409":
            return _refusal(409, "Conflict: terminated by other getUpdates request")
        if fault == "401":
            return _refusal(401, "Unauthorized")
        if fault == "400":
            return _refusal(400, "Bad Request: refused for the test")
        if fault == "junk":
            return web.Response(text="<html>秘密: please log in</html>", content_type="text/html")
        if fault == "502":
            return web.Response(status=502, text="<html>Bad Gateway</html>")
        if fault == "slow":
            await asyncio.sleep(self.slow_seconds)
        if fault == "drop":
            return await _cut(request)
        if method == "getUpdates":
            return await self._poll(request, data)
        status, answer = self.telegram.call(method, data)
        if fault == "lost":
            return await _cut(request)
        return web.Response(status=status, text=json.dumps(answer), content_type="application/json")

    async def _poll(self, request: web.Request, data: dict[str, Any]) -> web.StreamResponse:
        if self.telegram.webhook.get("url"):
            return _refusal(409, "Conflict: can't use getUpdates method while webhook is active")
        self._poller += 1
        mine, loop = self._poller, asyncio.get_running_loop()
        self._wake.set()  # an older poll has to go
        end = loop.time() + float(data.get("timeout") or 0)
        while True:
            if mine != self._poller:
                return _refusal(
                    409,
                    "Conflict: terminated by other getUpdates request; make sure that only one "
                    "bot instance is running",
                )
            updates = self.telegram.take(data)
            left = end - loop.time()
            if updates or left <= 0:
                break
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), min(left, 0.2))
            except TimeoutError:
                transport = request.transport
                if transport is None or transport.is_closing():
                    return web.Response(status=499)
        self.polls += 1
        body = json.dumps({"ok": True, "result": updates})
        return web.Response(text=body, content_type="application/json")

    async def _file(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["path"].removeprefix("d/")
        if request.match_info["token"] != self.telegram.token:
            return _refusal(401, "Unauthorized")
        if name not in self.telegram.files:
            return _refusal(404, "Not Found")
        return web.Response(body=self.telegram.files[name])


def _refusal(code: int, text: str, parameters: dict[str, Any] | None = None) -> web.Response:
    answer: dict[str, Any] = {"ok": False, "error_code": code, "description": text}
    if parameters:
        answer["parameters"] = parameters
    return web.Response(status=code, text=json.dumps(answer), content_type="application/json")


async def _cut(request: web.Request) -> web.StreamResponse:
    """Close the connection as a failing network would."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
