from __future__ import annotations

import io
import os
import stat
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console
from rich.text import Text

from bot import terminal
from bot.marking import QUOTE
from bot.progress import progress_bars
from bot.rendering import Block, View, article_blocks
from bot.screen import Screen, is_terminal, note, write_text
from bot.settings import Settings
from tests.bot_fakes import BODY, FakeSearcher, passage, source


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def screen(out: io.StringIO, width: int = 20, height: int = 50) -> Screen:
    return Screen(Console(file=out, width=width, height=height, force_terminal=True))


def test_a_pipe_gets_plain_text_with_brackets(capsys: pytest.CaptureFixture[str]) -> None:
    shown = Screen()
    assert not shown.interactive and shown.view("auto").brackets
    shown.show([Block(Text("七天", style="bold")), Block(Text("一\n二"), 3)])
    assert capsys.readouterr().out == "七天\n   一\n   二\n"


def test_a_terminal_gets_wrapped_and_indented_lines() -> None:
    out = io.StringIO()
    shown = screen(out)
    assert shown.interactive and not shown.view("hant").brackets
    shown.show([Block(Text("退貨" * 6), 4)])
    assert out.getvalue() == "    " + "退貨" * 4 + "\n    " + "退貨" * 2 + "\n"


def test_a_dumb_terminal_is_not_sent_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setenv("TERM", "dumb")
    assert not Screen().interactive
    monkeypatch.setenv("TERM", "xterm")
    assert Screen().interactive


def test_what_an_encoding_lacks_becomes_a_question_mark() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    write_text(stream, "退貨 ok\n")
    assert stream.buffer.getvalue() == b"?? ok\n"


def test_a_note_is_one_line_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    note("two\nlines \x1b[31mred")
    assert capsys.readouterr().err == "xunzhang: two lines red\n"


def test_the_marked_line_is_found_for_the_pager() -> None:
    front = "开头。\n" * 30
    moved = replace(passage(), start=len(front) + 5)
    blocks = article_blocks(source(), front + BODY, moved, View(), "hans")
    shown = screen(io.StringIO(), width=80)
    # Title, facts, place and an empty line stand above the text.
    assert shown.first_marked_line(blocks, frozenset({QUOTE})) == 4 + 30
    assert shown.first_marked_line(blocks, frozenset({"none"})) is None


def test_a_long_article_goes_through_the_pager(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "seen"
    fake = tmp_path / "less"
    fake.write_text(f'#!/bin/sh\necho "$@ $LESSSECURE" > {seen}\ncat >> {seen}\n', encoding="utf-8")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    out = io.StringIO()
    shown = screen(out, height=5)
    shown.page([Block(Text("行\n" * 20))], at=9)
    assert out.getvalue() == ""
    lines = seen.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "-R +7 1" and lines.count("行") == 20


def test_a_short_article_or_a_missing_pager_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    screen(out).page([Block(Text("行"))], at=None)
    assert out.getvalue() == "行\n"
    monkeypatch.setenv("PATH", "")
    screen(out, height=2).page([Block(Text("行\n行\n行"))], at=0)
    assert out.getvalue() == "行\n" * 4


def test_a_closed_stream_is_no_terminal() -> None:
    stream = io.StringIO()
    stream.close()
    assert not is_terminal(stream)


def test_progress_stays_silent_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bars("en") as report:
        assert report is None
    assert capsys.readouterr().err == ""


def test_progress_waits_before_it_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    out = Terminal()
    monkeypatch.setattr(sys, "stderr", out)
    monkeypatch.setenv("TERM", "xterm")
    with progress_bars("hant") as report:
        assert report is not None
        report("indexing", 1, 10)
    assert out.getvalue() == ""
    with progress_bars("hant", patience=0.0) as report:
        assert report is not None
        report("indexing", 1, 10)
        report("indexing", 10, 10)
        report("[odd]", 0, None)
    assert "建立索引" in out.getvalue() and "[odd]" in out.getvalue()


def test_the_prompt_keeps_its_history_private(tmp_path: Path) -> None:
    from prompt_toolkit.application import create_app_session
    from prompt_toolkit.input import create_pipe_input
    from prompt_toolkit.output import DummyOutput

    settings = Settings(state=tmp_path / "state")
    out = io.StringIO()
    with create_pipe_input() as typed, create_app_session(input=typed, output=DummyOutput()):
        typed.send_text("质量\x7f\x7f退货怎么办\n/help\n\x04")
        terminal.run_repl(
            FakeSearcher(),  # type: ignore[arg-type]
            settings,
            screen(out, width=80),
            "en",
        )
    assert stat.S_IMODE(settings.history.stat().st_mode) == 0o600
    history = settings.history.read_text(encoding="utf-8")
    assert "+退货怎么办\n" in history and "+/help\n" in history
    assert "12 passages" in out.getvalue() and "第1篇" in out.getvalue()
    assert "再见" in out.getvalue()


def test_ctrl_c_on_a_typed_line_clears_it_and_on_an_empty_one_interrupts(tmp_path: Path) -> None:
    from prompt_toolkit.application import create_app_session
    from prompt_toolkit.input import create_pipe_input
    from prompt_toolkit.output import DummyOutput

    out, archive = io.StringIO(), FakeSearcher()
    with create_pipe_input() as typed, create_app_session(input=typed, output=DummyOutput()):
        typed.send_text("打错的\x03质量\n\x03\x03")
        terminal.run_repl(
            archive,  # type: ignore[arg-type]
            Settings(state=tmp_path),
            screen(out, width=80),
            "hans",
        )
    assert [question for question, _ in archive.asked] == ["质量"]
    assert out.getvalue().count("再按一次") == 1


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("/h", ["/help"]),
        ("/script h", ["/script hans", "/script hant"]),
        ("质量", []),
    ],
)
def test_commands_are_completed(typed: str, offered: list[str]) -> None:
    from prompt_toolkit.completion import CompleteEvent
    from prompt_toolkit.document import Document

    found = terminal.command_completer().get_completions(Document(typed), CompleteEvent())
    assert [each.text for each in found] == offered


def test_a_history_that_cannot_be_written_is_no_reason_to_stop(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from prompt_toolkit.application import create_app_session
    from prompt_toolkit.input import create_pipe_input
    from prompt_toolkit.output import DummyOutput

    (tmp_path / "state").write_text("a file", encoding="utf-8")
    with create_pipe_input() as typed, create_app_session(input=typed, output=DummyOutput()):
        typed.send_text("\x04")
        terminal.run_repl(
            FakeSearcher(),  # type: ignore[arg-type]
            Settings(state=tmp_path / "state"),
            screen(io.StringIO()),
            "en",
        )
    assert "what you type is not kept" in capsys.readouterr().err
