"""Breaking lines of Chinese text mixed with Latin words, by the width of characters on screen.

rich breaks at spaces, of which Chinese has next to none: one stray space would leave half a line
empty, and a line could begin with 。.
"""

from __future__ import annotations

from rich.cells import cell_len
from rich.text import Text

# What may not begin a line, and what may not end one (a short form of GB/T 15834, JIS X 4051).
_NOT_FIRST = frozenset("，。！？；：、）】》」』〉〕…—％℃”’,.!?;:)]}%·～")
_NOT_LAST = frozenset("（【《「『〈〔“‘([{￥$#")


def wrap(text: Text, width: int) -> list[Text]:
    """Return the lines of a text, none wider than `width` cells; spaces at breaks are dropped.

    A single character wider than `width` stands alone on its line.
    """
    lines = []
    for paragraph in text.split("\n", allow_blank=True):
        for line in paragraph.divide(breaks(paragraph.plain, width)):
            line.rstrip()
            lines.append(line)
    return lines


def breaks(text: str, width: int) -> list[int]:
    """Return the offsets at which a paragraph is broken, none of them 0 or its length.

    >>> breaks("七天無理由退貨。", 14), breaks("退 iPhone 15", 8)
    ([6], [2, 9])
    """
    widths = [cell_len(character) for character in text]
    found: list[int] = []
    start, used, last = 0, 0, 0
    for index, cells in enumerate(widths):
        if index > start and _may_break(text, index):
            last = index
        # A space may hang over the edge: it is dropped at the break.
        while used + cells > width and index > start and not text[index].isspace():
            start = last if last > start else index
            found.append(start)
            used = sum(widths[start:index])
        used += cells
    return found


def _may_break(text: str, index: int) -> bool:
    before, after = text[index - 1], text[index]
    if after in _NOT_FIRST or before in _NOT_LAST or after.isspace():
        return False
    return before.isspace() or cell_len(before) == 2 or cell_len(after) == 2
