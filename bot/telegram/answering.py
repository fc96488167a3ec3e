"""A question to its answer: admitted, searched off the loop, sent or edited in place."""

from __future__ import annotations

import json
import logging
import time

from bot.filter_words import reason
from bot.telegram.frozen import exchange_in, thaw
from bot.telegram.incoming import place_of
from bot.telegram.keys import new_key
from bot.telegram.library import Found, Unavailable
from bot.telegram.office import Office
from bot.telegram.parsing import Incoming
from bot.telegram.remembered import Asked, Kept
from bot.telegram.replies import Reply, Style, answer_reply, plain_reply
from bot.telegram.wording import tell
from retrieval.errors import FilterError, RetrievalError
from retrieval.records import Answer, Exchange

logger = logging.getLogger(__name__)

QUESTION_CHARS = 500
SEARCH_SECONDS = 20.0
FOLLOW_SECONDS = 1800.0
"""How long a question may be followed up; a reply to an answer follows it up whenever it comes."""
_TYPING_BELOW = 8
"""Questions waiting; with more, Telegram's rate is better spent on answers than on typing."""


async def ask(office: Office, incoming: Incoming, question: str) -> None:
    """Answer a question; an edited one by editing the answer it got."""
    if incoming.person is None:
        return
    started = time.monotonic()
    if len(question) > QUESTION_CHARS:
        style = await office.style(incoming.chat, incoming.code, question)
        told = tell("too_long", style.language, most=QUESTION_CHARS, count=len(question))
        await office.sender.send(place_of(incoming), plain_reply(told))
        return
    refused = office.desk.admit(incoming.person)
    if refused is not None:
        office.counters.refused += 1
        if refused.tell:
            language = (await office.style(incoming.chat, incoming.code, question)).language
            told = tell(refused.reason, language, seconds=refused.seconds)
            await office.sender.send(place_of(incoming), plain_reply(told))
        return
    async with office.desk.turn(incoming.person):
        await _answer(office, incoming, question, started)


async def _answer(office: Office, incoming: Incoming, question: str, started: float) -> None:
    state, place = office.keeper.state, place_of(incoming)
    before: Kept | None = None
    if incoming.edited:
        before = await office.keeper.run(state.answer_to, incoming.chat, incoming.message)
        if before is not None and before.question == question:
            return  # Telegram reports edits that change no text, a preview for instance.
    previous = await _previous(office, incoming, before)
    exchange = exchange_in(previous.body) if previous else None
    style = await office.style(incoming.chat, incoming.code, question)
    key = new_key()
    after = 0.3 if office.desk.waiting < _TYPING_BELOW else SEARCH_SECONDS
    async with office.sender.typing(place, after=after):
        found = await _search(office, question, exchange, style)
    if isinstance(found, Reply):
        async with office.sending(incoming.update):
            await office.sender.send(place, found)
        return
    answer, reply = found.answer, answer_reply(found.answer, style, key=key)
    sent = before.reply if before else None
    async with office.gate.passing():
        if sent is None or not await office.sender.edit(incoming.chat, sent, reply):
            sent = await office.sender.send(place, reply)
        asked = Asked(
            key=key,
            update=incoming.update,
            chat=incoming.chat,
            person=incoming.person or 0,
            message=incoming.message,
            reply=sent,
            question=question,
            body=found.body,
            answered=answer.status == "answered",
            ms=1000 * (time.monotonic() - started),
            now=office.clock(),
            thread=incoming.thread,
            edited=incoming.edited,
            before=previous.key if previous else None,
            leans=_leans(answer, exchange),
            quoted=_quoted(incoming, question),
        )
        # Where it cannot be kept, the person has his answer; its buttons will not work.
        await office.cross_off(office.keeper.run(state.finish, asked), incoming.update)
    _count(office, asked)


def _leans(answer: Answer, previous: Exchange | None) -> bool:
    """Tell whether words of the question before stand in an answer."""
    if previous is None:
        return False
    after = answer.exchange.subject if answer.exchange else None
    return answer.understood is not None or after == previous.subject


def _quoted(incoming: Incoming, question: str) -> int | None:
    """Return whose message was taken as the question; None where it is the person's own."""
    taken = incoming.reply_text is not None and question in incoming.reply_text
    return incoming.replied_person if taken else None


async def _previous(office: Office, incoming: Incoming, before: Kept | None) -> Kept | None:
    """Return the answer a question may lean on.

    For an edited one what it leaned on at first, for a reply to an answer that answer, else what
    the person asked last in the same place, unless that was long ago.
    """
    state, keeper = office.keeper.state, office.keeper
    if before is not None:
        return await keeper.run(state.answer, before.before) if before.before else None
    if incoming.reply_to_me and incoming.replied is not None:
        answered = await keeper.run(state.answer_in, incoming.chat, incoming.replied)
        if answered is not None:
            return answered
    since = office.clock() - FOLLOW_SECONDS
    person = incoming.person or 0
    return await keeper.run(state.last_answer, incoming.chat, incoming.thread, person, since)


async def _search(
    office: Office, question: str, previous: Exchange | None, style: Style
) -> Found | Reply:
    try:
        return await office.library.run(
            lambda reader: reader.answer(question, limit=office.settings.limit, previous=previous),
            seconds=SEARCH_SECONDS,
        )
    except TimeoutError:
        office.counters.errors += 1
        return plain_reply(tell("late", style.language))
    except FilterError as error:
        return plain_reply(reason(error, style.language))
    except (Unavailable, RetrievalError) as error:
        office.counters.errors += 1
        logger.error("the index cannot be searched: %s", error)
        return plain_reply(tell("unavailable", style.language))


def _count(office: Office, asked: Asked) -> None:
    office.counters.answered += asked.answered
    office.counters.not_found += not asked.answered
    office.counters.times.append(asked.ms)
    verdict = "answered" if asked.answered else "not found"
    logger.info("%s in %.0f ms, %d characters", verdict, asked.ms, len(asked.question))


def passages_json(kept: Kept) -> tuple[str, str]:
    """Return the passages a vote is about, as JSON, and the generation they came from."""
    answer = thaw(kept.body)
    listed = [[one.article.id, one.start, round(one.score, 4)] for one in answer.passages]
    return json.dumps(listed, ensure_ascii=False), answer.generation
