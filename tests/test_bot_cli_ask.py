"""`xunzhang ask`."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from retrieval import Answer, Exchange
from tests.bot_fakes import FakeSearcher, FakeServices
from tests.cli_runs import ROOT, run

pytestmark = pytest.mark.usefixtures("quiet_place")

KEYS = {
    "question",
    "understood",
    "filters",
    "status",
    "confidence",
    "script",
    "passages",
    "nearest_titles",
    "index",
    "timing_ms",
}


def test_a_question_of_several_words_is_one_question() -> None:
    services = FakeServices()
    result = run("ask", "质量", "怎么退货", services=services)
    assert result.exit_code == 0
    assert services.searcher.asked == [("质量 怎么退货", 5)]
    assert result.stdout.startswith("找到了（很有把握）") and "【质量问题】" in result.stdout
    assert result.stderr == ""
    assert services.searcher.closed


def test_not_found_is_an_answer() -> None:
    result = run("ask", "火星")
    assert result.exit_code == 0 and result.stdout.startswith("资料中没有找到")


def test_json_is_one_object_with_the_keys_of_the_contract() -> None:
    result = run("ask", "質量", "--json", "--limit", "1")
    answer = json.loads(result.stdout)
    assert answer.keys() == KEYS
    assert result.stdout.count("\n") == 1 and "質量" in result.stdout
    assert len(answer["passages"]) == 1


def test_script_changes_what_people_see_and_never_the_json() -> None:
    assert "【質量問題】" in run("ask", "质量", "--script", "hant").stdout
    plain = run("ask", "质量", "--json").stdout
    assert run("ask", "质量", "--json", "--script", "hant").stdout == plain


def test_explain_adds_the_evidence() -> None:
    assert "命中 退货 质量" in run("ask", "质量", "--explain").stdout
    answer = json.loads(run("ask", "质量", "--explain", "--json").stdout)
    assert answer["explanation"]["passages"][0]["lexical_rank"] == 1


def test_a_question_a_line_from_a_pipe() -> None:
    services = FakeServices()
    result = run("ask", "--json", services=services, stdin="\ufeff质量\n\n  \n火星\r\n最后")
    assert result.exit_code == 0
    statuses = [json.loads(line)["status"] for line in result.stdout.splitlines()]
    assert statuses == ["answered", "not_found", "answered"]
    assert [question for question, _ in services.searcher.asked] == ["质量", "火星", "最后"]
    assert services.searcher.before == [None, None, None], "each line is a question of its own"
    text = run("ask", "--stdin", stdin="质量\n火星\n").stdout
    assert text.startswith("› 质量\n找到了") and "› 火星\n资料中没有找到" in text


def test_each_answer_is_out_before_the_next_question_is_read() -> None:
    program = (
        "from bot.cli import main\n"
        "from tests.bot_fakes import FakeServices\n"
        "main(['ask', '--json'], obj=FakeServices())\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdin is not None and child.stdout is not None
        for question in ("质量", "火星"):
            child.stdin.write(f"{question}\n".encode())
            child.stdin.flush()
            assert json.loads(child.stdout.readline())["question"] == question
        child.stdin.close()
        assert child.wait(timeout=20) == 0


def test_nothing_piped_in_is_no_error() -> None:
    assert run("ask", stdin="").exit_code == 0


def test_a_question_is_repeated_without_what_a_terminal_would_act_on() -> None:
    result = run("ask", stdin="\x1b[31m质量\x07\n")
    assert result.stdout.startswith("› 质量\n")


def test_no_standard_input_at_all() -> None:
    program = (
        "import sys\n"
        "sys.stdin = None\n"
        "from bot.cli import main\n"
        "from tests.bot_fakes import FakeServices\n"
        "main(['ask'], obj=FakeServices())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("data", "question", "said"),
    [
        ("质量问题\n".encode("gb18030"), "质量问题", "read as GB18030"),
        (b"\xff\xff\x80", "\ufffd\ufffd\ufffd", "not UTF-8"),
    ],
)
def test_lines_that_are_not_utf8(data: bytes, question: str, said: str) -> None:
    services = FakeServices()
    result = run("ask", "--json", services=services, stdin=data)
    assert result.exit_code == 0
    assert services.searcher.asked[0][0] == question
    assert said in result.stderr and result.stderr.count("\n") == 1


def test_an_argument_that_is_not_utf8() -> None:
    services = FakeServices()
    word = "质量".encode("gb18030").decode("utf-8", "surrogateescape")
    result = run("ask", word, "--json", services=services)
    assert result.exit_code == 0 and services.searcher.asked[0][0] == "质量"


def test_a_lone_surrogate_in_the_archive_is_still_json() -> None:
    class Odd(FakeSearcher):
        def answer(
            self, question: str, *, limit: int = 5, previous: Exchange | None = None
        ) -> Answer:
            made = super().answer(question, limit=limit, previous=previous)
            return replace(made, nearest_titles=("\ud800",))

    result = run("ask", "质量", "--json", services=FakeServices(searcher=Odd()))
    assert json.loads(result.stdout)["nearest_titles"] == ["\ud800"]


def test_without_an_index_the_samples_are_indexed_first() -> None:
    services = FakeServices(indexed=False)
    result = run("ask", "质量", "--json", "--index", "new", services=services)
    assert result.exit_code == 0 and json.loads(result.stdout)["status"] == "answered"
    assert result.stderr.startswith("xunzhang: no index at new yet")
    assert [call[0] for call in services.calls] == ["open", "build", "open"]
    assert services.calls[1][1] == (ROOT / "corpus" / "sample",)


def test_an_index_come_to_harm_is_not_replaced_by_samples(tmp_path: Path) -> None:
    (tmp_path / "old" / "gen-000001").mkdir(parents=True)
    services = FakeServices(indexed=False)
    result = run("ask", "质量", "--index", "old", services=services)
    assert result.exit_code == 1 and "there is no index at old" in result.stderr
    assert [call[0] for call in services.calls] == ["open"]


def test_questions_are_not_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XUNZHANG_LOG_LEVEL", "INFO")
    result = run("ask", "我的隐私质量", "--json")
    assert "answered in 2.0 ms, 6 characters" in result.stderr
    assert "隐私" not in result.stderr
