"""Logging, set up once, with secrets taken out of every line.

A Telegram token stands in the URL of each request, so any library that logs URLs or any
traceback that shows one would give the bot away.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType
from typing import TextIO
from urllib.parse import quote, quote_plus

MASK = "[redacted]"

# The path of a Bot API call, and a token by itself; the colon may be URL-encoded.
_IN_URL = re.compile(r"(bot)\d+(?::|%3a)[\w%-]+", re.IGNORECASE | re.ASCII)
_BARE = re.compile(r"(?<![\w-])\d{6,}(?::|%3a)[\w-]{30,}", re.IGNORECASE | re.ASCII)


class Redactor:
    """Replaces what looks like a bot token, and the given secrets, by a mask."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {
            form
            for secret in secrets
            if secret
            for form in (secret, quote(secret), quote(secret, safe=""), quote_plus(secret))
        }
        # Longest first: a shorter form may be part of a longer one.
        literal = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))
        self._literal = re.compile(literal, re.IGNORECASE) if literal else None

    def __call__(self, text: str) -> str:
        """Return the text without secrets."""
        if self._literal is not None:
            text = self._literal.sub(MASK, text)
        return _BARE.sub(MASK, _IN_URL.sub(rf"\1{MASK}", text))


class RedactingFormatter(logging.Formatter):
    """Formats a record and redacts the whole of it: message, traceback and stack.

    Filtering the finished line, rather than the record, leaves no field to be forgotten.
    """

    def __init__(self, redact: Redactor) -> None:
        super().__init__("xunzhang %(asctime)s %(levelname)s %(name)s: %(message)s")
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text for the log."""
        return self._redact(super().format(record))


class _Handler(logging.StreamHandler[TextIO]):
    """Writes to whatever stderr is at the time: a progress bar puts its own in its place."""

    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self._redact = redact
        self.setFormatter(RedactingFormatter(redact))

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        self.stream = sys.stderr
        super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:
        """Say that a record cannot be written; the library would show its arguments as they are."""
        with suppress(OSError):
            where = f"{record.pathname}:{record.lineno}"
            sys.stderr.write(self._redact(f"{traceback.format_exc()}logged at {where}\n"))


# Libraries that log every URL, or chatter about retries and odd pages.
_CHATTY = frozenset(
    ("httpx", "httpcore", "huggingface_hub", "trafilatura", "htmldate", "courlan", "pypdf", "faiss")
)


def _is_wanted(record: logging.LogRecord) -> bool:
    """Let the chatty speak of errors only, unless everything is asked for.

    Their own levels would not do: some libraries set them when they are imported.
    """
    if record.name.partition(".")[0] not in _CHATTY or record.levelno >= logging.ERROR:
        return True
    asked = logging.getLogger().level <= logging.DEBUG
    return asked and record.levelno >= logging.WARNING


def set_up_logs(level: str, *, secrets: Iterable[str] = ()) -> Redactor:
    """Send logs of `level` and above to stderr; calling again replaces the first call.

    A traceback that ends the program is redacted as well.
    """
    redact = Redactor(secrets)
    handler = _Handler(redact)
    handler.addFilter(_is_wanted)
    root = logging.getLogger()
    for old in [each for each in root.handlers if isinstance(each, _Handler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)

    def show_crash(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        sys.stderr.write(redact("".join(traceback.format_exception(kind, error, trace))))

    sys.excepthook = show_crash
    return redact
