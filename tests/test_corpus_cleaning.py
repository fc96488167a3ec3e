from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpus import clean_text
from corpus.cleaning import STEPS
from corpus.records import Repair

ENTITIES = ("&", "&amp;", "amp;", "lt;", "&lt;", "&#38;", "&#x26;", "&nbsp;", "&zwj;", "&#8203;")
INVISIBLE = ("\u200b", "\u202e", "\ufeff", "\u00ad", "\x00", "\x1b", "\x85", "\ud800", "\udfff")
BLANKS = ("\u3000", "\r", "\n", "\r\n", "\n\n\n", " ", "\t", "\u00a0")
TRICKY = st.sampled_from([*ENTITIES, *INVISIBLE, *BLANKS, "#", ";", "消", "费", "。", "a", "1"])
TEXTS = st.lists(TRICKY | st.characters(), max_size=60).map("".join)


@given(TEXTS)
@example("&amp;l&zwj;t;")
@example("&&#97;mp;lt;")
@example("&amp;" * 50 + "lt;")
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once.text).text == once.text
    assert clean_text(once.text).repairs == ()


@given(TEXTS)
def test_the_ledger_points_at_what_it_says(text: str) -> None:
    cleaned = clean_text(text)
    cleaned.text.encode("utf-8")
    for repair in cleaned.repairs:
        assert cleaned.text[repair.start : repair.start + len(repair.after)] == repair.after
        assert repair.before != repair.after
        assert repair.kind in {step.name for step in STEPS}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("消\u200b费\u202e者\ufeff", "消费者"),
        ("一\r\n二\r三\u2028四", "一\n二\n三\n四"),
        ("一\n\n\n\n\n\n二", "一\n\n\n二"),
        ("行尾\u3000 \u00a0\n\u3000\u3000段首", "行尾\n\u3000\u3000段首"),
        ("\n\n  开头\n 结尾 \n", "开头\n 结尾"),
        ("退货&nbsp;七天&amp;nbsp;内 &ldquo;好&rdquo; &#20013;&#x570b;", "退货 七天 内 “好” 中國"),
        ("AT&T R&D a&b; &unknown; &copying", "AT&T R&D a&b; &unknown; &copying"),
        ("坏\x00字\x1b节\x7f", "坏字节"),
        ("半个\ud83d字符", "半个\ufffd字符"),
        ("", ""),
    ],
)
def test_what_is_put_right(text: str, expected: str) -> None:
    assert clean_text(text).text == expected


@pytest.mark.parametrize(
    "text",
    [
        "第二十五条　经营者采用网络销售商品，消费者有权自收到之日起七日内退货。",
        "價格為 3.14 元（約 ¥3）；詳見 https://12315.cn/?a=1&b=2 。\n\n\t縮排",
        "if (a && b) { return x << 2; }",
    ],
)
def test_clean_text_is_left_alone(text: str) -> None:
    cleaned = clean_text(text.replace("\t", " "))
    assert (cleaned.text, cleaned.repairs, cleaned.dropped) == (text.replace("\t", " "), (), ())


def test_repairs_stand_where_later_steps_left_them() -> None:
    cleaned = clean_text("\n \x00甲&lt;乙\u200b\r\n\r\n\r\n\r\n\r\n丙&gt;")
    assert cleaned.text == "甲<乙\n\n\n丙>"
    assert cleaned.repairs == (
        Repair("control", "\x00", "", 0),
        Repair("entity", "&lt;", "<", 1),
        Repair("invisible", "\u200b", "", 3),
        Repair("entity", "&gt;", ">", 7),
    )


def test_a_large_text_is_cleaned_in_linear_time() -> None:
    for unit in ("&amp;", "\u200b字", "\r\n", "&#38;", " \n", "\ud800"):
        assert len(clean_text(unit * 40_000).text) <= 80_000
