from __future__ import annotations

import asyncio
import shutil
import socket
import time
from pathlib import Path

import aiohttp
import pytest

from tests.telegram_fake import TOKEN
from tests.telegram_process import QUESTIONS, SAMPLES, answered, launch, play, running, sample_index
from tests.telegram_proxy import Proxy, SocksProxy
from tests.telegram_server import TelegramServer


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_index(tmp_path_factory.mktemp("telegram") / "index")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "var"


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def test_a_conversation_and_no_secret_in_any_output(index: Path, state: Path) -> None:
    async def scene(server: TelegramServer) -> None:
        telegram = server.telegram
        settings = {"XUNZHANG_LOG_LEVEL": "DEBUG", "XUNZHANG_ADMINS": "9"}
        async with running(server, index, state, settings) as bot:
            message = telegram.say("网上买的东西可以退货吗？")
            await server.until(lambda: telegram.in_chat(7))
            (shown,) = telegram.in_chat(7)
            assert "七天" in shown.text and "消費者權益保護法" in shown.text
            telegram.press(shown, shown.button("▶"))
            await server.until(lambda: shown.edits == 1)
            telegram.press(shown, shown.button("📄"))
            await server.until(lambda: shown.edits == 2)
            telegram.edit(message, "火星上的水怪有几只眼睛")
            await server.until(lambda: shown.edits == 3)
            assert shown.text.startswith("资料中没有找到")
            command = Path(f"/proc/{bot.process.pid}/cmdline").read_bytes()
            assert TOKEN.encode() not in command
            assert (await bot.run("healthcheck")) == (0, "")
            started = time.monotonic()
            assert await bot.stop() == 0
            assert time.monotonic() - started < 25, "eight on a machine of its own"
            # The library logs the URL with the token at this level; that it is masked is the point.
            assert "/bot[redacted]" in bot.output
            assert TOKEN not in bot.output and TOKEN.partition(":")[2] not in bot.output
            code, told = await bot.run("healthcheck")
            assert code == 1 and "no bot runs" in told
        for file in state.rglob("*"):
            assert not file.is_file() or TOKEN.encode() not in file.read_bytes()

    play(scene)


def test_questions_are_not_logged_below_debug(index: Path, state: Path) -> None:
    async def scene(server: TelegramServer) -> None:
        async with running(server, index, state, {"XUNZHANG_LOG_LEVEL": "INFO"}) as bot:
            server.telegram.say("网上买的东西可以退货吗？")
            await server.until(lambda: server.telegram.in_chat(7))
            assert await bot.stop() == 0
            assert "answered in" in bot.output and "网上买" not in bot.output

    play(scene)


def test_an_added_article_is_searchable_in_seconds(index: Path, state: Path) -> None:
    async def scene(server: TelegramServer) -> None:
        telegram = server.telegram
        text = (
            "飞鱼牌电动汽车召回公告\n\n因电池管理系统存在缺陷，一万二千辆飞鱼牌电动汽车被召回。" * 3
        )
        telegram.files["f1"] = text.encode()
        async with running(server, index, state, {"XUNZHANG_ADMINS": "9"}):
            file = {"file_id": "f1", "file_unique_id": "f1", "file_name": "召回.txt"}
            telegram.say(None, person=9, document=file)
            await server.until(lambda: telegram.in_chat(9))
            report = telegram.in_chat(9)[0].text
            assert "飞鱼牌电动汽车召回公告" in report and "新增 1" in report
            assert "编码 utf-8 · 没有找到日期" in report and "索引中有 1 个段落。" in report
            telegram.say("飞鱼牌电动汽车为什么被召回", person=8)
            await server.until(lambda: telegram.in_chat(8))
            assert "电池管理系统存在缺陷" in telegram.in_chat(8)[0].text
            # What is there already is not built again, and one build may take in several.
            telegram.say(None, person=9, document=file)
            origin = {"type": "hidden_user", "sender_user_name": "x", "date": 1_700_000_000}
            for number in "一二":
                news = f"{number}号渡口的木船停开以后，对岸的孩子要绕行八里才能上学。" * 5
                telegram.say(news, person=9, forward_origin=origin)
            await server.until(lambda: len(telegram.in_chat(9)) == 4)
            told = [message.text for message in telegram.in_chat(9)[1:]]
            assert all("索引中有" in text for text in told)
            assert 1 <= sum("gen-" in text for text in told) <= 2

    play(scene)


