"""Messages out: retried while Telegram is in trouble, sent plain where it refuses the markup.

An answer is given up only when the chat is closed to the bot, or after minutes of trying.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TypeVar

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)
from telegram.constants import ChatAction, ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)

from bot.telegram.markup import Span, pages, to_html, to_plain
from bot.telegram.replies import Reply, Rows

# The library's own way to get times as timedelta; without it reading one is a warning.
os.environ.setdefault("PTB_TIMEDELTA", "true")

logger = logging.getLogger(__name__)

T = TypeVar("T")

TYPING_AFTER = 0.3
_TYPING_EVERY = 4.5
_PAUSES = (0.2, 0.5, 1, 2, 4, 8, 15, 30, 30, 30)
"""Seconds before each further attempt: two minutes in all."""
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message goes."""

    chat: int
    thread: int | None = None
    reply_to: int | None = None


class Undelivered(Exception):
    """A message could not be delivered; the reason is logged where it is raised."""

    def __init__(self, reason: str = "", *, closed: bool = True) -> None:
        super().__init__(reason)
        self.closed = closed
        """Whether trying again is in vain."""


class Sender:
    """Sends and edits messages."""

    def __init__(
        self, bot: Bot, *, pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._bot = bot
        self._pause = pause

    async def send(self, place: Place, reply: Reply) -> int:
        """Send a message and return its id.

        Raises:
            Undelivered: the chat is closed to the bot, or Telegram stays in trouble.
        """
        chat, thread, replied = place.chat, place.thread, None
        if place.reply_to:
            replied = ReplyParameters(place.reply_to, allow_sending_without_reply=True)

        async def attempt(text: str, mode: str | None, markup: bool) -> Message:
            return await self._bot.send_message(
                chat,
                text,
                parse_mode=mode,
                message_thread_id=thread,
                reply_parameters=replied,
                reply_markup=keyboard(reply.rows) if markup else None,
                link_preview_options=_NO_PREVIEW,
            )

        while True:
            try:
                message = await self._however(reply, attempt)
            except ChatMigrated as error:
                chat = error.new_chat_id
            except BadRequest as error:
                if thread is None or "thread not found" not in str(error).lower():
                    logger.warning("a message could not be delivered: %s", error)
                    raise Undelivered(str(error)) from error
                thread = None
            else:
                return message.message_id

    async def edit(self, chat: int, message: int, reply: Reply) -> bool:
        """Edit a message of ours in place; False if it can no longer be edited."""

        async def attempt(text: str, mode: str | None, markup: bool) -> Message | bool:
            return await self._bot.edit_message_text(
                text,
                chat,
                message,
                parse_mode=mode,
                reply_markup=keyboard(reply.rows) if markup else None,
                link_preview_options=_NO_PREVIEW,
            )

        try:
            await self._however(reply, attempt)
        except ChatMigrated:
            return False  # the messages of the group that was have other numbers now
        except BadRequest as error:
            if "not modified" in str(error).lower():
                return True
            logger.debug("message not edited: %s", error)
            return False
        return True

    async def _however(
        self, reply: Reply, attempt: Callable[[str, str | None, bool], Awaitable[T]]
    ) -> T:
        """Send as HTML; where Telegram refuses that, as plain text; at last without buttons."""
        html = to_html(reply.spans)
        try:
            return await self.patiently(lambda: attempt(html, ParseMode.HTML, True))
        except BadRequest as error:
            _check_markup(error)
        plain = plain_text(reply)
        try:
            return await self.patiently(lambda: attempt(plain, None, True))
        except BadRequest as error:
            _check_markup(error)
        return await self.patiently(lambda: attempt(plain, None, False))

    async def patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        """Call until it succeeds, while the failure is one that passes.

        Raises:
            BadRequest, ChatMigrated: at once; trying again would not help.
            Undelivered: the chat is closed to the bot, or the patience is at its end.
        """
        reason: TelegramError
        for pause in (*_PAUSES, None):
            try:
                return await call()
            except (BadRequest, ChatMigrated):
                raise
            except Forbidden as error:
                logger.info("a chat is closed to the bot: %s", error)
                raise Undelivered(str(error)) from error
            except RetryAfter as error:
                wait, reason = _seconds(error), error
            except InvalidToken:
                # With a new token it can be sent yet. The library's message may hold the old one.
                raise Undelivered("the token is refused", closed=False) from None
            except TelegramError as error:
                # The network, or something that is not Telegram: a proxy's page, a portal's.
                wait, reason = pause or 0.0, error
            if pause is None:
                break
            logger.info("Telegram is in trouble (%s), trying again in %.1f s", reason, wait)
            await self._pause(wait)
        logger.error("a message could not be delivered in %d attempts", len(_PAUSES) + 1)
        raise Undelivered(closed=False)

    @asynccontextmanager
    async def typing(self, place: Place, *, after: float = TYPING_AFTER) -> AsyncIterator[None]:
        """Show that the bot is typing, if the block takes longer than `after` seconds."""
        loop, tasks = asyncio.get_running_loop(), list[asyncio.Task[None]]()
        # A timer, not a task that sleeps: most answers are there before.
        timer = loop.call_later(after, lambda: tasks.append(loop.create_task(self._type(place))))
        try:
            yield
        finally:
            timer.cancel()
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    async def _type(self, place: Place) -> None:
        while True:
            with suppress(TelegramError):
                await self._bot.send_chat_action(
                    place.chat, ChatAction.TYPING, message_thread_id=place.thread
                )
            await asyncio.sleep(_TYPING_EVERY)


# As Telegram words it: "can't parse entities: …", "Button_data_invalid", "Text_url_invalid".
_MARKUP_REFUSED = ("parse", "entit", "button", "markup", "tag", "url", "too long", "empty")


def is_markup(error: BadRequest) -> bool:
    """Tell whether another form of the message may avoid an error."""
    reason = str(error).lower()
    # "… new message content and reply markup are exactly the same …" is not about the markup.
    return "not modified" not in reason and any(word in reason for word in _MARKUP_REFUSED)


def _check_markup(error: BadRequest) -> None:
    """Let an error pass that another form of the message may avoid; raise any other."""
    if not is_markup(error):
        raise error
    logger.warning("Telegram refused the markup of a message: %s", error)


def plain_text(reply: Reply) -> str:
    """Return a message as plain text that fits into one."""
    cut = pages((Span(to_plain(reply.spans)),))
    return cut[0][0].text if cut else "…"


def keyboard(rows: Rows) -> InlineKeyboardMarkup | None:
    """Return buttons as the library wants them."""
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(one.text, callback_data=one.data) for one in row] for row in rows]
    )


def _seconds(error: RetryAfter) -> float:
    wait = error.retry_after
    return (wait if isinstance(wait, (int, float)) else wait.total_seconds()) + 0.1
