from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest

from tests.telegram_fake import TOKEN
from tests.telegram_process import QUESTIONS, answered, launch, play, running, sample_index
from tests.telegram_server import TelegramServer


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_index(tmp_path_factory.mktemp("telegram") / "index")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "var"


def test_a_wrong_token_ends_in_one_line_without_it(index: Path, state: Path) -> None:
    async def scene(server: TelegramServer) -> None:
        wrong = "987654321:BBWrongWrongWrongWrongWrongWrongWro"
        bot = await launch(server, index, state, {"TELEGRAM_BOT_TOKEN": wrong})
        assert await bot.ended() == 1
        assert bot.output.count("\n") == 1 and "does not accept the token" in bot.output
        assert "BBWrong" not in bot.output

    play(scene)


def test_storms_lose_no_question(index: Path, state: Path) -> None:
    async def scene(server: TelegramServer) -> None:
        server.faults["sendMessage"] = ["502", "429", "drop", "junk", "drop", "502"]
        server.faults["getUpdates"] = ["502", "drop", "junk", "junk"]
        server.faults["getMe"] = ["502"]
        server.faults["setMyCommands"] = ["502", "drop"]
        async with running(server, index, state) as bot:
            for person in range(20, 26):
                server.telegram.say(QUESTIONS[person % 5], person=person)
            await server.until(lambda: answered(server.telegram, range(20, 26)))
            assert all(len(server.telegram.in_chat(person)) == 1 for person in range(20, 26))
            assert "Traceback" not in bot.output and "秘密" not in bot.output

    play(scene)


def test_questions_outlive_the_process_that_searches(index: Path, state: Path) -> None:
    async def scene(server: TelegramServer) -> None:
        async with running(server, index, state) as bot:
            for round_ in range(2):
                (reader,) = bot.readers
                people = range(30 + 10 * round_, 40 + 10 * round_)
                for person in people:
                    server.telegram.say(QUESTIONS[person % 5], person=person)
                await server.until(lambda people=people: server.telegram.in_chat(people[0]))  # type: ignore[misc]
                os.kill(reader, signal.SIGKILL)
                await server.until(lambda people=people: answered(server.telegram, people))  # type: ignore[misc]
                shown = [server.telegram.in_chat(person) for person in people]
                assert [len(each) for each in shown] == [1] * 10
                assert all(each[0].text.startswith(("找到了", "資料", "资料")) for each in shown)
            assert bot.output.count("has died") == 2 and "Traceback" not in bot.output
            assert (await bot.run("healthcheck"))[0] == 0
            assert await bot.stop() == 0

    play(scene)


def test_a_bot_that_is_killed_leaves_nothing_running(index: Path, state: Path) -> None:
    async def scene(server: TelegramServer) -> None:
        async with running(server, index, state) as bot:
            (reader,) = bot.readers
            os.kill(reader, signal.SIGTERM)
            os.kill(reader, signal.SIGINT)
            server.telegram.say(QUESTIONS[0], person=7)
            await server.until(lambda: answered(server.telegram, [7]))
            assert bot.readers == [reader], "only the bot says when it is to end"
            await bot.stop(signal.SIGKILL)
        await server.until(lambda: ended(reader), seconds=20)

    play(scene)


def ended(process: int) -> bool:
    """Tell whether a process is gone, or waits for nothing but to be noticed."""
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2]
    except OSError:
        return True
    return state.split()[0] in "ZX"


def test_it_waits_for_a_server_that_is_down_at_the_start(index: Path, state: Path) -> None:
    async def run() -> None:
        async with TelegramServer() as gone:
            port = int(gone.url.rpartition(":")[2])
        bot = await launch(gone, index, state)
        while "cannot be reached" not in bot.output:
            assert bot.process.returncode is None
            await asyncio.sleep(0.05)
        async with TelegramServer(port=port) as server:
            server.telegram.say(QUESTIONS[0])
            await server.until(lambda: server.telegram.in_chat(7))
            assert await bot.stop() == 0

    asyncio.run(run())


