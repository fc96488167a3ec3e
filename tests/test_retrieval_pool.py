from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from retrieval.errors import RetrievalError
from retrieval.pool import Task, run_tasks, worker_count

ROOT = Path(__file__).resolve().parents[1]

PARENT = """
import os, sys, time
from retrieval.pool import Task, run_tasks
if __name__ == "__main__":
    for _, process in run_tasks([Task(None, os.getpid) for _ in range(4)], workers=2):
        print(process, flush=True)
        time.sleep(60)
"""


def square(number: int) -> int:
    return number * number


def die(number: int) -> int:
    os.kill(os.getpid(), 9)
    return number


def tasks(count: int, taken: list[int]) -> Iterator[Task[int, int]]:
    for number in range(count):
        taken.append(number)
        yield Task(number, square, number)


@pytest.mark.parametrize("workers", [0, 2])
def test_results_come_in_the_order_of_the_tasks(workers: int) -> None:
    results = list(run_tasks(tasks(25, []), workers=workers))
    assert results == [(number, number * number) for number in range(25)]


def test_tasks_are_not_taken_far_ahead_of_the_reader() -> None:
    taken: list[int] = []
    for owner, _ in run_tasks(tasks(30, taken), workers=2):
        assert len(taken) <= owner + 6
    assert len(taken) == 30


def test_a_dead_worker_is_one_clear_error() -> None:
    with pytest.raises(RetrievalError, match=r"a worker process died.*nothing was published"):
        list(run_tasks([Task(1, die, 1)], workers=1))


def test_a_reader_that_stops_early_leaves_no_process() -> None:
    results = run_tasks(tasks(100, []), workers=2)
    assert next(results) == (0, 0)
    results.close()  # type: ignore[attr-defined]


def test_worker_count_is_within_reason() -> None:
    assert 1 <= worker_count() <= 8


def test_workers_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, str(script)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        assert is_running(worker)
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 30
    while is_running(worker):
        assert time.monotonic() < deadline, "the worker goes on without its parent"
        time.sleep(0.05)


def is_running(process: int) -> bool:
    """Tell whether a process is there, and is no zombie that nobody has asked for."""
    try:
        status = Path(f"/proc/{process}/stat").read_text(encoding="ascii")
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
