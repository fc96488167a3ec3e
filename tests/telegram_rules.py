"""What Telegram makes of the fields of a request, and refuses."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from tests.telegram_html import utf16


class Bad(Exception):
    """A refusal: error code and description."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


def decoded(fields: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of a request with those that are JSON decoded, text left alone."""
    plain = {"text", "callback_query_id", "inline_query_id", "file_id", "next_offset",
             "description", "short_description", "secret_token", "url"}  # fmt: skip
    data: dict[str, Any] = {}
    for name, value in fields.items():
        data[name] = value
        if name not in plain:
            try:
                data[name] = json.loads(value)
            except ValueError:
                data[name] = value
    return data


def language(data: dict[str, Any]) -> str:
    code = str(data.get("language_code") or "")
    if code and len(code) != 2:
        raise Bad(400, "Bad Request: invalid language code specified")
    return code


def buttons_in(data: dict[str, Any]) -> list[list[dict[str, Any]]]:
    rows: list[list[dict[str, Any]]] = (data.get("reply_markup") or {}).get("inline_keyboard", [])
    for row in rows:
        for button in row:
            if not button["text"].strip():
                raise Bad(400, "Bad Request: button text can't be empty")
            if not 1 <= len(button["callback_data"].encode()) <= 64:
                raise Bad(400, "Bad Request: BUTTON_DATA_INVALID")
    return rows


def entities_in(text: str) -> Iterable[dict[str, Any]]:
    """Mark commands and mentions as the server does."""
    offset = 0
    for word in text.split(" "):
        kind = {"/": "bot_command", "@": "mention"}.get(word[:1])
        if kind and len(word) > 1:
            yield {"type": kind, "offset": offset, "length": utf16(word)}
        offset += utf16(word) + 1
