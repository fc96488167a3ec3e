"""Answers, sources and articles as messages with buttons. Pure: no library, no database."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias

from bot.ages import age_line, newer_line
from bot.filter_words import filter_lines
from bot.inert import inert, one_line
from bot.rendering import confidence_word
from bot.script import convert
from bot.telegram.keys import NOTHING, Press, to_data
from bot.telegram.marking import LONG, article_spans, marked, sentence
from bot.telegram.markup import MESSAGE_UNITS, Span, Spans, length, lines, pages, shorten
from bot.telegram.wording import tell
from bot.wording import Language, say
from corpus.script import Script
from retrieval.records import Answer, FoundPassage, Source

_TITLE_UNITS, _BUTTON_UNITS, _SITE_UNITS = 200, 40, 60
_PAGE_UNITS = MESSAGE_UNITS - 400
"""Of an article's text: the rest is for title, citation and page number."""
_SOURCES_A_PAGE = 12
_NEAREST_BUTTONS = 5


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message; `data` comes back when it is pressed."""

    text: str
    data: str


Rows: TypeAlias = tuple[tuple[Button, ...], ...]
_ToPress: TypeAlias = Callable[[int], Press]


@dataclass(frozen=True, slots=True)
class Reply:
    """A message to be."""

    spans: Spans
    rows: Rows = ()


@dataclass(frozen=True, slots=True)
class Style:
    """How one chat reads."""

    language: Language
    script: Script | None = None
    """Script of quotes and titles; None: as the source has them."""
    today: date | None = None
    """What the age of a source is counted to; None: it is not said."""

    def shown(self, text: str) -> str:
        """Return a text of the archive in the script of this chat."""
        return convert(inert(text), self.script)


@dataclass(frozen=True, slots=True)
class ShownArticle:
    """A whole article, and where in it people begin to read."""

    source: Source
    text: str
    passage: FoundPassage | None = None
    """The passage that led here; it is marked."""
    number: int = 0
    """The passage's place in its answer, from 0."""
    page: int | None = None
    """None: the page that holds the passage."""
    link: str | None = None
    """A deep link to the article."""


@dataclass(frozen=True, slots=True)
class Votes:
    """How often an answer was found good and bad."""

    up: int = 0
    down: int = 0


def plain_reply(text: str, rows: Rows = ()) -> Reply:
    """Return a sentence of ours as a message."""
    return Reply((Span(text),), rows)


def answer_reply(
    answer: Answer, style: Style, *, key: str, page: int = 0, votes: Votes | None = None
) -> Reply:
    """Return one passage of an answer, or the plain word that there is none."""
    if answer.status != "answered" or not answer.passages:
        return _not_found(answer, style, key, votes or Votes())
    page = min(page, len(answer.passages) - 1)
    passage = answer.passages[page]
    confidence = say(confidence_word(answer.confidence), style.language)
    head = Span(tell("found", style.language, confidence=confidence))
    above: list[Spans] = []
    if page == 0:
        newer = newer_line(answer.passages, style.today, style.language)
        above = [*_understood(answer, style), (head,), *_narrowed(answer, style), (Span(newer),)]
    body = lines(*above, *passage_parts(passage, style))
    turning = _turning(len(answer.passages), page, lambda to: Press("page", key, to))
    reading = (
        Button(tell("article", style.language), to_data(Press("article", key, page))),
        Button(tell("sources", style.language), to_data(Press("sources", key))),
    )
    rows = (*turning, reading, _vote_row(key, page, votes or Votes()))
    return Reply(fitted(tuple(body)), rows)


def passage_parts(passage: FoundPassage, style: Style) -> Iterator[Spans]:
    """Yield a passage line by line: title, citation, answering sentence, text, link."""
    source = passage.article
    yield (Span(_title(source, style), bold=True),)
    yield (Span(" · ".join(_facts(passage, style))),)
    yield (Span(age_line(source.published, style.today, style.language)),)
    quote = passage.quote
    if quote is not None and len(passage.text) > LONG and len(quote.text) < LONG:
        pieces = ((piece, " ".join(re.split(r"\s+", piece.text))) for piece in sentence(quote))
        yield (Span("❝ "), *(replace(piece, text=style.shown(text)) for piece, text in pieces))
    yield tuple(marked(passage, style.shown))
    yield link_line(source)


