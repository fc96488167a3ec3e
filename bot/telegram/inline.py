"""Inline mode: `@bot question` in any chat gives articles to send there."""

from __future__ import annotations

import asyncio
import logging

from telegram import (
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated

from bot.inert import inert, one_line
from bot.telegram.answering import QUESTION_CHARS, SEARCH_SECONDS
from bot.telegram.language import language_for
from bot.telegram.library import Unavailable
from bot.telegram.markup import lines, shorten, to_html
from bot.telegram.office import Office
from bot.telegram.replies import Reply, Style, fitted, passage_parts
from bot.telegram.sending import Undelivered, is_markup, plain_text
from bot.telegram.wording import tell
from bot.wording import say
from retrieval.errors import FilterError, RetrievalError
from retrieval.records import FoundPassage

logger = logging.getLogger(__name__)

A_PAGE = 5
_MOST = 25
_KEPT_SECONDS = 60


async def answer_inline(office: Office, query: InlineQuery) -> None:
    """Answer an inline query; one that a newer one of the same person has overtaken is dropped."""
    person, question = query.from_user.id, inert(query.query).strip()[:QUESTION_CHARS]
    style = Style(language_for(query.from_user.language_code, question))
    if not question:
        await _answer(office, query, [], "", tell("inline_help", style.language))
        return
    if len(office.newest) > 10_000:
        office.newest.clear()
    number = office.newest[person] = office.newest.get(person, 0) + 1
    # Typing comes in bursts; only the last of a burst waits for its token and is answered.
    while (refused := office.desk.admit(person)) is not None:
        if refused.reason == "busy":
            return
        await asyncio.sleep(refused.seconds)
        if office.newest.get(person) != number:
            return
    async with office.desk.turn(person):
        if office.newest.get(person) != number:
            return
        offset = int(query.offset) if query.offset.isascii() and query.offset.isdigit() else 0
        wanted = min(_MOST, offset + A_PAGE + 1)
        try:
            result = await office.library.run(
                lambda reader: reader.answer(question, limit=wanted), seconds=SEARCH_SECONDS
            )
        except FilterError:
            return  # half a filter, as yet: the next letter asks again
        except (TimeoutError, Unavailable, RetrievalError) as error:
            logger.error("an inline query failed: %s", error or type(error).__name__)
            return
    answer = result.answer
    found = answer.passages if answer.status == "answered" else ()
    page = found[offset : offset + A_PAGE]
    following = str(offset + A_PAGE) if len(found) > offset + A_PAGE else ""
    button = "" if page or offset else tell("inline_none", style.language)
    results = [_result(passage, style, marked=True) for passage in page]
    try:
        await _answer(office, query, results, following, button, marked=True)
    except BadRequest as error:
        logger.warning("Telegram refused the markup of inline results: %s", error)
        results = [_result(passage, style, marked=False) for passage in page]
        await _answer(office, query, results, following, button)


async def refuse_inline(office: Office, query: InlineQuery) -> None:
    """Tell a stranger that the bot is not open to him; the chat tells him his id."""
    language = language_for(query.from_user.language_code)
    await _answer(office, query, [], "", tell("inline_refused", language))


async def _answer(
    office: Office,
    query: InlineQuery,
    results: list[InlineQueryResultArticle],
    following: str,
    button: str,
    *,
    marked: bool = False,
) -> None:
    """Answer; what is `marked` raises BadRequest where its markup is refused."""
    start = InlineQueryResultsButton(button, start_parameter="inline") if button else None
    try:
        await office.sender.patiently(
            lambda: office.bot.answer_inline_query(
                query.id,
                results,
                # A private archive must not stay in Telegram's cache.
                cache_time=0 if office.access.allowed else _KEPT_SECONDS,
                is_personal=True,
                # The library would write "[]" for an empty string.
                next_offset=following or None,
                button=start,
            )
        )
    except BadRequest as error:
        if marked and is_markup(error):
            raise
        logger.debug("an inline query could not be answered: %s", error)
    except (ChatMigrated, Undelivered) as error:
        logger.info("an inline query could not be answered: %s", error)


def _result(passage: FoundPassage, style: Style, *, marked: bool) -> InlineQueryResultArticle:
    quote = passage.quote.text if passage.quote else passage.text
    title = style.shown(one_line(passage.article.title or "")) or say("untitled", style.language)
    reply = Reply(fitted(tuple(lines(*passage_parts(passage, style)))))
    return InlineQueryResultArticle(
        id=f"{passage.rank}",
        title=shorten(title, 120),
        description=shorten(style.shown(quote), 200),
        input_message_content=InputTextMessageContent(
            to_html(reply.spans) if marked else plain_text(reply),
            parse_mode=ParseMode.HTML if marked else None,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        ),
    )
