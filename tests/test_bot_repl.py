from __future__ import annotations

import logging

import pytest

from bot.rendering import View
from bot.repl import Facts, Repl
from bot.slash import COMMANDS, parse
from bot.wording import Language, say
from retrieval import Answer, Exchange, RetrievalError
from tests.bot_fakes import BODY, FakeSearcher, Person

FACTS = Facts(passages=12345, encoder="bundled", place="var/index")


def converse(
    *lines: str | type[BaseException],
    archive: FakeSearcher | None = None,
    language: Language = "hans",
    limit: int = 5,
) -> str:
    person = Person(*lines)
    Repl(
        archive or FakeSearcher(),
        person.read,
        person.write,
        view=View(brackets=True),
        limit=limit,
        language=language,
        errors=(RetrievalError,),
    ).run(FACTS)
    return person.screen


@pytest.mark.parametrize("language", ["hans", "hant", "en"])
def test_the_welcome_says_what_there_is(language: Language) -> None:
    screen = converse(language=language)
    for fact in ("12,345", "bundled", "var/index", "？", "/help"):
        assert fact in screen
    assert screen.rstrip().endswith(say("goodbye", language))


def test_a_question_gets_the_best_passage_and_the_others_on_a_line() -> None:
    archive = FakeSearcher()
    screen = converse("质量问题怎么退货", archive=archive, limit=3)
    assert "找到了（很有把握）" in screen
    assert screen.count("【质量问题】") == 1
    assert "2  第2篇 · 消费者报 · 2023-09-05" in screen and "3  第3篇" in screen
    assert "4  第4篇" not in screen
    assert archive.asked == [("质量问题怎么退货", 20)]


def test_our_words_follow_the_script_of_the_question() -> None:
    screen = converse("質量問題怎麼退貨", "/help")
    assert "找到了（很有把握）" in screen and "接下來的段落" in screen


def test_a_courtesy_is_returned_and_leaves_the_answer_where_it_was() -> None:
    archive = FakeSearcher()
    screen = converse("质量怎么退货", "謝謝！", "那30天呢", "ok", archive=archive)
    assert "不客氣，有問題請隨時問。" in screen and "好的，有问题请随时问。" in screen
    assert [question for question, _ in archive.asked] == ["质量怎么退货", "那30天呢"]
    assert archive.before[1] is not None and "没有找到" not in screen
    assert "2  第2篇" in converse("质量", "谢谢", "/more")


def test_a_courtesy_is_returned_in_the_script_that_was_chosen() -> None:
    screen = converse("/script hans", "謝謝！", "/new")
    assert "不客气，有问题请随时问。" in screen and "好，请问下一个问题。" in screen


def test_more_goes_on_until_there_is_no_more() -> None:
    screen = converse("质量", "/more", "更多", "/more")
    assert [screen.count(f"\n{rank}  第{rank}篇\n") for rank in range(1, 8)] == [1] * 7
    assert "没有更多段落了" in screen


def test_not_found_shows_the_nearest_and_more_goes_on_after_them() -> None:
    screen = converse("火星上有什么", "/more")
    assert "没有找到" in screen and "【" not in screen
    assert [screen.count(f"\n{rank}  第{rank}篇\n") for rank in range(1, 8)] == [1] * 6 + [0]


def test_open_shows_the_whole_article() -> None:
    assert BODY.replace("质量问题", "【质量问题】") in converse("质量", "/open 1")
    assert "开头一句" in converse("质量", "／打開　２")
    assert "开头一句" in converse("质量", "/open")


@pytest.mark.parametrize("line", ["/open 8", "/open 0", "/open -1", "/open x", "/open 1.5"])
def test_open_of_what_is_not_there(line: str) -> None:
    assert "/open 1 到 /open 7" in converse("质量", line)


def test_open_of_an_article_the_index_no_longer_has() -> None:
    assert "已没有这篇文章" in converse("质量", "/open 3")


@pytest.mark.parametrize("line", ["/more", "/open 1", "/why"])
def test_what_needs_an_answer_says_so(line: str) -> None:
    assert "请先提一个问题" in converse(line)


def test_why_shows_the_evidence() -> None:
    screen = converse("质量", "/why")
    assert "判断：有答案" in screen and "命中 退货 质量" in screen


