"""Every update through one door: who is it, may he, what does he want, and what if it fails."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from telegram import InlineQuery, Update
from telegram.error import TelegramError

from bot.telegram import admin, answering, buttons, commands, inline
from bot.telegram.adding import sent_in
from bot.telegram.answering import QUESTION_CHARS
from bot.telegram.incoming import Pressed, from_query, from_update, place_of
from bot.telegram.keys import NOTHING, Press, from_data
from bot.telegram.office import Office
from bot.telegram.parsing import Incoming, Request, read
from bot.telegram.replies import plain_reply
from bot.telegram.roles import ROLES, is_anonymous
from bot.telegram.sending import Undelivered
from bot.telegram.wording import tell

logger = logging.getLogger(__name__)

MessageHandler: TypeAlias = Callable[[Office, Incoming, str], Awaitable[None]]
ButtonHandler: TypeAlias = Callable[[Office, Pressed, Press], Awaitable[None]]

MESSAGES: Mapping[str, MessageHandler] = {
    "ask": answering.ask,
    "edit": answering.ask,
    "start": commands.start,
    "help": commands.show_help,
    "hint": commands.hint,
    "manners": commands.manners,
    "unknown": commands.unknown,
    "lang": commands.choose_language,
    "settings": commands.choose_script,
    "new": commands.new,
    "about": commands.about,
    "privacy": commands.privacy,
    "forget": commands.forget,
    "stats": admin.stats,
    "index": admin.index,
}
"""`add` is not among them: it needs the message itself."""

_UNGATED = frozenset(("ask", "edit", "start", "new", "forget", "index", "stats"))
"""What sees to the gate itself, or works before it replies, in the order it came."""

BUTTONS: Mapping[str, ButtonHandler] = {
    "button:page": buttons.turn,
    "button:article": buttons.turn,
    "button:sources": buttons.turn,
    "button:up": buttons.vote,
    "button:down": buttons.vote,
    "button:language": buttons.choose_language,
    "button:script": buttons.choose_script,
    "button:index": admin.index_button,
}


async def handle(office: Office, update: Update) -> bool:
    """Handle an update; False if it is to be tried again at the next start."""
    try:
        if update.callback_query is not None:
            await _press(office, from_query(update.callback_query))
        elif update.inline_query is not None:
            await _inline(office, update.inline_query)
        elif incoming := from_update(update, office.me):
            return await _message(office, update, incoming)
    except (asyncio.CancelledError, KeyboardInterrupt):
        raise
    except Undelivered:
        pass
    except Exception as error:
        office.fault(error)
    return True


async def _message(office: Office, update: Update, incoming: Incoming) -> bool:
    person = incoming.person
    request = read(incoming, office.me, admin=office.access.is_admin(person))
    if request is None or person is None:
        return True
    if not office.access.may(request.action, person=person, chat=incoming.chat, kind=incoming.kind):
        await _refuse(office, incoming, request)
        return True
    if await _is_too_much(office, incoming, request):
        return True
    try:
        if request.action == "add":
            sent = sent_in(update.effective_message, request.text)
            await admin.add(office, incoming, request.text, sent)
        elif request.action in _UNGATED:
            await MESSAGES[request.action](office, incoming, request.text)
        else:
            async with office.sending(incoming.update):
                await MESSAGES[request.action](office, incoming, request.text)
    except Undelivered as error:
        return error.closed
    except Exception as error:
        number = office.fault(error)
        language = await office.language(incoming.chat, incoming.code)
        told = plain_reply(tell("wrong", language, number=number))
        await office.sender.send(place_of(incoming), told)
    return True


async def _is_too_much(office: Office, incoming: Incoming, request: Request) -> bool:
    """Tell whether a person writes more than he can read; he is told so once.

    Questions are counted at the desk. Without this, /help a hundred times a second would use up
    what Telegram lets the bot send.
    """
    question = request.action in ("ask", "edit") and len(request.text) <= QUESTION_CHARS
    if question or ROLES.get(request.action) == "admin":
        return False
    person, now = incoming.person or 0, office.clock()
    if office.chatter.take(person, now):
        return False
    office.counters.refused += 1
    if office.chatter.may_tell(person, now):
        seconds = max(1, round(office.chatter.wait(person, now)))
        language = await office.language(incoming.chat, incoming.code)
        told = plain_reply(tell("slow_down", language, seconds=seconds))
        await office.sender.send(place_of(incoming), told)
    return True


async def _refuse(office: Office, incoming: Incoming, request: Request) -> None:
    """Tell a person his id, once a minute."""
    person = incoming.person or 0
    denied = {person, incoming.chat} & office.access.denied
    now = office.clock()
    # One who is denied must not be able to make the bot speak in a group.
    silent = denied and incoming.kind == "group"
    if silent or not office.notices.take((person, incoming.chat), now):
        return
    language = await office.language(incoming.chat, incoming.code)
    office.counters.refused += 1
    known = office.access.may("help", person=person, chat=incoming.chat, kind=incoming.kind)
    if is_anonymous(person):
        told = tell("anonymous", language, chat=incoming.chat)
    elif known or ROLES.get(request.action) is None:
        told = tell("admins_only", language, person=person)
    elif incoming.kind == "group":
        told = tell("refused_group", language, person=person, chat=incoming.chat)
    else:
        told = tell("refused", language, person=person)
    await office.sender.send(place_of(incoming), plain_reply(told))


async def _press(office: Office, pressed: Pressed) -> None:
    if pressed.data == NOTHING:
        await buttons.acknowledge(office, pressed)
        return
    now = office.clock()
    if not office.presses.take(pressed.person, now):
        if office.presses.may_tell(pressed.person, now):
            language = await office.language(pressed.chat, pressed.code)
            await buttons.acknowledge(office, pressed, tell("slow_down", language, seconds=1))
        return
    press = from_data(pressed.data)
    action = f"button:{press.action}" if press else "help"
    person = pressed.person
    if not office.access.may(action, person=person, chat=pressed.chat, kind=pressed.kind):
        language = await office.language(pressed.chat, pressed.code)
        known = office.access.may("help", person=person, chat=pressed.chat, kind=pressed.kind)
        told = tell("admins_only" if known else "refused", language, person=person)
        await buttons.acknowledge(office, pressed, told, alert=True)
        return
    if press is None:
        await buttons.expired(office, pressed)
        return
    try:
        await BUTTONS[action](office, pressed, press)
    except (Undelivered, TelegramError):
        raise
    except (ValueError, KeyError, TypeError) as error:
        # An answer that another version of the program has kept.
        office.fault(error)
        await buttons.expired(office, pressed)


async def _inline(office: Office, query: InlineQuery) -> None:
    if not office.options.inline:
        return
    person = query.from_user.id
    if not office.access.may("inline", person=person, chat=None, kind="inline"):
        await inline.refuse_inline(office, query)
        return
    await inline.answer_inline(office, query)
