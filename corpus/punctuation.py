"""Punctuation that lost its width: pages whose ，：（ became , : ( get them back."""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.records import Edit

_WIDE = dict(zip(",:;?!()", "，：；？！（）", strict=True))
_HAN = r"\u3400-\u9fff\uf900-\ufaff"
_CHINESE = rf"[{_HAN}“”‘’《》〈〉「」『』【】、。…·（），：；？！]"
_NARROW = re.compile(rf"(?<=[{_HAN}])[,:;](?=[{_HAN}])")
_FULL = re.compile("[，：；]")
_MARK = re.compile(r"[,:;?!()]")
# Nothing inside these is punctuation of the sentence around them.
_KEPT = re.compile(
    r"(?:https?|ftp)://[!-~]+|www\.[!-~]+|[\w.+-]+@[\w-]+\.[\w.-]+|`[^`\n]*`|\d[\d,]*:\d\d?(?::\d\d)?|\d{1,3}(?:,\d{3})+(?!\d)"
)
_IS_CHINESE = re.compile(_CHINESE)
_IS_HAN = re.compile(f"[{_HAN}]")
_FEWEST = 3
_MARKS_PASSED = 3
_BRACKET_CHARS = 120


def narrow_marks(text: str) -> Iterator[Edit]:
    """Yield an edit for each half-width mark of a Chinese sentence, one character for one.

    Only on a page that plainly lost its width: half-width marks between Han characters, and hardly
    a full-width one. A mark counts as Chinese with Han or Chinese punctuation on both sides, or
    on one where the other is a number, a word in Latin letters or the edge of the line.
    """
    if not has_lost_width(text):
        return
    kept = [match.span() for match in _KEPT.finditer(text)]
    number = 0
    for match in _MARK.finditer(text):
        at = match.start()
        while number < len(kept) and kept[number][1] <= at:
            number += 1
        if number < len(kept) and kept[number][0] <= at:
            continue
        if _is_chinese(text, at):
            yield Edit(at, at + 1, _WIDE[match[0]])


def has_lost_width(text: str) -> bool:
    """Tell whether a page lost the width of its punctuation on the way here."""
    narrow = sum(1 for _ in _NARROW.finditer(text))
    return narrow >= _FEWEST and narrow > 4 * sum(1 for _ in _FULL.finditer(text))


def _is_chinese(text: str, at: int) -> bool:
    mark = text[at]
    if mark == "(":
        end = _closing(text, at)
        return end >= 0 and _is_chinese_bracket(text, at, end)
    if mark == ")":
        start = _opening(text, at)
        return start >= 0 and _is_chinese_bracket(text, start, at)
    return _is_between(_side(text, at, -1), _side(text, at, 1))


def _is_chinese_bracket(text: str, start: int, end: int) -> bool:
    """Tell whether a pair of brackets is Chinese: by what it holds, or by what is around it."""
    if _IS_HAN.search(text, start, end):
        return True
    return {_side(text, start, -1), _side(text, end, 1)} in ({"han"}, {"han", "edge"})


def _is_between(before: str, after: str) -> bool:
    return "han" in (before, after) and "other" not in (before, after)


def _side(text: str, at: int, step: int) -> str:
    """Return what stands beside a mark, other marks passed over: han, word, edge or other."""
    place = at + step
    for _ in range(_MARKS_PASSED):
        if not (0 <= place < len(text)) or text[place].isspace():
            return "edge"
        if not _MARK.match(text, place):
            break
        place += step
    if not 0 <= place < len(text) or text[place].isspace():
        return "edge"
    if _IS_CHINESE.match(text, place):
        return "han"
    return "word" if text[place].isalnum() or text[place] in "%％℃°+" else "other"


def _closing(text: str, at: int) -> int:
    end = text.find(")", at + 1, at + _BRACKET_CHARS)
    return end if end >= 0 and "(" not in text[at + 1 : end] and "\n" not in text[at:end] else -1


def _opening(text: str, at: int) -> int:
    start = text.rfind("(", max(0, at - _BRACKET_CHARS), at)
    inner = text[start + 1 : at]
    return start if start >= 0 and ")" not in inner and "\n" not in inner else -1
