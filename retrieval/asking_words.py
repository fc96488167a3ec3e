"""What a question is about, and what of it only asks, points or joins."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from corpus import fold
from retrieval.background import telling
from retrieval.tokens import units

LISTS = Path(__file__).with_name("asking_words.txt")


@cache
def words(name: str) -> tuple[str, ...]:
    """Return the words of one list of `asking_words.txt`, folded, the longest first."""
    found: list[str] = []
    for line in LISTS.read_text(encoding="utf-8").splitlines():
        head, colon, rest = line.partition(":")
        if colon and head == name:
            found += fold(rest).split()
    return tuple(sorted(found, key=len, reverse=True))


@cache
def any_of(*names: str) -> re.Pattern[str]:
    """Return a pattern of any word of these lists, the longest first.

    >>> any_of("asking").findall("那什么时候退钱")
    ['什么时候']
    """
    found = sorted((word for name in names for word in words(name)), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, found)))


def content(folded: str) -> dict[str, float]:
    """Return what a folded question is about, in pieces, with how telling each is.

    Pieces are pairs of units, or one unit, laid side by side so that they weigh least: common
    pairs are words more often than not, and what joins two words is a rare one.

    >>> list(content("那个案子是哪个法院受理的")), list(content("谁说的"))
    (['案子', '法院', '受理'], [])
    """
    pieces: dict[str, float] = {}
    for stretch in any_of("asking", "function").sub(" ", folded).split():
        for run in units(stretch):
            pieces.update(_pieces(run))
    return pieces


def _pieces(run: list[str]) -> dict[str, float]:
    """Cut a run into pairs, with one unit alone where their number is odd."""
    # best[at][alone]: weight and pieces of the first `at` units, `alone` of which stand alone.
    best: list[list[tuple[float, list[str]]]] = [[(0.0, []), _NONE]]
    for at, unit in enumerate(run, start=1):
        row = [_NONE, _longer(best[at - 1][0], unit)]
        if at > 1:
            pair = run[at - 2] + unit
            row[0] = _longer(best[at - 2][0], pair)
            row[1] = min(row[1], _longer(best[at - 2][1], pair))
        best.append(row)
    _, chosen = best[-1][len(run) % 2]
    return {piece: telling(piece) for piece in chosen}


_NONE: tuple[float, list[str]] = (float("inf"), [])


def _longer(before: tuple[float, list[str]], piece: str) -> tuple[float, list[str]]:
    weight, pieces = before
    return weight + telling(piece), [*pieces, piece]