def test_script_changes_what_is_shown_from_then_on() -> None:
    screen = converse("/script hant", "质量")
    assert "顯示：hant" in screen
    assert "【質量問題】可以退貨。" in screen and "消費者報" in screen
    assert "显示：hans" in converse("/字体 簡體")
    assert "请输入 /script" in converse("/script klingon")
    assert "（现在：auto）" in converse("/script")


@pytest.mark.parametrize("word", ["/quit", "/exit", "quit", "退出", "/離開", "再見", "QUIT"])
def test_leaving(word: str) -> None:
    archive = FakeSearcher()
    assert "再见" in converse(word, "质量", archive=archive)
    assert archive.asked == []


def test_ctrl_c_clears_the_line_and_twice_leaves() -> None:
    archive = FakeSearcher()
    lines = (KeyboardInterrupt, "质量", KeyboardInterrupt, KeyboardInterrupt, "未问")
    screen = converse(*lines, archive=archive)
    assert screen.count("再按一次") == 2
    assert "找到了" in screen and "未问" not in screen
    assert archive.asked == [("质量", 20)]


def test_ctrl_c_stops_an_answer_not_the_conversation() -> None:
    class Interrupted(FakeSearcher):
        def answer(
            self, question: str, *, limit: int = 5, previous: Exchange | None = None
        ) -> Answer:
            if question == "慢":
                raise KeyboardInterrupt
            return super().answer(question, limit=limit, previous=previous)

    screen = converse("慢", "质量", archive=Interrupted())
    assert "已停止" in screen and "找到了" in screen


def test_a_follow_up_leans_on_the_question_before_until_new() -> None:
    archive = FakeSearcher()
    screen = converse("质量怎么退货", "那30天呢", "/why", "新话题", "那30天呢", archive=archive)
    first = Exchange("质量怎么退货", ("a1",), (("a1", 5),))
    assert archive.before == [None, first, None]
    assert screen.count("按上文理解为：质量怎么退货 · 那30天呢\n") == 1
    assert "请问下一个问题" in screen


def test_how_it_was_understood_is_in_the_script_of_the_follow_up() -> None:
    screen = converse("质量怎么退货", "那麼運費呢", "/script hans", "那麼運費呢")
    assert "按上文理解為：質量怎麼退貨 · 那麼運費呢\n" in screen
    assert "按上文理解为：质量怎么退货 · 那么运费呢\n" in screen


def test_empty_lines_are_not_questions() -> None:
    archive = FakeSearcher()
    converse("", "  ", "\u3000", archive=archive)
    assert archive.asked == []


def test_a_known_error_is_one_line_and_the_conversation_goes_on() -> None:
    archive = FakeSearcher(error=RetrievalError("index is damaged; rebuild it"))
    screen = converse("质量", "/help", archive=archive)
    assert "出错了：index is damaged; rebuild it" in screen and "接下来的段落" in screen


def test_a_bug_is_logged_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    archive = FakeSearcher(error=ZeroDivisionError("oops"))
    with caplog.at_level(logging.ERROR):
        screen = converse("质量", "/help", archive=archive)
    assert "ZeroDivisionError: oops" in screen and "接下来的段落" in screen
    assert "Traceback" in caplog.text


def test_a_mistyped_command_is_answered_with_the_nearest() -> None:
    assert "是不是 /more？" in converse("/mroe")
    assert "没有 /zzzz 这个命令" in converse("/zzzz")


@pytest.mark.parametrize("language", ["hans", "hant", "en"])
def test_help_names_every_command(language: Language) -> None:
    assert all(command in say("help", language) for command in COMMANDS)


@pytest.mark.parametrize(
    ("line", "parsed"),
    [
        ("帮助", ("/help", "")),
        ("說明", ("/help", "")),
        ("/更多", ("/more", "")),
        ("/OPEN 3", ("/open", "3")),
        ("/", ("/", "")),
        ("为什么", (None, "为什么")),
        ("更多优惠吗", (None, "更多优惠吗")),
    ],
)
def test_parse(line: str, parsed: tuple[str | None, str]) -> None:
    assert parse(line) == parsed
