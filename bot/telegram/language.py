"""The language of our own words for a person."""

from __future__ import annotations

import re

from bot.wording import Language
from corpus.script import detect_script

_TRADITIONAL = {"tw", "hk", "mo"}


def language_for(code: str | None, text: str = "") -> Language:
    """Return the language for a client's `language_code`, and a text where it names none.

    A script subtag decides, then a region, then Chinese is Simplified. Other languages get
    English.

    >>> language_for("zh-hant-cn"), language_for("zh_TW"), language_for("zh-CN"), language_for("de")
    ('hant', 'hant', 'hans', 'en')
    """
    tags = re.split(r"[-_]", (code or "").strip().lower())
    if tags[0] in ("zh", "yue", "cmn", "wuu"):
        if "hans" in tags:
            return "hans"
        return "hant" if "hant" in tags or _TRADITIONAL & set(tags) or tags[0] == "yue" else "hans"
    if tags[0]:
        return "en"
    return detect_script(text) or "hans"
