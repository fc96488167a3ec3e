"""Rebuilding the index in a process of its own, so that the bot goes on answering.

The new generation is noticed like any other; here is only what the builder reports.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from typing import Any

from bot.errors import BotError
from bot.settings import Settings
from bot.telegram.children import child_command, child_environment
from retrieval.errors import RetrievalError
from retrieval.generation import Manifest, current_generation


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
        known = Manifest.read(current_generation(index)).roots
    except RetrievalError as error:
        raise RebuildFailed(str(error)) from error
    added = settings.added.absolute()
    roots = [root for root in known if root != str(added)]
    if added.is_dir():
        roots.append(str(added))
    model = ["--model", settings.model] if settings.model else []
    return await _run(["rebuild", *roots, "--index", str(index), "--json", *model])


async def _run(arguments: Sequence[str]) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        *child_command("from bot.cli import main; main()", *arguments),
        env=child_environment(os.environ),
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
