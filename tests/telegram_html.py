"""Telegram's HTML read as strictly as its server reads it, or stricter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

_TAGS = {
    "b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "code", "pre", "a",
    "blockquote", "tg-spoiler",
}  # fmt: skip
_TOKEN = re.compile(r"<(/?)([a-zA-Z][\w-]*)((?:\s[^<>]*)?)>|&(#\d+|#x[\da-fA-F]+|\w+);|<|&")
_HREF = re.compile(r'\shref="([^"]*)"\s*')
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}


class Refused(Exception):
    """What Telegram would say to such markup."""


@dataclass(frozen=True)
class Entity:
    kind: str
    offset: int
    length: int
    url: str | None = None


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def parse(html: str) -> tuple[str, list[Entity]]:
    """Return the text and its entities, or raise `Refused`."""
    text, entities, open_tags = "", [], list[tuple[str, int, str | None]]()
    place = 0
    for match in _TOKEN.finditer(html):
        text += html[place : match.start()]
        place = match.end()
        closing, tag, attributes, entity = match[1], match[2], match[3], match[4]
        if entity is not None:
            if not entity.startswith("#") and entity not in _NAMED:
                raise Refused(f"unsupported entity &{entity};")
            text += unescape(match[0])
        elif tag is None:
            raise Refused(f"unescaped {match[0]} at byte offset {match.start()}")
        elif closing:
            if not open_tags or open_tags[-1][0] != tag.lower():
                raise Refused(f"unmatched end tag at byte offset {match.start()}")
            name, start, url = open_tags.pop()
            if utf16(text) > start:
                entities.append(Entity(name, start, utf16(text) - start, url))
        else:
            open_tags.append((*_opened(tag.lower(), attributes, open_tags, utf16(text)),))
    if open_tags:
        raise Refused(f"can't find end tag corresponding to start tag {open_tags[-1][0]}")
    return text + html[place:], entities


def _opened(
    tag: str, attributes: str, around: list[tuple[str, int, str | None]], start: int
) -> tuple[str, int, str | None]:
    if tag not in _TAGS:
        raise Refused(f'unsupported start tag "{tag}"')
    if tag == "blockquote":
        if any(name == "blockquote" for name, _, _ in around):
            raise Refused("blockquotes cannot be nested")
        if attributes.strip() not in ("", "expandable"):
            raise Refused(f"unexpected attributes {attributes!r}")
        return tag, start, None
    if tag == "a":
        match = _HREF.fullmatch(attributes)
        if match is None:
            raise Refused(f"unexpected attributes {attributes!r}")
        return tag, start, unescape(match[1])
    if attributes.strip():
        raise Refused(f"unexpected attributes {attributes!r}")
    return tag, start, None
