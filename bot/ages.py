"""How old a source is: law and prices change, and an archive keeps what they were."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from bot.wording import Language, say

if TYPE_CHECKING:
    from retrieval.records import FoundPassage

OLD_YEARS = 2
"""Age from which it is said."""
_CLOSE = 0.5
"""Share of the first passage's score from which a newer one is worth naming."""
_IN_SIGHT = 5


def years_since(published: str | None, today: date) -> int | None:
    """Return the whole years since a date known to the year, month or day; None without one.

    >>> years_since("2011", date(2026, 3, 1)), years_since("2024-03-02", date(2026, 3, 1))
    (15, 1)
    """
    if not published:
        return None
    year, *rest = map(int, published.split("-"))
    return today.year - year - (rest > [today.month, today.day][: len(rest)])


def age_line(published: str | None, today: date | None, language: Language) -> str:
    """Return how old a source is, empty where it is young, undated, or nobody knows today."""
    years = years_since(published, today) if today else None
    if years is None or years < OLD_YEARS:
        return ""
    return say("age", language, year=(published or "")[:4], years=years)


def newer_line(passages: Sequence[FoundPassage], today: date | None, language: Language) -> str:
    """Return where a newer source stands, if the first one is old and another nearly as good."""
    if not passages or not age_line(passages[0].article.published, today, language):
        return ""
    first = passages[0]
    for one in passages[1:_IN_SIGHT]:
        year = (one.article.published or "")[:4]
        if year > (first.article.published or "")[:4] and one.score >= _CLOSE * first.score:
            return say("newer", language, rank=one.rank, year=year)
    return ""
