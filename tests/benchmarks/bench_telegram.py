"""The Telegram bot under load, on a server of our own: `python -m tests.benchmarks.bench_telegram`.

    python -m tests.benchmarks.bench_telegram [--index DIR] [--only NAME ...] [--kills N]

Without --index the sample articles are indexed; name a large index for the figures of the issue.
`adding` works on a copy of it; the folders it was built from have to be where they were.
Nothing leaves this machine. Server, bot and the people share its cores, so times are upper bounds.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import shutil
import signal
import sys
import tempfile
import time
from bisect import bisect
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from bot.telegram.markup import Span, pages, to_html
from bot.telegram.replies import Style, answer_reply
from tests.benchmarks.generating import generated
from tests.benchmarks.measuring import percentile
from tests.telegram_html import parse, utf16
from tests.telegram_process import QUESTIONS, BotProcess, running, sample_index
from tests.telegram_server import Fault, TelegramServer

BUSY = ("现在问的人很多", "问得太快了")


class Bench:
    """One index, many scenes."""

    def __init__(self, index: Path, scratch: Path, kills: int) -> None:
        self.index = index
        self.scratch = scratch
        self.kills = kills
        self._count = 0

    def state(self) -> Path:
        self._count += 1
        return self.scratch / f"state{self._count}"

    async def twenty_at_once(self) -> None:
        """20 people at once, ten times, and /help beside them."""
        async with (
            TelegramServer() as server,
            running(server, self.index, self.state(), FREE) as bot,
        ):
            await warm_up(server)
            bursts: list[float] = []
            for round_ in range(10):
                people = range(1000 + 20 * round_, 1020 + 20 * round_)
                bursts += await ask_all(server, people)
                await asyncio.sleep(1.2)  # so that Telegram's own 30 a second is not measured
            line("20 at once, message to reply", bursts)
            helps: list[float] = []
            quiet = [await one(server, 500 + number, "/help") for number in range(20)]
            for round_ in range(10):
                people = range(2000 + 20 * round_, 2020 + 20 * round_)
                asked = asyncio.create_task(ask_all(server, people))
                helps.append(await one(server, 600 + round_, "/help"))
                await asked
                await asyncio.sleep(1.2)
            line("/help, nobody searching", quiet)
            line("/help, 20 searching", helps)
            print(f"  memory after that: {memory(bot)}")

    async def thousand_at_once(self) -> None:
        """1,000 questions of 1,000 people at once."""
        async with TelegramServer() as server, running(server, self.index, self.state()) as bot:
            await warm_up(server)
            people = range(10_000, 11_000)
            started = time.monotonic()
            await ask_all(server, people, seconds=300)
            shown = [server.telegram.in_chat(person) for person in people]
            replies = sum(len(each) == 1 for each in shown)
            busy = sum(each[0].text.startswith(BUSY) for each in shown if each)
            asked = server.asked
            crossed = sum(one.reply_to != asked[one.chat] for each in shown for one in each)
            print(
                f"1,000 at once: {replies} replied to once, of them {busy} told that it is busy, "
                f"{crossed} crossed, {time.monotonic() - started:.1f} s, "
                f"{memory(bot)}"
            )

    async def flood(self) -> None:
        """One person sends 100 messages a second beside others who ask now and then."""
        async with TelegramServer() as server, running(server, self.index, self.state(), FREE):
            await warm_up(server)
            quiet = await now_and_then(server, range(3000, 3060))
            flooding = asyncio.create_task(flood(server, 666))
            flooded = await now_and_then(server, range(4000, 4060))
            flooding.cancel()
            line("others, nobody flooding", quiet)
            line("others, one floods 100/s", flooded)
            texts = [one.text for one in server.telegram.in_chat(666)]
            told = sum(text.startswith(BUSY) for text in texts)
            print(f"  the one who floods got {len(texts) - told} replies and {told} notices")

    async def storms(self) -> None:
        """429, 502, resets before and after the work, on every method."""
        chance = random.Random(7)
        faults: list[Fault] = ["429", "502", "drop", "lost", "502", "drop"]
        async with TelegramServer() as server, running(server, self.index, self.state(), FREE):
            people = range(5000, 5200)
            for method in ("sendMessage", "getUpdates", "answerCallbackQuery", "sendChatAction"):
                server.faults[method] = [chance.choice(faults) for _ in range(40)]
            server.faults["getUpdates"] = ["502", "drop", "lost", "429", "502"]
            await ask_all(server, people, seconds=300)
            counts = [len(server.telegram.in_chat(person)) for person in people]
            print(
                f"storm of 45 faults over 200 questions: {sum(map(bool, counts))} answered, "
                f"{sum(count > 1 for count in counts)} twice"
            )

    async def killing(self) -> None:
        """kill -9 at a random moment of a burst of ten, again and again."""
        chance, state = random.Random(11), self.state()
        kills, people = list[float](), list[int]()
        async with TelegramServer() as server:
            for kill in range(self.kills):
                async with running(server, self.index, state, FREE) as bot:
                    batch = range(20_000 + 10 * kill, 20_010 + 10 * kill)
                    people += batch
                    for person in batch:
                        server.ask(person)
                    await asyncio.sleep(chance.random() * 0.35)
                    await bot.stop(signal.SIGKILL)
                await asyncio.sleep(0.05)  # what was on its way is there now
                kills.append(server.telegram.clock())
            async with running(server, self.index, state, FREE):
                everyone = tuple(people)
                await server.until(lambda: all(map(server.telegram.in_chat, everyone)))
                await asyncio.sleep(1)
            shown = [server.telegram.in_chat(person) for person in people]
            # A reply is repeated because of the kill that ended the run it was sent in.
            repeated = Counter(bisect(kills, one.at) for each in shown for one in each[:-1])
            print(
                f"{self.kills} times kill -9 in a burst of ten: {len(people)} questions, "
                f"{sum(not each for each in shown)} lost, {repeated.total()} replies repeated, "
                f"most by one kill {max(repeated.values(), default=0)}, "
                f"most replies to one question {max(map(len, shown))}"
            )

    async def adding(self) -> None:
        """/add one file, then another: seconds until each is found."""
        own = self.scratch / "own"
        shutil.copytree(self.index, own)
        state = self.state()
        async with (
            TelegramServer() as server,
            running(server, own, state, {"XUNZHANG_ADMINS": "9"}) as bot,
        ):
            await warm_up(server)
            for count, (name, why) in enumerate(ADDED.items(), start=1):
                told, started = len(server.telegram.in_chat(9)), time.monotonic()
                server.telegram.files[name] = f"{name}召回公告\n\n{name}{why}，因此召回。".encode()
                file = {"file_id": name, "file_unique_id": name, "file_name": f"{name}.txt"}
                server.telegram.say(None, person=9, document=file)
                await server.until(lambda: len(server.telegram.in_chat(9)) > told, seconds=600)  # noqa: B023
                seconds = time.monotonic() - started
                report = server.telegram.in_chat(9)[-1].text
                await one(server, 7000 + count, f"{name}为什么召回")
                found = why in server.telegram.in_chat(7000 + count)[0].text
                print(f"/add number {count}: {seconds:.1f} s, {'found' if found else 'NOT FOUND'}")
                print("  " + report.strip().splitlines()[-1])
            print(f"  memory after that: {memory(bot)}")

    async def markup(self) -> None:
        """10,000 generated titles, texts and links."""
        chance, bad, longest = random.Random(3), 0, 0
        for _ in range(10_000):
            one = generated(chance)
            reply = answer_reply(one, Style("hant"), key="k" * 11, page=0)
            for spans in (reply.spans, *pages((Span(one.passages[0].text),))):
                text, entities = parse(to_html(spans))
                longest = max(longest, utf16(text))
                links = {entity.url for entity in entities if entity.url}
                bad += utf16(text) > 4096 or not text.strip()
                bad += any(not str(link).startswith(("http://", "https://")) for link in links)
        print(f"10,000 generated answers: {bad} not legal, longest {longest} UTF-16 units")


FREE = {"XUNZHANG_BURST": "10"}
ADDED = {
    "飞鱼牌电动汽车": "的电池管理系统遇冷会自行断电",
    "紫云牌电压力锅": "的限压阀在海拔三千米以上失效",
}
"""Articles to add: what each is about, and why it was recalled."""


async def ask_all(
    server: TelegramServer, people: Iterable[int], *, seconds: float = 60
) -> list[float]:
    """Let each person ask at once; returns the milliseconds until each had a reply."""
    waiting = {person: server.ask(person) for person in people}
    server.wake()
    everyone = tuple(waiting)
    await server.until(lambda: all(map(server.telegram.in_chat, everyone)), seconds=seconds)
    return [1000 * (server.telegram.in_chat(person)[0].at - at) for person, at in waiting.items()]


async def one(server: TelegramServer, person: int, text: str) -> float:
    """Let one person write and wait; returns milliseconds."""
    before = len(server.telegram.in_chat(person))
    at = server.ask(person, text)
    server.wake()
    await server.until(lambda: len(server.telegram.in_chat(person)) > before)
    return 1000 * (server.telegram.in_chat(person)[-1].at - at)


async def now_and_then(server: TelegramServer, people: Iterable[int]) -> list[float]:
    """Let people ask one after the other, ten a second."""
    times = []
    for person in people:
        times.append(await one(server, person, QUESTIONS[person % 5]))
        await asyncio.sleep(0.1)
    return times


async def flood(server: TelegramServer, person: int) -> None:
    """Let one person send questions and commands by turns."""
    while True:
        for text in (QUESTIONS[0], "/help"):
            server.ask(person, text)
            server.wake()
            await asyncio.sleep(0.01)


async def warm_up(server: TelegramServer) -> None:
    for number in range(5):
        await one(server, 1 + number, QUESTIONS[number])
    await asyncio.sleep(1)


def line(name: str, times: list[float]) -> None:
    p50, p95 = percentile(times, 0.5), percentile(times, 0.95)
    print(f"{name}: p50 {p50:.0f} ms, p95 {p95:.0f} ms, most {max(times):.0f} ms ({len(times)})")


def memory(bot: BotProcess) -> str:
    """Return what the bot and its readers hold; PSS counts what they share once."""
    rows = [
        row.split()
        for process in (bot.process.pid, *bot.readers)
        for row in Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
    ]
    pss, rss = (sum(int(row[1]) for row in rows if row[0] == name) for name in ("Pss:", "Rss:"))
    return f"{pss / 1024:.0f} MB PSS, {rss / 1024:.0f} MB RSS, {1 + len(bot.readers)} processes"


SCENES = ("markup", "twenty_at_once", "thousand_at_once", "flood", "storms", "killing", "adding")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", type=Path)
    parser.add_argument("--only", nargs="*", choices=SCENES, default=SCENES)
    parser.add_argument("--kills", type=int, default=50)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="xunzhang-telegram-") as folder:
        scratch = Path(folder)
        index = options.index
        if index is None:
            index = sample_index(scratch / "index")
        bench = Bench(index.absolute(), scratch, options.kills)
        for name in options.only:
            scene: Callable[[], Awaitable[None]] = getattr(bench, name)
            asyncio.run(_run(scene))
    return 0


async def _run(scene: Callable[[], Awaitable[None]]) -> None:
    await scene()


if __name__ == "__main__":
    sys.exit(main())
