"""Which of the two Chinese scripts a text is written in."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, TypeAlias

Script: TypeAlias = Literal["hans", "hant"]
"""Simplified or Traditional, by their ISO 15924 codes."""


def detect_script(text: str) -> Script | None:
    """Tell which script a text is written in; None when nothing in it says so.

    >>> detect_script("质量"), detect_script("質量"), detect_script("著作"), detect_script("3·15")
    ('hans', 'hant', None, None)
    """
    weight = sum(map(script_weight, text))
    if weight == 0:
        return None
    return "hant" if weight > 0 else "hans"


@lru_cache(maxsize=8192)
def script_weight(character: str) -> int:
    """Return 1 for a character only Traditional text has, -1 for only Simplified, else 0.

    GB 2312 is the everyday set of the mainland and Big5 that of Taiwan. What stands in both
    (乾 后 里 坏 么 著) says nothing by itself.
    """
    if not "㐀" <= character <= "鿿":
        return 0
    return _within(character, "big5") - _within(character, "gb2312")


def _within(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
