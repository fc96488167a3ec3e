"""The shape of a text: paragraphs, headings, numbered articles of law, list items."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

_NUMBER = r"[一二三四五六七八九十百千零〇○两兩0-9０-９]"
_LINE = re.compile(r"\S(?:[^\n]*\S)?")
_MARK = re.compile(
    rf"第\s?{_NUMBER}{{1,9}}\s?(?:(?P<part>分?[编編]|部分)|(?P<chapter>[章篇])|(?P<section>[节節])"
    rf"|(?P<article>[条條](?:之{_NUMBER}{{1,3}})?(?![规規]定|[的所、和与與至或到第])))"
    rf"|(?P<numeral>[一二三四五六七八九十]{{1,3}}[、.．])"
    rf"|(?P<item>[（(](?:{_NUMBER}{{1,4}}|[a-zA-Z])[）)]|\d{{1,3}}(?:[.．](?!\d)|[、）)])"
    r"|[①-⑳]|[•●○■◆▪]|[-–—*·]\s)"
)
_OPEN_ENDS = frozenset("。！；…，、：,;:!.—-")
_FULL_ENDS = frozenset("。！？；…：!?:”』」）》】)")
_NOT_HEADING = re.compile(
    r"[0-9０-９（(《“「『\"'|]|(?:本文)?(?:[来來]源|稿源|作者|[记記]者|[编編][辑輯]|[责責]任|[发發][布佈表]|日期"
    r"|[时時][间間]|原[标標][题題]|[图圖]|附件|https?:)|.*[。；]"
)
_HEADING_CHARS = 36
_CHAPTER_CHARS = 60
_WRAPPED_LINES = 3


class Kind(IntEnum):
    """What a paragraph is. Headings have values below ARTICLE, deeper ones larger."""

    PART = 1
    CHAPTER = 2
    SECTION = 3
    HEADING = 4
    ARTICLE = 5
    ITEM = 6
    PLAIN = 7


@dataclass(slots=True)
class Paragraph:
    """A paragraph, trimmed of white space, and what kind it is."""

    start: int
    end: int
    kind: Kind
    label: str = ""
    """The number of a numbered article, such as 第二十五条."""


def paragraphs(text: str) -> list[Paragraph]:
    """Return the paragraphs of a text in order; only white space lies between them.

    A paragraph is a line, or several that were wrapped at the same width.
    """
    lines = _unwrapped(text, [match.span() for match in _LINE.finditer(text)])
    result: list[Paragraph] = []
    for number, (start, end) in enumerate(lines):
        mark = _MARK.match(text, start, end)
        kind, label = Kind.PLAIN, ""
        if mark is not None:
            kind = _marked_kind(mark, text[start:end])
            label = mark[0] if kind is Kind.ARTICLE else ""
        elif end - start <= _HEADING_CHARS and 0 < number < len(lines) - 1:
            before, after = lines[number - 1], lines[number + 1]
            if _looks_like_heading(text, start, end, before, after):
                kind = Kind.HEADING
        result.append(Paragraph(start, end, kind, label))
    return result


def _marked_kind(mark: re.Match[str], line: str) -> Kind:
    group = mark.lastgroup
    if group == "article":
        return Kind.ARTICLE
    if group == "item":
        return Kind.ITEM
    short = len(line) <= _CHAPTER_CHARS and line[-1] not in _OPEN_ENDS and "。" not in line
    if group == "numeral":
        return Kind.HEADING if short else Kind.ITEM
    if not short:
        return Kind.PLAIN
    return {"part": Kind.PART, "chapter": Kind.CHAPTER}.get(group or "", Kind.SECTION)


def _looks_like_heading(
    text: str, start: int, end: int, before: tuple[int, int], after: tuple[int, int]
) -> bool:
    """Tell whether a line is a heading: short, without an end, above something longer."""
    if text[end - 1] in _OPEN_ENDS or _NOT_HEADING.match(text, start, end):
        return False
    if text[before[1] - 1] not in _FULL_ENDS and text.count("\n", before[1], start) < 2:
        return False
    if text[end - 1] in "？?" and text.count("\n", end, after[0]) < 2:
        return False
    return after[1] - after[0] > end - start or _MARK.match(text, *after) is not None


def _unwrapped(text: str, lines: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join lines that a program broke at a fixed width in mid-sentence."""
    width = _wrap_width(text, lines)
    if width is None:
        return lines
    joined: list[tuple[int, int]] = []
    last = (0, 0)
    for start, end in lines:
        if (
            joined
            and text[last[1] - 1] not in _FULL_ENDS
            and _width(text, *last) >= width - 3
            and _gap(text, last[1], start) == "\n"
            and _MARK.match(text, start, end) is None
        ):
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
        last = start, end
    return joined


def _wrap_width(text: str, lines: list[tuple[int, int]]) -> int | None:
    """Return the column lines were broken at, in half-width columns, or None if they were not."""
    open_lines = [
        _width(text, start, end)
        for (start, end), after in pairwise(lines)
        if text[end - 1] not in _FULL_ENDS and end - start >= 15 and after[0] - end == 1
    ]
    if len(open_lines) < _WRAPPED_LINES:
        return None
    width = max(Counter(open_lines).most_common(3), key=lambda item: (item[1], item[0]))[0]
    longest = max(_width(text, start, end) for start, end in lines)
    near = sum(width - 3 <= other <= width + 2 for other in open_lines)
    if longest > width + 8 or near < _WRAPPED_LINES or near * 2 < len(open_lines):
        return None
    return width


def _width(text: str, start: int, end: int) -> int:
    line = text[start:end]
    if line.isascii():
        return len(line)
    # A Han character takes three bytes in UTF-8 and two columns.
    return (len(line) + len(line.encode("utf-8", "replace"))) // 2


def _gap(text: str, start: int, end: int) -> str:
    return text[start:end] if end - start <= 2 else ""
