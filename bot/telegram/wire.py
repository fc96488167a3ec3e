"""The wire to Telegram: the library's requests over aiohttp.

The library's own way, over httpx, costs six times the CPU of this one, more than a millisecond
a message; with twenty people asking at once, that is what they would wait for.
"""

from __future__ import annotations

import ssl
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import aiohttp
import certifi
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, HTTPXRequest, RequestData

_CONNECT_SECONDS = 10.0
_POOL_SECONDS = 120.0
"""A pool that is full is no failure: waiting is right, whatever is waited for."""
_IDLE_SECONDS = 60.0
"""How long an unused connection is kept: a new one takes three round trips."""
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "xunzhang"}


class WireRequest(BaseRequest):
    """Requests over connections that are kept open, through an HTTP proxy if there is one."""

    def __init__(self, *, connections: int, read_timeout: float, proxy: str | None = None) -> None:
        self._connections = connections
        self._read_timeout = read_timeout
        self._proxy, self._to_proxy = _without_password(proxy)
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """Seconds without a byte after which an answer is given up."""
        return self._read_timeout

    async def initialize(self) -> None:
        """Open the session, if it is not."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self._connections, keepalive_timeout=_IDLE_SECONDS, ssl=_trust()
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=_FORM,
            )

    async def shutdown(self) -> None:
        """Close the session."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ANN401 (the library's signature)
        write_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ANN401
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ANN401
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ANN401
    ) -> tuple[int, bytes]:
        """Make a request; returns status and body.

        Raises:
            TimedOut: nothing was heard for too long.
            NetworkError: there is no connection, or it broke.
            ValueError: there are files to be sent; this wire takes none.
        """
        if self._session is None:
            raise RuntimeError("the wire is not open")
        if request_data is not None and request_data.contains_files:
            raise ValueError("files are not sent over this wire")
        read = read_timeout if isinstance(read_timeout, (int, float)) else self._read_timeout
        timeout = aiohttp.ClientTimeout(
            total=None, connect=_POOL_SECONDS, sock_connect=_CONNECT_SECONDS, sock_read=read
        )
        data = _form(request_data.json_parameters) if request_data else None
        # An https server is asked for by CONNECT; only that is for the proxy to read.
        headers = None if url.startswith("https:") else self._to_proxy
        try:
            async with self._session.request(
                method,
                url,
                data=data,
                headers=headers,
                timeout=timeout,
                proxy=self._proxy,
                proxy_headers=self._to_proxy,
                allow_redirects=False,
            ) as response:
                return response.status, await response.read()
        # Their own errors are left behind: they hold the URL, and in it token or password.
        except TimeoutError:
            raise TimedOut from None
        except (aiohttp.ClientError, OSError, UnicodeError) as error:
            raise NetworkError(_reason(error)) from None


def make_wire(*, connections: int, read_timeout: float, proxy: str | None) -> BaseRequest:
    """Return the connections to Telegram; for a SOCKS proxy, which aiohttp has not, httpx's."""
    if proxy is None or not urlsplit(proxy).scheme.startswith("socks"):
        return WireRequest(connections=connections, read_timeout=read_timeout, proxy=proxy)
    return HTTPXRequest(
        connection_pool_size=connections,
        read_timeout=read_timeout,
        write_timeout=15,
        connect_timeout=_CONNECT_SECONDS,
        pool_timeout=_POOL_SECONDS,
        proxy=proxy,
        # The proxy is the one of the settings: httpx would look into the environment by itself.
        httpx_kwargs={"trust_env": False},
    )


def _without_password(proxy: str | None) -> tuple[str | None, dict[str, str]]:
    """Return a proxy's URL without name and password, and the header that tells it these.

    As UTF-8, like curl; aiohttp would take Latin-1, which has no 门.
    """
    parts = urlsplit(proxy or "")
    if parts.username is None:
        return proxy, {}
    told = unquote_to_bytes(parts.username) + b":" + unquote_to_bytes(parts.password or "")
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    return bare, {"Proxy-Authorization": f"Basic {b64encode(told).decode('ascii')}"}


def _reason(error: Exception) -> str:
    """Return what went wrong, without the URL it went wrong with, or a proxy's password."""
    name = type(error).__name__
    if isinstance(error, aiohttp.ClientResponseError):
        return f"{name}: {error.status} {error.message}"
    return name if isinstance(error, (aiohttp.InvalidURL, UnicodeError)) else f"{name}: {error}"


def _form(fields: Mapping[str, str]) -> bytes:
    """Return fields as a form, every byte of the values as %xx.

    `urlencode` looks at each byte by itself, and of Chinese text leaves none as it is.

    >>> _form({"chat_id": "7", "text": "好"})
    b'chat_id=%37&text=%e5%a5%bd'
    """
    values = ((name, value.encode("utf-8", "replace")) for name, value in fields.items())
    pairs = (f"{name}=%{value.hex('%')}" if value else f"{name}=" for name, value in values)
    return "&".join(pairs).encode("ascii")


def _trust() -> ssl.SSLContext:
    """Return whom to trust: whom this machine trusts, and who is known in general."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
