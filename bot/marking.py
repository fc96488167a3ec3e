"""Which words of a shown text are marked: the quote, and in it what was asked for.

Texts are converted piece by piece: a converted text may have another length.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from bot.script import convert
from corpus.script import Script

if TYPE_CHECKING:
    from retrieval.records import Quote

QUOTE, ANSWER = "bold underline cyan", "bold underline reverse cyan"
MARKS = frozenset({QUOTE, ANSWER})


def quote_pieces(quote: Quote) -> list[tuple[str, bool]]:
    """Return the pieces of a quote in order, and of each whether it is what was asked for."""
    if quote.answer is None:
        return [(quote.text, False)]
    start, end = (at - quote.start for at in quote.answer)
    pieces = [(quote.text[:start], False), (quote.text[start:end], True), (quote.text[end:], False)]
    return [piece for piece in pieces if piece[0]]


def marked_pieces(quote: Quote) -> list[tuple[str, str | None]]:
    """Return the pieces of a quote with their styles."""
    return [(text, ANSWER if asked_for else QUOTE) for text, asked_for in quote_pieces(quote)]


def joined(
    pieces: Sequence[tuple[str, str | None]],
    target: Script | None,
    *,
    brackets: bool,
    safe: Callable[[str], str],
) -> Text:
    """Return pieces of archive text in one, safe to print and in the target script.

    `brackets` puts 【】 around the quote and stars around the answer, where there is no colour.
    """
    shown = [(convert(safe(piece), target), style) for piece, style in pieces]
    shown = [(piece, style) for piece, style in shown if piece]
    if brackets:
        shown = [(f"*{piece}*" if style == ANSWER else piece, style) for piece, style in shown]
        marks = [number for number, (_, style) in enumerate(shown) if style in MARKS]
        if marks:
            first, last = marks[0], marks[-1]
            shown[first] = f"【{shown[first][0]}", shown[first][1]
            shown[last] = f"{shown[last][0]}】", shown[last][1]
    return Text.assemble(*((piece, style or "") for piece, style in shown))
