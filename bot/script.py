"""Showing Chinese in the script a person reads.

For display only: matching uses `corpus.fold`, and what is stored and quoted as JSON keeps the
source's glyphs. Lengths may change, so a text is converted in pieces around what is marked.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    import opencc

Script: TypeAlias = Literal["hans", "hant"]

_CLAUSE = re.compile(r"[^，。！？；：、\n,.!?;:]*[，。！？；：、\n,.!?;:]*")
_CONFIGS: dict[Script, str] = {"hans": "t2s", "hant": "s2tw"}


@lru_cache(maxsize=8192)
def _evidence(character: str) -> int:
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


def detect(text: str) -> Script | None:
    """Tell which script a text is written in; None when nothing in it says so.

    >>> detect("质量"), detect("質量"), detect("著作"), detect("3·15")
    ('hans', 'hant', None, None)
    """
    weight = sum(map(_evidence, text))
    if weight == 0:
        return None
    return "hant" if weight > 0 else "hans"


def convert(text: str, target: Script | None) -> str:
    """Return the text in `target` script; None leaves it as it is.

    Clauses already in that script are not touched: OpenCC takes its input to be in the other
    one and would turn the 乾 of a Simplified 乾安 into 干.

    >>> convert("質量不合格", "hans"), convert("乾安的坏东西", "hans")
    ('质量不合格', '乾安的坏东西')
    """
    if target is None or text.isascii():
        return text
    converter = _converter(target)
    whole = detect(text)
    pieces = []
    for clause in _CLAUSE.findall(text):
        script = detect(clause) or (None if _mixed(clause) else whole)
        # A clause that says nothing in a text that says nothing: for 繁 it may be Simplified
        # (坏), for 简 it is a word of both scripts (乾安, 著作).
        same = script == target and not _mixed(clause)
        unknown = script is None and target == "hans" and not _mixed(clause)
        pieces.append(clause if same or unknown else converter.convert(clause))
    return "".join(pieces)


def _mixed(text: str) -> bool:
    found = {_evidence(character) for character in text}
    return {1, -1} <= found


@cache
def _converter(target: Script) -> opencc.OpenCC:
    import opencc  # 20 ms; nothing needs it until somebody asks for the other script

    return opencc.OpenCC(_CONFIGS[target])
