"""Telegram in memory: chats, messages, buttons, and refusals as strict as the server's.

Pure: `FakeTelegram.call` takes a method and its fields and returns status and answer. The
HTTP around it is in `telegram_server`; handlers are tested on it without any.
"""

from __future__ import annotations

import json
import time
from typing import Any

from tests.telegram_html import Refused, parse, utf16
from tests.telegram_people import BOT, TOKEN, Call, People, Shown
from tests.telegram_rules import Bad, buttons_in, language

QUERY_SECONDS = 15.0

__all__ = ["TOKEN", "FakeTelegram", "Shown"]


class FakeTelegram(People):
    """The server's side: every method the bot uses, and its refusals."""

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
            buttons_in(data),
            reply.get("message_id"),
            None if thread is None else int(thread),
            self.clock(),
        )
        self.show(shown)
        return self._as_message(shown)

    def _on_editmessagetext(self, data: dict[str, Any]) -> object:
        chat = self._open_chat(data)
        shown = self.shown.get((chat, int(data["message_id"])))
        if shown is None:
            raise Bad(400, "Bad Request: message to edit not found")
        text, entities = self._text(data)
        buttons = buttons_in(data)
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
        if data["inline_query_id"] not in self._queries:
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
        del self._queries[data["inline_query_id"]]
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
        return {"description": self.descriptions.get(("description", language(data)), "")}

    def _on_getmyshortdescription(self, data: dict[str, Any]) -> object:
        found = self.descriptions.get(("short_description", language(data)), "")
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
        self.descriptions[name, language(data)] = data.get(name) or ""
        return True

    def _scope(self, data: dict[str, Any]) -> tuple[str, str]:
        return json.dumps(data.get("scope"), sort_keys=True), language(data)

    def _as_message(self, shown: Shown) -> dict[str, Any]:
        return {
            "message_id": shown.id,
            "date": int(time.time()),
            "chat": {"id": shown.chat, "type": "private" if shown.chat > 0 else "supergroup"},
            "from": BOT,
            "text": shown.text,
        }
