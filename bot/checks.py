"""What a setting may be: each check returns the value, or names where it stands and what is wanted.

All of them raise `SettingsError`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from bot.errors import SettingsError

_SHOWN_CHARS = 60


def wrong(where: str, value: object, wanted: str) -> SettingsError:
    """Return the error for a value that is not what is wanted."""
    shown = repr(value)
    shown = shown if len(shown) <= _SHOWN_CHARS else f"{shown[:_SHOWN_CHARS]}…"
    return SettingsError(f"{where} is {shown}; wanted: {wanted}")


def path(where: str, value: object) -> Path:
    """Take a path; ~ in it is a home folder."""
    if not isinstance(value, str) or not value or "\0" in value:
        raise wrong(where, value, "a path")
    try:
        return Path(value).expanduser()
    except RuntimeError:
        raise wrong(where, value, "a path without ~ (no such home folder)") from None


def text(where: str, value: object) -> str:
    """Take a text that says something."""
    if not isinstance(value, str) or not value.strip():
        raise wrong(where, value, "a name")
    return value.strip()


def number(
    low: float, high: float, kind: type[int] | type[float] = int
) -> Callable[[str, object], float]:
    """Take a number between two others, whole unless `kind` is float; as text, too."""

    def check(where: str, value: object) -> float:
        found = value
        if isinstance(value, str):
            with suppress(ValueError):  # the one message below covers it
                found = kind(value)
        # TOML has booleans, and Python counts them as numbers.
        if isinstance(found, (int, kind)) and not isinstance(found, bool) and low <= found <= high:
            return found
        whole = "a whole number" if kind is int else "a number"
        raise wrong(where, value, f"{whole} from {low} to {high}")

    return check


def choice(*choices: str, upper: bool = False) -> Callable[[str, object], str]:
    """Take one of some words, in capitals or not."""

    def check(where: str, value: object) -> str:
        word = value if isinstance(value, str) else ""
        word = word.upper() if upper else word.lower()
        if word not in choices:
            raise wrong(where, value, f"one of {', '.join(choices)}")
        return word

    return check
