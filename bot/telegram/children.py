"""The processes that work for the bot: how they are started, and what they inherit."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import bot
from bot.telegram.settings import TOKEN, VARIABLES

_ROOT = Path(str(bot.__file__)).parents[1]


def child_command(statement: str, *arguments: str) -> list[str]:
    """Return what runs a statement of this program in a process of its own."""
    program = f"import sys; sys.path.append({str(_ROOT)!r}); {statement}"
    # -P: the folder it is started in may hold a `bot` or a `corpus` of its own.
    return [sys.executable, "-P", "-c", program, *arguments]


def child_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what such a process inherits: all but what concerns Telegram.

    It searches, or reads strangers' files; token, passwords and secrets are nothing to it.
    """
    own = {TOKEN, *VARIABLES}
    return {name: value for name, value in environ.items() if name not in own}
