"""The library's application: requests, rate limits, one handler for everything."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from telegram import Update
from telegram.error import NetworkError
from telegram.ext import (
    AIORateLimiter,
    Application,
    ApplicationBuilder,
    CallbackContext,
    Defaults,
    TypeHandler,
)
from telegram.request import BaseRequest

from bot.telegram.dispatch import handle
from bot.telegram.journal import JournalProcessor, JournalQueue
from bot.telegram.keeper import Keeper
from bot.telegram.office import Office
from bot.telegram.settings import TelegramSettings
from bot.telegram.wire import make_wire

logger = logging.getLogger(__name__)

App: TypeAlias = Application[Any, Any, Any, Any, Any, Any]

UPDATES = ("message", "edited_message", "callback_query")
"""Kinds of updates that are asked for; inline queries besides, where they are on."""
POLL_SECONDS = 10
_CONNECTIONS = 64
# They log a page for each 429, and whatever a server says that is no JSON: updates may be in it.
_LOUD = ("telegram.ext.AIORateLimiter", "telegram.request.BaseRequest")
_EMPTY = len(b'{"ok":true,"result":[]}') + 4
"""Bytes; an answer with updates has more."""


class PollRequest(BaseRequest):
    """The connection of getUpdates, which knows when it was last answered."""

    def __init__(self, wire: BaseRequest) -> None:
        self._wire = wire
        self.polled: float | None = None
        """When getUpdates was last answered, seconds since 1970."""
        self.heard: Callable[[list[dict[str, Any]]], Awaitable[None]] | None = None
        """Called with what Telegram sent, before the library is given it."""
        self.rejected: Callable[[], None] | None = None
        """Called when getUpdates is answered as if the token were wrong."""
        self._last = b""

    @property
    def read_timeout(self) -> float | None:
        """Seconds; the library adds the time of the poll."""
        return self._wire.read_timeout

    async def initialize(self) -> None:
        """Open the connection."""
        await self._wire.initialize()

    async def shutdown(self) -> None:
        """Close the connection."""
        await self._wire.shutdown()

    async def do_request(
        self,
        url: str,
        *rest: Any,  # noqa: ANN401 (handed on as it came)
        **named: Any,  # noqa: ANN401
    ) -> tuple[int, bytes]:
        """Make a request and note how it went."""
        status, content = await self._wire.do_request(url, *rest, **named)
        if status == 200 and url.endswith("/getUpdates"):
            self.polled = time.time()
            content = self._digestible(content)
            if self.heard is not None and len(content) > _EMPTY:
                with suppress(ValueError, KeyError, TypeError):  # the library says what it is
                    await self.heard(json.loads(content)["result"])
        if status == 401 and self.rejected is not None:
            # The library would stop polling. Whether the token is wrong is for getMe to say.
            self.rejected()
            raise NetworkError("getUpdates: Unauthorized")
        return status, content

    def _digestible(self, content: bytes) -> bytes:
        """Return the updates; one the library cannot read is emptied when it comes again.

        The library drops the whole batch with it, asks for the same again, and so on for ever.
        """
        again, self._last = content == self._last and len(content) > _EMPTY, content
        if not again:
            return content
        answer = json.loads(content)
        answer["result"] = [_emptied(update) for update in answer["result"]]
        return json.dumps(answer).encode("utf-8")


def _emptied(update: dict[str, Any]) -> dict[str, Any]:
    try:
        Update.de_json(update, None)
    except Exception as error:  # whatever the library makes of it
        logger.error("update %s cannot be read and is skipped (%r)", update.get("update_id"), error)
        return {"update_id": update["update_id"]}
    return update


def make_requests(options: TelegramSettings) -> tuple[BaseRequest, PollRequest]:
    """Return the connections of the bot: for everything, and for getUpdates alone."""
    general = make_wire(connections=_CONNECTIONS, read_timeout=15, proxy=options.proxy)
    return general, PollRequest(make_wire(connections=4, read_timeout=10, proxy=options.proxy))


def build_application(
    token: str,
    options: TelegramSettings,
    keeper: Keeper,
    *,
    request: BaseRequest,
    poll_request: BaseRequest,
) -> App:
    """Return the application without its handler; see `attach`."""
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    builder = ApplicationBuilder().token(token)
    return (
        builder.base_url(f"{options.api}/bot")
        .base_file_url(f"{options.api}/file/bot")
        .request(request)
        .get_updates_request(poll_request)
        # Retries are the sender's: the limiter's own would hold up every chat for the one that
        # is to wait.
        .rate_limiter(AIORateLimiter(max_retries=0))
        .defaults(Defaults(protect_content=options.protect))
        .update_queue(JournalQueue(keeper))
        .concurrent_updates(JournalProcessor(keeper))
        .job_queue(None)
        .build()
    )


def attach(app: App, office: Office) -> None:
    """Let the office handle what comes in."""
    processor = app.update_processor
    if isinstance(processor, JournalProcessor):
        office.crossed = processor.crossed

    async def on_update(update: Update, _: CallbackContext[Any, Any, Any, Any]) -> None:
        if not await handle(office, update) and isinstance(processor, JournalProcessor):
            processor.undone.add(update.update_id)

    async def on_error(_: object, context: CallbackContext[Any, Any, Any, Any]) -> None:
        if context.error is not None:
            office.fault(context.error)

    app.add_handler(TypeHandler(Update, on_update))
    app.add_error_handler(on_error)


def allowed_updates(options: TelegramSettings) -> list[str]:
    """Return the kinds of updates to ask for."""
    return [*UPDATES, "inline_query"] if options.inline else list(UPDATES)


def webhook_path(url: str) -> str:
    """Return the path Telegram calls, without its slash."""
    return urlsplit(url).path.strip("/")
