"""Who may do what: one table for messages, edits, buttons and inline queries alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Role: TypeAlias = Literal["member", "admin"]
Kind: TypeAlias = Literal["private", "group", "channel", "inline"]

ROLES: Mapping[str, Role] = {
    "ask": "member",
    "edit": "member",
    "start": "member",
    "help": "member",
    "lang": "member",
    "settings": "member",
    "new": "member",
    "about": "member",
    "privacy": "member",
    "forget": "member",
    "unknown": "member",
    "hint": "member",
    "manners": "member",
    "inline": "member",
    "button:page": "member",
    "button:article": "member",
    "button:sources": "member",
    "button:up": "member",
    "button:down": "member",
    "button:language": "member",
    "button:script": "member",
    "stats": "admin",
    "index": "admin",
    "add": "admin",
    "button:index": "admin",
}
"""What is not in this table is refused to everyone."""

ANONYMOUS_ADMIN = 1087968824
"""The account Telegram names as sender of anonymous admins, of whatever group."""

CHANNEL_POSTS = 777000
"""The account that brings posts of a channel into its discussion group."""


def is_anonymous(person: int) -> bool:
    """Tell whether a person stands for the anonymous admins of a group, by the group's id."""
    return person < 0


def writer(message: Mapping[str, Any]) -> int | None:
    """Return who wrote a message as Telegram sends it: a person, or a group's anonymous admin."""
    account: int | None = (message.get("from") or {}).get("id")
    return message["chat"]["id"] if account == ANONYMOUS_ADMIN else account


@dataclass(frozen=True, slots=True)
class Access:
    """The lists of the settings. Ids of groups are negative, those of people are not."""

    admins: frozenset[int] = frozenset()
    allowed: frozenset[int] = frozenset()
    """Empty: everyone."""
    denied: frozenset[int] = frozenset()

    def may(self, action: str, *, person: int | None, chat: int | None, kind: Kind) -> bool:
        """Tell whether a person may do this here; `chat` is None for inline queries.

        A listed group lets in its members. The deny-list wins over everything; channels, and
        senders that are no persons, are refused.
        """
        role = ROLES.get(action)
        if role is None or person is None or kind == "channel":
            return False
        if person in self.denied or chat in self.denied:
            return False
        if self.is_admin(person):
            return True
        if role == "admin":
            return False
        if not self.allowed or person in self.allowed:
            return True
        return kind == "group" and chat in self.allowed

    def is_admin(self, person: int | None) -> bool:
        """Tell whether a person is an admin of this bot."""
        if person is None or is_anonymous(person) or person == ANONYMOUS_ADMIN:
            return False
        return person in self.admins and person not in self.denied
