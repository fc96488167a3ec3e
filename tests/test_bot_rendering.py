from __future__ import annotations

import io
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bot.explaining import explained_json, why_blocks
from bot.inert import inert, paragraphs
from bot.marking import ANSWER, QUOTE
from bot.rendering import (
    Block,
    View,
    answer_blocks,
    article_blocks,
    confidence_word,
    language_for,
    marked,
    passage_blocks,
    short_blocks,
    to_plain,
)
from bot.screen import Screen
from bot.settings import ScriptChoice
from retrieval import Damage, FoundPassage, Quote, Source
from tests.bot_fakes import BODY, answer, passage, source

PLAIN = View(brackets=True)


def plain(blocks: list[Block]) -> str:
    return to_plain(blocks)


def on_terminal(blocks: list[Block], width: int = 60) -> str:
    out = io.StringIO()
    Screen(Console(file=out, width=width, force_terminal=True, color_system="truecolor")).show(
        blocks
    )
    return out.getvalue()


@st.composite
def passages(draw: st.DrawFn) -> FoundPassage:
    text = draw(st.text(max_size=60))
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, len(text)))
    quoted = Quote(text[start:end], start, end) if draw(st.booleans()) else None
    strings = st.none() | st.text(max_size=20)
    return replace(
        passage(),
        text=text,
        quote=quoted,
        heading=draw(strings),
        article=Source("id", draw(strings), draw(strings), draw(strings), draw(strings), None),
        also_in=(source(2),) * draw(st.integers(0, 2)),
        damage=Damage(draw(st.integers(0, 3)), draw(st.integers(0, 3))),
    )


@given(passages(), st.sampled_from(get_args(ScriptChoice)), st.integers(12, 90))
def test_any_text_is_shown_and_none_of_it_acts(
    found: FoundPassage, script: ScriptChoice, width: int
) -> None:
    shown = replace(answer(), passages=(found,), nearest_titles=(found.article.title or "",))
    for verdict in (shown, replace(shown, status="not_found")):
        text = plain(answer_blocks(verdict, View(script, brackets=True)))
        assert inert(text) == text
        text.encode("utf-8")
        # With colour off and no link, all that a terminal gets is text.
        out = io.StringIO()
        Screen(Console(file=out, width=width, force_terminal=True, no_color=True)).show(
            [Block(block.text) for block in answer_blocks(verdict, View(script))]
        )
        on_terminal(answer_blocks(verdict, View(script)), width)


@given(passages())
def test_the_quote_is_marked_exactly(found: FoundPassage) -> None:
    text = marked(found, View())
    spans = [text.plain[span.start : span.end] for span in text.spans if span.style == QUOTE]
    quoted = paragraphs(found.quote.text) if found.quote else ""
    assert spans == ([quoted] if quoted else [])
    if found.quote and quoted:
        before, after = found.text[: found.quote.start], found.text[found.quote.end :]
        expected = f"{paragraphs(before)}【{quoted}】{paragraphs(after)}"
        assert marked(found, PLAIN).plain == expected


def test_conversion_may_change_lengths_around_the_mark() -> None:
    found = replace(passage(), text="網購質量退貨", quote=Quote("質量", 2, 4))
    assert marked(found, View("hans", brackets=True)).plain == "网购【质量】退货"
    assert marked(found, PLAIN).plain == "網購【質量】退貨"


def test_what_was_asked_for_is_marked_inside_the_quote_in_either_script() -> None:
    text = "網購質量退貨七天內辦理。"
    found = replace(passage(), text=text, quote=Quote(text[4:], 4, len(text), (6, 8)))
    assert marked(found, View("hans", brackets=True)).plain == "网购质量【退货*七天*内办理。】"
    shown = marked(found, View())
    spans = [(shown.plain[span.start : span.end], span.style) for span in shown.spans]
    assert spans == [("退貨", QUOTE), ("七天", ANSWER), ("內辦理。", QUOTE)]


def test_markup_and_escapes_of_the_archive_are_text() -> None:
    title = "[bold red]標題[/]\x1b[31m"
    found = replace(
        passage(), text="[link=x]\x1b]0;y\x07文", quote=None, article=source(title=title)
    )
    text = on_terminal(passage_blocks(found, View(), "hant"))
    assert "[bold red]標題[/]" in text and "[link=x]文" in text
    assert "\x1b]0;" not in text and "\x1b[31m" not in text


def test_an_answer_in_a_pipe() -> None:
    found = replace(
        passage(),
        also_in=(source(2), source(3)),
        damage=Damage(repaired=2, unrepaired=1),
        heading="第二章 退货",
        article=source(1, url="https://example.org/1"),
    )
    assert plain(answer_blocks(replace(answer(), passages=(found,)), PLAIN)) == (
        "找到了（很有把握）：\n"
        "\n"
        "1  第1篇\n"
        "   消费者报 · 2023-09-05 · 另见于 2 处 · 原文有 2 处乱码，已修复 · "
        "原文有 1 处乱码，无法修复\n"
        "   https://example.org/1\n"
        "   〔第二章 退货〕\n"
        "   【质量问题】可以退货。\n"
    )


