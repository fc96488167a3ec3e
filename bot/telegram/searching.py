"""A process that holds the index open and answers what comes over a socket, until it closes.

Searching takes the interpreter for milliseconds; in a process of its own it does so beside the
sending of answers. What passes is JSON, a length before it; no other program can reach the socket.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import select
import signal
import socket
import struct
import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from bot.errors import BotError
from bot.logs import set_up_logs
from bot.services import Services
from bot.settings import Settings
from bot.telegram.frozen import freeze
from corpus.errors import CorpusError
from embeddings.errors import EmbeddingsError
from retrieval.errors import FilterError, RetrievalError
from retrieval.records import Exchange

if TYPE_CHECKING:
    from retrieval import Searcher

logger = logging.getLogger(__name__)

# What a reply is: it follows the kind.
READY, ANSWER, ARTICLE, FILTER, REFUSAL, BUG = b"r", b"a", b"t", b"f", b"e", b"b"
HEAD = struct.Struct(">cI")
"""Kind and length of a reply; a question has its length alone before it."""
LENGTH = struct.Struct(">I")

_PATHS = ("index", "synonyms")


def settings_to_json(settings: Settings) -> str:
    """Return what a search needs of the settings."""
    kept = ("model", "batch_size", "threads", "device", "reranker", "log_level")
    values: dict[str, Any] = {name: getattr(settings, name) for name in kept}
    values["index"] = str(settings.index_directory.absolute())
    values["synonyms"] = settings.synonyms and str(settings.synonyms.absolute())
    return json.dumps(values)


def main(descriptor: int, services: Services | None = None) -> None:
    """Answer over an open socket until the other side closes it; tests give services."""
    # Stopping is decided by whoever started this: he closes the socket.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with socket.socket(fileno=descriptor) as line, line.makefile("rb") as heard:
        _end_with(line)
        values = json.loads(_next(heard) or b"{}")
        values |= {name: Path(values[name]) for name in _PATHS if values.get(name)}
        settings = Settings(**values)
        set_up_logs(settings.log_level)
        try:
            searcher = (services or Services()).open(settings)
        except (BotError, RetrievalError, EmbeddingsError, CorpusError, OSError) as error:
            _reply(line, REFUSAL, str(error))
            return
        # What is open now stays: there is no use in looking through it for garbage.
        gc.collect()
        gc.freeze()
        _reply(line, READY, searcher.generation)
        try:
            serve(searcher, lambda: _next(heard), lambda kind, text: _reply(line, kind, text))
        except OSError:
            logger.info("the bot is gone")
        finally:
            searcher.close()


def _end_with(line: socket.socket) -> None:
    """End this process when the other side of a socket is gone, even in the middle of a search.

    One that only says that it has no more questions is still there, and waits for its answers.
    """
    poll = select.poll()
    poll.register(line, 0)  # that a line is broken off is told without being asked for

    def watch() -> None:
        poll.poll()
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def serve(
    searcher: Searcher, hear: Callable[[], bytes | None], reply: Callable[[bytes, str], None]
) -> None:
    """Answer until there is nothing more to hear."""
    while (data := hear()) is not None:
        try:
            kind, text = _answer(searcher, json.loads(data))
        except FilterError as error:
            kind, text = FILTER, json.dumps([error.name, error.value])
        except RetrievalError as error:
            kind, text = REFUSAL, str(error)
        except Exception:
            kind, text = BUG, traceback.format_exc()
        reply(kind, text)


def _answer(searcher: Searcher, asked: Mapping[str, Any]) -> tuple[bytes, str]:
    if "article" in asked:
        article = searcher.article(asked["article"])
        return ARTICLE, json.dumps(article and asdict(article), ensure_ascii=False)
    before = asked["previous"]
    answer = searcher.answer(
        asked["question"],
        limit=asked["limit"],
        previous=None if before is None else Exchange.from_json(before),
    )
    return ANSWER, freeze(answer)


def _next(heard: IO[bytes]) -> bytes | None:
    head = heard.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    data = heard.read(length)
    return data if len(data) == length else None


def _reply(line: socket.socket, kind: bytes, text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    line.sendall(HEAD.pack(kind, len(data)) + data)
