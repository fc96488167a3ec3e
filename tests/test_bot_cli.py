"""The commands beside `ask`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.services import SUITES, Wanted
from corpus.records import Article, Failure, Notice
from retrieval import Finding, suites
from tests.bot_fakes import REPORT, FakeServices, article
from tests.cli_runs import run, settings_of

pytestmark = pytest.mark.usefixtures("quiet_place")


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
