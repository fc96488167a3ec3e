"""A page for Prometheus; off unless it is given an address."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bot.telegram.office import Office
from bot.telegram.statistics import quantile

_HEAD = (
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
    "Connection: close\r\nContent-Length: {length}\r\n\r\n"
)


def metrics_text(office: Office) -> str:
    """Return the figures in Prometheus' text format."""
    counters, times = office.counters, sorted(office.counters.times)
    figures: tuple[tuple[str, str, float], ...] = (
        ("xunzhang_questions_answered_total", "counter", counters.answered),
        ("xunzhang_questions_not_found_total", "counter", counters.not_found),
        ("xunzhang_questions_refused_total", "counter", counters.refused),
        ("xunzhang_errors_total", "counter", counters.errors),
        ("xunzhang_questions_waiting", "gauge", office.desk.waiting),
        ("xunzhang_reply_ms_p50", "gauge", quantile(times, 0.5)),
        ("xunzhang_reply_ms_p95", "gauge", quantile(times, 0.95)),
        ("xunzhang_index_open", "gauge", office.library.generation is not None),
    )
    return "".join(
        f"# TYPE {name} {kind}\n{name} {float(value):g}\n" for name, kind, value in figures
    )


async def serve_metrics(text: Callable[[], str], host: str, port: int) -> asyncio.Server:
    """Serve the page to whoever asks, whatever the path.

    Raises:
        OSError: the address is taken.
    """

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(5):
                await reader.readuntil(b"\r\n\r\n")
                body = text().encode("utf-8")
                writer.write(_HEAD.format(length=len(body)).encode("ascii") + body)
                await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    return await asyncio.start_server(answer, host, port)
