"""What goes on beside answering: a pulse, a look for new generations, forgetting in time."""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

from bot.telegram.health import Health, write_health
from bot.telegram.office import Office

logger = logging.getLogger(__name__)

_PULSE_SECONDS = 3.0
_TICK_SECONDS = 0.25
_WATCH_SECONDS = 1.0
_TIDY_SECONDS = 10.0
_PURGE_SECONDS = 3600.0


async def pulse(office: Office, path: Path, mode: str, polled: Callable[[], float | None]) -> None:
    """Write down every few seconds how the bot is."""
    loop = asyncio.get_running_loop()
    while True:
        lag, until = 0.0, loop.time() + _PULSE_SECONDS
        health = Health(
            office.clock(), os.getpid(), mode, polled(), office.lag_ms, office.library.generation
        )
        await _quietly(asyncio.to_thread(write_health, path, health))
        while loop.time() < until:
            before = loop.time()
            await asyncio.sleep(_TICK_SECONDS)
            lag = max(lag, loop.time() - before - _TICK_SECONDS)
        office.lag_ms = round(1000 * lag, 1)


async def watch_index(office: Office) -> None:
    """Change over to new generations as they are published."""
    while True:
        await asyncio.sleep(_WATCH_SECONDS)
        await _quietly(office.library.refresh())


async def tidy_up(office: Office) -> None:
    """Keep the log of the bot's state short."""
    while True:
        await asyncio.sleep(_TIDY_SECONDS)
        await _quietly(asyncio.to_thread(office.keeper.state.tidy))


async def forget_in_time(office: Office) -> None:
    """Delete what has been kept for long enough, every hour."""
    while True:
        now = office.clock()
        before = now - office.options.retention_days * 86400
        await _quietly(office.keeper.run(office.keeper.state.purge, before, now))
        await asyncio.sleep(_PURGE_SECONDS)


async def _quietly(work: Awaitable[object]) -> None:
    """Let no failure end the upkeep; a full disk is a line in the log each time."""
    try:
        await work
    except (OSError, sqlite3.Error) as error:
        logger.error("upkeep failed and will be tried again: %s", error)
    except Exception:
        logger.exception("upkeep failed and will be tried again")
