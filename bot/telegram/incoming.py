"""The library's objects to the bot's own."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import (
    CallbackQuery,
    Chat,
    Message,
    MessageEntity,
    MessageOriginUser,
    Update,
    User,
)
from telegram.constants import ChatType

from bot.inert import inert
from bot.telegram.markup import units
from bot.telegram.parsing import Incoming, Me, Mention
from bot.telegram.roles import ANONYMOUS_ADMIN, CHANNEL_POSTS, Kind
from bot.telegram.sending import Place


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button that was pressed."""

    query: str
    person: int
    data: str
    code: str | None
    chat: int | None
    """None for a button under an inline result."""
    kind: Kind
    message: int | None
    thread: int | None = None


def from_update(update: Update, me: Me) -> Incoming | None:
    """Return the message of an update; None for anything the bot does not answer."""
    message = update.message or update.edited_message
    if message is None or message.via_bot is not None:
        return None
    if not (message.text or message.caption or message.effective_attachment):
        return None  # something happened in the chat: a pinned message, a new member
    replied = message.reply_to_message
    # In a topic, a message that replies to nothing has the topic's first message there.
    if replied is not None and replied.forum_topic_created is not None:
        replied = None
    return Incoming(
        chat=message.chat.id,
        kind=_kind(message.chat),
        message=message.message_id,
        person=_person(message.from_user, message),
        text=inert(message.text or message.caption or ""),
        mentions=_mentions(message),
        code=message.from_user.language_code if message.from_user else None,
        thread=message.message_thread_id if message.is_topic_message else None,
        reply_text=_reply_text(message, replied),
        reply_to_me=bool(replied and replied.from_user and replied.from_user.id == me.id),
        replied=replied.message_id if replied else None,
        replied_person=_replied_person(message, replied),
        forwarded=message.forward_origin is not None,
        document=message.document is not None,
        album=message.media_group_id,
        edited=update.edited_message is not None,
        update=update.update_id,
    )


def from_query(query: CallbackQuery) -> Pressed:
    """Return the button that was pressed."""
    message = query.message
    topic = isinstance(message, Message) and message.is_topic_message
    return Pressed(
        query=query.id,
        person=query.from_user.id,
        data=query.data or "",
        code=query.from_user.language_code,
        chat=message.chat.id if message else None,
        kind=_kind(message.chat) if message else "inline",
        message=message.message_id if message else None,
        thread=message.message_thread_id if topic and isinstance(message, Message) else None,
    )


def place_of(incoming: Incoming) -> Place:
    """Return where to reply to a message."""
    return Place(incoming.chat, incoming.thread, incoming.message)


def _kind(chat: Chat) -> Kind:
    if chat.type == ChatType.PRIVATE:
        return "private"
    return "group" if chat.type in (ChatType.GROUP, ChatType.SUPERGROUP) else "channel"


def _person(user: User | None, message: Message) -> int | None:
    if user is None:
        return None
    if user.id == ANONYMOUS_ADMIN:
        # All groups' anonymous admins write from one account; those of a group are one person.
        return message.chat.id
    # Other bots, and channels that speak in a group, are not answered; nor is what Telegram
    # itself brings over from the channel a group belongs to.
    if user.is_bot or message.sender_chat is not None or user.id == CHANNEL_POSTS:
        return None
    return user.id


def _reply_text(message: Message, replied: Message | None) -> str | None:
    """Return what a message replies to: the part that was picked out, or all of it."""
    if message.quote is not None:
        return inert(message.quote.text)
    return None if replied is None else inert(replied.text or replied.caption or "")


def _replied_person(message: Message, replied: Message | None) -> int | None:
    if replied is not None:
        return _person(replied.from_user, replied)
    # A reply to a message of another chat.
    origin = message.external_reply.origin if message.external_reply else None
    return origin.sender_user.id if isinstance(origin, MessageOriginUser) else None


def _mentions(message: Message) -> tuple[Mention, ...]:
    """Return the mentions where they stand in the text once it is inert, which may be shorter."""
    data = (message.text or message.caption or "").encode("utf-16-le", "surrogatepass")

    def moved(offset: int) -> int:
        return units(inert(data[: 2 * offset].decode("utf-16-le", "replace")))

    found = []
    for one in message.entities or message.caption_entities:
        if one.type in (MessageEntity.MENTION, MessageEntity.TEXT_MENTION):
            start, end = moved(one.offset), moved(one.offset + one.length)
            found.append(Mention(start, end - start, one.user.id if one.user else None))
    return tuple(found)
