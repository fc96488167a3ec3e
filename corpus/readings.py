"""The default reading of each character of GBK, and which of its forms are regular."""

from __future__ import annotations

from functools import cache

from corpus.readings_table import TABLE

LETTERS = "a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüńňǹḿ"
"""What readings are written with, for use inside a character class."""


@cache
def _table() -> tuple[dict[str, str], dict[str, tuple[str, ...]], dict[str, int]]:
    readings: dict[str, str] = {}
    regularity: dict[str, int] = {}
    groups: dict[str, tuple[str, ...]] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        reading, *forms = line.split("\t")
        groups[reading] = tuple("".join(forms))
        for level, members in enumerate(forms):
            for character in members:
                readings[character] = reading
                regularity[character] = level
    return readings, groups, regularity


def reading_of(character: str) -> str | None:
    """Return the default reading with its tone mark, None for what has none.

    >>> reading_of("國")
    'guó'
    """
    return _table()[0].get(character)


def read_as(reading: str) -> tuple[str, ...]:
    """Return every character with this default reading."""
    return _table()[1].get(reading, ())


def irregularity(character: str) -> int:
    """Return 0 for a form that converted Traditional text has, 1 for another, 2 for neither."""
    return _table()[2].get(character, 0)
