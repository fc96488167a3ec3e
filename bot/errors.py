"""What can go wrong between a person and the program.

BotError
 ├── SettingsError   a setting that cannot be what it is
 ├── QuestionError   there is nothing to ask
 └── OutputError     standard output does not take what is written
"""

from __future__ import annotations


class BotError(Exception):
    """Root of everything `bot` raises on bad input; the message is one line for people."""


class SettingsError(BotError):
    """A setting is unknown, unreadable or out of range; names key, value and what is wanted."""


class QuestionError(BotError):
    """A question holds no text."""


class OutputError(BotError):
    """Standard output is a file on a full disk, or there is none."""
