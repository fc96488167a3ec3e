"""The drawing of a conversation in the documentation, from real answers.

python -m bot.telegram.picture docs/telegram.svg [INDEX]
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby
from pathlib import Path

from bot.telegram.markup import Span
from bot.telegram.replies import Reply, Style, answer_reply
from retrieval import Searcher

QUESTIONS = ("網購的衣服不喜歡能退嗎？", "螞蟻有幾條腿？")
_WIDTH, _MARGIN, _LINE, _SIZE = 560, 16, 22, 15
_BUBBLE = 400
_FONT = "'PingFang TC','Noto Sans CJK TC','Microsoft JhengHei',sans-serif"


def main() -> int:
    """Draw the conversation."""
    if len(sys.argv) not in (2, 3):
        print("usage: python -m bot.telegram.picture FILE.svg [INDEX]", file=sys.stderr)  # noqa: T201
        return 2
    index = Path(sys.argv[2]) if len(sys.argv) == 3 else Path("var/index")
    with Searcher.open(index) as searcher:
        answers = [answer_reply(searcher.answer(one), Style("hant"), key="-") for one in QUESTIONS]
    Path(sys.argv[1]).write_text(draw(zip(QUESTIONS, answers, strict=True)), encoding="utf-8")
    return 0


def draw(exchange: Iterable[tuple[str, Reply]]) -> str:
    """Return questions and answers as an SVG drawing of a chat."""
    parts, y = [], _MARGIN
    for question, reply in exchange:
        wide = 2 * _MARGIN + sum(map(_cells, question)) * _SIZE / 2
        asked, height = _bubble([[Span(question)]], _WIDTH - _MARGIN - wide, y, wide, "#e3f7d3")
        parts.append(asked)
        y += height + _MARGIN // 2
        rows = list(_wrapped(_short(reply.spans), _BUBBLE - 2 * _MARGIN))
        told, height = _bubble(rows, _MARGIN, y, _BUBBLE, "#ffffff")
        parts.append(told)
        y += height + 4
        for row in reply.rows:
            wide = (_BUBBLE - 4 * (len(row) - 1)) / len(row)
            for place, button in enumerate(row):
                parts.append(_button(button.text, _MARGIN + place * (wide + 4), y, wide))
            y += 36
        y += _MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y}" width="{_WIDTH}" '
        f'height="{y}" font-family="{_FONT}" font-size="{_SIZE}">'
        f'<rect width="100%" height="100%" rx="12" fill="#cfdcc8"/>{"".join(parts)}</svg>\n'
    )


def _short(spans: Sequence[Span], lines: int = 6) -> Iterator[Span]:
    """Give the spans, a folded quote cut as Telegram folds it."""
    left = lines * 24
    for span in spans:
        if span.quoted == "expandable":
            whole, left, room = span.text, left - len(span.text), max(0, left)
            text = whole if len(whole) <= room else whole[: room - 1] + "…" if room else ""
            yield Span(" ".join(text.split("\n")), bold=span.bold, quoted="expandable")
        else:
            yield span


def _wrapped(spans: Iterable[Span], width: float) -> Iterator[list[Span]]:
    row: list[Span] = []
    used = 0.0
    for span in spans:
        for number, line in enumerate(span.text.split("\n")):
            if number:
                yield row
                row, used = [], 0.0
            for char in line:
                wide = _cells(char) * _SIZE / 2
                if used + wide > width:
                    yield row
                    row, used = [], 0.0
                row.append(Span(char, bold=span.bold, link=span.link, quoted=span.quoted))
                used += wide
    yield row


def _bubble(
    rows: Sequence[Sequence[Span]], x: float, y: int, width: float, colour: str
) -> tuple[str, int]:
    height = _LINE * len(rows) + _MARGIN
    parts = [
        f'<rect x="{x:.0f}" y="{y}" width="{width:.0f}" height="{height}" rx="10" fill="{colour}"/>'
    ]
    for number, row in enumerate(rows):
        base = y + _LINE * (number + 1) - 2
        if any(span.quoted for span in row):
            parts.append(
                f'<rect x="{x + 6:.0f}" y="{base - 16}" width="3" height="22" fill="#4c9a52"/>'
            )
        pieces = []
        for span in _joined(row):
            style = ' font-weight="bold"' if span.bold else ""
            style += ' fill="#2a6fbb"' if span.link else ""
            pieces.append(f"<tspan{style}>{escape(span.text)}</tspan>")
        line = f'<text x="{x + _MARGIN:.0f}" y="{base}" xml:space="preserve">'
        parts.append(f"{line}{''.join(pieces)}</text>")
    return "".join(parts), height


def _joined(row: Sequence[Span]) -> Iterator[Span]:
    for (bold, link), group in groupby(row, key=lambda span: (span.bold, span.link)):
        yield Span("".join(span.text for span in group), bold=bold, link=link)


def _button(text: str, x: float, y: int, width: float) -> str:
    return (
        f'<rect x="{x:.0f}" y="{y}" width="{width:.0f}" height="32" rx="8" fill="#8aa788"/>'
        f'<text x="{x + width / 2:.0f}" y="{y + 21}" text-anchor="middle" fill="#fff" '
        f'font-size="13">{escape(text)}</text>'
    )


def _cells(char: str) -> int:
    return 1 if ord(char) < 0x2000 else 2


if __name__ == "__main__":
    sys.exit(main())
