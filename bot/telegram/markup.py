"""Text with styles, and the one place where it becomes Telegram's HTML.

A message is a tuple of spans. Text of the archive or of people is never HTML before `to_html`,
so nothing can forget to escape it, and cutting between or inside spans cannot cut a tag.
Lengths are UTF-16 units of the text without its tags, as Telegram counts them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import groupby
from typing import Literal, TypeAlias
from urllib.parse import quote, urlsplit

from bot.inert import inert

Quoted: TypeAlias = Literal["", "quote", "expandable"]

MESSAGE_UNITS = 4096
"""Most UTF-16 units of a message."""
MESSAGE_ENTITIES = 80
"""Most styles of a message; Telegram ignores those beyond 100."""
_LINK_CHARS = 2048
_OPEN = {"quote": "<blockquote>", "expandable": "<blockquote expandable>"}
_SENTENCE_END = re.compile(r"[。！？!?；;…][」』”’）)]*")
# What RFC 3986 lets stand in a URL; quotes and angle brackets are not among it.
_URL_SAFE = "%:/?#[]@!$&()*+,;=-._~"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text in one style. Control characters are taken out of it."""

    text: str
    bold: bool = False
    underline: bool = False
    link: str | None = None
    """Where it leads; anything but a sound http or https URL is dropped."""
    quoted: Quoted = ""
    """The blockquote it stands in; neighbours of one kind share it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", inert(self.text))
        if self.link is not None:
            object.__setattr__(self, "link", safe_link(self.link))

    @property
    def entities(self) -> int:
        """How many of a message's styles it uses up."""
        return self.bold + self.underline + (self.link is not None) + bool(self.quoted)


Spans: TypeAlias = tuple[Span, ...]


def units(text: str) -> int:
    """Return the length of a text in UTF-16 units.

    >>> units("吉𠮷")
    3
    """
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def safe_link(url: str) -> str | None:
    """Return the URL fit for an href, or None where it is not one of the web.

    >>> safe_link("https://例.cn/文?a=1"), safe_link("javascript:alert(1)")
    ('https://xn--fsq.cn/%E6%96%87?a=1', None)
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
        if parts.scheme.lower() not in ("http", "https") or parts.username is not None:
            return None
        host = host.encode("idna").decode("ascii") if not host.isascii() else host
        if not re.fullmatch(r"[\w-]+(?:\.[\w-]+)*\.?|\[[\da-f:.]+\]", _bracketed(host), re.ASCII):
            return None
        rest = quote(inert(url.strip())[len(parts.scheme) + 3 + len(parts.netloc) :], _URL_SAFE)
    except ValueError:  # UnicodeError is one
        return None
    place = _bracketed(host) + (f":{port}" if port is not None else "")
    link = f"{parts.scheme.lower()}://{place}{rest}"
    return link if len(link) <= _LINK_CHARS else None


def to_html(spans: Iterable[Span]) -> str:
    """Return Telegram's HTML of the spans."""
    pieces = []
    for quoted, group in groupby(spans, key=lambda span: span.quoted):
        inner = "".join(_html(span) for span in group)
        pieces.append(f"{_OPEN[quoted]}{inner}</blockquote>" if quoted and inner else inner)
    return "".join(pieces)


def to_plain(spans: Iterable[Span]) -> str:
    """Return the text alone, links written out: what is sent where HTML is refused."""
    pieces = []
    for span in spans:
        shown = span.link and span.link not in span.text
        pieces.append(f"{span.text} ({span.link})" if shown else span.text)
    return "".join(pieces)


def length(spans: Iterable[Span]) -> int:
    """Return the length Telegram counts, in UTF-16 units."""
    return sum(units(span.text) for span in spans)


def pages(
    spans: Sequence[Span], *, limit: int = MESSAGE_UNITS, entities: int = MESSAGE_ENTITIES
) -> list[Spans]:
    """Cut spans into messages of at most `limit` units, at paragraphs or sentences if it can.

    Blanks at the edges of a page are lost, as Telegram would lose them, and so are pages of
    blanks; everything else is on exactly one page.

    Raises:
        ValueError: a page could not hold a single character, or a style.
    """
    if limit < 2 or entities < 4:
        raise ValueError(f"a page needs 2 units and 4 styles, not {limit} and {entities}")
    found, rest = [], [span for span in spans if span.text]
    while rest:
        head, rest = _split(rest, _cut(rest, limit, entities))
        if page := _stripped(head):
            found.append(page)
    return found


def shorten(text: str, limit: int) -> str:
    """Return a text of at most `limit` units on one line, with an ellipsis where it was cut.

    >>> shorten("消費者權益保護法", 5)
    '消費者權…'
    """
    text = " ".join(inert(text).split())
    return text if units(text) <= limit else text[: _fitting(text, limit - 1)].rstrip() + "…"


def _html(span: Span) -> str:
    # Telegram knows no &#x27;, but an apostrophe needs no escape in double quotes.
    html = escape(span.text, quote=False).replace('"', "&quot;")
    html = f"<u>{html}</u>" if span.underline else html
    html = f"<b>{html}</b>" if span.bold else html
    if span.link and span.text.strip():
        html = f'<a href="{escape(span.link, quote=False)}">{html}</a>'
    return html


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _cut(spans: Sequence[Span], limit: int, entities: int) -> int:
    """Return after how many characters a page ends; at least one."""
    text, styles = "", 0
    for span in spans:
        styles += span.entities
        if styles > entities or len(text) > limit:
            break
        text += span.text
    fitting = _fitting(text, limit)
    if fitting == len(text):
        return fitting
    head, half = text[:fitting], fitting // 2
    if (line := head.rfind("\n", half)) > 0:
        return line + 1
    ends = [match.end() for match in _SENTENCE_END.finditer(head, half)]
    return ends[-1] if ends else max(1, fitting)


def _fitting(text: str, limit: int) -> int:
    """Return how many characters of a text fit into so many units."""
    if 2 * len(text) <= limit or (len(text) <= limit and units(text) <= limit):
        return len(text)
    used = 0
    for count, char in enumerate(text[: limit + 1]):
        used += 2 if char > "\uffff" else 1
        if used > limit:
            return count
    return min(len(text), limit + 1)


def _split(spans: Sequence[Span], cut: int) -> tuple[list[Span], list[Span]]:
    head: list[Span] = []
    for number, span in enumerate(spans):
        if cut < len(span.text):
            if cut:
                head.append(replace(span, text=span.text[:cut]))
            return head, [replace(span, text=span.text[cut:]), *spans[number + 1 :]]
        cut -= len(span.text)
        head.append(span)
    return head, []


def _stripped(spans: list[Span]) -> Spans:
    while spans and not spans[0].text.strip():
        spans = spans[1:]
    while spans and not spans[-1].text.strip():
        spans = spans[:-1]
    if not spans:
        return ()
    spans[0] = replace(spans[0], text=spans[0].text.lstrip())
    spans[-1] = replace(spans[-1], text=spans[-1].text.rstrip())
    return tuple(spans)


def lines(*parts: Iterable[Span]) -> Iterator[Span]:
    """Yield the spans of each part that is not empty, a line break between the parts."""
    first = True
    for part in parts:
        held = [span for span in part if span.text]
        if held and not first:
            yield Span("\n")
        yield from held
        first = first and not held
