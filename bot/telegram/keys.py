"""What buttons and deep links carry: short keys, never text.

A button's data has 1 to 64 bytes and can be forged by a client, so it names a row of the
state by a random key, and whoever reads it checks that the row belongs to the chat.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from dataclasses import dataclass
from typing import Literal, TypeAlias

Action: TypeAlias = Literal[
    "page", "article", "sources", "up", "down", "language", "script", "index"
]

_CODES: dict[Action, str] = {
    "page": "p",
    "article": "a",
    "sources": "s",
    "up": "u",
    "down": "d",
    "language": "l",
    "script": "q",
    "index": "i",
}
_ACTIONS = {code: action for action, code in _CODES.items()}
_DATA = re.compile(r"([a-z]):([\w-]{1,24})((?::\d{1,6}){0,2})", re.ASCII)
_PLAIN_ID = re.compile(r"[\w-]{1,62}", re.ASCII)

NOTHING = "-"
"""Data of a button that only shows something."""


@dataclass(frozen=True, slots=True)
class Press:
    """What a button asks for."""

    action: Action
    key: str
    """A row of the state, or the choice itself (a language, a script)."""
    first: int = 0
    """Which passage."""
    second: int = 0
    """Which page of its article."""


def new_key() -> str:
    """Return a key nobody can guess, 11 characters."""
    return secrets.token_urlsafe(8)


def to_data(press: Press) -> str:
    """Return the data of a button, far below 64 bytes.

    >>> to_data(Press("article", "Xy3", 1, 2))
    'a:Xy3:1:2'
    """
    numbers = f":{press.first}:{press.second}" if press.second else f":{press.first}"
    return f"{_CODES[press.action]}:{press.key}" + (numbers if press.first or press.second else "")


def from_data(data: str) -> Press | None:
    """Return what a button asks for; None for data that this program does not write."""
    match = _DATA.fullmatch(data)
    if match is None or match[1] not in _ACTIONS:
        return None
    numbers = [int(number) for number in match[3].split(":") if number]
    return Press(_ACTIONS[match[1]], match[2], *numbers)


def to_payload(article_id: str) -> str | None:
    """Return the payload of a deep link to an article; None where the id does not fit into one.

    >>> to_payload("0af3"), to_payload("消法")
    ('a_0af3', 'b_5raI5rOV')
    """
    if _PLAIN_ID.fullmatch(article_id):
        return f"a_{article_id}"
    try:
        encoded = base64.urlsafe_b64encode(article_id.encode("utf-8"))
    except UnicodeEncodeError:
        return None
    payload = f"b_{encoded.decode('ascii').rstrip('=')}"
    return payload if len(payload) <= 64 else None


def from_payload(payload: str) -> str | None:
    """Return the article id of a deep link's payload, or None."""
    kind, _, rest = payload.partition("_")
    if kind == "a" and _PLAIN_ID.fullmatch(rest):
        return rest
    if kind != "b" or not rest:
        return None
    try:
        padded = rest + "=" * (-len(rest) % 4)
        return base64.b64decode(padded, b"-_", validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
