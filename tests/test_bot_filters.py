from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from click.testing import CliRunner

from bot.ages import age_line, newer_line, years_since
from bot.cli import main
from bot.explaining import why_blocks
from bot.filter_words import filter_lines, filter_words, reason
from bot.rendering import View, answer_blocks, article_blocks, to_plain
from bot.repl import Facts, Repl
from bot.telegram.frozen import freeze, thaw
from bot.telegram.markup import to_plain as plain_spans
from bot.telegram.replies import Style, answer_reply
from bot.wording import Language
from retrieval.errors import FilterError
from retrieval.filters import Filters, Narrowing
from retrieval.records import Answer, Exchange
from tests.bot_fakes import FakeSearcher, FakeServices, Person, answer, passage, source

TODAY = date(2026, 11, 21)
SINCE = Narrowing(Filters(since="2019", site="12315.cn"), articles=7, undated=3)
NOTHING = Narrowing(Filters("2031"), 0, 2, "2011-03", "2025-05-06", ("甲网", "乙报"))


def narrowed(narrowing: Narrowing, **changes: object) -> Answer:
    return replace(answer(), narrowing=narrowing, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("filters", "hans", "english"),
    [
        (Filters("2019"), "2019 年以后", "since 2019"),
        (
            Filters("2019-06-01", site="甲网"),
            "2019 年 6 月 1 日以后 · 甲网",
            "since 2019-06-01 · 甲网",
        ),
        (Filters(before="2020-06"), "2020 年 6 月以前", "before 2020-06"),
        (Filters("2018", "2021"), "2018 年至 2020 年", "2018 to 2020"),
        (Filters("2019-11", "2020-01"), "2019 年 11 月至 2019 年 12 月", "2019-11 to 2019-12"),
        (Filters("2019", "2020"), "2019 年", "2019"),
        (Filters("2020-03-01", "2020-03-02"), "2020 年 3 月 1 日", "2020-03-01"),
        (
            Filters("2019", "2020-06"),
            "2019 年以后 · 2020 年 6 月以前",
            "since 2019 · before 2020-06",
        ),
        (Filters("2021", "2019"), "2021 年以后 · 2019 年以前", "since 2021 · before 2019"),
        (Filters(title="召回"), "标题含「召回」", "titles with “召回”"),
    ],
)
def test_filters_in_words(filters: Filters, hans: str, english: str) -> None:
    assert (filter_words(filters, "hans"), filter_words(filters, "en")) == (hans, english)


def test_what_an_answer_was_narrowed_to_stands_under_the_verdict() -> None:
    lines = to_plain(answer_blocks(narrowed(SINCE), View())).splitlines()
    assert lines[:3] == [
        "找到了（很有把握）：",
        "仅限 2019 年以后 · 12315.cn（另有 3 篇没有日期，未计入）",
        "",
    ]
    assert filter_lines(answer(), "hans") == []
    assert filter_lines(narrowed(SINCE), "en") == [
        "Only since 2019 · 12315.cn (left out for want of a date: 3)"
    ]


def test_filters_that_leave_nothing_say_what_there_is() -> None:
    empty = narrowed(NOTHING, status="not_found", passages=(), nearest_titles=())
    assert to_plain(answer_blocks(empty, View())).splitlines() == [
        "资料中没有找到能回答这个问题的内容。",
        "仅限 2031 年以后（另有 2 篇没有日期，未计入）",
        "没有文章符合这些条件。文章的日期从 2011 年 3 月到 2025 年 5 月 6 日。来源有：甲网、乙报。",
    ]
    bare = replace(NOTHING, earliest=None, latest=None, sites=(), undated=0)
    assert filter_lines(replace(empty, narrowing=bare), "hant")[1:] == ["沒有文章符合這些條件。"]


def test_filters_alone_ask_for_a_question() -> None:
    only = narrowed(SINCE, status="not_found", passages=())
    assert filter_lines(only, "hans")[1].startswith("条件之外还请写上要问的事")


def test_names_of_the_archive_cannot_break_out() -> None:
    wicked = Narrowing(Filters(site="\x1b[31m甲\n网", title="\x1b]0;x\x07"), 1, 0)
    assert "\x1b" not in "".join(filter_lines(narrowed(wicked), "hans"))
    assert len(filter_lines(narrowed(wicked), "hans")[0].splitlines()) == 1


def test_why_counts_what_was_left_out() -> None:
    one = narrowed(SINCE, explanation={"threshold": 0.5, "articles": 7, "undated": 3})
    text = to_plain(why_blocks(one, View()))
    assert "门槛 0.5 · 符合条件的文章 7 · 没有日期而未计入 3" in text


def test_yes_and_no_are_told_in_the_persons_language() -> None:
    one = narrowed(SINCE, explanation={"threshold": 0.5, "titled": True})
    assert "问到标题 是" in to_plain(why_blocks(one, View()))


