from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pytest

from bot.errors import BotError
from bot.settings import Settings
from bot.telegram.library import ReaderGone
from bot.telegram.readers import ProcessReader, open_library
from bot.telegram.searching import ANSWER, HEAD, LENGTH, READY
from embeddings import load_encoder
from retrieval import Searcher, build_index, roll_back
from retrieval.errors import FilterError
from retrieval.generation import current_name
from tests.telegram_process import SAMPLES, sample_index

ROOT = Path(__file__).resolve().parents[1]


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


def test_a_process_that_is_to_end_takes_no_more(index: Path) -> None:
    async def run() -> None:
        reader = await ProcessReader.start(Settings(index=index))
        closing = asyncio.create_task(reader.close(5))
        await asyncio.sleep(0)
        with pytest.raises(ReaderGone):
            await reader.answer("怎么退货")
        await closing
        assert reader.gone

    asyncio.run(run())


def test_a_process_that_dies_unasked_is_replaced(index: Path) -> None:
    async def run() -> None:
        library = open_library(Settings(index=index), 1)
        await library.open()
        (reader,) = library._readers
        cast("ProcessReader", reader)._process.kill()
        async with asyncio.timeout(10):
            while not reader.gone:
                await asyncio.sleep(0.01)
        assert not await library.refresh()
        (other,) = library._readers
        assert other is not reader and not other.gone
        await library.close()

    asyncio.run(run())


HANGING = """
import sys, time
from bot.telegram import searching
from tests.bot_fakes import FakeSearcher, FakeServices

class Slow(FakeSearcher):
    def answer(self, question, **rest):
        while question == "无穷":
            pass
        time.sleep(0.2)
        return super().answer(question, **rest)

searching.main(int(sys.argv[1]), FakeServices(searcher=Slow()))
"""


@contextmanager
def slow_search(question: str) -> Iterator[tuple[socket.socket, subprocess.Popen[bytes]]]:
    """A process that was asked a question, and the line to it."""
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-c", HANGING, str(theirs.fileno())]
    with ours, subprocess.Popen(command, cwd=ROOT, pass_fds=[theirs.fileno()]) as process:
        theirs.close()
        ours.settimeout(20)
        asked = json.dumps({"question": question, "limit": 1, "previous": None})
        for message in ("{}", asked):
            ours.sendall(LENGTH.pack(len(message)) + message.encode("ascii"))
        assert ours.recv(HEAD.size + 10) == HEAD.pack(READY, 10) + b"gen-000001"
        try:
            yield ours, process
        finally:
            process.kill()


def test_a_search_without_end_ends_with_the_bot() -> None:
    with slow_search("无穷") as (line, process):
        line.shutdown(socket.SHUT_WR)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        line.close()
        assert process.wait(20) == 0


def test_what_was_asked_is_answered_though_there_will_be_no_more_questions() -> None:
    with slow_search("质量") as (line, process):
        line.shutdown(socket.SHUT_WR)
        assert HEAD.unpack(line.recv(HEAD.size))[0] == ANSWER
        assert process.wait(20) == 0
