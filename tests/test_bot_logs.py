from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from bot.logs import MASK, Redactor, set_up_logs

TOKEN = "123456789:AAExampleExampleExampleExampleExa-_1"
SECRET = "s3cr&t/词"


@pytest.fixture(autouse=True)
def logging_left_as_found(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize(
    "text",
    [
        f"POST https://api.telegram.org/bot{TOKEN}/getMe",
        f"POST http://127.0.0.1:8081/bot{quote(TOKEN, safe='')}/getMe",
        f"file/bot{TOKEN}/x.jpg",
        f"the token is {TOKEN}.",
        f"token={quote(TOKEN)}",
        f"key {SECRET} end",
        f"key {quote(SECRET, safe='')} end",
        f"key {quote(SECRET, safe='').lower()} end",
    ],
)
def test_no_form_of_a_secret_stays(text: str) -> None:
    shown = Redactor([SECRET])(text)
    assert MASK in shown
    for part in ("Example", "s3cr", "%2f"):
        assert part not in shown.replace("example.org", "")


@pytest.mark.parametrize(
    "text", ["2023:10", "bot 7", "robot1 rested", "文章 12:30 发布", "gen-000001: 12 articles"]
)
def test_other_text_is_left_alone(text: str) -> None:
    assert Redactor([SECRET, ""])(text) == text


def test_messages_arguments_tracebacks_and_stacks_are_redacted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    set_up_logs("DEBUG", secrets=[SECRET])
    log = logging.getLogger("anything")
    log.warning("url %s", f"/bot{TOKEN}/getMe")
    try:
        raise ValueError(f"no answer from /bot{TOKEN}/getMe for {SECRET}")
    except ValueError:
        log.exception("failed", stack_info=True)
    shown = capsys.readouterr().err
    assert "Example" not in shown and SECRET not in shown
    assert shown.count(MASK) >= 3 and "ValueError" in shown and "Traceback" in shown


def test_a_crash_is_shown_without_the_token(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("WARNING")
    try:
        raise RuntimeError(f"/bot{TOKEN}/getMe")
    except RuntimeError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    shown = capsys.readouterr().err
    assert "RuntimeError" in shown and "Traceback" in shown and "Example" not in shown


def test_a_record_that_cannot_be_written_shows_no_secret(
    capsys: pytest.CaptureFixture[str],
) -> None:
    set_up_logs("WARNING", secrets=[SECRET])
    # Given to our handler alone: those of the test runner raise.
    text = f"/bot{TOKEN}/getMe {SECRET}"
    record = logging.LogRecord("x", logging.WARNING, __file__, 1, "%d of", (text,), None)
    logging.getLogger().handlers[-1].handle(record)
    shown = capsys.readouterr().err
    assert "TypeError" in shown and "test_bot_logs.py" in shown
    assert "Example" not in shown and SECRET not in shown


def test_level_and_repetition(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("DEBUG")
    set_up_logs("INFO")
    logging.getLogger("quiet").debug("unseen")
    logging.getLogger("quiet").info("seen")
    shown = capsys.readouterr().err
    assert shown.count("seen") == 1 and shown.startswith("xunzhang ")


@pytest.mark.parametrize(
    ("level", "name", "at", "seen"),
    [
        ("INFO", "httpx", logging.INFO, False),
        ("DEBUG", "httpx", logging.INFO, False),
        ("DEBUG", "httpcore.http11", logging.WARNING, True),
        ("WARNING", "htmldate.core", logging.WARNING, False),
        ("WARNING", "htmldate.core", logging.ERROR, True),
        ("WARNING", "huggingface_hub.utils._http", logging.WARNING, False),
        ("WARNING", "bot.asking", logging.WARNING, True),
        ("WARNING", "httpxlike", logging.WARNING, True),
    ],
)
def test_libraries_that_chatter_are_quieter_than_the_rest(
    level: str, name: str, at: int, seen: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logs(level)
    logging.getLogger(name).log(at, "said")
    assert ("said" in capsys.readouterr().err) is seen