def test_a_new_generation_is_taken_up_without_a_restart(
    index: Path, state: Path, tmp_path: Path
) -> None:
    async def scene(server: TelegramServer) -> None:
        telegram = server.telegram
        own = tmp_path / "own"
        shutil.copytree(index, own)
        new = tmp_path / "更新.txt"
        new.write_text("紫云牌电压力锅召回\n\n紫云牌电压力锅的限压阀可能失效。", encoding="utf-8")
        async with running(server, own, state) as bot:
            code, told = await bot.run("rebuild", str(SAMPLES), str(new), "--index", str(own))
            assert code == 0, told
            for person in range(30, 90):
                telegram.say("紫云牌电压力锅为什么召回", person=person)
                await server.until(lambda: telegram.in_chat(person))  # noqa: B023
                if "限压阀可能失效" in telegram.in_chat(person)[0].text:
                    break
                await asyncio.sleep(0.1)
            else:
                raise AssertionError("the new article was never found")
            (own / "CURRENT").write_text("gen-999999\n", encoding="utf-8")
            await server.until(lambda: "the old one serves on" in bot.output)
            telegram.say("紫云牌电压力锅为什么召回", person=99)
            await server.until(lambda: telegram.in_chat(99))
            assert "限压阀可能失效" in telegram.in_chat(99)[0].text

    play(scene)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_a_webhook_believes_only_who_knows_the_secret(index: Path, state: Path) -> None:
    async def scene(server: TelegramServer) -> None:
        settings = {
            "XUNZHANG_WEBHOOK": "https://bot.example/hook",
            "XUNZHANG_WEBHOOK_SECRET": "s" * 32,
        }
        port = _free_port()
        settings["XUNZHANG_WEBHOOK_LISTEN"] = f"127.0.0.1:{port}"
        async with running(server, index, state, settings) as bot:
            telegram = server.telegram
            await server.until(lambda: telegram.webhook)
            assert telegram.webhook["url"] == "https://bot.example/hook"
            assert telegram.webhook["secret_token"] == "s" * 32
            url = f"http://127.0.0.1:{port}/hook"
            await server.until(lambda: _listens(port))
            update = telegram.push(message=telegram.message("网上买的东西可以退货吗？"))
            name = "X-Telegram-Bot-Api-Secret-Token"
            async with aiohttp.ClientSession() as people:
                for headers in ({}, {name: "wrong"}, {name: ""}):
                    async with people.post(url, json=update, headers=headers) as answer:
                        assert answer.status == 403
                assert not telegram.in_chat(7)
                async with people.post(url, json=update, headers={name: "s" * 32}) as answer:
                    assert answer.status == 200
                await server.until(lambda: telegram.in_chat(7))
                bad = {"update_id": 1, "message": {"message_id": 1, "text": "秘密", "chat": 5}}
                async with people.post(url, json=bad, headers={name: "s" * 32}) as answer:
                    assert answer.status == 400
            assert "cannot be read and is refused" in bot.output and "秘密" not in bot.output
            assert (await bot.run("healthcheck"))[0] == 0
            assert await bot.stop() == 0

    play(scene)


def test_a_webhook_that_cannot_be_is_said_in_one_line(index: Path, state: Path) -> None:
    async def scene(server: TelegramServer) -> None:
        settings = {
            "XUNZHANG_WEBHOOK": "https://bot.example/hook",
            "XUNZHANG_WEBHOOK_SECRET": "s" * 32,
            "XUNZHANG_WEBHOOK_LISTEN": server.url.removeprefix("http://"),
        }
        taken = await launch(server, index, state, settings)
        assert await taken.ended() == 1
        assert "the webhook cannot listen at 127.0.0.1" in taken.output.splitlines()[-1]
        server.faults["setWebhook"] = ["502", "400"]
        refused = await launch(server, index, state / "b", settings)
        assert await refused.ended() == 1
        assert "does not take the webhook" in refused.output.splitlines()[-1]
        named = settings | {"XUNZHANG_WEBHOOK": f"https://bot.example/{TOKEN.partition(':')[2]}"}
        token = await launch(server, index, state / "c", named)
        assert await token.ended() == 1
        assert "holds the token" in token.output and TOKEN[10:] not in token.output
        assert "Traceback" not in taken.output + refused.output + token.output

    play(scene)


@pytest.mark.parametrize("scheme", ["http", "socks5"])
def test_through_a_proxy_whose_password_stays_secret(index: Path, state: Path, scheme: str) -> None:
    async def scene(server: TelegramServer) -> None:
        kind = Proxy if scheme == "http" else SocksProxy
        async with kind() as proxy:
            settings = {
                "XUNZHANG_PROXY": f"{scheme}://fan:hunter2@127.0.0.1:{proxy.port}",
                "XUNZHANG_LOG_LEVEL": "DEBUG",
            }
            async with running(server, index, state, settings) as bot:
                server.telegram.say(QUESTIONS[0])
                await server.until(lambda: server.telegram.in_chat(7))
                assert proxy.connections > 0
                assert await bot.stop() == 0
                assert "hunter2" not in bot.output and TOKEN not in bot.output

    play(scene)


def test_many_at_once_are_all_answered_each_his_own(index: Path, state: Path) -> None:
    async def scene(server: TelegramServer) -> None:
        telegram, people = server.telegram, range(1000, 1060)
        async with running(server, index, state, {"XUNZHANG_WORKERS": "2"}):
            own = {person: f"{QUESTIONS[person % 5]}{person}" for person in people}
            for person, question in own.items():
                telegram.say(question, person=person)
            await server.until(lambda: answered(telegram, people))
            for person in people:
                (shown,) = telegram.in_chat(person)
                assert shown.chat == person
                busy = shown.text.startswith("现在问的人很多")
                assert busy or shown.reply_to is not None

    play(scene)


def test_the_command_line_says_what_is_missing(index: Path, state: Path) -> None:
    async def scene(server: TelegramServer) -> None:
        for settings, wanted in (
            ({"TELEGRAM_BOT_TOKEN": ""}, "BotFather"),
            ({"XUNZHANG_WEBHOOK": "https://bot.example/x"}, "XUNZHANG_WEBHOOK_SECRET"),
            ({"XUNZHANG_PROXY": "nonsense"}, "XUNZHANG_PROXY"),
        ):
            bot = await launch(server, index, state / wanted, settings)
            assert await bot.ended() == 1
            assert bot.output.count("\n") == 1 and wanted in bot.output
        assert not server.telegram.calls

    play(scene)
