"""The passage and its answering sentence marked, in a quotation and in a whole article."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

from bot.marking import quote_pieces
from bot.telegram.markup import Quoted, Span
from retrieval.records import FoundPassage, Quote

LONG = 220
"""Characters from which a passage is folded up under its answering sentence."""

Shown: TypeAlias = Callable[[str], str]
"""Makes a text of the archive fit to be shown, in the script of a chat."""


def marked(passage: FoundPassage, shown: Shown) -> Iterator[Span]:
    """Yield the text of a passage as a quotation, its answering sentence bold."""
    quoted: Quoted = "expandable" if len(passage.text) > LONG else "quote"
    text, quote = passage.text, passage.quote
    start, end = (quote.start, quote.end) if quote else (len(text), len(text))
    head = _title_lines(passage)
    pieces = [Span(text[head:start]), *(sentence(quote) if quote else ()), Span(text[end:])]
    for piece in pieces:
        if piece.text:
            yield replace(piece, text=shown(piece.text), quoted=quoted)


def sentence(quote: Quote) -> Iterator[Span]:
    """Yield the answering sentence in bold, underlined in it what was asked for."""
    for piece, asked_for in quote_pieces(quote):
        yield Span(piece, bold=True, underline=asked_for)


def _title_lines(passage: FoundPassage) -> int:
    """Return how much of a passage is the article's title again, which stands above it."""
    title = (passage.article.title or "").strip()
    text = passage.text
    if not title or not text.startswith(title):
        return 0
    rest = text[len(title) :]
    head = len(text) - len(rest.lstrip())
    quote = passage.quote
    cut = rest[:1].isspace() and rest.strip() and (quote is None or quote.start >= head)
    return head if cut else 0


def article_spans(text: str, passage: FoundPassage | None, shown: Shown) -> Iterator[Span]:
    """Yield the text of an article, the passage underlined where it stands in it."""
    start = passage.start if passage else 0
    whole = passage is not None and text[start : start + len(passage.text)] == passage.text
    if passage is None or not whole:
        yield Span(shown(text))
        return
    end = start + len(passage.text)
    first, last = start, end
    if passage.quote:
        first, last = start + passage.quote.start, start + passage.quote.end
    cuts: Sequence[tuple[str, bool, bool]] = (
        (text[:start], False, False),
        (text[start:first], False, True),
        (text[first:last], True, True),
        (text[last:end], False, True),
        (text[end:], False, False),
    )
    for piece, bold, underline in cuts:
        if piece:
            yield Span(shown(piece), bold=bold, underline=underline)
