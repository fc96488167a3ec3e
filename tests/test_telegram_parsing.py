from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.language import language_for
from bot.telegram.parsing import Incoming, Me, Mention, Request, read, without_mention
from tests.telegram_html import utf16

ME = Me(123, "xunzhang_bot")
PRIVATE = Incoming(chat=7, kind="private", message=1, person=7)
GROUP = Incoming(chat=-5, kind="group", message=1, person=7)


def said(text: str, where: Incoming = PRIVATE, **changes: object) -> Request | None:
    mentions = tuple(
        Mention(utf16(text[:at]), utf16("@xunzhang_bot"))
        for at in range(len(text))
        if text.startswith("@xunzhang_bot", at)
    )
    return read(replace(where, text=text, mentions=mentions, **changes), ME)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "action", "rest"),
    [
        ("七天无理由退货怎么算？", "ask", "七天无理由退货怎么算？"),
        ("/ask 怎么退货", "ask", "怎么退货"),
        ("/ask@Xunzhang_Bot  怎么退货\n第二行", "ask", "怎么退货\n第二行"),
        ("/ask", "hint", ""),
        ("／help", "help", ""),
        ("/START a_12", "start", "a_12"),
        ("/nonsense x", "unknown", "nonsense"),
        ("幫助", "help", ""),
        ("设定", "settings", ""),
        ("帮助老人被骗怎么办", "ask", "帮助老人被骗怎么办"),
        ("搜索：预付卡", "ask", "预付卡"),
        ("搜索引擎广告骗人", "ask", "搜索引擎广告骗人"),
        ("/ 是什么意思", "ask", "/ 是什么意思"),
        ("", "hint", ""),
        ("？？", "hint", ""),
        ("谢谢", "manners", "thanks"),
        ("好的👌", "manners", "fine"),
        ("/ask 谢谢", "ask", "谢谢"),
    ],
)
def test_a_private_message(text: str, action: str, rest: str) -> None:
    assert said(text) == Request(action, rest)


@pytest.mark.parametrize(
    ("text", "action", "rest"),
    [
        ("/ask 怎么退货", "ask", "怎么退货"),
        ("@xunzhang_bot 怎么退货", "ask", "怎么退货"),
        ("𠮷😀 @xunzhang_bot 怎么退货", "ask", "𠮷😀 怎么退货"),
        ("@xunzhang_bot", "help", ""),
        ("@xunzhang_bot 帮助", "help", ""),
    ],
)
def test_addressed_in_a_group(text: str, action: str, rest: str) -> None:
    assert said(text, GROUP) == Request(action, rest)


@pytest.mark.parametrize(
    "text", ["怎么退货", "/ask@other_bot 怎么退货", "@other_bot 怎么退货", "/nonsense", "帮助", ""]
)
def test_not_addressed_in_a_group(text: str) -> None:
    assert said(text, GROUP) is None


def test_another_bots_command_is_ignored_in_private_too() -> None:
    assert said("/ask@other_bot 怎么退货") is None


def test_a_reply_to_the_bot_is_a_question() -> None:
    assert said("那苏州呢", GROUP, reply_to_me=True) == Request("ask", "那苏州呢")
    assert said("谢谢", GROUP, reply_to_me=True) == Request("manners", "thanks")
    assert said("😂", GROUP, reply_to_me=True) is None
    assert said("谢谢", GROUP) is None


def test_what_the_bot_has_said_is_no_question() -> None:
    mine = {"reply_text": "找到了", "reply_to_me": True}
    assert said("/ask", GROUP, **mine) == Request("hint")
    assert said("@xunzhang_bot", GROUP, **mine) == Request("help")
    assert said("/ask 运费谁出", GROUP, **mine) == Request("ask", "运费谁出")


@pytest.mark.parametrize("text", ["/ask", "/ask@xunzhang_bot", "@xunzhang_bot"])
def test_the_message_replied_to_is_the_question(text: str) -> None:
    assert said(text, GROUP, reply_text="预付卡怎么退") == Request("ask", "预付卡怎么退")
    assert said(text, GROUP, reply_text="忘记我") == Request("ask", "忘记我"), (
        "who said so is another"
    )


def test_a_mention_by_id_counts() -> None:
    incoming = replace(GROUP, text="尋章 怎么退货", mentions=(Mention(0, 2, 123),))
    assert read(incoming, ME) == Request("ask", "怎么退货")


@pytest.mark.parametrize("changes", [{"person": None}, {"kind": "channel"}])
def test_what_no_person_says_is_ignored(changes: dict[str, object]) -> None:
    assert said("/ask 怎么退货", GROUP, **changes) is None


def test_edits_edit_answers_and_do_nothing_else() -> None:
    assert said("怎么退货", edited=True) == Request("edit", "怎么退货")
    assert said("/ask 怎么退货", GROUP, edited=True) == Request("edit", "怎么退货")
    assert said("/forget", edited=True) is None
    assert said("忘记我", edited=True) is None
    assert said("", edited=True) is None
    assert said("谢谢", edited=True) is None
    file = replace(PRIVATE, document=True, edited=True)
    assert read(file, ME, admin=True) is None, "its caption was edited: it is added already"


def test_what_admins_send_is_added() -> None:
    file = replace(PRIVATE, document=True)
    article = replace(PRIVATE, text="正文。" * 50, forwarded=True)
    question = replace(PRIVATE, text="怎么退货", forwarded=True)
    assert read(file, ME, admin=True) == Request("add")
    assert read(article, ME, admin=True) == Request("add", article.text)
    assert read(question, ME, admin=True) == Request("ask", "怎么退货")
    assert read(file, ME) == Request("hint")
    assert read(article, ME) == Request("ask", article.text)


@given(st.text(max_size=20), st.text(max_size=20))
def test_the_mention_is_cut_out_at_its_utf16_offset(before: str, after: str) -> None:
    text = f"{before}@xunzhang_bot{after}"
    cut, found = without_mention(text, (Mention(utf16(before), 13),), ME)
    assert found
    kept = "".join((before + after).split())
    assert "".join(cut.split()) == kept.encode("utf-16", "surrogatepass").decode(
        "utf-16", "replace"
    )


@given(
    st.text(max_size=30),
    st.lists(st.builds(Mention, st.integers(0, 99), st.integers(0, 99)), max_size=3),
    st.sampled_from([PRIVATE, GROUP]),
    st.booleans(),
)
def test_nothing_a_person_sends_breaks_the_reading(
    text: str, mentions: list[Mention], where: Incoming, edited: bool
) -> None:
    read(replace(where, text=text, mentions=tuple(mentions), edited=edited), ME)


@pytest.mark.parametrize(
    ("code", "text", "language"),
    [
        ("zh-hans", "", "hans"),
        ("zh-Hant", "", "hant"),
        ("zh-hant-tw", "", "hant"),
        ("zh-Hans-HK", "", "hans"),
        ("zh-TW", "", "hant"),
        ("zh_HK", "", "hant"),
        ("zh-SG", "", "hans"),
        ("zh", "繁體", "hans"),
        ("yue", "", "hant"),
        ("en-US", "退货", "en"),
        ("ja", "", "en"),
        (None, "質量問題", "hant"),
        ("", "质量问题", "hans"),
        (None, "", "hans"),
    ],
)
def test_the_language_of_a_person(code: str | None, text: str, language: str) -> None:
    assert language_for(code, text) == language


@given(st.text(max_size=12), st.text(max_size=12))
def test_any_code_gives_a_language(code: str, text: str) -> None:
    assert language_for(code, text) in ("hans", "hant", "en")
