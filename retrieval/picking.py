"""The number or the date inside a quote that a question asks for, by exact offsets.

Only what can be told by its form is picked out: a number with its unit, a date with its year. Of
several, the one closest to the words of the question is taken, and none where two are as close.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from corpus.folding import fold_characters
from retrieval.kinds import Asked, Kind, counting

_HAN = "〇零一二三四五六七八九十"
_TO = "[-–~至到]"
_DAY = rf"(?:\d{{1,2}}|[{_HAN}]{{1,3}})"
_MONTH = rf"(?:{_DAY}月?{_TO})?{_DAY}月(?:{_DAY}[日号]|[初中底末])?"
_YEAR = (
    rf"(?:(?:公元前?|西元前?|前|民国)(?:\d{{1,4}}|[{_HAN}]{{1,4}}|元)年"
    rf"|(?:\d{{3,4}}|[{_HAN}]{{4}})年(?![前来间以内]))"
)
_PART = "(?:[初中末]期?|[早中晚后前]期|中叶|末叶)?"
_CENTURY = rf"(?:公元前|西元前|前)?{_DAY}世纪(?:(?:\d0|[{_HAN}]{{1,2}})年代)?{_PART}"
_DECADE = rf"\d{{4}}年代{_PART}"
_WHICH_CENTURY = re.compile(_CENTURY)
_WHICH_YEAR = re.compile(f"{_DECADE}|{_YEAR}")
_WHEN = re.compile(f"{_CENTURY}|{_DECADE}|{_YEAR}(?:{_MONTH})?|{_MONTH}")
_AGES = re.compile("[时朝世年]代|时期|时段")
"""What is asked for by these has a name, not a date."""

_SENTENCE_END = re.compile("[。！？；!?;]")
_BEYOND = 10
"""Characters that the end of a sentence counts for."""
_CLOSE = 1.5
"""How many times as close to the question's words as the next best the picked one must be."""


def pick(
    quote: str, asked: Asked, question: str, weights: Mapping[str, float]
) -> tuple[int, int] | None:
    """Return where in a quote the thing asked for stands, or None where that cannot be told.

    `question` is folded, `weights` say how telling its terms are.
    """
    pattern = _pattern(asked, question)
    if pattern is None:
        return None
    folded = fold_characters(quote)
    known = fold_characters(question)
    found = [match.span() for match in pattern.finditer(folded) if match[0] not in known]
    if not found:
        return None
    # Where each character stands, sentences moved apart.
    moved, at = [], 0
    for character in folded:
        moved.append(at)
        at += 1 if _SENTENCE_END.match(character) is None else 1 + _BEYOND
    moved.append(at)
    places = [
        (
            weight,
            [
                (moved[one.start()], moved[one.end() - 1])
                for one in re.finditer(re.escape(term), folded)
            ],
        )
        for term, weight in weights.items()
        if term in folded
    ]
    ranked = sorted(
        ((_closeness(moved[start], moved[end - 1], places), (start, end)) for start, end in found),
        reverse=True,
    )
    if len(ranked) > 1 and ranked[0][0] < _CLOSE * ranked[1][0]:
        return None
    return ranked[0][1]


def _pattern(asked: Asked, question: str) -> re.Pattern[str] | None:
    if asked.kind is Kind.NUMBER:
        return counting(asked.units)
    if asked.kind is not Kind.DATE or _AGES.search(question, asked.start, asked.end + 1):
        return None
    word = question[asked.start : asked.end + 1]
    if "世纪" in word:
        return _WHICH_CENTURY
    return _WHICH_YEAR if "年" in word else _WHEN


def _closeness(
    first: int, last: int, places: Iterable[tuple[float, list[tuple[int, int]]]]
) -> float:
    """Return how close a stretch is to words, each by where it stands nearest."""
    return sum(
        weight / (_NEXT_TO + min(max(0, first - end, start - last) for start, end in spans))
        for weight, spans in places
    )


_NEXT_TO = 4
