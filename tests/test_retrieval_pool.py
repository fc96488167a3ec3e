from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from retrieval.errors import RetrievalError
from retrieval.pool import Task, run_tasks, worker_count


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
