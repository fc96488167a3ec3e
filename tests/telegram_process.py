"""The bot as a person starts it: a process of its own, with a real index."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import corpus
from embeddings import load_encoder
from retrieval import build_index
from tests.telegram_fake import FakeTelegram
from tests.telegram_server import PATIENCE, TelegramServer

QUESTIONS = (
    "网上买的东西可以退货吗？",
    "預付卡商家跑路了怎麼辦",
    "買到過期食品能賠多少",
    "12315怎么投诉",
    "汽车三包有哪些规定",
)


SAMPLES = Path(str(corpus.__file__)).with_name("sample")


@dataclass
class BotProcess:
    """A running bot and everything it wrote."""

    process: asyncio.subprocess.Process
    log: Path
    environ: dict[str, str]
    state: Path

    @property
    def output(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    @property
    def readers(self) -> list[int]:
        """The processes that search for it."""
        number = self.process.pid
        children = Path(f"/proc/{number}/task/{number}/children").read_text(encoding="ascii")
        return [int(child) for child in children.split()]

    async def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        if self.process.returncode is None:
            self.process.send_signal(number)
        return await self.ended()

    async def ended(self) -> int:
        """Wait for the end and return the exit code."""
        return await asyncio.wait_for(self.process.wait(), PATIENCE)

    async def run(self, *arguments: str) -> tuple[int, str]:
        """Run another command of the program with the same settings."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *arguments,
            env=self.environ,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        return process.returncode or 0, output.decode()


def environment(server: TelegramServer, index: Path, state: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
    return kept | {
        "TELEGRAM_BOT_TOKEN": server.telegram.token,
        "XUNZHANG_TELEGRAM_API": server.url,
        "XUNZHANG_INDEX": str(index),
        "XUNZHANG_STATE": str(state),
    }


async def launch(
    server: TelegramServer, index: Path, state: Path, settings: Mapping[str, str] | None = None
) -> BotProcess:
    """Start a bot; the caller stops it."""
    state.mkdir(parents=True, exist_ok=True)
    environ = environment(server, index, state) | dict(settings or {})
    log = state / "output.txt"
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "telegram", env=environ, stdout=output, stderr=output
        )
    return BotProcess(process, log, environ, state)


@asynccontextmanager
async def running(
    server: TelegramServer, index: Path, state: Path, settings: Mapping[str, str] | None = None
) -> AsyncIterator[BotProcess]:
    """Start a bot, wait until it answers, and stop it in the end."""
    before = len(server.telegram.done("getMe"))
    bot = await launch(server, index, state, settings)
    try:
        await server.until(
            lambda: (
                len(server.telegram.done("getMe")) > before or bot.process.returncode is not None
            ),
        )
        if bot.process.returncode is not None:
            raise AssertionError(f"the bot ended: {bot.output}")
        yield bot
    finally:
        if bot.process.returncode is None:
            await bot.stop(signal.SIGKILL)


def sample_index(directory: Path) -> Path:
    """Index the sample articles with the bundled encoder."""
    build_index([SAMPLES], directory, load_encoder())
    return directory


def play(scene: Callable[[TelegramServer], Awaitable[None]]) -> None:
    """Run a scene with a server."""

    async def run() -> None:
        async with TelegramServer() as server:
            await scene(server)

    asyncio.run(run())


def answered(telegram: FakeTelegram, people: Iterable[int]) -> bool:
    """Tell whether everybody got something."""
    return all(telegram.in_chat(person) for person in people)
