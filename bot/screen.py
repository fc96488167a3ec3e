"""Standard output and standard error: coloured on a terminal, plain text in a pipe, JSON lines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from rich.text import Text

from bot.errors import OutputError
from bot.inert import one_line
from bot.rendering import Block, View, to_plain
from bot.settings import ScriptChoice
from bot.wrapping import wrap

if TYPE_CHECKING:
    from rich.console import Console

# Longer lines of Chinese are hard to read.
MAX_WIDTH = 100


class Screen:
    """Shows blocks on standard output, as it is when the screen is made."""

    def __init__(self, console: Console | None = None, *, today: date | None = None) -> None:
        """Write to `console`; None: to stdout, in colour where it is a terminal.

        `today` is what the age of sources is counted to; None: it is not said.
        """
        self._today = today
        if console is None and is_terminal(sys.stdout) and os.environ.get("TERM") != "dumb":
            from rich.console import Console

            console = Console(file=sys.stdout, highlight=False, emoji=False, markup=False)
        self._console = console

    @property
    def interactive(self) -> bool:
        """Whether a person watches."""
        return self._console is not None

    def view(self, script: ScriptChoice) -> View:
        """Return how answers are to be rendered for this screen."""
        # What can be clicked or copied on a terminal is shorter there; a pipe may end anywhere.
        base = "" if self._console is None else str(Path.cwd())
        return View(script, brackets=self._console is None, base=base, today=self._today)

    def show(self, blocks: Iterable[Block]) -> None:
        """Print blocks, wrapped to the width of the terminal."""
        if self._console is None:
            with output() as stream:
                write_text(stream, to_plain(blocks))
            return
        for line in lines_of(blocks, min(self._console.width, MAX_WIDTH)):
            self._console.print(line, soft_wrap=True)

    def page(self, blocks: Sequence[Block], *, at: int | None = None) -> None:
        """Show blocks a screenful at a time, from line `at` of them where they do not fit."""
        if self._console is None:
            self.show(blocks)
            return
        lines = lines_of(blocks, min(self._console.width, MAX_WIDTH))
        if len(lines) < self._console.height - 1 or not self._through_pager(lines, at):
            self.show(blocks)

    def first_marked_line(self, blocks: Iterable[Block], styles: frozenset[str]) -> int | None:
        """Return the number of the first line that carries one of these styles, from 0."""
        width = MAX_WIDTH if self._console is None else min(self._console.width, MAX_WIDTH)
        for number, line in enumerate(lines_of(blocks, width)):
            if any(span.style in styles for span in line.spans):
                return number
        return None

    def _through_pager(self, lines: Sequence[Text], at: int | None) -> bool:
        if self._console is None:
            return False
        with self._console.capture() as captured:
            for line in lines:
                self._console.print(line, soft_wrap=True)
        # LESSSECURE: the text on show is an archive's, no place to start a shell from.
        environment = {**os.environ, "LESSSECURE": "1", "LESSCHARSET": "utf-8"}
        start = [] if at is None else [f"+{max(1, at - 2)}"]
        try:
            subprocess.run(
                ["less", "-R", *start],
                input=captured.get(),
                text=True,
                encoding="utf-8",
                env=environment,
                check=False,
            )
        except OSError:
            return False
        return True


def lines_of(blocks: Iterable[Block], width: int) -> list[Text]:
    """Return blocks as lines no wider than `width`, indented."""
    lines = []
    for block in blocks:
        indent = Text(" " * block.indent)
        for line in wrap(block.text, max(10, width - block.indent)):
            lines.append(indent + line if line else line)
    return lines


def write_json(value: dict[str, Any]) -> None:
    """Write one object on one line of stdout, in UTF-8 whatever the locale, and flush."""
    text = json.dumps(value, ensure_ascii=False) + "\n"
    # A lone surrogate has no UTF-8; backslashreplace writes the very escape JSON has for it.
    data = text.encode("utf-8", "backslashreplace")
    with output() as stream:
        stream.flush()
        stream.buffer.write(data)
        stream.buffer.flush()


@contextmanager
def output() -> Iterator[TextIO]:
    """Give standard output, to be written and flushed.

    Raises:
        OutputError: it does not take what is written. That a reader has gone away is told as ever.
    """
    if sys.stdout is None:
        raise OutputError("there is no standard output to write to")
    try:
        yield sys.stdout
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = error.strerror or error
        raise OutputError(f"standard output cannot be written ({reason})") from error


def note(message: str) -> None:
    """Write one line to stderr: something to know that is no answer."""
    write_text(sys.stderr, f"xunzhang: {one_line(message)}\n")


def write_text(stream: TextIO, text: str) -> None:
    """Write text, with ? for what the stream's encoding does not have, and flush."""
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "replace").decode(encoding))
    stream.flush()


def is_terminal(stream: TextIO) -> bool:
    """Tell whether a stream is a terminal; a closed or missing one is not."""
    try:
        return stream.isatty()
    except (AttributeError, ValueError):
        return False