def sources_reply(answer: Answer, style: Style, *, key: str, page: int = 0) -> Reply:
    """Return every source of an answer, a dozen a page."""
    found: dict[str, Source] = {}
    for passage in answer.passages:
        for source in (passage.article, *passage.also_in):
            found.setdefault(source.id, source)
    listed = list(found.values())
    count = max(1, -(-len(listed) // _SOURCES_A_PAGE))
    page = min(page, count - 1)
    first = page * _SOURCES_A_PAGE
    parts: list[Spans] = [(Span(tell("sources_head", style.language), bold=True),)]
    for number, source in enumerate(listed[first : first + _SOURCES_A_PAGE], start=first + 1):
        parts.append((Span(f"{number}. {_title(source, style, 80)}"),))
        facts = [part for part in _source_facts(source, style) if part]
        parts.append((Span(f"    {' · '.join(facts)} " if facts else "    "), *link_line(source)))
    rows = _turning(count, page, lambda to: Press("sources", key, to))
    return Reply(fitted(tuple(lines(*parts))), (*rows, (_back(key, 0, style),)))


def article_reply(shown: ShownArticle, style: Style, *, key: str) -> Reply:
    """Return a page of a whole article."""
    source, passage = shown.source, shown.passage
    cut = pages(tuple(article_spans(shown.text, passage, style.shown)), limit=_PAGE_UNITS)
    page = shown.page
    if page is None:
        page = next((at for at, one in enumerate(cut) if any(span.bold for span in one)), 0)
    page = min(page, max(0, len(cut) - 1))
    body = cut[page] if cut else (Span(tell("nothing", style.language)),)
    counted = tell("page", style.language, page=page + 1, pages=len(cut)) if len(cut) > 1 else ""
    facts = [part for part in (*_source_facts(source, style), counted) if part]
    spans = lines(
        (Span(_title(source, style), bold=True),),
        (Span(" · ".join(facts)),),
        (Span("\n"), *body),
        link_line(source),
        (Span(tell("share", style.language), link=shown.link),) if shown.link and not page else (),
    )
    # Page 1 is written 1 in the button's data: 0 stands for "where the passage is".
    turning = _turning(len(cut), page, lambda to: Press("article", key, shown.number, to + 1))
    back = ((_back(key, shown.number, style),),) if passage is not None else ()
    return Reply(fitted(tuple(spans)), (*turning, *back))


def fitted(spans: Spans) -> Spans:
    """Return the spans, cut to one message with an ellipsis where they are too long."""
    if length(spans) <= MESSAGE_UNITS and sum(span.entities for span in spans) <= 80:
        return spans
    return (*pages(spans, limit=MESSAGE_UNITS - 1)[0], Span("…"))


def link_line(source: Source) -> Spans:
    """Return the link to a source, shown as the host it leads to; nothing without one."""
    span = Span("", link=source.url)
    if not span.link:
        return ()
    host = span.link.split("/")[2]
    return Span("🔗 "), Span(shorten(host, _SITE_UNITS), link=span.link)


def _understood(answer: Answer, style: Style) -> Iterator[Spans]:
    """Yield how a question that leaned on the one before was understood."""
    if answer.understood is not None:
        # The words of two questions, made into one by us: in the script of our own words.
        script = None if style.language == "en" else style.language
        shown = convert(inert(one_line(answer.understood)), script)
        yield (Span(say("understood", style.language, question=shown)),)


def _narrowed(answer: Answer, style: Style) -> Iterator[Spans]:
    """Yield the filters of the question, and what they leave."""
    told = filter_lines(answer, style.language, lambda text: style.shown(one_line(text)))
    yield from ((Span(line),) for line in told)


def _not_found(answer: Answer, style: Style, key: str, votes: Votes) -> Reply:
    parts: list[Spans] = [*_understood(answer, style), (Span(tell("not_found", style.language)),)]
    parts += _narrowed(answer, style)
    titles = [style.shown(one_line(title)) for title in answer.nearest_titles if title.strip()]
    if titles:
        parts.append((Span("\n" + tell("nearest", style.language)),))
        parts += [(Span(f"· {shorten(title, _TITLE_UNITS)}"),) for title in titles]
    rows: list[tuple[Button, ...]] = []
    seen: set[str] = set()
    for number, passage in enumerate(answer.passages):
        if passage.article.id in seen or len(rows) == _NEAREST_BUTTONS:
            continue
        seen.add(passage.article.id)
        label = shorten(f"📄 {_title(passage.article, style)}", _BUTTON_UNITS)
        rows.append((Button(label, to_data(Press("article", key, number))),))
    return Reply(fitted(tuple(lines(*parts))), (*rows, _vote_row(key, 0, votes)))


def _vote_row(key: str, page: int, votes: Votes) -> tuple[Button, ...]:
    """Return the two vote buttons with their counts; they remember the page they are under."""
    up = f"👍 {votes.up}" if votes.up else "👍"
    down = f"👎 {votes.down}" if votes.down else "👎"
    return Button(up, to_data(Press("up", key, page))), Button(
        down, to_data(Press("down", key, page))
    )


def _turning(count: int, page: int, press: _ToPress) -> Rows:
    if count < 2:
        return ()
    before, after = (page - 1) % count, (page + 1) % count
    return (
        (
            Button("◀", to_data(press(before))),
            Button(f"{page + 1}/{count}", NOTHING),
            Button("▶", to_data(press(after))),
        ),
    )


def _back(key: str, page: int, style: Style) -> Button:
    return Button(tell("back", style.language), to_data(Press("page", key, page)))


def _title(source: Source, style: Style, limit: int = _TITLE_UNITS) -> str:
    title = style.shown(one_line(source.title or ""))
    return shorten(title, limit) or say("untitled", style.language)


def _facts(passage: FoundPassage, style: Style) -> list[str]:
    facts = _source_facts(passage.article, style)
    if passage.also_in:
        facts.append(tell("also_in", style.language, count=len(passage.also_in)))
    if passage.damage.repaired:
        facts.append(say("repaired", style.language, count=passage.damage.repaired))
    if passage.damage.unrepaired:
        facts.append(say("unrepaired", style.language, count=passage.damage.unrepaired))
    return facts


def _source_facts(source: Source, style: Style) -> list[str]:
    parts = (source.site, source.published)
    return [shorten(style.shown(part), _SITE_UNITS) for part in parts if part and part.strip()]
