"""The filters of a question in words, and what is to be said where they leave nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.inert import one_line
from bot.wording import Language, say

if TYPE_CHECKING:
    from retrieval.filters import Filters, Narrowing
    from retrieval.records import Answer


def filter_lines(
    answer: Answer, language: Language, shown: Callable[[str], str] = one_line
) -> list[str]:
    """Return what an answer was narrowed to, and why there is nothing; no line without filters.

    `shown` makes names of the archive fit to be shown.
    """
    narrowing = answer.narrowing
    if narrowing is None:
        return []
    line = say("narrowed", language, filters=filter_words(narrowing.filters, language, shown))
    if narrowing.undated:
        line += say("narrowed_undated", language, count=narrowing.undated)
    if not narrowing.articles:
        return [line, _nothing(narrowing, language, shown)]
    if not answer.passages and answer.nearest_titles:
        return [line, say("narrowed_only", language)]
    return [line]


def filter_words(
    filters: Filters, language: Language, shown: Callable[[str], str] = one_line
) -> str:
    """Return filters in a few words, as 2019 年以后 · 12315.cn."""
    parts = [_time(filters, language)] if filters.timed else []
    if filters.site:
        parts.append(shown(filters.site))
    if filters.title:
        parts.append(say("filter_title", language, title=shown(filters.title)))
    return " · ".join(parts)


def reason(error: Exception, language: Language) -> str:
    """Return an error's message, in the person's language where it is about a filter."""
    from retrieval.errors import FilterError

    if not isinstance(error, FilterError):
        return str(error)
    value = one_line(error.value)
    if error.name not in ("since", "before"):
        return say("filter_empty", language, name=error.name)
    return say("filter_date", language, name=error.name, value=value)


def day_words(day: str, language: Language) -> str:
    """Return a date of the archive or of a filter as people write it.

    >>> day_words("2019-06", "hans"), day_words("2019-06", "en")
    ('2019 年 6 月', '2019-06')
    """
    if language == "en":
        return day
    parts = zip(day.split("-"), "年月日", strict=False)
    return " ".join(f"{int(number)} {unit}" for number, unit in parts)


def _time(filters: Filters, language: Language) -> str:
    from retrieval.filters import preceding

    since, before = filters.since, filters.before
    if since and before and len(since) == len(before) and since < before:
        last = preceding(before)
        if since == last:
            return day_words(since, language)
        first = day_words(since, language)
        return say("filter_range", language, first=first, last=day_words(last, language))
    parts = []
    if since:
        parts.append(say("filter_since", language, day=day_words(since, language)))
    if before:
        parts.append(say("filter_before", language, day=day_words(before, language)))
    return " · ".join(parts)


def _nothing(narrowing: Narrowing, language: Language, shown: Callable[[str], str]) -> str:
    line = say("narrowed_nothing", language)
    first, last = narrowing.earliest, narrowing.latest
    if first and last:
        span = {"first": day_words(first, language), "last": day_words(last, language)}
        line += say("narrowed_dates", language, **span)
    if narrowing.sites:
        line += say("narrowed_sites", language, sites="、".join(map(shown, narrowing.sites)))
    return line
