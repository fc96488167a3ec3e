"""What is seen to before the bot starts: that it is alone, and what no log may show."""

from __future__ import annotations

import fcntl
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO
from urllib.parse import unquote, urlsplit

from bot.errors import BotError
from bot.logs import Redactor
from bot.settings import Settings
from bot.telegram.settings import TelegramSettings


class AlreadyRunning(BotError):
    """Another bot uses this state."""


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Hold the lock on the state.

    Raises:
        AlreadyRunning: another process holds it.
    """
    path = settings.state / "telegram.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock: IO[str] = path.open("a", encoding="utf-8")
    except OSError as error:
        raise BotError(f"the folder {settings.state} cannot be used ({error.strerror})") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(
                f"a bot already runs with the state {settings.state}; stop it first"
            ) from None
        yield


def secrets_of(options: TelegramSettings, token: str) -> list[str]:
    """Return everything that must not stand in a log."""
    found = [token, options.webhook_secret or "", options.proxy or ""]
    urls = (options.proxy, options.api, options.webhook)
    passwords = [password for url in urls if (password := urlsplit(url or "").password)]
    passwords = [*passwords, *map(unquote, passwords)]
    found += [f":{password}@" for password in passwords]
    # By itself only what is not so short that it would be in any word.
    found += [password for password in passwords if len(password) > 3]
    return [*found, secret_half(token) or ""]


def secret_half(token: str) -> str | None:
    """Return the part of a token that must stay secret; None where it is as short as a word."""
    half = token.partition(":")[2]
    return half if len(half) > 7 else None


def guard_threads(redact: Redactor) -> None:
    """Keep secrets out of what threads and finalizers have to say at their end."""

    def show(error: BaseException | None) -> None:
        sys.stderr.write(redact("".join(traceback.format_exception(error))))

    def in_thread(ended: threading.ExceptHookArgs) -> None:
        show(ended.exc_value)

    def unraisable(ended: sys.UnraisableHookArgs) -> None:
        show(ended.exc_value)

    threading.excepthook, sys.unraisablehook = in_thread, unraisable
