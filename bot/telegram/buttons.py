"""Buttons: pages, articles, sources, votes, and the choices of `/lang` and `/settings`."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial

from telegram.error import BadRequest, TelegramError

from bot.telegram.answering import SEARCH_SECONDS, passages_json
from bot.telegram.frozen import thaw
from bot.telegram.incoming import Pressed
from bot.telegram.keys import Press, to_payload
from bot.telegram.library import Unavailable
from bot.telegram.office import Office
from bot.telegram.remembered import ChatSettings, Kept
from bot.telegram.replies import (
    Reply,
    ShownArticle,
    Style,
    answer_reply,
    article_reply,
    plain_reply,
    sources_reply,
)
from bot.telegram.sending import Place
from bot.telegram.wording import tell
from bot.wording import LANGUAGES
from retrieval.errors import RetrievalError

logger = logging.getLogger(__name__)

_SCRIPTS = ("source", "hans", "hant")


async def acknowledge(
    office: Office, pressed: Pressed, text: str = "", *, alert: bool = False
) -> None:
    """Tell Telegram that a press was heard; a query that is too old is no error."""
    try:
        await office.bot.answer_callback_query(pressed.query, text[:200] or None, show_alert=alert)
    except BadRequest as error:
        logger.debug("a press could not be acknowledged: %s", error)
    except TelegramError as error:
        logger.info("a press could not be acknowledged: %s", error)


async def turn(office: Office, pressed: Pressed, press: Press) -> None:
    """Show another page, an article or the sources in place of the message."""
    found = await _kept(office, pressed, press)
    if found is None:
        return
    kept, chat, message = found
    style = await office.style(chat, pressed.code, kept.question)
    if kept.kind != "answer" and press.action != "article":
        await acknowledge(office, pressed, tell("expired", style.language), alert=True)
        return
    await acknowledge(office, pressed)
    if press.action == "article":
        reply = await _article(office, kept, press, style)
        if reply is None:
            told = plain_reply(tell("article_gone", style.language))
            await office.sender.send(Place(chat, pressed.thread), told)
            return
    elif press.action == "sources":
        reply = sources_reply(thaw(kept.body), style, key=kept.key, page=press.first)
    else:
        votes = await office.keeper.run(office.keeper.state.votes, kept.key)
        answer = thaw(kept.body)
        reply = answer_reply(answer, style, key=kept.key, page=press.first, votes=votes)
    if not await office.sender.edit(chat, message, reply):
        # Telegram no longer lets this message be edited.
        await office.sender.send(Place(chat, pressed.thread), reply)


async def vote(office: Office, pressed: Pressed, press: Press) -> None:
    """Take a vote: one per person and answer, changeable."""
    found = await _kept(office, pressed, press)
    if found is None:
        return
    kept, chat, message = found
    style = await office.style(chat, pressed.code, kept.question)
    if kept.kind != "answer":
        await acknowledge(office, pressed, tell("expired", style.language), alert=True)
        return
    passages, generation = passages_json(kept)
    state = office.keeper.state
    standing, votes = await office.keeper.run(
        partial(
            state.vote,
            kept.key,
            pressed.person,
            1 if press.action == "up" else -1,
            question=kept.question,
            passages=passages,
            generation=generation,
            now=office.clock(),
        )
    )
    await acknowledge(office, pressed, tell("voted" if standing else "unvoted", style.language))
    answer = thaw(kept.body)
    reply = answer_reply(answer, style, key=kept.key, page=press.first, votes=votes)
    await office.sender.edit(chat, message, reply)


async def choose_language(office: Office, pressed: Pressed, press: Press) -> None:
    """Set the language of a chat."""
    if pressed.chat is None or pressed.message is None:
        return
    chosen = press.key if press.key in LANGUAGES else None
    settings = await office.keeper.chat(pressed.chat)
    await office.keeper.set_chat(pressed.chat, replace(settings, language=chosen))
    language = await office.language(pressed.chat, pressed.code)
    await acknowledge(office, pressed, tell("saved", language))
    told = tell("lang_now" if chosen else "lang_auto", language)
    await office.sender.edit(pressed.chat, pressed.message, plain_reply(told))


async def choose_script(office: Office, pressed: Pressed, press: Press) -> None:
    """Set the script of quotes in a chat."""
    if pressed.chat is None or pressed.message is None or press.key not in _SCRIPTS:
        await expired(office, pressed)
        return
    settings: ChatSettings = await office.keeper.chat(pressed.chat)
    await office.keeper.set_chat(pressed.chat, replace(settings, script=press.key))
    language = await office.language(pressed.chat, pressed.code)
    await acknowledge(office, pressed, tell("saved", language))
    told = tell("settings", language, script=tell(f"script_{press.key}", language))
    await office.sender.edit(pressed.chat, pressed.message, plain_reply(told))


async def expired(office: Office, pressed: Pressed) -> None:
    """Say that a button leads nowhere any more."""
    language = await office.language(pressed.chat, pressed.code)
    await acknowledge(office, pressed, tell("expired", language), alert=True)


async def _kept(office: Office, pressed: Pressed, press: Press) -> tuple[Kept, int, int] | None:
    """Return what a button points to, and the message it is under."""
    if pressed.chat is not None and pressed.message is not None:
        kept = await office.keeper.run(office.keeper.state.kept, press.key, pressed.chat)
        if kept is not None:
            return kept, pressed.chat, pressed.message
    await expired(office, pressed)
    return None


async def _article(office: Office, kept: Kept, press: Press, style: Style) -> Reply | None:
    passage, article_id = None, kept.body
    if kept.kind == "answer":
        passages = thaw(kept.body).passages
        if press.first >= len(passages):
            return None
        passage = passages[press.first]
        article_id = passage.article.id
    payload = to_payload(article_id)
    link = f"https://t.me/{office.me.username}?start={payload}" if payload else None
    try:
        article = await office.library.run(
            lambda reader: reader.article(article_id), seconds=SEARCH_SECONDS
        )
    except (TimeoutError, Unavailable, RetrievalError) as error:
        logger.error("an article could not be read: %s", error or type(error).__name__)
        return None
    if article is None:
        return None
    shown = ShownArticle(
        article.source,
        article.text,
        passage,
        number=press.first,
        page=press.second - 1 if press.second else None,
        link=link,
    )
    return article_reply(shown, style, key=kept.key)
