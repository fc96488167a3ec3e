"""Is the running bot well: it writes down how it is, `xunzhang healthcheck` reads that."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.settings import Settings

STALE_SECONDS = 30.0
"""The bot writes every few seconds; older than this, its loop stands still."""
POLL_SECONDS = 60.0
"""Since getUpdates was last answered; one poll takes 10 seconds at most."""
LAG_MS = 2000.0


@dataclass(frozen=True, slots=True)
class Health:
    """How the bot was at a moment."""

    time: float
    pid: int
    mode: str
    """`polling` or `webhook`."""
    polled: float | None
    """When getUpdates was last answered; at first, when Telegram was reached."""
    lag_ms: float
    """How late the event loop was at worst since the last time."""
    generation: str | None


def health_file(settings: Settings) -> Path:
    """Return the file the bot writes its health to."""
    return settings.state / "telegram.health"


def write_health(path: Path, health: Health) -> None:
    """Write it, whole or not at all."""
    beside = path.with_suffix(".tmp")
    beside.write_text(json.dumps(asdict(health)), encoding="utf-8")
    beside.replace(path)


def judge(settings: Settings, now: float | None = None) -> list[str]:
    """Return what is wrong with the running bot, a line each; nothing if it is well."""
    path, now = health_file(settings), time.time() if now is None else now
    try:
        health = Health(**json.loads(path.read_text(encoding="utf-8")))
        if not _runs(health.pid):
            return [f"the bot (process {health.pid}) is gone; start it: xunzhang telegram"]
        return list(_findings(health, now))
    except FileNotFoundError:
        return [f"no bot runs with the state {settings.state}; start it: xunzhang telegram"]
    except (OSError, ValueError, TypeError) as error:
        return [f"{path} cannot be read ({error}); restart the bot"]


def _findings(health: Health, now: float) -> list[str]:
    found = []
    if now - health.time > STALE_SECONDS:
        found.append(f"the bot has been standing still for {now - health.time:.0f} s; restart it")
    if health.lag_ms > LAG_MS:
        found.append(f"the event loop was {health.lag_ms:.0f} ms late; the machine is overloaded")
    if health.generation is None:
        found.append("no index is open; see xunzhang check")
    if health.mode == "polling":
        age = now - (health.polled or 0)
        if health.polled is None:
            found.append("Telegram has not answered getUpdates yet; check network, proxy and token")
        elif age > POLL_SECONDS:
            found.append(f"Telegram last answered getUpdates {age:.0f} s ago; check the network")
    return found


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # somebody else's process has that number, as in a container's health check
    return True