def test_not_found_says_so_first_then_what_is_nearest() -> None:
    text = plain(answer_blocks(answer("火星", passages=7, status="not_found"), PLAIN))
    lines = text.splitlines()
    assert lines[0] == "资料中没有找到能回答这个问题的内容。"
    assert lines[2:5] == ["标题最接近的文章：", "   · 第1篇", "   · 第2篇"]
    assert "供您自行判断" in lines[6]
    # Three passages are enough to judge by.
    assert text.count("质量问题可以退货") == 3
    assert "【" not in text


def test_an_empty_archive_still_answers() -> None:
    empty = replace(answer("火星", status="not_found"), passages=(), nearest_titles=())
    assert plain(answer_blocks(empty, PLAIN)) == "资料中没有找到能回答这个问题的内容。\n"


def test_a_passage_without_anything_known() -> None:
    bare = replace(
        passage(quote=None), article=Source("x", None, None, None, None, None), text="文"
    )
    assert plain(passage_blocks(bare, PLAIN, "hant")) == "1  （無標題）\n   文\n"


@pytest.mark.parametrize(
    ("question", "script", "language"),
    [
        ("质量", "auto", "hans"),
        ("質量", "auto", "hant"),
        ("質量", "hans", "hans"),
        ("质量", "hant", "hant"),
        ("質量", "source", "hans"),
    ],
)
def test_the_language_of_our_words(question: str, script: ScriptChoice, language: str) -> None:
    assert language_for(answer(question), script) == language


def test_confidence_in_words() -> None:
    words = [confidence_word(value) for value in (0.0, 0.49, 0.5, 0.79, 0.8, 1.0)]
    assert words == ["possible", "possible", "likely", "likely", "sure", "sure"]


def test_the_whole_article_with_its_passage_marked() -> None:
    blocks = article_blocks(source(), BODY, passage(), View(), "hans")
    text = blocks[-1].text
    assert text.plain == BODY
    styled = {text.plain[span.start : span.end]: span.style for span in text.spans}
    assert styled["质量问题"] == QUOTE
    assert "可以退货。" in styled and "开头一句。" not in styled


@given(passages(), st.text(max_size=40))
def test_any_article_can_be_opened(found: FoundPassage, text: str) -> None:
    # The offsets may point anywhere: the index may be newer than the answer.
    shown = plain(article_blocks(found.article, text, found, PLAIN, "hant"))
    assert inert(shown) == shown


def test_a_link_is_a_link_only_if_it_is_one() -> None:
    good = replace(passage(), article=source(url="https://example.org/"))
    bad = replace(passage(), article=source(url="javascript:x"))
    assert "\x1b]8;" in on_terminal(passage_blocks(good, View(), "hans"))
    assert "\x1b]8;" not in on_terminal(passage_blocks(bad, View(), "hans"))


def test_paths_are_shown_from_where_one_is() -> None:
    assert "   1.txt\n" in plain(passage_blocks(passage(), View(base="/archive"), "hans"))
    assert "   /archive/1.txt\n" in plain(passage_blocks(passage(), View(base="/arch"), "hans"))


def test_why() -> None:
    text = plain(why_blocks(answer(), PLAIN))
    assert text.splitlines()[:2] == ["判断：有答案，把握 0.90 · 用时 2.0 毫秒", "   门槛 0.5"]
    assert "   得分 0.9 · 关键词名次 1 · 语义名次 –\n   命中 退货 质量\n" in text


def test_why_tells_the_coverage_of_the_verdict_from_that_of_a_passage() -> None:
    one = answer()
    found = replace(one.passages[0], evidence={"coverage": 0.25})
    one = replace(one, explanation={"coverage": 0.75}, passages=(found,))
    text = plain(why_blocks(one, PLAIN))
    assert "问题覆盖 0.75" in text
    assert "关键词得分 0.25" in text
    explained = explained_json(one)["explanation"]
    assert (explained["coverage"], explained["passages"]) == (0.75, [{"coverage": 0.25}])


def test_why_names_what_it_has_no_word_for() -> None:
    found = replace(
        passage(),
        evidence={"new_leg": 2, "sure": True, "both": {"a": 1}, "matched": ["退", "退货"]},
    )
    text = plain(why_blocks(replace(answer(), passages=(found,)), PLAIN))
    assert "new_leg 2 · sure 是\n   both a 1\n   命中 退货\n" in text


def test_passages_of_one_article_are_listed_under_one_title() -> None:
    first, second = passage(1), replace(passage(2), article=source(1), quote=None, text="长" * 99)
    listed = plain(short_blocks([first, second], PLAIN, "hans"))
    assert listed == ("1  第1篇 · 消费者报 · 2023-09-05\n   质量问题\n2  " + "长" * 36 + "…\n")
    assert plain(short_blocks([first], PLAIN, "hans", after="a1")) == "1  质量问题\n"


def test_explained_json_keeps_the_contract_and_adds_one_key() -> None:
    explained = explained_json(answer())
    assert explained.keys() - answer().to_json().keys() == {"explanation"}
    assert explained["explanation"]["passages"][1]["lexical_rank"] == 2
