"""Folded text to the terms of keyword search.

Chinese is written without blanks, so a unit is one Han character, or a run of letters, or a
number. Terms are all units and all pairs of adjacent units: 退貨 gives 退, 货, 退货, and 7天 gives
7, 天, 7天. Pairs need no dictionary, find names no dictionary holds, and scored 2 to 5 points of
R@10 above jieba's words on DRCD, CMRC and STARD; single characters make one-character questions
and rare words findable.
"""

from __future__ import annotations

import re

TOKENS_VERSION = "3"
"""Changes whenever any text could give other terms, or the keyword index another layout; written
in the manifest."""

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af〇"
_RUN = re.compile(r"[^\W_]+(?:\.\d+[^\W_]*)*")
_UNIT = re.compile(rf"[{_HAN}]|\d+(?:\.\d+)*|[^\W\d_{_HAN}]+(?:\d+(?![.\d]))?")
_PURE_HAN = re.compile(rf"[{_HAN}]+").fullmatch
_OTHER = re.compile(rf"[^\W_{_HAN}]").search

HAN = re.compile(f"[{_HAN}]")
"""Matches one Han character."""


def units(folded: str) -> list[list[str]]:
    """Split folded text into runs of adjacent units.

    >>> units("苹果iphone15降价3.5%。12315")
    [['苹', '果', 'iphone15', '降', '价', '3.5'], ['12315']]
    """
    return [list(run) if _PURE_HAN(run) else _UNIT.findall(run) for run in _RUN.findall(folded)]


def mixed_runs(folded: str) -> list[list[str]]:
    """Return those of a text's runs, as `units` splits them, that hold anything but Han.

    >>> mixed_runs("降价3.5%,买7天")
    [['降', '价', '3.5'], ['买', '7', '天']]
    """
    if not _OTHER(folded):
        return []
    return [_UNIT.findall(run) for run in _RUN.findall(folded) if not _PURE_HAN(run)]


def terms(folded: str) -> list[str]:
    """Return the terms of a folded text: units and pairs of adjacent units, with repetitions.

    >>> terms("7天退货")
    ['7', '天', '退', '货', '7天', '天退', '退货']
    """
    found: list[str] = []
    for run in units(folded):
        found += run
        found += map(str.__add__, run, run[1:])
    return found
