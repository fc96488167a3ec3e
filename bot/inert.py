"""Making text of unknown origin safe to print.

An archive holds what strangers wrote. A control character can move the cursor, an escape
sequence can retitle or repaint the terminal, a bidirectional override can show a sentence in
another order than it is stored.
"""

from __future__ import annotations

import re

# CSI sequences; OSC, DCS and their kin up to their terminator; then any two-character escape.
_ESCAPES = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]"
    "|(?:\x1b[\\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\\\|\x9c)"
    "|\x1b[ -/]*[0-~]"
)
_LINE_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_CONTROLS = {*range(0x20), *range(0x7F, 0xA0)} - {0x09, 0x0A}
_BIDI = {0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}
_UNSAFE: dict[int, str | None] = {0x09: " ", **dict.fromkeys(_CONTROLS | _BIDI)}
_SURROGATES = re.compile("[\ud800-\udfff]")
_BLANK_LINES = re.compile(r"\n\s*\n")
_MANY_BLANK_LINES = re.compile(r"\n\s*\n\s*\n")
_WEB = re.compile(r"https?://[!-~]+", re.IGNORECASE)


def inert(text: str) -> str:
    r"""Return the text without anything a terminal would act on; line breaks are \n.

    >>> inert("\x1b[31m紅\x1b[0m字\x07")
    '紅字'
    """
    if text.replace("\n", "").isprintable():
        return text  # as nearly all are: nothing below is printable
    text = _LINE_BREAKS.sub("\n", _ESCAPES.sub("", text)).translate(_UNSAFE)
    return _SURROGATES.sub("\ufffd", text)


def one_line(text: str) -> str:
    """Return the text inert, on one line, without doubled spaces."""
    return " ".join(inert(text).split())


def paragraphs(text: str) -> str:
    """Return the text inert and without blank lines."""
    return _BLANK_LINES.sub("\n", inert(text))


def spaced(text: str) -> str:
    """Return the text inert, with never more than one blank line in a row."""
    return _MANY_BLANK_LINES.sub("\n\n", inert(text))


def is_link(url: str) -> bool:
    """Tell whether a URL may become a link on the terminal."""
    return _WEB.fullmatch(url) is not None
