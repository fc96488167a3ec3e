"""Telegram in memory: chats, messages, buttons, and refusals as strict as the server's.

Pure: `FakeTelegram.call` takes a method and its fields and returns status and answer. The
HTTP around it is in `telegram_server`; handlers are tested on it without any.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.telegram_html import Refused, parse, utf16

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
QUERY_SECONDS = 15.0


class Bad(Exception):
    """A refusal: error code and description."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


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
class FakeTelegram:
    """One bot's side of Telegram."""

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
    _update: int = 1000
    _message: int = 0
    _queries: dict[str, float] = field(default_factory=dict)

    # The people's side

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
            made["entities"] = list(_entities(text))
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
        changed = {**message, "text": text, "entities": list(_entities(text)), "edit_date": 1}
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
        return [one for (where, _), one in self.shown.items() if where == chat]

    def done(self, method: str) -> list[dict[str, Any]]:
        """Return the fields of every successful call of a method."""
        return [call.data for call in self.calls if call.method == method and call.ok]

    # The bot's side

    def call(self, method: str, data: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Answer a request as the server would."""
        call = Call(method, data, self.clock())
        self.calls.append(call)
        handler = getattr(self, f"_on_{method.lower()}", None)
        try:
            if handler is None:
                raise Bad(404, "Not Found")
            return 200, {"ok": True, "result": handler(data)}
        except Bad as error:
            call.ok = False
            return error.code, {"ok": False, "error_code": error.code, "description": str(error)}

    def _on_getme(self, data: dict[str, Any]) -> object:
        return BOT

    def _on_sendmessage(self, data: dict[str, Any]) -> object:
        chat = self._open_chat(data)
        text, entities = self._text(data)
        reply = data.get("reply_parameters") or {}
        thread = data.get("message_thread_id")
        if thread is not None and (chat, int(thread)) not in self.topics:
            raise Bad(400, "Bad Request: message thread not found")
        self._message += 1
        shown = Shown(
            chat,
            self._message,
            text,
            entities,
            _buttons(data),
            reply.get("message_id"),
            None if thread is None else int(thread),
            self.clock(),
        )
        self.shown[chat, shown.id] = shown
        return self._as_message(shown)

    def _on_editmessagetext(self, data: dict[str, Any]) -> object:
        chat = self._open_chat(data)
        shown = self.shown.get((chat, int(data["message_id"])))
        if shown is None:
            raise Bad(400, "Bad Request: message to edit not found")
        text, entities = self._text(data)
        buttons = _buttons(data)
        if (text, entities, buttons) == (shown.text, shown.entities, shown.buttons):
            raise Bad(
                400,
                "Bad Request: message is not modified: specified new message content and reply "
                "markup are exactly the same as a current content and reply markup of the message",
            )
        shown.text, shown.entities, shown.buttons = text, entities, buttons
        shown.edits += 1
        return self._as_message(shown)

    def _on_sendchataction(self, data: dict[str, Any]) -> object:
        self._open_chat(data)
        return True

    def _on_answercallbackquery(self, data: dict[str, Any]) -> object:
        asked = self._queries.pop(data["callback_query_id"], None)
        if asked is None or self.clock() - asked > QUERY_SECONDS:
            raise Bad(
                400,
                "Bad Request: query is too old and response timeout expired or query ID is invalid",
            )
        if utf16(data.get("text") or "") > 200:
            raise Bad(400, "Bad Request: MESSAGE_TOO_LONG")
        return True

    def _on_answerinlinequery(self, data: dict[str, Any]) -> object:
        if self._queries.pop(data["inline_query_id"], None) is None:
            raise Bad(400, "Bad Request: query is too old and response timeout expired")
        results = data["results"]
        ids = [str(result["id"]) for result in results]
        if len(results) > 50 or len(set(ids)) < len(ids):
            raise Bad(400, "Bad Request: RESULT_ID_DUPLICATE")
        if any(not 1 <= len(one.encode()) <= 64 for one in (*ids, data.get("next_offset") or "0")):
            raise Bad(400, "Bad Request: RESULT_ID_INVALID")
        for result in results:
            content = result["input_message_content"]
            self._text({"text": content["message_text"], "parse_mode": content.get("parse_mode")})
        self.inline.append(data)
        return True

    def _on_setmycommands(self, data: dict[str, Any]) -> object:
        for command in data["commands"]:
            if not 1 <= len(command["description"]) <= 256:
                raise Bad(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        self.commands[self._scope(data)] = data["commands"]
        return True

    def _on_getmycommands(self, data: dict[str, Any]) -> object:
        return self.commands.get(self._scope(data), [])

    def _on_setmydescription(self, data: dict[str, Any]) -> object:
        return self._describe("description", 512, data)

    def _on_setmyshortdescription(self, data: dict[str, Any]) -> object:
        return self._describe("short_description", 120, data)

    def _on_getmydescription(self, data: dict[str, Any]) -> object:
        return {"description": self.descriptions.get(("description", _language(data)), "")}

    def _on_getmyshortdescription(self, data: dict[str, Any]) -> object:
        found = self.descriptions.get(("short_description", _language(data)), "")
        return {"short_description": found}

    def _on_deletewebhook(self, data: dict[str, Any]) -> object:
        self.webhook = {}
        return True

    def _on_setwebhook(self, data: dict[str, Any]) -> object:
        self.webhook = data
        return True

    def _on_getfile(self, data: dict[str, Any]) -> object:
        if data["file_id"] not in self.files:
            raise Bad(400, "Bad Request: invalid file_id")
        name = data["file_id"]
        size = len(self.files[name])
        return {
            "file_id": name,
            "file_unique_id": name,
            "file_size": size,
            "file_path": f"d/{name}",
        }

    def take(self, data: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the updates getUpdates gives, forgetting what its offset confirms."""
        offset = int(data.get("offset") or 0)
        if offset:
            self.updates[:] = [one for one in self.updates if one["update_id"] >= offset]
        kinds = data.get("allowed_updates")
        if kinds:
            self.updates[:] = [one for one in self.updates if set(one) & set(kinds)]
        return self.updates[: int(data.get("limit") or 100)]

    def _open_chat(self, data: dict[str, Any]) -> int:
        chat = int(data["chat_id"])
        if chat in self.closed:
            raise Bad(403, "Forbidden: bot was blocked by the user")
        return chat

    def _text(self, data: dict[str, Any]) -> tuple[str, list[Any]]:
        text, entities = str(data["text"]), list[Any]()
        if data.get("parse_mode") == "HTML":
            if self.refuse_html:
                raise Bad(400, "Bad Request: can't parse entities: refused for the test")
            try:
                text, entities = parse(text)
            except Refused as error:
                raise Bad(400, f"Bad Request: can't parse entities: {error}") from error
        elif data.get("parse_mode"):
            raise Bad(400, "Bad Request: unsupported parse_mode")
        if not text.strip():
            raise Bad(400, "Bad Request: message text is empty")
        if utf16(text) > 4096:
            raise Bad(400, "Bad Request: message is too long")
        return text, entities

    def _describe(self, name: str, most: int, data: dict[str, Any]) -> bool:
        if len(data.get(name) or "") > most:
            raise Bad(400, "Bad Request: description is too long")
        self.descriptions[name, _language(data)] = data.get(name) or ""
        return True

    def _scope(self, data: dict[str, Any]) -> tuple[str, str]:
        return json.dumps(data.get("scope"), sort_keys=True), _language(data)

    def _as_message(self, shown: Shown) -> dict[str, Any]:
        return {
            "message_id": shown.id,
            "date": int(time.time()),
            "chat": {"id": shown.chat, "type": "private" if shown.chat > 0 else "supergroup"},
            "from": BOT,
            "text": shown.text,
        }


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


def _language(data: dict[str, Any]) -> str:
    code = str(data.get("language_code") or "")
    if code and len(code) != 2:
        raise Bad(400, "Bad Request: invalid language code specified")
    return code


def _buttons(data: dict[str, Any]) -> list[list[dict[str, Any]]]:
    rows: list[list[dict[str, Any]]] = (data.get("reply_markup") or {}).get("inline_keyboard", [])
    for row in rows:
        for button in row:
            if not button["text"].strip():
                raise Bad(400, "Bad Request: button text can't be empty")
            if not 1 <= len(button["callback_data"].encode()) <= 64:
                raise Bad(400, "Bad Request: BUTTON_DATA_INVALID")
    return rows


def _entities(text: str) -> Iterable[dict[str, Any]]:
    """Mark commands and mentions as the server does."""
    offset = 0
    for word in text.split(" "):
        kind = {"/": "bot_command", "@": "mention"}.get(word[:1])
        if kind and len(word) > 1:
            yield {"type": kind, "offset": offset, "length": utf16(word)}
        offset += utf16(word) + 1
