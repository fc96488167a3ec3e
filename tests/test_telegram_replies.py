from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.frozen import freeze, thaw
from bot.telegram.keys import NOTHING, Press, from_data
from bot.telegram.markup import to_html, to_plain
from bot.telegram.replies import (
    Reply,
    ShownArticle,
    Style,
    Votes,
    answer_reply,
    article_reply,
    sources_reply,
)
from bot.wording import LANGUAGES
from retrieval.records import Answer, Damage, FoundPassage, Quote, Source
from tests.bot_fakes import BODY, answer, passage, source
from tests.telegram_html import parse, utf16

HANS = Style("hans")
TEXTS = st.one_of(
    st.text(st.sampled_from("退貨质量<>&\"'𠮷😀\n 。\x00\ud800</b>"), max_size=80),
    st.text(max_size=40),
    st.sampled_from(["<script>", "&lt;b&gt;", "</blockquote>", "長" * 3000, "𠮷" * 2500]),
)
MAYBE = st.one_of(st.none(), TEXTS)
SOURCES = st.builds(Source, st.text(min_size=1, max_size=9), MAYBE, MAYBE, MAYBE, MAYBE, MAYBE)


@st.composite
def passages(draw: st.DrawFn) -> FoundPassage:
    text = draw(TEXTS.filter(bool))
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, len(text)))
    return FoundPassage(
        rank=1,
        score=0.5,
        text=text,
        heading=draw(MAYBE),
        start=draw(st.integers(0, 50)),
        quote=draw(
            st.sampled_from(
                [
                    None,
                    Quote(text[start:end], start, end),
                    Quote(text[start:end], start, end, ((start + end) // 2, end)),
                ]
            )
        ),
        article=draw(SOURCES),
        also_in=tuple(draw(st.lists(SOURCES, max_size=3))),
        damage=Damage(draw(st.integers(0, 2)), draw(st.integers(0, 2))),
    )


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    return replace(
        answer(),
        status=draw(st.sampled_from(["answered", "not_found"])),
        question=draw(TEXTS),
        passages=tuple(draw(st.lists(passages(), max_size=3))),
        nearest_titles=tuple(draw(st.lists(TEXTS, max_size=3))),
    )


STYLES = st.builds(Style, st.sampled_from(LANGUAGES), st.sampled_from([None, "hans", "hant"]))


def legal(reply: Reply) -> str:
    """Return the text of a message Telegram would take."""
    text, entities = parse(to_html(reply.spans))
    assert text.strip() and utf16(text) <= 4096 and len(entities) <= 100
    for row in reply.rows:
        assert 1 <= len(row) <= 8
        for button in row:
            assert button.text.strip() and 1 <= len(button.data.encode()) <= 64
            assert button.data == NOTHING or from_data(button.data) is not None
    return text


@given(answers(), STYLES, st.integers(0, 5))
def test_every_answer_is_a_message_telegram_takes(one: Answer, style: Style, page: int) -> None:
    legal(answer_reply(one, style, key="k" * 11, page=page, votes=Votes(3, 4)))
    legal(sources_reply(one, style, key="k" * 11, page=page))


@given(SOURCES, TEXTS, st.one_of(st.none(), passages()), STYLES, st.one_of(st.none(), st.just(3)))
def test_every_article_is_a_message_telegram_takes(
    where: Source, text: str, found: FoundPassage | None, style: Style, page: int | None
) -> None:
    legal(
        article_reply(
            ShownArticle(where, text, found, 0, page, "https://t.me/x"), style, key="k" * 11
        )
    )


@given(answers().filter(lambda one: "\ud800" not in repr(one)))
def test_an_answer_thaws_as_it_was_frozen(one: Answer) -> None:
    assert thaw(freeze(one)) == replace(one, explanation={})


def test_an_answer_shows_what_it_should() -> None:
    text = legal(answer_reply(answer(), HANS, key="k"))
    assert text == "找到了（很有把握）\n第1篇\n消费者报 · 2023-09-05\n质量问题可以退货。"
    html = to_html(answer_reply(answer(), HANS, key="k").spans)
    assert "<b>第1篇</b>" in html and "<blockquote><b>质量问题</b>可以退货。</blockquote>" in html


def test_reprints_damage_and_link_are_named() -> None:
    found = replace(
        passage(),
        also_in=(source(2), source(3)),
        damage=Damage(2, 0),
        article=source(1, url="https://news.example/a?x=1&y=2"),
    )
    one = replace(answer(), passages=(found,))
    reply = answer_reply(one, Style("hant"), key="k")
    assert "另見於 2 處" in legal(reply) and "已修復" in legal(reply)
    assert '<a href="https://news.example/a?x=1&amp;y=2">news.example</a>' in to_html(reply.spans)
    assert "https://news.example/a?x=1&y=2" in to_plain(reply.spans)


def test_a_long_passage_is_folded_up_under_its_answering_sentence() -> None:
    text = "无关的话。" * 60 + "七天内可以退。"
    found = passage(1, text, (300, 307))
    html = to_html(answer_reply(replace(answer(), passages=(found,)), HANS, key="k").spans)
    assert "❝ <b>七天内可以退。</b>\n<blockquote expandable>" in html
    assert html.count("七天内可以退。") == 2


def test_what_was_asked_for_is_underlined_in_its_sentence() -> None:
    text = "無關的話。" * 60 + "七天內 <退>。"
    found = replace(passage(1, text), quote=Quote(text[300:], 300, 309, (300, 302)))
    style = Style("hans", "hans")
    html = to_html(answer_reply(replace(answer(), passages=(found,)), style, key="k").spans)
    assert html.count("<b><u>七天</u></b><b>内 &lt;退&gt;。</b>") == 2


def test_the_title_is_not_said_twice() -> None:
    found = replace(passage(1, "第1篇\n\n正文在此。", (5, 10)), start=0)
    text = legal(answer_reply(replace(answer(), passages=(found,)), HANS, key="k"))
    assert text.count("第1篇") == 1 and "正文在此" in text


def test_turning_goes_round() -> None:
    one = answer(passages=3)
    first, last = (answer_reply(one, HANS, key="k", page=at) for at in (0, 2))
    assert [button.text for button in first.rows[0]] == ["◀", "1/3", "▶"]
    assert from_data(first.rows[0][0].data) == Press("page", "k", 2)
    assert from_data(last.rows[0][2].data) == Press("page", "k", 0)
    assert from_data(last.rows[-1][0].data) == Press("up", "k", 2)
    assert len(answer_reply(answer(passages=1), HANS, key="k").rows) == 2


def test_not_found_is_said_plainly_with_the_nearest_as_buttons() -> None:
    reply = answer_reply(answer(status="not_found"), Style("en"), key="k")
    assert legal(reply).startswith("The archive holds no answer")
    assert [row[0].text for row in reply.rows[:2]] == ["📄 第1篇", "📄 第2篇"]
    assert from_data(reply.rows[1][0].data) == Press("article", "k", 1)


def test_quotes_in_the_script_of_the_chat() -> None:
    one = replace(answer(), passages=(passage(1, "質量問題可以退貨。", (0, 4)),))
    assert "質量問題" in legal(answer_reply(one, HANS, key="k"))
    assert "质量问题" in legal(answer_reply(one, Style("hans", "hans"), key="k"))
    html = to_html(answer_reply(one, Style("hant", "hans"), key="k").spans)
    assert "<b>质量问题</b>可以退货。" in html


def test_an_article_opens_where_the_passage_is() -> None:
    text = "很长的开头。\n" * 900 + BODY
    found = replace(passage(), start=text.index("质量问题"))
    reply = article_reply(ShownArticle(source(1), text, found), HANS, key="k")
    assert "<b><u>质量问题</u></b><u>可以退货。</u>" in to_html(reply.spans)
    assert "第 2 / 2 页" in legal(reply)
    forward = from_data(reply.rows[0][2].data)
    assert forward == Press("article", "k", 0, 1)


def test_a_passage_that_moved_is_not_marked_at_the_wrong_place() -> None:
    reply = article_reply(ShownArticle(source(1), "另一篇正文。", passage()), HANS, key="k")
    assert not any(span.underline for span in reply.spans)


def test_many_sources_are_paged() -> None:
    sources = tuple(source(number) for number in range(2, 32))
    one = replace(answer(), passages=(replace(passage(), also_in=sources),))
    first = sources_reply(one, HANS, key="k")
    assert first.rows[0][1].text == "1/3" and "12. 第12篇" in legal(first)
    assert "31. 第31篇" in legal(sources_reply(one, HANS, key="k", page=2))
