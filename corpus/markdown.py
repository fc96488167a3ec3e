"""Markdown to plain text: markup off, headings on lines of their own, front matter apart."""

from __future__ import annotations

import re

_FRONT_MATTER = re.compile(
    r"\A\ufeff?---[ \t]*\r?\n(.{0,8000}?\r?\n)(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.S
)
_FIELD = re.compile(r"^([A-Za-z_][\w-]{0,40})[ \t]*:[ \t]*(.*?)[ \t]*$", re.M)
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+([^\n]*?)(?:[ \t]+#+)?[ \t]*$", re.M)
_UNDERLINE = re.compile(r"^ {0,3}(?:=+|-{3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})[ \t]*$", re.M)
_FENCE = re.compile(r"^ {0,3}(?:`{3,}|~{3,})[^\n`]*$", re.M)
_QUOTE = re.compile(r"^ {0,3}(?:>[ \t]?)+", re.M)
_BULLET = re.compile(r"^([ \t]*)[*+](?=[ \t]+\S)", re.M)
_TABLE_RULE = re.compile(
    r"^[ \t]*\|?(?:[ \t]*:?-{2,}:?[ \t]*\|)+(?:[ \t]*:?-{2,}:?)?[ \t]*\n?", re.M
)
_TABLE_ROW = re.compile(r"^[ \t]*\|[ \t]*([^\n]*?)[ \t]*\|[ \t]*$", re.M)
_IMAGE = re.compile(r"!\[([^\[\]\n]{0,300})\]\([^()\n]{0,2000}\)")
_LINK = re.compile(r"\[([^\[\]\n]{0,500})\]\([^()\n]{0,2000}\)")
_DEFINITION = re.compile(r"^ {0,3}\[[^\[\]\n]{1,200}\]:[ \t]+\S+[^\n]*$", re.M)
_STRONG = re.compile(r"(\*\*\*|\*\*|~~)(?=[^\s*~])([^*~\n]{1,500}?)(?<=\S)\1")
_STRONG_LOW = re.compile(r"(?<![\w_])__(?=[^\s_])([^_\n]{1,500}?)(?<=\S)__(?![\w_])")
# A lone star is emphasis only around words: 5*3*2 stays.
_EMPHASIS = re.compile(r"(?<![\w*)])\*(?=[^\s*\d])([^*\n]{1,300}?)(?<=[^\s*])\*(?![\w*])")
_CODE = re.compile(r"`([^`\n]{1,500})`")
_AUTOLINK = re.compile(r"<(https?://[^<>\s]{1,2000})>")
_BREAK_TAG = re.compile(r"<br\s{0,9}/?>|</p>|</?(?:div|tr|table|ul|ol|li|h[1-6]|blockquote)>", re.I)
_TAG = re.compile(
    r"</?(?:p|span|b|i|u|em|strong|font|a|img|center|sub|sup|div|td|th|tr|table|tbody|thead|ul|ol|li"
    r"|h[1-6]|blockquote|small|mark|del|ins|hr|section|article|figure|figcaption)(?:\s[^<>\n]{0,1000})?/?>",
    re.I,
)
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!|>~-])")


def plain_text(markdown: str) -> tuple[str, dict[str, str]]:
    """Return the text without markup, and the fields of the front matter (lower-case keys)."""
    text, fields = _front_matter(markdown)
    text = _without_comments(text.replace("\r\n", "\n"))
    if "#" in text:
        text = _HEADING.sub(r"\n\1\n", text)
    if "|" in text:
        text = _TABLE_ROW.sub(r"\1", _TABLE_RULE.sub("", text))
    if "[" in text:
        text = _DEFINITION.sub("", _LINK.sub(r"\1", _IMAGE.sub(r"\1", text)))
    if "<" in text:
        text = _TAG.sub("", _BREAK_TAG.sub("\n", _AUTOLINK.sub(r"\1", text)))
    if ">" in text:
        text = _QUOTE.sub("", text)
    if "*" in text or "~" in text:
        text = _BULLET.sub(r"\1-", text)
        text = _EMPHASIS.sub(r"\1", _STRONG.sub(r"\2", text))
    if "`" in text or "~~~" in text:
        text = _CODE.sub(r"\1", _FENCE.sub("", text))
    if "__" in text:
        text = _STRONG_LOW.sub(r"\1", text)
    if "--" in text or "==" in text or "*" in text or "_" in text:
        text = _UNDERLINE.sub("", text)
    if "\\" in text:
        text = _ESCAPE.sub(r"\1", text)
    return _BLANK_LINES.sub("\n\n", text), fields


def first_heading(markdown: str) -> str | None:
    """Return the text of the first heading, markup and all, where one opens the document."""
    text = _without_comments(_front_matter(markdown)[0])
    match = _HEADING.search(text)
    if match is None or len(text[: match.start()].strip()) > 500:
        return None
    return match[1].strip() or None


def _front_matter(markdown: str) -> tuple[str, dict[str, str]]:
    match = _FRONT_MATTER.match(markdown)
    if match is None:
        return markdown, {}
    fields = {key.lower(): value.strip("\"'") for key, value in _FIELD.findall(match[1])}
    return (markdown[match.end() :], fields) if fields else (markdown, {})


def _without_comments(text: str) -> str:
    """Remove HTML comments in one pass, however many are left open."""
    parts, position = [], 0
    while (start := text.find("<!--", position)) >= 0:
        end = text.find("-->", start + 4)
        if end < 0:
            break
        parts.append(text[position:start])
        position = end + 3
    return "".join([*parts, text[position:]]) if parts else text
