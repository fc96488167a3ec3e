"""What is seen to before the bot starts: that it is alone, and what no log may show."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO
from urllib.parse import unquote, urlsplit

from bot.errors import BotError
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
    found = [token, options.webhook_secret or ""]
    if options.proxy:
        password = urlsplit(options.proxy).password or ""
        found += [options.proxy, password, unquote(password)]
    # The half of the token that is secret, unless it is so short that it would be in any word.
    return [*found, *(part for part in [token.partition(":")[2]] if len(part) > 7)]
