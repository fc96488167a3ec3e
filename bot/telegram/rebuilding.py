"""Rebuilding the index in a process of its own, so that the bot goes on answering.

The new generation is noticed like any other; here is only what the builder reports.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.errors import BotError
from bot.settings import Settings
from retrieval.errors import RetrievalError
from retrieval.generation import Manifest, current_generation

_KEPT_BACK = {
    "TELEGRAM_BOT_TOKEN",
    "XUNZHANG_WEBHOOK_SECRET",
    "XUNZHANG_PROXY",
    "OMP_NUM_THREADS",  # one for the searches of the bot, all of them for a build
}


class RebuildFailed(BotError):
    """Nothing was published; the message is the builder's own."""


async def rebuild(settings: Settings) -> dict[str, Any]:
    """Rebuild from the files and folders of the last time and what was added by chat.

    Returns the object `rebuild --json` prints.

    Raises:
        RebuildFailed: nothing was published.
    """
    index = settings.index_directory
    try:
        roots = [Path(root) for root in Manifest.read(current_generation(index)).roots]
    except RetrievalError as error:
        raise RebuildFailed(str(error)) from error
    added = settings.added.absolute()
    if added.is_dir() and added not in roots:
        roots.append(added)
    command = [*_program(), "rebuild", *map(str, roots), "--index", str(index), "--json"]
    if settings.model:
        command += ["--model", settings.model]
    return await _run(command)


def _program() -> Sequence[str]:
    return sys.executable, "-m", "bot"


async def _run(command: Sequence[str]) -> dict[str, Any]:
    # The builder reads strangers' files; it needs none of the bot's secrets.
    environ = {name: value for name, value in os.environ.items() if name not in _KEPT_BACK}
    process = await asyncio.create_subprocess_exec(
        *command,
        env=environ,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        output, errors = await process.communicate()
    except asyncio.CancelledError:
        process.terminate()
        raise
    try:
        report = json.loads(output)
    except ValueError:
        lines = errors.decode("utf-8", "replace").strip().splitlines()
        raise RebuildFailed(lines[-1] if lines else f"it ended with {process.returncode}") from None
    if not isinstance(report, dict):
        raise RebuildFailed("the builder's report is not understood; see the log")
    return report
