from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import clean_text
from corpus.punctuation import has_lost_width, narrow_marks

LOST = "据介绍,这批商品(含赠品)不合格:标签不全,说明书缺页,包装破损;已经下架。"


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ("他问:能退吗?能!", "他问：能退吗？能！"),
        ("如下:\n(一)退款;\n(二)换货。", "如下：\n（一）退款；\n（二）换货。"),
        ("得分93.08,位居第一", "得分93.08，位居第一"),
        ("共3,000元,上午10:30开会", "共3,000元，上午10:30开会"),
        ("“互联网+”,今年", "“互联网+”，今年"),
        ("见https://a.cn/?q=1,2 或 a@b.cn,谢谢", "见https://a.cn/?q=1,2 或 a@b.cn，谢谢"),
        ("Hello, world (test): yes!", "Hello, world (test): yes!"),
        ("调用 f(x, y) 得到 `a,b` 即可", "调用 f(x, y) 得到 `a,b` 即可"),
        ("协会(CQA)是社团", "协会（CQA）是社团"),
        ("比例为1:2,不足", "比例为1:2，不足"),
    ],
)
def test_marks_of_a_page_that_lost_its_width(narrow: str, wide: str) -> None:
    cleaned = clean_text(f"{LOST}\n{narrow}\n{LOST}")
    assert cleaned.text.split("\n", 1)[1].rsplit("\n", 1)[0] == wide
    assert {one.kind for one in cleaned.repairs} == {"width"}


@pytest.mark.parametrize(
    "text",
    [
        "全角的页面，偶尔有一个,半角的逗号，不必管它：真的，不必。",
        "乡(镇)人民政府、街道办事处和村(居)民委员会应当配合，不得拒绝。",
        "只有一处,不算。",
        "English, with 中文 inside; and (brackets).",
        "",
    ],
)
def test_a_page_that_has_its_width_is_left_alone(text: str) -> None:
    assert not has_lost_width(text)
    assert clean_text(text).text == text


@given(
    st.lists(st.sampled_from([*",:;?!()，。 \n1a.", "中", "文", "http://a.cn/x,y", LOST])).map(
        "".join
    )
)
def test_one_character_for_one_and_the_same_after_nfkc(text: str) -> None:
    changed = list(text)
    for edit in narrow_marks(text):
        assert edit.end == edit.start + 1
        changed[edit.start] = edit.after
    assert unicodedata.normalize("NFKC", "".join(changed)) == unicodedata.normalize("NFKC", text)


def test_every_change_is_in_the_ledger_and_can_be_undone() -> None:
    cleaned = clean_text(LOST)
    text = list(cleaned.text)
    for one in cleaned.repairs:
        text[one.start] = one.before
    assert "".join(text) == LOST
