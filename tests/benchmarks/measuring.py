"""Running the program as a user does, and watching what it takes."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PROGRAM = (sys.executable, "-m", "bot")


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of a program printed and took."""

    output: str
    seconds: float
    peak_mb: float
    """Largest sum over the process and its children of their proportional set size (PSS)."""


def run(arguments: Sequence[str], *, questions: str = "") -> Run:
    """Run `xunzhang` with `arguments`, feeding it `questions`, and measure it.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    started = time.perf_counter()
    process = subprocess.Popen(
        [*PROGRAM, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    peak = 0.0

    def watch() -> None:
        nonlocal peak
        while process.poll() is None:
            peak = max(peak, sum(map(_pss_mb, _family(process.pid))))
            time.sleep(0.02)

    watcher = threading.Thread(target=watch)
    watcher.start()
    output, errors = process.communicate(questions)
    seconds = time.perf_counter() - started
    watcher.join()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args, output, errors)
    return Run(output, seconds, peak)


def _family(parent: int) -> list[int]:
    found, rest = [], [parent]
    while rest:
        one = rest.pop()
        found.append(one)
        try:
            for children in Path(f"/proc/{one}/task").glob("*/children"):
                rest += map(int, children.read_text(encoding="ascii").split())
        except (OSError, ValueError):
            continue
    return found


def _pss_mb(process: int) -> float:
    try:
        for line in Path(f"/proc/{process}/smaps_rollup").read_text("ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that `share` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
