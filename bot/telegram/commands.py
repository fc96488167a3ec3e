"""The commands of people; those of admins are in `admin`."""

from __future__ import annotations

import logging

from bot.telegram.answering import SEARCH_SECONDS
from bot.telegram.incoming import place_of
from bot.telegram.keys import Action, Press, from_payload, new_key, to_data, to_payload
from bot.telegram.library import Unavailable
from bot.telegram.office import Office
from bot.telegram.parsing import Incoming
from bot.telegram.replies import Button, Rows, ShownArticle, article_reply, plain_reply
from bot.telegram.roles import is_anonymous
from bot.telegram.wording import tell
from bot.wording import Language, say
from retrieval.errors import RetrievalError

logger = logging.getLogger(__name__)


async def start(office: Office, incoming: Incoming, payload: str) -> None:
    """Greet, or show the article a deep link names."""
    if payload and (article_id := from_payload(payload)):
        await _open_article(office, incoming, article_id)
        return
    await _say(office, incoming, "start")


async def show_help(office: Office, incoming: Incoming, _: str) -> None:
    """Say how to use the bot."""
    language = await _language(office, incoming)
    told = tell("help", language, bot=office.me.username)
    if office.access.is_admin(incoming.person):
        told += tell("help_admin", language)
    await office.sender.send(place_of(incoming), plain_reply(told))


async def hint(office: Office, incoming: Incoming, _: str) -> None:
    """Say that questions are made of words; once, where several pictures came together."""
    album = incoming.album
    if album is not None and not office.notices.take((incoming.chat, album), office.clock()):
        return
    await _say(office, incoming, "hint")


async def manners(office: Office, incoming: Incoming, manner: str) -> None:
    """Return a courtesy in a line: it is no question."""
    told = say(f"manner_{manner}", await _language(office, incoming))
    await office.sender.send(place_of(incoming), plain_reply(told))


async def unknown(office: Office, incoming: Incoming, command: str) -> None:
    """Say that there is no such command."""
    await _say(office, incoming, "unknown", command=command)


async def choose_language(office: Office, incoming: Incoming, _: str) -> None:
    """Offer the languages."""
    language = await _language(office, incoming)
    rows: Rows = (
        (_choice("简体", "language", "hans"), _choice("繁體", "language", "hant")),
        (
            _choice("English", "language", "en"),
            _choice(tell("auto", language), "language", "auto"),
        ),
    )
    await office.sender.send(place_of(incoming), plain_reply(tell("lang", language), rows))


async def choose_script(office: Office, incoming: Incoming, _: str) -> None:
    """Offer the scripts of quotes."""
    language = await _language(office, incoming)
    now = (await office.keeper.chat(incoming.chat)).script or "source"
    scripts = ("source", "hans", "hant")
    rows: Rows = (
        tuple(_choice(tell(f"script_{one}", language), "script", one) for one in scripts),
    )
    told = tell("settings", language, script=tell(f"script_{now}", language))
    await office.sender.send(place_of(incoming), plain_reply(told, rows))


async def new(office: Office, incoming: Incoming, _: str) -> None:
    """Begin a new subject: the next question leans on nothing."""
    forget, person = office.keeper.state.forget_exchange, incoming.person or 0
    await office.keeper.run(forget, incoming.chat, incoming.thread, person)
    await _say(office, incoming, "new")


async def about(office: Office, incoming: Incoming, _: str) -> None:
    """Say what this is and what it holds."""
    manifest = await office.manifest()
    await _say(
        office,
        incoming,
        "about",
        articles=f"{manifest.articles:,}" if manifest else "?",
        passages=f"{manifest.passages:,}" if manifest else "?",
        generation=office.library.generation or "-",
    )


async def privacy(office: Office, incoming: Incoming, _: str) -> None:
    """Say what is kept."""
    await _say(office, incoming, "privacy", days=office.options.retention_days)


async def forget(office: Office, incoming: Incoming, _: str) -> None:
    """Delete what is kept of a person."""
    # The language first: it is among what goes.
    language = await _language(office, incoming)
    person = incoming.person or 0
    # What is just being answered would be kept a moment after.
    async with office.desk.alone(person):
        count = await office.keeper.forget(person)
    sentence = "forgotten_anonymous" if is_anonymous(person) else "forgotten"
    told = tell(sentence, language, count=count)
    await office.sender.send(place_of(incoming), plain_reply(told))


async def _open_article(office: Office, incoming: Incoming, article_id: str) -> None:
    style = await office.style(incoming.chat, incoming.code)
    try:
        article = await office.library.run(
            lambda reader: reader.article(article_id), seconds=SEARCH_SECONDS
        )
    except (TimeoutError, Unavailable, RetrievalError) as error:
        logger.error("an article could not be read: %s", error or type(error).__name__)
        await _say(office, incoming, "unavailable")
        return
    if article is None:
        await _say(office, incoming, "article_gone")
        return
    key = new_key()
    await office.keeper.run(
        office.keeper.state.keep_article,
        key,
        chat=incoming.chat,
        person=incoming.person or 0,
        article=article_id,
        now=office.clock(),
    )
    link = f"https://t.me/{office.me.username}?start={to_payload(article_id)}"
    reply = article_reply(ShownArticle(article.source, article.text, link=link), style, key=key)
    await office.sender.send(place_of(incoming), reply)


async def _say(office: Office, incoming: Incoming, sentence: str, **values: object) -> None:
    told = tell(sentence, await _language(office, incoming), **values)
    await office.sender.send(place_of(incoming), plain_reply(told))


async def _language(office: Office, incoming: Incoming) -> Language:
    return (await office.style(incoming.chat, incoming.code, incoming.text)).language


def _choice(text: str, action: Action, key: str) -> Button:
    return Button(text, to_data(Press(action, key)))
