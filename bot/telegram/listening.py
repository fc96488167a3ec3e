"""Hearing from Telegram: by long polling, or by a webhook behind one's own proxy."""

from __future__ import annotations

import logging
from collections.abc import Callable

from telegram.error import BadRequest, TelegramError

from bot.errors import BotError
from bot.telegram.application import POLL_SECONDS, App, allowed_updates, webhook_path
from bot.telegram.sending import Sender, Undelivered
from bot.telegram.settings import TelegramSettings, address

logger = logging.getLogger(__name__)


class WebhookRefused(BotError):
    """Telegram does not take the webhook, or its address on this machine is not free."""


async def listen(
    app: App, sender: Sender, options: TelegramSettings, failed: Callable[[TelegramError], None]
) -> None:
    """Begin to hear; `failed` is told when getUpdates fails, and it is tried again.

    Raises:
        WebhookRefused: there will be no webhook, however often it is tried.
    """
    updater, kinds = app.updater, allowed_updates(options)
    if updater is None:
        raise RuntimeError("the application was built without an updater")
    if options.webhook is None:
        await updater.start_polling(
            timeout=POLL_SECONDS,
            bootstrap_retries=-1,
            allowed_updates=kinds,
            error_callback=failed,
        )
        return
    await _offer(app, sender, options, kinds)
    host, port = address(options.webhook_listen)
    # What Telegram sends and the library cannot read, the library shows in whole.
    logging.getLogger("telegram.ext.Updater").addFilter(_without_updates)
    try:
        await updater.start_webhook(
            listen=host,
            port=port,
            url_path=webhook_path(options.webhook),
            webhook_url=options.webhook,
            secret_token=options.webhook_secret,
            bootstrap_retries=-1,
            allowed_updates=kinds,
        )
    except OSError as error:
        reason = error.strerror or error
        raise WebhookRefused(
            f"the webhook cannot listen at {options.webhook_listen} ({reason}); "
            "free it or set XUNZHANG_WEBHOOK_LISTEN"
        ) from error


async def _offer(app: App, sender: Sender, options: TelegramSettings, kinds: list[str]) -> None:
    """Set the webhook once before the library does, which would be silent about a refusal."""
    url, secret = options.webhook or "", options.webhook_secret
    try:
        await sender.patiently(
            lambda: app.bot.set_webhook(url, allowed_updates=kinds, secret_token=secret)
        )
    except BadRequest as error:
        raise WebhookRefused(f"Telegram does not take the webhook {url}: {error}") from error
    except Undelivered:
        logger.warning("the webhook could not be set yet and is tried again")


def _without_updates(record: logging.LogRecord) -> bool:
    if record.levelno > logging.DEBUG and "Received data was: %r" in str(record.msg):
        record.msg, record.args = "an update cannot be read and is refused", ()
    return True
