"""What the state of the bot keeps and gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["answer", "article"]


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """What a chat has chosen; None: not chosen."""

    language: str | None = None
    script: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer, or an article shown by a deep link, that buttons point to."""

    key: str
    kind: Kind
    question: str
    body: str
    reply: int | None
    before: str | None = None
    """Key of the answer its question was asked after."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was answered, and what the buttons of its answer need."""

    key: str
    update: int
    """The update it came with."""
    chat: int
    person: int
    message: int
    """Message id of the question."""
    reply: int
    """Message id of the answer."""
    question: str
    body: str
    """The frozen answer."""
    answered: bool
    ms: float
    """From message to reply."""
    now: float
    thread: int | None = None
    edited: bool = False
    before: str | None = None
    """Key of the answer the question was asked after."""
    leans: bool = False
    """Whether words of the question before stand in this answer."""
    quoted: int | None = None
    """Whose message was taken as the question, where it was not the person's own."""
