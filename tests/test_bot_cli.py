from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from bot.services import SUITES, Wanted
from bot.settings import Settings
from corpus.errors import SourceNotFound
from corpus.records import Article, Failure, Notice
from embeddings.errors import ExtraMissing
from retrieval import Answer, Exchange, Finding, IndexBusy, IndexMissing, suites
from tests.bot_fakes import REPORT, FakeSearcher, FakeServices, article

ROOT = Path(__file__).resolve().parents[1]
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


@pytest.fixture(autouse=True)
def quiet_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No settings file, no locale, and the log left as it was."""
    monkeypatch.chdir(tmp_path)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def run(
    *args: str, services: FakeServices | None = None, stdin: str | bytes | None = None
) -> Result:
    return CliRunner().invoke(main, args, input=stdin, obj=services or FakeServices())


def settings_of(services: FakeServices, call: str) -> Settings:
    found = next(each for each in services.calls if each[0] == call)
    settings = next(each for each in found if isinstance(each, Settings))
    assert isinstance(settings, Settings)
    return settings


# ask


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


# the others


def test_rebuild_says_what_it_did() -> None:
    services = FakeServices(report=replace(REPORT, ignored=("/a/x.png",)))
    result = run("rebuild", "one", "two", "--full", services=services)
    assert result.exit_code == 0 and result.stderr == ""
    assert services.calls[0][1] == (Path("one"), Path("two")) and services.calls[0][3] is True
    assert result.stdout.splitlines() == [
        "gen-000002: 3 articles, 12 passages, 0.2 s",
        "new 1, changed 0, removed 0, unchanged 2",
        "not in a format of articles, left alone: 1 (x.png)",
    ]


@pytest.mark.parametrize("json_too", [(), ("--json",)])
def test_what_could_not_be_read_is_named_and_the_rest_is_indexed(
    json_too: tuple[str, ...],
) -> None:
    failed = (Failure("/a/1.txt", "is binary;\x1b[31m remove it"), Failure("/a/2.jsonl:3", "bad"))
    report = replace(REPORT, failed=failed, notices=(Notice("/a/3.html", "no text"),))
    result = run("rebuild", "a", *json_too, services=FakeServices(report=report))
    assert result.exit_code == 1
    errors = result.stderr.splitlines()
    assert errors[:2] == ["xunzhang: /a/1.txt: is binary; remove it", "xunzhang: /a/2.jsonl:3: bad"]
    if json_too:
        value = json.loads(result.stdout)
        assert value["failed"][1] == {"path": "/a/2.jsonl:3", "reason": "bad"}
    else:
        assert errors[2] == "xunzhang: /a/3.html: no text"
        assert "could not be read: 2" in result.stdout


def test_options_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XUNZHANG_MODEL", "from/env")
    monkeypatch.setenv("XUNZHANG_THREADS", "3")
    services = FakeServices()
    run("rebuild", "a", "--model", "from/option", "--batch-size", "8", services=services)
    settings = settings_of(services, "build")
    assert (settings.model, settings.threads, settings.batch_size) == ("from/option", 3, 8)


def test_clean_json_leaves_nothing_out() -> None:
    found: list[Article | Failure | Notice] = [
        article(),
        Failure("/a/2.txt", "is binary"),
        Notice("/a/3.html", "no text"),
    ]
    result = run("clean", "a", "--json", services=FakeServices(found=found))
    assert result.exit_code == 1
    assert result.stderr == "xunzhang: /a/2.txt: is binary\n"
    first, second, third = map(json.loads, result.stdout.splitlines())
    assert first["text"] == "標題\n正文。" and first["encoding"] == "gb18030"
    assert first["repairs"] == [
        {"kind": "annotation", "before": "創(chuàng)", "after": "創", "start": 3}
    ]
    assert first["dropped"] == [{"kind": "navigation", "text": "首页 > 新闻", "shared": False}]
    assert {"id", "title", "published", "unrepaired"} <= first.keys()
    assert (second["path"], second["error"], second["text"]) == ("/a/2.txt", "is binary", "")
    assert third["notice"] == "no text" and third["text"] == ""
    assert first.keys() < second.keys() and first.keys() < third.keys()


def test_an_article_without_text_keeps_its_id() -> None:
    empty = article(id="x2", text="")
    services = FakeServices(found=[Notice("/a/2.jsonl:7", "no text", empty)])
    result = run("clean", "a", "--json", services=services)
    (value,) = map(json.loads, result.stdout.splitlines())
    assert result.exit_code == 0
    assert (value["id"], value["text"], value["path"]) == ("x2", "", "/a/2.jsonl:7")
    shown = run("clean", "a", services=services).stdout
    assert "(no article text)" in shown and shown.rstrip().endswith("no text")


def test_a_folder_that_cannot_be_listed_is_named() -> None:
    services = FakeServices(unlisted=[Failure("/a/secret", "cannot be listed")])
    result = run("clean", "a", "--json", services=services)
    assert result.exit_code == 1 and "/a/secret: cannot be listed" in result.stderr
    assert json.loads(result.stdout)["error"] == "cannot be listed"


def test_clean_for_people_is_a_ledger() -> None:
    result = run("clean", "a", services=FakeServices(found=[article()]))
    assert result.exit_code == 0
    for part in ("标题", "encoding gb18030", "date 2023", "創(chuàng) → 創", "首页 > 新闻"):
        assert part in result.stdout
    many = article(repairs=article().repairs * 25, dropped=(), unrepaired=(), text="")
    text = run("clean", "a", services=FakeServices(found=[many])).stdout
    assert "repairs: 25" in text and "… and 5 more" in text and "(no article text)" in text


def test_eval_leaves_the_persons_own_index_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XUNZHANG_INDEX", "mine")
    services = FakeServices()
    result = run("eval", "data", "--mode", "dense", "--run", "x.run", services=services)
    assert result.exit_code == 0
    assert services.calls[0][3] == Wanted(mode="dense", run=Path("x.run"))
    assert result.stdout.splitlines() == [
        "7 questions",
        "R@1      0.5000",
        "nDCG@10  0.7500",
        "milliseconds a question: p50 1.0, p95 2.0",
    ]
    value = json.loads(run("eval", "data", "--json", "--index", "i").stdout)
    assert value == {
        "queries": 7,
        "measures": {"R@1": 0.5, "nDCG@10": 0.75},
        "timing_ms": {"p50": 1.0, "p95": 2.0},
    }


def test_eval_runs_the_suites_that_are_named() -> None:
    services = FakeServices()
    arguments = ("eval", "d", "--suite", "refusal", "--suite", "damaged", "--against", "o")
    result = run(*arguments, "--seed", "3", services=services)
    assert result.exit_code == 0
    assert services.calls[0][3] == Wanted(suites=("damaged", "refusal"), against=Path("o"), seed=3)
    assert result.stdout.splitlines()[-4:] == ["damaged", "same  1.0000", "refusal", "same  1.0000"]
    value = json.loads(run("eval", "d", "--suite", "all", "--json").stdout)
    assert value["suites"] == {name: {"same": 1.0} for name in SUITES}


def test_the_suites_of_the_command_are_those_there_are() -> None:
    assert SUITES == suites.SUITES


def test_check_tells_sound_from_broken() -> None:
    sound = FakeServices(findings=[Finding("info", "12 passages", "gen-1", "")])
    result = run("check", "--index", "i", services=sound)
    assert result.exit_code == 0
    assert result.stdout == "index i is sound\ninfo: 12 passages (gen-1)\n"
    broken = FakeServices(findings=[Finding("error", "cut", "a.faiss", "rebuild")])
    result = run("check", services=broken)
    assert result.exit_code == 1 and "error: cut (a.faiss); rebuild" in result.stdout
    result = run("check", "--json", services=broken)
    assert result.exit_code == 1
    assert json.loads(result.stdout) == {
        "ok": False,
        "findings": [{"level": "error", "what": "cut", "where": "a.faiss", "remedy": "rebuild"}],
    }


def test_rollback_names_the_generation() -> None:
    services = FakeServices()
    assert run("rollback", "--index", "i", services=services).stdout == "back to gen-000001\n"
    assert services.calls == [("roll_back", Path("i"))]


def test_our_words_follow_the_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "zh_TW.UTF-8")
    assert run("rollback").stdout == "已回到 gen-000001\n"


# what goes wrong


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


def test_rebuild_keeps_what_was_added_by_chat(tmp_path: Path) -> None:
    from bot.services import Services
    from bot.settings import Settings

    settings = Settings(state=tmp_path / "state")
    mine, other = tmp_path / "mine", tmp_path / "other"
    for folder, text in (
        (mine, "退货七天。"),
        (other, "召回免费。"),
        (settings.added, "三包两年。"),
    ):
        folder.mkdir(parents=True)
        (folder / f"{folder.name}.txt").write_text(text, encoding="utf-8")
    services = Services()
    assert services.build([mine], settings).articles == 1
    assert services.build([mine, settings.added.absolute()], settings).articles == 2
    report = services.build([other], settings)
    assert (report.articles, report.removed) == (2, 1)
