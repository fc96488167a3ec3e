"""Wording, wrong usage, errors and what the console script loads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from corpus.errors import SourceNotFound
from embeddings.errors import ExtraMissing
from retrieval import IndexBusy, IndexMissing
from tests.bot_fakes import FakeServices
from tests.cli_runs import ROOT, run

pytestmark = pytest.mark.usefixtures("quiet_place")


def test_our_words_follow_the_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "zh_TW.UTF-8")
    assert run("rollback").stdout == "已回到 gen-000001\n"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("ask", "x", "--script", "klingon"), "'klingon' is not one of"),
        (("ask", "x", "--limit", "0"), "0 is not in the range"),
        (("ask", "x", "--limit", "many"), "'many' is not a valid integer"),
        (("ask", "x", "--nonsense"), "--nonsense"),
        (("ask", "x", "--stdin"), "not both"),
        (("clean",), "Missing argument 'PATH'"),
        (("eval", "d", "--mode", "magic"), "'magic' is not one of"),
        (("serve",), "No such command 'serve'"),
    ],
)
def test_wrong_usage_is_one_line_and_2(args: tuple[str, ...], said: str) -> None:
    result = run(*args)
    assert result.exit_code == 2 and result.stdout == ""
    assert said in result.stderr and result.stderr.count("\n") == 1
    assert result.stderr.startswith("xunzhang: ") and "--help" in result.stderr


@pytest.mark.parametrize(
    "error",
    [
        SourceNotFound("no such folder: x; check the path"),
        ExtraMissing("pip install '.[models]'"),
        IndexBusy("another process is rebuilding"),
        IndexMissing("no index"),
    ],
)
def test_a_known_error_is_one_line_and_1(error: Exception) -> None:
    result = run("rebuild", "x", services=FakeServices(error=error))
    assert result.exit_code == 1 and result.stdout == ""
    assert result.stderr == f"xunzhang: {error}\n"


def test_an_empty_question_is_an_error() -> None:
    result = run("ask", " ")
    assert result.exit_code == 1 and "the question is empty" in result.stderr


def test_a_wrong_setting_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XUNZHANG_LIMIT", "0")
    result = run("ask", "x")
    assert result.exit_code == 1
    assert (
        result.stderr == "xunzhang: XUNZHANG_LIMIT is '0'; wanted: a whole number from 1 to 1000\n"
    )


def test_an_unknown_variable_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XUNZHANG_LIMT", "3")
    result = run("ask", "质量")
    assert result.exit_code == 0 and "did you mean XUNZHANG_LIMIT?" in result.stderr


def test_ctrl_c_is_130() -> None:
    assert run("rebuild", "x", services=FakeServices(error=KeyboardInterrupt())).exit_code == 130


def test_a_bug_keeps_its_traceback() -> None:
    result = run("rebuild", "x", services=FakeServices(error=ZeroDivisionError("oops")))
    assert isinstance(result.exception, ZeroDivisionError)


def test_a_reader_that_goes_away_is_no_traceback() -> None:
    program = (
        "from bot.cli import main\n"
        "from tests.bot_fakes import FakeServices\n"
        "main(['ask', '--json'], obj=FakeServices())\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        assert child.stdout is not None
        child.stdout.close()
        _, errors = child.communicate("质量\n".encode() * 2000, timeout=20)
    assert errors == b""


@pytest.mark.parametrize("args", [["--json"], []], ids=["json", "text"])
def test_a_full_disk_behind_standard_output_is_one_line(args: list[str]) -> None:
    program = (
        "import sys\n"
        "from bot.cli import main\n"
        "from tests.bot_fakes import FakeServices\n"
        "main(['ask', '质量', *sys.argv[1:]], obj=FakeServices())\n"
    )
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", program, *args],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.stderr == (
        "xunzhang: standard output cannot be written (No space left on device)\n"
    )
    assert done.returncode == 1


def test_no_standard_output_at_all_is_one_line() -> None:
    program = (
        "import sys\n"
        "sys.stdout = None\n"
        "from bot.cli import main\n"
        "from tests.bot_fakes import FakeServices\n"
        "main(['ask', '质量'], obj=FakeServices())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stderr == "xunzhang: there is no standard output to write to\n"
    assert done.returncode == 1


def test_help_of_everything_without_loading_anything_heavy() -> None:
    program = (
        "import sys\n"
        "from bot.cli import main\n"
        "for args in ([], ['--help'], *([name, '--help'] for name in main.commands)):\n"
        "    try:\n"
        "        main(args)\n"
        "    except SystemExit:\n"
        "        pass\n"
        "heavy = {'torch', 'numpy', 'faiss', 'tantivy', 'opencc', 'prompt_toolkit', 'retrieval'}\n"
        "sys.exit(3 if heavy & sys.modules.keys() else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for command in ("ask", "rebuild", "clean", "eval", "check", "rollback"):
        assert f"Usage: xunzhang {command}" in done.stdout


def test_version() -> None:
    result = run("--version")
    assert result.exit_code == 0 and result.stdout.startswith("xunzhang ")


def test_no_command_is_wrong_usage_with_help() -> None:
    result = run()
    assert result.exit_code == 2 and "Usage: xunzhang" in result.stderr


def test_python_m_bot() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 and done.stdout.startswith("Usage: xunzhang")
