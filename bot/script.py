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


# What OpenCC gets wrong, found in the text it gives, with what the source may have had there and
# keeps. tests/test_bot_script.py holds the cases.
_KEPT: dict[Script, tuple[tuple[str, re.Pattern[str]], ...]] = {
    "hans": (
        ("著", re.compile("(?<=[显土卓名编原译专巨昭拙])着|(?<=(?<![讨议谈争辩评])论)着")),
        ("乾", re.compile("干(?=安(?![全心排置装])|县|陵)")),
    ),
    "hant": (
        (
            "于范余",
            re.compile(
                "(?<=姓)[於範餘]|(?<![關由對基終屬至等過出位用處在])[於範餘]"
                "(?=某(?![些個種一地日年月時處項])|先生|女士|小姐)"
            ),
        ),
    ),
}
_ALWAYS_KEPT = frozenset("乾么徵")
"""Kept in a text of which nothing tells the script: Simplified has them as well."""


def convert(text: str, target: Script | None) -> str:
    """Return the text in `target` script; None leaves it as it is.

    Clauses already in that script are not touched: OpenCC takes its input to be in the other
    one and would turn the 乾 of a Simplified 乾安 into 干. Idempotent.

    >>> convert("質量不合格", "hans"), convert("乾安的坏东西", "hans")
    ('质量不合格', '乾安的坏东西')
    """
    if target is None or text.isascii():
        return text
    whole = detect_script(text)
    pieces = []
    for clause in _CLAUSE.findall(text):
        script = None if _mixed(clause) else detect_script(clause) or whole
        if script == target:
            pieces.append(clause)
            continue
        # A clause that says nothing in a text that says nothing: for 繁 it may be Simplified
        # (坏), for 简 what it holds are mostly words of both scripts (乾安, 著作).
        neutral = script is None and not _mixed(clause)
        pieces.append(_converted(clause, target, neutral=neutral and target == "hans"))
    return "".join(pieces)


def _converted(clause: str, target: Script, *, neutral: bool) -> str:
    # OpenCC takes a NUL for the end.
    converted = "\0".join(map(_converter(target).convert, clause.split("\0")))
    if target == "hans":
        converted = converted.replace("甚么", "什么")
    if len(converted) != len(clause):
        return converted
    kept = {
        match.start()
        for source, pattern in _KEPT[target]
        for match in pattern.finditer(converted)
        if clause[match.start()] in source
    }
    if neutral:
        kept |= {number for number, one in enumerate(clause) if one in _ALWAYS_KEPT}
    return "".join(
        before if number in kept else after
        for number, (before, after) in enumerate(zip(clause, converted, strict=True))
    )


def _mixed(text: str) -> bool:
    return {1, -1} <= set(map(script_weight, text))


@cache
def _converter(target: Script) -> opencc.OpenCC:
    import opencc  # 20 ms; nothing needs it until somebody asks for the other script

    return opencc.OpenCC(_CONFIGS[target])
