from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import cast

import pytest

from bot.errors import BotError
from bot.settings import Settings
from bot.telegram.library import Library, Reader, ReaderGone, Unavailable
from bot.telegram.readers import IndexUnusable, ProcessReader, open_library
from embeddings import load_encoder
from retrieval import Searcher, build_index, roll_back
from retrieval.errors import FilterError
from retrieval.generation import current_name
from tests.bot_fakes import FakeSearcher
from tests.telegram_house import FakeReader
from tests.telegram_process import SAMPLES, sample_index


class MortalReader(FakeReader):
    """One that can die."""

    def __init__(self, generation: str) -> None:
        searcher = FakeSearcher()
        searcher.generation = generation
        super().__init__(searcher)
        self.dead = False
        self.busy = 0

    def kill(self) -> None:
        self.dead = True
        super().kill()

    async def close(self, seconds: float) -> None:
        while self.busy:
            await asyncio.sleep(0)
        self.kill()

    async def work(self, seconds: float = 0.0) -> str:
        if self.dead:
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
        assert shelf.opened[0].dead
        assert await library.run(working(), seconds=1) == "gen-000001"
        assert len(shelf.opened) == 2

    play(scene, workers=1)
    assert "longer than" in caplog.text


def test_a_question_survives_the_death_of_a_reader() -> None:
    async def scene(library: Library, shelf: Shelf) -> None:
        shelf.opened[0].dead = True
        assert await library.run(working(), seconds=1) == "gen-000001"
        assert len(shelf.opened) == 2

    play(scene, workers=1)


def test_dead_readers_are_replaced_though_nobody_asks() -> None:
    async def scene(library: Library, shelf: Shelf) -> None:
        for reader in shelf.opened:
            reader.dead = True
        assert await library.run(working(), seconds=1) == "gen-000001"
        await library.refresh()
        assert [reader.dead for reader in shelf.opened] == [True, True, False, False]

    play(scene, workers=2)


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
        shelf.opened[0].dead = True
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


# Processes


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_index(tmp_path_factory.mktemp("library") / "index")


def test_a_process_answers_as_the_index_does(index: Path) -> None:
    async def run() -> None:
        library = open_library(Settings(index=index), 1)
        await library.open()
        assert library.generation == current_name(index)
        found = await library.run(
            lambda reader: reader.answer("网上买的东西可以退货吗？", limit=3), seconds=20
        )
        after = await library.run(
            lambda reader: reader.answer("那30天呢？", previous=found.answer.exchange), seconds=20
        )
        article = await library.run(
            lambda reader: reader.article(found.answer.passages[0].article.id), seconds=20
        )
        nothing = await library.run(lambda reader: reader.article("nothing"), seconds=20)
        with pytest.raises(FilterError) as wrong:
            await library.run(lambda reader: reader.answer("since:多久 退货"), seconds=20)
        await library.close()
        with Searcher.open(index, load_encoder()) as searcher:
            here = searcher.answer("网上买的东西可以退货吗？", limit=3)
            assert [one.text for one in found.answer.passages] == [
                one.text for one in here.passages
            ]
            assert found.answer.exchange == here.exchange
            assert article == searcher.article(here.passages[0].article.id)
        assert after.answer.understood is not None
        assert nothing is None
        assert (wrong.value.name, wrong.value.value) == ("since", "多久")

    asyncio.run(run())


def test_questions_put_to_a_process_that_is_killed_are_answered(index: Path) -> None:
    async def run() -> None:
        library = open_library(Settings(index=index), 1)
        await library.open()
        asking = [
            asyncio.create_task(library.run(lambda reader: reader.answer("怎么退货"), seconds=20))
            for _ in range(10)
        ]
        await asyncio.sleep(0.02)
        (reader,) = library._readers
        os.kill(cast("ProcessReader", reader)._process.pid, signal.SIGKILL)
        found = await asyncio.gather(*asking)
        assert {one.answer.status for one in found} == {"answered"}
        await library.close()

    asyncio.run(run())


def test_a_process_takes_up_what_is_rebuilt_and_rolled_back(tmp_path: Path) -> None:
    index = sample_index(tmp_path / "index")

    async def run() -> None:
        library = open_library(Settings(index=index), 1)
        await library.open()
        first = library.generation
        build_index([next(SAMPLES.glob("*.md"))], index, load_encoder())
        assert await library.refresh() and library.generation != first
        roll_back(index)
        assert await library.refresh() and library.generation == first
        await library.close()

    asyncio.run(run())


def test_why_an_index_cannot_be_opened_is_said_as_it_was_there(tmp_path: Path) -> None:
    async def run() -> None:
        with pytest.raises(BotError, match="there is no index at"):
            await ProcessReader.start(Settings(index=tmp_path / "nothing"))

    asyncio.run(run())


def test_a_process_has_the_settings_but_no_secret(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "123456789:hushhush")
    monkeypatch.setenv("XUNZHANG_WEBHOOK_SECRET", "hushhush")

    async def run() -> None:
        reader = await ProcessReader.start(Settings(index=index))
        environ = Path(f"/proc/{reader._process.pid}/environ").read_bytes()
        assert b"hushhush" not in environ and b"PATH=" in environ
        await reader.close(5)
        assert reader._process.returncode is not None

    asyncio.run(run())
