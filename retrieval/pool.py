"""A pool of worker processes that keeps order and never runs far ahead of its reader."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import Any, Generic, TypeVar

from retrieval.errors import RetrievalError

Owner = TypeVar("Owner")
Result = TypeVar("Result")


class Task(Generic[Owner, Result]):
    """A call to make in some process, and whatever its maker wants back beside the result."""

    here = False
    """Whether it is made in this process: sending its arguments would cost more than the call."""

    def __init__(self, owner: Owner, call: Callable[..., Result], *arguments: Any) -> None:  # noqa: ANN401
        self.owner = owner
        self.call = call
        self.arguments = arguments


class TaskHere(Task[Owner, Result]):
    """A call that is made in this process, when its turn comes."""

    here = True


def run_tasks(
    tasks: Iterable[Task[Owner, Result]], *, workers: int
) -> Iterator[tuple[Owner, Result]]:
    """Run tasks and yield (owner, result) in the order of the tasks.

    With 0 workers each task runs here, when its turn comes. Otherwise at most three tasks a
    worker are taken from `tasks` ahead of the reader, so memory does not grow with their number;
    no process is started before the first task for one.

    Raises:
        RetrievalError: a worker process died (killed for memory, for instance).
    """
    if not workers:
        for task in tasks:
            yield task.owner, task.call(*task.arguments)
        return
    # Forking a process that holds threads (tantivy's, torch's) can deadlock, so spawn.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, initializer=_end_with_parent) as executor:
        running: deque[tuple[Task[Owner, Result], Future[Result] | None]] = deque()
        try:
            for task in tasks:
                sent = None if task.here else executor.submit(task.call, *task.arguments)
                running.append((task, sent))
                if len(running) >= 3 * workers:
                    yield _finished(*running.popleft())
            while running:
                yield _finished(*running.popleft())
        except BrokenProcessPool as error:
            raise RetrievalError(
                "a worker process died, most likely for want of memory; nothing was published"
            ) from error
        finally:
            executor.shutdown(wait=True, cancel_futures=True)


def _end_with_parent() -> None:
    """End this process when the one that started it is gone.

    A worker waits for tasks on a pipe of which it holds both ends itself, so of a killed parent it
    would never hear.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        Thread(target=_end_after, args=(parent,), daemon=True).start()


def _end_after(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


def _finished(task: Task[Owner, Result], sent: Future[Result] | None) -> tuple[Owner, Result]:
    """Wait for a task, or make its call now."""
    made = task.call(*task.arguments) if sent is None else sent.result()
    return task.owner, made


def worker_count() -> int:
    """Return how many worker processes suit this machine: its usable cores, at most 8."""
    return min(8, len(os.sched_getaffinity(0)))
