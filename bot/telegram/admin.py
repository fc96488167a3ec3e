"""The commands of admins: statistics, the index, adding articles."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from functools import partial
from typing import Any

from bot.telegram.added import added_spans
from bot.telegram.adding import NotAdded, Sent, Stored, store
from bot.telegram.buttons import acknowledge, expired
from bot.telegram.incoming import Pressed, place_of
from bot.telegram.keys import Press, to_data
from bot.telegram.markup import Span, shorten
from bot.telegram.office import Office
from bot.telegram.parsing import Incoming
from bot.telegram.rebuilding import RebuildFailed, rebuild
from bot.telegram.replies import Button, Reply, Rows, fitted, plain_reply
from bot.telegram.sending import Place
from bot.telegram.statistics import Statistics, statistics
from bot.telegram.wording import tell
from bot.wording import Language
from retrieval.errors import RetrievalError
from retrieval.standing import Standing

logger = logging.getLogger(__name__)

_DAYS = 7


async def stats(office: Office, incoming: Incoming, text: str) -> None:
    """Show what was asked lately; an argument gives the number of days."""
    days = min(int(text), 3650) if text.isascii() and text.isdigit() and int(text) else _DAYS
    since = office.clock() - days * 86400
    found = await office.keeper.run(statistics, office.keeper.state, since)
    language = await office.language(incoming.chat, incoming.code)
    await office.sender.send(place_of(incoming), _stats_reply(found, days, language))


async def index(office: Office, incoming: Incoming, text: str) -> None:
    """Show the state of the index, with buttons to rebuild it and to go back."""
    place, language = place_of(incoming), await office.language(incoming.chat, incoming.code)
    if text in ("rebuild", "rollback"):
        await _maintain(office, place, language, text)
        return
    manifest = await office.manifest()
    if manifest is None:
        await office.sender.send(place, plain_reply(tell("unavailable", language)))
        return
    told = tell(
        "index_status",
        language,
        generation=office.library.generation,
        articles=f"{manifest.articles:,}",
        passages=f"{manifest.passages:,}",
        encoder=manifest.encoder.get("name"),
        created=manifest.created,
    )
    rows: Rows = (
        (
            Button(tell("index_rebuild", language), to_data(Press("index", "rebuild"))),
            Button(tell("index_rollback", language), to_data(Press("index", "ask"))),
        ),
    )
    await office.sender.send(place, plain_reply(told, rows))


async def index_button(office: Office, pressed: Pressed, press: Press) -> None:
    """Rebuild or roll back; going back is asked twice."""
    if pressed.chat is None or press.key not in ("rebuild", "ask", "rollback"):
        await expired(office, pressed)
        return
    await acknowledge(office, pressed)
    place = Place(pressed.chat, pressed.thread)
    language = await office.language(pressed.chat, pressed.code)
    if press.key == "ask":
        sure = Button(tell("index_rollback", language), to_data(Press("index", "rollback")))
        await office.sender.send(place, plain_reply(tell("index_sure", language), ((sure,),)))
        return
    await _maintain(office, place, language, press.key)


async def add(office: Office, incoming: Incoming, text: str, sent: Sent | None) -> None:
    """Take in a file or a text: store it, clean it, rebuild, and report."""
    place, language = place_of(incoming), await office.language(incoming.chat, incoming.code)
    try:
        if sent is None:
            raise NotAdded("add_how")
        stored = await store(office, sent)
    except NotAdded as error:
        await office.sender.send(place, plain_reply(error.tell(language)))
        return
    standings: Sequence[Standing] = ()
    try:
        async with office.building:
            # Of several that come together, the first one's rebuild takes in all.
            standings, told = await _standings(office, stored), list[str]()
            if not standings:
                told = _report_lines(await _rebuild(office, place), language)
                standings = await _standings(office, stored)
    except RebuildFailed as error:
        told = [tell("failed", language, reason=str(error))]
    spans = added_spans(stored.articles, standings, language)
    await office.sender.send(place, Reply(fitted((*spans, Span("\n".join(told))))))


async def _standings(office: Office, stored: Stored) -> Sequence[Standing]:
    """Return what became of a file in the index; nothing where it is not in it yet."""
    directory = office.settings.index_directory
    try:
        return await asyncio.to_thread(office.services.standings, directory, stored.path)
    except RetrievalError:
        return ()


async def _maintain(office: Office, place: Place, language: Language, what: str) -> None:
    try:
        if what == "rollback":
            back = partial(office.services.roll_back, office.settings.index_directory)
            generation = await asyncio.to_thread(back)
            await office.library.refresh()
            told = tell("rolled_back", language, generation=generation)
        else:
            await office.sender.send(place, plain_reply(tell("rebuilding", language)))
            async with office.building:
                report = await _rebuild(office, place)
            told = "\n".join(_report_lines(report, language))
    except (RebuildFailed, RetrievalError) as error:
        told = tell("failed", language, reason=str(error))
    await office.sender.send(place, Reply(fitted((Span(told),))))


async def _rebuild(office: Office, place: Place) -> dict[str, Any]:
    async with office.sender.typing(place):
        report = await rebuild(office.settings)
        await office.library.refresh()
    return report


def _report_lines(report: dict[str, Any], language: Language) -> list[str]:
    told = [tell("rebuilt", language, **{name: report.get(name, "?") for name in _REPORTED})]
    failed: Sequence[dict[str, Any]] = report.get("failed") or ()
    for failure in failed[:5]:
        reason = f"{failure.get('path')}: {failure.get('reason')}"
        told.append(tell("failed", language, reason=shorten(reason, 300)))
    if len(failed) > 5:
        told.append(tell("added_more", language, count=len(failed) - 5))
    return told


_REPORTED = ("generation", "articles", "passages", "new", "changed", "removed", "seconds")


def _stats_reply(found: Statistics, days: int, language: Language) -> Reply:
    share = f"{found.answered / found.questions:.0%}" if found.questions else "–"
    parts = [
        tell(
            "stats_questions",
            language,
            count=found.questions,
            share=share,
            up=found.up,
            down=found.down,
        ),
        tell("stats_times", language, p50=round(found.p50), p95=round(found.p95)),
    ]
    if found.days:
        parts.append("\n" + tell("stats_days", language))
        parts += [f"{day}  {count}" for day, count in found.days[:14]]
    if found.unanswered:
        parts.append("\n" + tell("stats_unanswered", language))
        parts += [f"{count} × {shorten(question, 120)}" for question, count in found.unanswered]
    head = Span(tell("stats_head", language, days=days), bold=True)
    return Reply(fitted((head, Span("\n" + "\n".join(parts)))))
