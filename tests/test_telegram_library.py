from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from typing import cast

import pytest

from bot.telegram.library import Library, Reader, Unavailable
from retrieval import IndexDamaged
from tests.bot_fakes import FakeSearcher


class Shelf:
    """An index whose live generation a test chooses."""

    def __init__(self) -> None:
        self.live = "gen-000001"
        self.broken: set[str] = set()
        self.opened: list[FakeSearcher] = []

    def open(self, count: int) -> list[Reader]:
        if self.live in self.broken:
            raise IndexDamaged(f"{self.live} is damaged; rebuild the index")
        made = [FakeSearcher() for _ in range(count)]
        for reader in made:
            reader.generation = self.live
        self.opened += made
        return [cast("Reader", reader) for reader in made]


def play(scene: Callable[[Library, Shelf], Awaitable[None]], workers: int = 2) -> Shelf:
    shelf = Shelf()

    async def run() -> None:
        library = Library(shelf.open, lambda: shelf.live, workers)
        await library.open()
        await scene(library, shelf)
        await library.close()

    asyncio.run(run())
    return shelf


def test_a_new_generation_is_taken_up_and_the_old_closed() -> None:
    async def scene(library: Library, shelf: Shelf) -> None:
        assert not await library.refresh()
        shelf.live = "gen-000002"
        assert await library.refresh()
        assert library.generation == "gen-000002"
        assert await library.run(lambda reader: reader.generation, seconds=1) == "gen-000002"

    shelf = play(scene)
    assert [reader.closed for reader in shelf.opened] == [True] * 4


def test_a_bad_generation_is_named_once_and_the_old_serves_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scene(library: Library, shelf: Shelf) -> None:
        shelf.broken.add("gen-000002")
        shelf.live = "gen-000002"
        for _ in range(3):
            assert not await library.refresh()
        assert library.generation == "gen-000001"
        shelf.live = "gen-000003"
        assert await library.refresh()

    play(scene)
    assert caplog.text.count("the old one serves on") == 1


def test_changing_over_under_load_fails_no_question() -> None:
    async def scene(library: Library, shelf: Shelf) -> None:
        def work(reader: Reader) -> str:
            assert not cast("FakeSearcher", reader).closed
            time.sleep(0.001)
            return reader.generation

        asking = [asyncio.create_task(library.run(work, seconds=5)) for _ in range(100)]
        for number in range(2, 6):
            await asyncio.sleep(0.01)
            shelf.live = f"gen-{number:06d}"
            await library.refresh()
        assert set(await asyncio.gather(*asking)) <= {f"gen-{number:06d}" for number in range(1, 6)}

    play(scene)


def test_no_more_at_once_than_workers_and_never_one_reader_twice() -> None:
    async def scene(library: Library, _: Shelf) -> None:
        busy, most, lock = list[Reader](), 0, threading.Lock()

        def work(reader: Reader) -> None:
            nonlocal most
            with lock:
                assert reader not in busy
                busy.append(reader)
                most = max(most, len(busy))
            time.sleep(0.005)
            with lock:
                busy.remove(reader)

        await asyncio.gather(*(library.run(work, seconds=5) for _ in range(20)))
        assert most == 3

    play(scene, workers=3)


def test_a_search_that_takes_too_long_is_given_up() -> None:
    async def scene(library: Library, _: Shelf) -> None:
        with pytest.raises(TimeoutError):
            await library.run(lambda _: time.sleep(0.1), seconds=0.01)

    play(scene)


def test_nothing_can_be_asked_of_a_closed_library() -> None:
    async def scene(library: Library, _: Shelf) -> None:
        edition, library._edition = library._edition, None
        with pytest.raises(Unavailable):
            await library.run(lambda reader: reader.generation, seconds=1)
        library._edition = edition

    play(scene)