def test_kill_9_loses_nothing_and_doubles_at_most_one_reply(index: Path, state: Path) -> None:
    async def scene(server: TelegramServer) -> None:
        telegram = server.telegram
        for kill in range(3):
            people = range(100 * kill + 100, 100 * kill + 110)
            async with running(server, index, state) as bot:
                for person in people:
                    telegram.say(QUESTIONS[person % 5], person=person)
                server.wake()
                # Somewhere in the middle of it all.
                await server.until(lambda: sum(bool(telegram.in_chat(one)) for one in people) > 2)  # noqa: B023
                await bot.stop(signal.SIGKILL)
        async with running(server, index, state):
            await server.until(lambda: answered(telegram, range(300, 310)))
            everyone = [one for start in (100, 200, 300) for one in range(start, start + 10)]
            counts = [len(telegram.in_chat(person)) for person in everyone]
            assert min(counts) == 1 and max(counts) <= 2, counts
            # One for each kill on a machine with nothing else to do; the benchmark counts them.
            assert sum(counts) <= len(everyone) + 2 * 3

    play(scene)


def test_the_second_bot_is_told_in_one_line(index: Path, state: Path, tmp_path: Path) -> None:
    async def scene(server: TelegramServer) -> None:
        async with running(server, index, state) as first:
            same = await launch(server, index, state)
            assert await same.ended() == 1
            assert f"a bot already runs with the state {state}" in first.output
            other = tmp_path / "other"
            async with running(server, index, other) as second:
                both = "another program polls with this bot's token"
                await server.until(lambda: both in first.output + second.output)
                assert await second.stop() == 0
            server.telegram.say(QUESTIONS[0])
            await server.until(lambda: server.telegram.in_chat(7))
            assert "Traceback" not in first.output + second.output

    play(scene)


def test_an_update_nobody_can_read_holds_up_nobody(index: Path, state: Path) -> None:
    async def scene(server: TelegramServer) -> None:
        server.telegram.push(message={"message_id": 1, "chat": "nonsense", "date": "never"})
        server.telegram.say(QUESTIONS[0])
        async with running(server, index, state) as bot:
            await server.until(lambda: server.telegram.in_chat(7))
            assert "update 1001 cannot be read and is skipped" in bot.output
            assert await bot.stop() == 0

    play(scene)


def test_only_getme_says_that_a_token_is_wrong(index: Path, state: Path) -> None:
    async def scene(server: TelegramServer) -> None:
        server.faults["getUpdates"] = ["401", "401"]
        for method in ("setMyCommands", "getMyCommands", "setMyDescription"):
            server.faults[method] = ["401"] * 9
        async with running(server, index, state) as bot:
            server.telegram.say(QUESTIONS[0])
            await server.until(lambda: server.telegram.in_chat(7))
            assert not server.faults["getUpdates"]
            assert await bot.stop() == 0
            assert "no longer accepts" not in bot.output and "Traceback" not in bot.output

    play(scene)


def test_a_token_that_is_revoked_ends_the_bot(index: Path, state: Path) -> None:
    async def scene(server: TelegramServer) -> None:
        async with running(server, index, state) as bot:
            await server.until(lambda: server.telegram.done("deleteWebhook"))
            server.telegram.token = "1:revoked"
            server.wake()
            assert await bot.ended() == 1
            assert "no longer accepts the token" in bot.output
            assert TOKEN not in bot.output and "Traceback" not in bot.output

    play(scene)


def test_it_ends_in_time_though_telegram_does_not_answer(index: Path, state: Path) -> None:
    async def scene(server: TelegramServer) -> None:
        server.slow_seconds = 30
        async with running(server, index, state) as bot:
            server.faults["sendMessage"] = ["slow"] * 9
            server.telegram.say(QUESTIONS[0])
            await server.until(lambda: not server.telegram.updates)
            await asyncio.sleep(0.3)
            started = time.monotonic()
            assert await bot.stop() == 0
            # Ten on a machine of its own; without a limit it would be minutes.
            assert time.monotonic() - started < 25
        server.faults["sendMessage"].clear()
        async with running(server, index, state):
            await server.until(lambda: server.telegram.in_chat(7))

    play(scene)
