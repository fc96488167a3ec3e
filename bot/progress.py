"""Progress bars: on stderr, only on a terminal, only for what takes longer than a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

from bot.screen import is_terminal
from bot.wording import TABLE, Language, say

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

Report: TypeAlias = Callable[[str, int, int | None], None]
"""Called with (stage, done, total); total is None while it is unknown."""

_PATIENCE_SECONDS = 1.0


@contextmanager
def progress_bars(
    language: Language, patience: float = _PATIENCE_SECONDS
) -> Iterator[Report | None]:
    """Give a function to report progress to; None where nobody watches stderr.

    Nothing is shown before `patience` seconds are over.
    """
    if not is_terminal(sys.stderr):
        yield None
        return
    bars = _Bars(language, patience)
    try:
        yield bars
    finally:
        bars.stop()


class _Bars:
    """One bar a stage; rich is imported when the first one is due."""

    def __init__(self, language: Language, patience: float) -> None:
        self._language = language
        self._due = time.monotonic() + patience
        self._progress: Progress | None = None
        self._stages: dict[str, TaskID] = {}

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Show how far a stage is."""
        if self._progress is None:
            if time.monotonic() < self._due:
                return
            self._progress = self._start()
        if stage not in self._stages:
            self._stages[stage] = self._progress.add_task(self._name(stage), total=total)
        self._progress.update(self._stages[stage], completed=done, total=total)

    def stop(self) -> None:
        """Take the bars off the screen."""
        if self._progress is not None:
            self._progress.stop()

    def _start(self) -> Progress:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            Progress,
            TaskProgressColumn,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        progress.start()
        return progress

    def _name(self, stage: str) -> str:
        key = f"stage_{stage}"
        return say(key, self._language) if key in TABLE else stage
