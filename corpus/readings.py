"""The default reading of each character of GBK, and which of its forms are regular."""

from __future__ import annotations

from functools import cache

from corpus.readings_table import TABLE

LETTERS = "a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüńňǹḿ"
"""What readings are written with, for use inside a character class."""
HAN = "\u3400-\u9fff"
"""Chinese characters, for use inside a character class."""


class _Table:
    def __init__(self) -> None:
        self.readings: dict[str, str] = {}
        self.levels: dict[str, int] = {}
        self.groups: dict[str, tuple[str, ...]] = {}
        self.several: frozenset[str] = frozenset()
        for line in TABLE.read_text(encoding="utf-8").splitlines():
            reading, *forms = line.split("\t")
            if reading == "*":
                self.several = frozenset(forms[0])
                continue
            self.groups[reading] = tuple("".join(forms))
            for level, members in enumerate(forms):
                self.readings |= dict.fromkeys(members, reading)
                self.levels |= dict.fromkeys(members, level)


@cache
def _table() -> _Table:
    return _Table()


def reading_of(character: str) -> str | None:
    """Return the default reading with its tone mark, None for what has none.

    >>> reading_of("國")
    'guó'
    """
    return _table().readings.get(character)


def read_as(reading: str) -> tuple[str, ...]:
    """Return every character with this default reading."""
    return _table().groups.get(reading, ())


def irregularity(character: str) -> int:
    """Return 0 for a form that converted Traditional text has, 1 for another, 2 for neither."""
    return _table().levels.get(character, 0)


def has_several_readings(character: str) -> bool:
    """Tell whether words often read a character in another way than its default."""
    return character in _table().several
