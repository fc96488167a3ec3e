from __future__ import annotations

import asyncio
import base64
import re
import traceback
from collections.abc import Awaitable, Callable
from contextlib import suppress
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import InputFile
from telegram.error import NetworkError, TimedOut
from telegram.request import HTTPXRequest, RequestData
from telegram.request._requestparameter import RequestParameter

from bot.telegram.wire import WireRequest, _form, make_wire
from tests.telegram_server import TelegramServer

TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"]))


@given(st.dictionaries(st.from_regex("[a-z_]{1,12}", fullmatch=True), TEXTS))
def test_a_form_says_what_went_into_it(fields: dict[str, str]) -> None:
    assert dict(parse_qsl(_form(fields).decode(), keep_blank_values=True)) == fields


def play(scene: Callable[[TelegramServer, WireRequest], Awaitable[None]]) -> None:
    async def run() -> None:
        async with TelegramServer() as server:
            wire = WireRequest(connections=2, read_timeout=5)
            await wire.initialize()
            try:
                await scene(server, wire)
            finally:
                await wire.shutdown()

    asyncio.run(run())


def test_it_posts_gets_and_says_what_came_back() -> None:
    async def scene(server: TelegramServer, wire: WireRequest) -> None:
        root = f"{server.url}/bot{server.telegram.token}"
        status, body = await wire.do_request(f"{root}/getMe", "POST", RequestData([]))
        assert status == 200 and b"xunzhang_bot" in body
        status, body = await wire.do_request(f"{root}/nothing", "POST")
        assert status == 404
        server.telegram.files["a.txt"] = "正文".encode()
        file = f"{server.url}/file/bot{server.telegram.token}/d/a.txt"
        assert await wire.do_request(file, "GET") == (200, "正文".encode())

    play(scene)


def test_a_broken_line_and_silence_are_the_library_s_errors() -> None:
    async def scene(server: TelegramServer, wire: WireRequest) -> None:
        url = f"{server.url}/bot{server.telegram.token}/getMe"
        server.faults["getMe"] = ["drop", "slow"]
        with pytest.raises(NetworkError):
            await wire.do_request(url, "POST")
        with pytest.raises(TimedOut):
            await wire.do_request(url, "POST", read_timeout=0.05)
        assert (await wire.do_request(url, "POST"))[0] == 200

    play(scene)


def test_nobody_there_and_no_session() -> None:
    async def scene(server: TelegramServer, wire: WireRequest) -> None:
        with pytest.raises(NetworkError):
            await wire.do_request("http://127.0.0.1:1/x", "POST")
        await wire.shutdown()
        with pytest.raises(RuntimeError, match="not open"):
            await wire.do_request(server.url, "POST")

    play(scene)


async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
    await writer.drain()
    writer.close()


@pytest.mark.parametrize("host", ["https://api.telegram.org", "http://127.0.0.1:99999", "http://["])
def test_errors_hold_neither_token_nor_password(host: str) -> None:
    async def run() -> None:
        async with await asyncio.start_server(refuse, "127.0.0.1") as server:
            proxy = f"http://user:hush@127.0.0.1:{server.sockets[0].getsockname()[1]}"
            wire = WireRequest(connections=1, read_timeout=5, proxy=proxy)
            url = f"{host}/bot123456789:hush/getMe"
            await wire.initialize()
            with pytest.raises(NetworkError) as caught:
                await wire.do_request(url, "POST")
            await wire.shutdown()
        told = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
        assert "hush" not in told
        assert ("407 Proxy" in told) == host.startswith("https")

    asyncio.run(run())


@pytest.mark.parametrize("root", ["http://api.example", "https://api.example"])
@pytest.mark.parametrize(
    ("user", "told"),
    [
        ("user:门@", "user:门"),
        ("user:%E9%97%A8@", "user:门"),
        ("us%40er:a%3Ab%2F@", "us@er:a:b/"),
        ("user@", "user:"),
        ("", None),
    ],
)
def test_a_proxy_is_told_any_password(root: str, user: str, told: str | None) -> None:
    heads: list[bytes] = []

    async def refuse_and_note(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async def run() -> None:
        async with await asyncio.start_server(refuse_and_note, "127.0.0.1") as server:
            proxy = f"http://{user}127.0.0.1:{server.sockets[0].getsockname()[1]}"
            wire = WireRequest(connections=1, read_timeout=5, proxy=proxy)
            await wire.initialize()
            with suppress(NetworkError):  # which the refusal of CONNECT is
                assert (await wire.do_request(f"{root}/x", "POST"))[0] == 407
            await wire.shutdown()

    asyncio.run(run())
    (head,) = heads
    found = re.findall(rb"\r\nProxy-Authorization: Basic (\S+)\r\n", head)
    assert [base64.b64decode(one).decode() for one in found] == ([told] if told else [])
    assert head.startswith(b"CONNECT api.example:443" if root[4] == "s" else b"POST http://api")


def test_files_are_refused_rather_than_left_out() -> None:
    async def scene(server: TelegramServer, wire: WireRequest) -> None:
        certificate = RequestParameter("certificate", "attach://x", [InputFile(b"x", attach=True)])
        with pytest.raises(ValueError, match="files"):
            await wire.do_request(server.url, "POST", RequestData([certificate]))

    play(scene)


@pytest.mark.parametrize(
    ("proxy", "kind"),
    [
        (None, WireRequest),
        ("http://u:p@127.0.0.1:3128", WireRequest),
        ("socks5://u:p@127.0.0.1:1080", HTTPXRequest),
    ],
)
def test_socks_is_left_to_the_library(proxy: str | None, kind: type) -> None:
    assert isinstance(make_wire(connections=1, read_timeout=5, proxy=proxy), kind)
