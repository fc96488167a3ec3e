"""What narrows a question to some of the articles: their date, their site, their title.

A date may be known to the year, the month or the day only, on either side. An article counts as
published within a time if some day of what is known of its date lies in it; one without a date is
in no time at all.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from corpus import fold


@dataclass(frozen=True, slots=True)
class Filters:
    """What an article must be to be looked at; None: anything will do. False where all are None."""

    since: str | None = None
    """Published in this year, month or day (YYYY, YYYY-MM, YYYY-MM-DD) or later."""
    before: str | None = None
    """Published before this year, month or day begins."""
    site: str | None = None
    """Where it appeared: a host, or part of a site's name."""
    title: str | None = None
    """Part of its title."""

    def __bool__(self) -> bool:
        return self != Filters()

    @property
    def timed(self) -> bool:
        """Whether they ask for a date."""
        return bool(self.since or self.before)

    def or_else(self, earlier: Filters) -> Filters:
        """Keep the earlier filters where these say nothing; a time replaces a time as a whole.

        >>> Filters(before="2021").or_else(Filters(since="2019", site="12315.cn"))
        Filters(since=None, before='2021', site='12315.cn', title=None)
        """
        time = self if self.timed else earlier
        return Filters(
            time.since, time.before, self.site or earlier.site, self.title or earlier.title
        )

    def allow_date(self, published: str | None) -> bool:
        """Tell whether an article of this date (None: unknown) lies in the time.

        >>> filters = Filters(since="2019-06", before="2020")
        >>> [filters.allow_date(day) for day in ("2019", "2019-05-31", "2019-06", "2020-01", None)]
        [True, False, True, False, False]
        """
        if not self.timed:
            return True
        if published is None:
            return False
        since, before = self.since or "", _shortest(self.before or "9999-99")
        # Cut to the same length both name a day, a month or a year; the digits sort like dates.
        return published >= since[: len(published)] and _shortest(published) < before

    def allow_site(self, site: str | None, url: str | None) -> bool:
        """Tell whether an article from there is meant: a host and those below it, or a name."""
        if self.site is None:
            return True
        wanted = fold(self.site).removeprefix("www.")
        names = [fold(site)] if site else []
        if "." not in wanted:
            return any(wanted in name for name in names)
        if host := _host(url):
            names.append(host)
        return any(name == wanted or name.endswith(f".{wanted}") for name in names)

    def allow_title(self, title: str | None) -> bool:
        """Tell whether a title, in either script, has the words that are asked for."""
        return self.title is None or fold(self.title) in fold(title or "")

    def to_json(self) -> dict[str, str | None]:
        """Return what `Filters(**record)` makes the same filters of."""
        return asdict(self)


NO_FILTERS = Filters()


@dataclass(frozen=True, slots=True)
class Narrowing:
    """The filters of a question, and what they leave of the archive."""

    filters: Filters
    articles: int
    """How many articles match, reprints counted each."""
    undated: int
    """How many more would, had they a date."""
    earliest: str | None = None
    """First date of the archive."""
    latest: str | None = None
    """Last date of the archive."""
    sites: tuple[str, ...] = ()
    """The sites with most articles in the archive, at most five."""

    def counts(self) -> dict[str, int]:
        """Return how many articles match, and how many were left out for want of a date."""
        return {"articles": self.articles, "undated": self.undated}

    def to_json(self) -> dict[str, Any]:
        """Return the filters and how many articles they leave: `filters` of `ask --json`."""
        return {**self.filters.to_json(), **self.counts()}


def following(day: str) -> str:
    """Return the year, month or day after one.

    >>> following("2019"), following("2019-12"), following("2020-02-28")
    ('2020', '2020-01', '2020-02-29')
    """
    if len(day) == 4:
        return f"{int(day) + 1:04}"
    if len(day) == 7:
        year, month = int(day[:4]), int(day[5:])
        return f"{year + 1:04}-01" if month == 12 else f"{year:04}-{month + 1:02}"
    return date.fromordinal(date.fromisoformat(day).toordinal() + 1).isoformat()


def preceding(day: str) -> str:
    """Return the year, month or day before one.

    >>> preceding("2020"), preceding("2020-01"), preceding("2020-03-01")
    ('2019', '2019-12', '2020-02-29')
    """
    if len(day) == 4:
        return f"{int(day) - 1:04}"
    first = date.fromisoformat(f"{day}-01"[:10])
    return date.fromordinal(first.toordinal() - 1).isoformat()[: len(day)]


def _shortest(day: str) -> str:
    """Return a date without parts that are the first of theirs: 2019-01-01 begins with 2019."""
    while day.endswith("-01"):
        day = day[:-3]
    return day


def _host(url: str | None) -> str | None:
    try:
        return urlsplit(url or "").hostname
    except ValueError:
        return None
