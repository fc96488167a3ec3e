from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

import pytest

from bot.errors import BotError
from bot.telegram.library import Library, Reader, ReaderGone, Unavailable
from bot.telegram.readers import IndexUnusable
from retrieval.errors import RetrievalError
from tests.bot_fakes import FakeSearcher
from tests.telegram_house import FakeReader


class MortalReader(FakeReader):
    """One that can die."""

    def __init__(self, generation: str) -> None:
        searcher = FakeSearcher()
        searcher.generation = generation
        super().__init__(searcher)
        self.busy = 0

    def kill(self) -> None:
        self.gone = True
        super().kill()

    async def close(self, seconds: float) -> None:
        while self.busy:
            await asyncio.sleep(0)
        self.kill()

    async def work(self, seconds: float = 0.0) -> str:
        if self.gone:
            raise ReaderGone
        self.busy += 1
        await asyncio.sleep(seconds)
        self.busy -= 1
        assert not self.searcher.closed
        return self.generation


def working(seconds: float = 0.0) -> Callable[[Reader], Awaitable[str]]:
    return lambda reader: cast("MortalReader", reader).work(seconds)


class Shelf:
    """An index whose live generation a test chooses."""

    def __init__(self) -> None:
        self.live = "gen-000001"
        self.broken: set[str] = set()
        self.opened: list[MortalReader] = []

    async def start(self) -> Reader:
        if self.live in self.broken:
            raise IndexUnusable(f"{self.live} is damaged; rebuild the index")
        self.opened.append(MortalReader(self.live))
        return self.opened[-1]


def play(scene: Callable[[Library, Shelf], Awaitable[None]], workers: int = 2) -> Shelf:
    shelf = Shelf()

    async def run() -> None:
        library = Library(shelf.start, lambda: shelf.live, workers)
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
        assert await library.run(working(), seconds=1) == "gen-000002"

    shelf = play(scene)
    assert [reader.searcher.closed for reader in shelf.opened] == [True] * 4


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
        asking = [asyncio.create_task(library.run(working(0.001), seconds=5)) for _ in range(100)]
        for number in range(2, 6):
            await asyncio.sleep(0.01)
            shelf.live = f"gen-{number:06d}"
            await library.refresh()
        assert set(await asyncio.gather(*asking)) <= {f"gen-{number:06d}" for number in range(1, 6)}

    play(scene)


def test_questions_are_spread_and_few_are_ahead() -> None:
    async def scene(library: Library, shelf: Shelf) -> None:
        asking = [asyncio.create_task(library.run(working(0.02), seconds=5)) for _ in range(9)]
        await asyncio.sleep(0.01)
        assert [reader.busy for reader in shelf.opened] == [2, 2, 2]
        await asyncio.gather(*asking)

    play(scene, workers=3)


def test_a_search_that_takes_too_long_is_given_up_and_its_reader_replaced(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scene(library: Library, shelf: Shelf) -> None:
        with pytest.raises(TimeoutError):
            await library.run(working(5), seconds=0.01)
        assert shelf.opened[0].gone
        assert await library.run(working(), seconds=1) == "gen-000001"
        assert len(shelf.opened) == 2

    play(scene, workers=1)
    assert "longer than" in caplog.text


def test_a_question_survives_the_death_of_a_reader() -> None:
    async def scene(library: Library, shelf: Shelf) -> None:
        shelf.opened[0].gone = True
        assert await library.run(working(), seconds=1) == "gen-000001"
        assert len(shelf.opened) == 2

    play(scene, workers=1)


def test_dead_readers_are_replaced_though_nobody_asks() -> None:
    async def scene(library: Library, shelf: Shelf) -> None:
        for reader in shelf.opened:
            reader.gone = True
        assert not await library.refresh()
        assert [reader.gone for reader in shelf.opened] == [True, True, False, False]

    play(scene, workers=2)


def test_the_dead_are_not_counted_on_where_the_index_is_gone() -> None:
    def nothing() -> str:
        raise RetrievalError("there is no index")

    async def run() -> None:
        shelf = Shelf()
        library = Library(shelf.start, nothing, 1)
        await library.open()
        assert not await library.refresh() and library.generation == "gen-000001"
        shelf.opened[0].gone = True
        assert not await library.refresh() and library.generation is None

    asyncio.run(run())


def test_readers_that_die_as_they_open_are_an_error_of_one_line() -> None:
    async def stillborn() -> Reader:
        raise ReaderGone

    async def run() -> None:
        with pytest.raises(BotError, match="has died"):
            await Library(stillborn, lambda: "gen-000001", 1).open()

    asyncio.run(run())


def test_what_readers_die_of_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    async def scene(library: Library, shelf: Shelf) -> None:
        async def deadly(reader: Reader) -> str:
            reader.kill()
            raise ReaderGone

        with pytest.raises(Unavailable):
            await library.run(deadly, seconds=1)
        assert len(shelf.opened) == 3
        assert await library.run(working(), seconds=1) == "gen-000001"

    play(scene, workers=1)
    assert "has died" in caplog.text


def test_a_reader_that_cannot_be_replaced_is_not_tried_at_each_question(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scene(library: Library, shelf: Shelf) -> None:
        shelf.opened[0].gone = True
        shelf.broken.add("gen-000001")
        for _ in range(5):
            with pytest.raises(Unavailable):
                await library.run(working(), seconds=1)
        assert library.generation is None

    play(scene, workers=1)
    assert caplog.text.count("is damaged") == 1


def test_nothing_can_be_asked_of_a_closed_library() -> None:
    async def scene(library: Library, _: Shelf) -> None:
        await library.close()
        with pytest.raises(Unavailable):
            await library.run(working(), seconds=1)

    play(scene)
