"""The people in front of the fake Telegram: what they write, press and see."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.telegram_rules import entities_in

TOKEN = "123456789:AAExampleExampleExampleExampleExa-_1"
BOT = {
    "id": 123456789,
    "is_bot": True,
    "first_name": "尋章",
    "username": "xunzhang_bot",
    "can_join_groups": True,
    "can_read_all_group_messages": False,
    "supports_inline_queries": True,
}


@dataclass
class Call:
    """One request of the bot."""

    method: str
    data: dict[str, Any]
    at: float
    ok: bool = True


@dataclass
class Shown:
    """A message as people see it."""

    chat: int
    id: int
    text: str
    entities: list[Any]
    buttons: list[list[dict[str, Any]]]
    reply_to: int | None = None
    thread: int | None = None
    at: float = 0.0
    edits: int = 0

    @property
    def data(self) -> list[str]:
        return [button["callback_data"] for row in self.buttons for button in row]

    def button(self, label: str) -> str:
        """Return the data of the button whose text begins so."""
        for row in self.buttons:
            for button in row:
                if button["text"].startswith(label):
                    return str(button["callback_data"])
        raise AssertionError(f"no button {label} in {self.buttons}")


@dataclass
class People:
    """Everybody who talks to the bot."""

    token: str = TOKEN
    clock: Callable[[], float] = time.monotonic
    calls: list[Call] = field(default_factory=list)
    shown: dict[tuple[int, int], Shown] = field(default_factory=dict)
    updates: list[dict[str, Any]] = field(default_factory=list)
    closed: set[int] = field(default_factory=set)
    """Chats that have blocked the bot."""
    topics: set[tuple[int, int]] = field(default_factory=set)
    files: dict[str, bytes] = field(default_factory=dict)
    commands: dict[tuple[str, str], list[Any]] = field(default_factory=dict)
    descriptions: dict[tuple[str, str], str] = field(default_factory=dict)
    webhook: dict[str, Any] = field(default_factory=dict)
    inline: list[dict[str, Any]] = field(default_factory=list)
    refuse_html: bool = False
    _in_chat: defaultdict[int, list[Shown]] = field(default_factory=lambda: defaultdict(list))
    _update: int = 1000
    _message: int = 0
    _queries: dict[str, float] = field(default_factory=dict)

    def person(self, number: int, code: str | None = "zh-hans") -> dict[str, Any]:
        user = {"id": number, "is_bot": False, "first_name": f"P{number}"}
        return user | ({"language_code": code} if code else {})

    def message(
        self,
        text: str | None,
        *,
        person: int = 7,
        chat: int | None = None,
        code: str | None = "zh-hans",
        **more: object,
    ) -> dict[str, Any]:
        """Return a message; a negative chat is a group."""
        self._message += 1
        where = person if chat is None else chat
        made: dict[str, Any] = {
            "message_id": self._message,
            "date": int(time.time()),
            "chat": {"id": where, "type": "private" if where > 0 else "supergroup", "title": "g"},
            "from": self.person(person, code),
        }
        if text is not None:
            made["text"] = text
            made["entities"] = list(entities_in(text))
        return made | more

    def push(self, **content: object) -> dict[str, Any]:
        """Queue an update, and return it."""
        self._update += 1
        update = {"update_id": self._update, **content}
        self.updates.append(update)
        return update

    def say(self, text: str | None, **more: Any) -> dict[str, Any]:  # noqa: ANN401
        """A person writes; returns the message."""
        message = self.message(text, **more)
        self.push(message=message)
        return message

    def edit(self, message: Mapping[str, Any], text: str) -> None:
        """A person edits what he wrote."""
        changed = {**message, "text": text, "entities": list(entities_in(text)), "edit_date": 1}
        self.push(edited_message=changed)

    def press(self, shown: Shown, data: str, *, person: int = 7, code: str = "zh-hans") -> str:
        """A person presses a button; returns the id of the query."""
        query = f"q{self._update}-{shown.id}"
        self._queries[query] = self.clock()
        message = {
            "message_id": shown.id,
            "date": int(time.time()),
            "chat": {"id": shown.chat, "type": "private" if shown.chat > 0 else "supergroup"},
            "from": BOT,
            "text": shown.text,
        }
        self.push(
            callback_query={
                "id": query,
                "from": self.person(person, code),
                "message": message,
                "chat_instance": "1",
                "data": data,
            }
        )
        return query

    def ask_inline(self, text: str, *, person: int = 7, offset: str = "") -> str:
        query = f"i{self._update}"
        self._queries[query] = self.clock()
        self.push(
            inline_query={
                "id": query,
                "from": self.person(person),
                "query": text,
                "offset": offset,
            }
        )
        return query

    def in_chat(self, chat: int) -> list[Shown]:
        """Return the bot's messages in a chat, oldest first."""
        return [one for one in self._in_chat[chat] if (chat, one.id) in self.shown]

    def show(self, shown: Shown) -> None:
        """Put a message of the bot into a chat."""
        self.shown[shown.chat, shown.id] = shown
        self._in_chat[shown.chat].append(shown)

    def done(self, method: str) -> list[dict[str, Any]]:
        """Return the fields of every successful call of a method."""
        return [call.data for call in self.calls if call.method == method and call.ok]