@pytest.mark.parametrize(
    ("published", "years"),
    [
        ("2011", 15),
        ("2024-11", 2),
        ("2024-12", 1),
        ("2024-11-21", 2),
        ("2024-11-22", 1),
        ("2027", -1),
        (None, None),
    ],
)
def test_whole_years_since(published: str | None, years: int | None) -> None:
    assert years_since(published, TODAY) == years


def test_only_the_age_of_old_sources_is_told() -> None:
    lines = [age_line(day, TODAY, "hans") for day in ("2011-03-05", "2025", None, "2030")]
    assert lines == ["2011 年的文章，距今 15 年", "", "", ""]
    assert age_line("2011", TODAY, "en") == "from 2011, 15 years ago"
    assert age_line("2011", None, "hans") == ""


def old_and_new(second: float = 0.6) -> Answer:
    first = replace(passage(1), article=source(1, published="2011-03"), score=0.8)
    other = replace(passage(2), article=source(2, published="2024"), score=second)
    return replace(answer(), passages=(first, other))


def test_age_and_a_newer_source_are_shown_at_the_prompt() -> None:
    text = to_plain(answer_blocks(old_and_new(), View(today=TODAY)))
    assert text.splitlines()[1] == "第一段已久，较新的见第 2 段（2024 年）"
    assert "   2011 年的文章，距今 15 年\n" in text and "   2024 年的文章，距今 2 年\n" in text
    assert "年的文章" not in to_plain(answer_blocks(old_and_new(), View()))


@pytest.mark.parametrize("language", ["hans", "hant", "en"])
def test_a_newer_source_must_be_nearly_as_good(language: Language) -> None:
    assert "2" in newer_line(old_and_new().passages, TODAY, language)
    assert newer_line(old_and_new(0.3).passages, TODAY, language) == ""
    assert newer_line(old_and_new().passages[1:], TODAY, language) == ""
    assert newer_line((), TODAY, language) == ""


def test_telegram_tells_filters_and_age() -> None:
    one = replace(old_and_new(), narrowing=SINCE)
    text = plain_spans(answer_reply(one, Style("hant", today=TODAY), key="k").spans)
    assert text.splitlines()[1:6] == [
        "僅限 2019 年以後 · 12315.cn（另有 3 篇沒有日期，未計入）",
        "第一段已久，較新的見第 2 段（2024 年）",
        "第1篇",
        "消费者报 · 2011-03",
        "2011 年的文章，距今 15 年",
    ]
    second = plain_spans(answer_reply(one, Style("hant", today=TODAY), key="k", page=1).spans)
    assert second.startswith("第2篇") and "距今 2 年" in second
    nothing = narrowed(NOTHING, status="not_found", passages=(), nearest_titles=())
    assert "來源有：甲网、乙报" in plain_spans(answer_reply(nothing, Style("hant"), key="k").spans)


def test_an_answer_thaws_with_its_filters() -> None:
    exchange = Exchange("奶粉", filters=Filters("2019"))
    for narrowing in (SINCE, NOTHING):
        passages = tuple(replace(each, evidence={}) for each in answer().passages)
        one = narrowed(narrowing, exchange=exchange, explanation={}, passages=passages)
        assert thaw(freeze(one)) == one


def test_an_error_is_told_in_the_persons_language() -> None:
    wrong = FilterError("since", "foo\x1b")
    assert reason(wrong, "hans").startswith("since:foo 不是日期；请写 since:2019、")
    assert reason(FilterError("site", ""), "hant") == "site: 後面缺少內容"
    assert reason(ValueError("x"), "hans") == "x"
    person = Person("since:foo")
    Repl(
        FakeSearcher(error=wrong),
        person.read,
        person.write,
        view=View(),
        limit=5,
        language="hans",
        errors=(FilterError,),
    ).run(Facts(1, "hash", "x"))
    assert "出错了：since:foo 不是日期" in person.screen


class Choosy(FakeSearcher):
    def answer(self, question: str, *, limit: int = 5, previous: Exchange | None = None) -> Answer:
        if "since:foo" in question:
            raise FilterError("since", "foo")
        return super().answer(question, limit=limit, previous=previous)


def test_ask_exits_with_one_line() -> None:
    done = CliRunner().invoke(main, ["ask", "奶粉 since:foo"], obj=FakeServices(searcher=Choosy()))
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        "xunzhang: since:foo is not a date; write since:2019, since:2019-06 or since:2019-06-01\n"
    )


def test_of_many_lines_the_others_are_answered() -> None:
    done = CliRunner().invoke(
        main,
        ["ask", "--stdin", "--json"],
        input="奶粉\n奶粉 since:foo\n召回\n",
        obj=FakeServices(searcher=Choosy()),
    )
    assert done.exit_code == 1
    assert "since:foo is not a date" in done.stderr
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["question"] for one in records] == ["奶粉", "奶粉 since:foo", "召回"]
    assert records[1].keys() == {"question", "error"} and "error" not in records[2]


def test_a_passage_that_is_not_in_the_article_is_not_marked_there() -> None:
    text = "另一家的版本，字句不同。" * 3
    blocks = article_blocks(source(2), text, passage(), View(brackets=True), "hans")
    assert to_plain(blocks).endswith(f"\n{text}\n")
