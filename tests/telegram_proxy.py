"""Two small proxies with a password: HTTP, and SOCKS 5."""

from __future__ import annotations

import asyncio
import base64
import struct
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit

USER, PASSWORD = b"fan", b"hunter2"


class Proxy:
    """An HTTP proxy, for http:// addresses and for CONNECT."""

    def __init__(self) -> None:
        self.connections = 0
        self.port = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
        with suppress(asyncio.IncompleteReadError, OSError, asyncio.CancelledError):
            await self._talk(reader, writer)
        writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        expected = b"Basic " + base64.b64encode(USER + b":" + PASSWORD)
        if expected not in head:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return
        self.connections += 1
        first, _, rest = head.partition(b"\r\n")
        method, target, version = first.split(b" ")
        parts = urlsplit(target.decode())
        upward, onward = await asyncio.open_connection(parts.hostname, parts.port)
        path = (parts.path or "/").encode() + (b"?" + parts.query.encode() if parts.query else b"")
        onward.write(b" ".join((method, path, version)) + b"\r\n" + rest)
        await self._join(reader, writer, upward, onward)

    async def _join(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        upward: asyncio.StreamReader,
        onward: asyncio.StreamWriter,
    ) -> None:
        await asyncio.gather(_pump(reader, onward, self._rewrite), _pump(upward, writer, None))

    @staticmethod
    def _rewrite(data: bytes) -> bytes:
        """Turn the absolute address of a later request on the line into a path."""
        first, mark, rest = data.partition(b"\r\n")
        words = first.split(b" ")
        if mark and len(words) == 3 and words[1].startswith(b"http://"):
            words[1] = b"/" + words[1].split(b"/", 3)[3]
            return b" ".join(words) + mark + rest
        return data


class SocksProxy(Proxy):
    """A SOCKS 5 proxy with user name and password."""

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, count = await reader.readexactly(2)
        await reader.readexactly(count)
        writer.write(b"\x05\x02")
        _, length = await reader.readexactly(2)
        user = await reader.readexactly(length)
        password = await reader.readexactly((await reader.readexactly(1))[0])
        if (user, password) != (USER, PASSWORD):
            writer.write(b"\x01\x01")
            return
        writer.write(b"\x01\x00")
        _, _, _, kind = await reader.readexactly(4)
        if kind == 3:
            host = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
        else:
            host = ".".join(str(byte) for byte in await reader.readexactly(4))
        (port,) = struct.unpack(">H", await reader.readexactly(2))
        self.connections += 1
        upward, onward = await asyncio.open_connection(host, port)
        writer.write(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
        await self._join(reader, writer, upward, onward)

    @staticmethod
    def _rewrite(data: bytes) -> bytes:
        return data


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, change: object) -> None:
    with suppress(OSError):
        while data := await reader.read(1 << 16):
            writer.write(change(data) if callable(change) else data)
            await writer.drain()
    writer.close()
