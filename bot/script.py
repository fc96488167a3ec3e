"""Showing Chinese in the script a person reads.

For display only: matching uses `corpus.fold`, and what is stored and quoted as JSON keeps the
source's glyphs. Lengths may change, so a text is converted in pieces around what is marked.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from corpus.script import Script, detect_script, script_weight

if TYPE_CHECKING:
    import opencc

_CLAUSE = re.compile(r"[^，。！？；：、\n,.!?;:]*[，。！？；：、\n,.!?;:]*")
# The Taiwan tables tell 著 from 着 (連著 and 连着), the general ones do not.
_CONFIGS: dict[Script, str] = {"hans": "tw2s", "hant": "s2tw"}


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
    whole = detect_script(text)
    pieces = []
    for clause in _CLAUSE.findall(text):
        script = None if _mixed(clause) else detect_script(clause) or whole
        # A clause that says nothing in a text that says nothing: for 繁 it may be Simplified
        # (坏), for 简 it is a word of both scripts (乾安, 著作).
        neutral = script is None and not _mixed(clause)
        done = script == target or (neutral and target == "hans")
        pieces.append(clause if done else converter.convert(clause))
    return "".join(pieces)


def _mixed(text: str) -> bool:
    return {1, -1} <= set(map(script_weight, text))


@cache
def _converter(target: Script) -> opencc.OpenCC:
    import opencc  # 20 ms; nothing needs it until somebody asks for the other script

    return opencc.OpenCC(_CONFIGS[target])
