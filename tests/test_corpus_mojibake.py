"""Double encoding: what is proven is undone, the rest is left and what is lost is marked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.mojibake import repair_mojibake
from corpus.repair_ledger import undone

TEXTS = [
    "消费者权益保护法，第二条规定。",
    "中国人民很好",
    "網購商品的規定，是哪一年開始實施的？",
    "经营者有欺诈行为的，应当增加赔偿",
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("around", ["{}", "abc {} 123\n", "第一行没有问题。\n{}\n第三行也没有。"])
def test_utf8_read_as_latin1_comes_back(text: str, around: str) -> None:
    broken = around.format(text.encode().decode("latin-1"))
    result = repair_mojibake(broken)
    assert result.text == around.format(text)
    assert undone(result) == broken


@pytest.mark.parametrize("text", TEXTS)
def test_utf8_read_as_gbk_comes_back_but_for_lost_bytes(text: str) -> None:
    result = repair_mojibake(text.encode().decode("gb18030", "replace"))
    assert len(result.text) == len(text)
    wrong = [
        at for at, pair in enumerate(zip(result.text, text, strict=True)) if pair[0] != pair[1]
    ]
    assert wrong == list(result.unrepaired)
    assert all(result.text[at] == "\ufffd" for at in wrong)
    assert len(wrong) <= 2


def test_gbk_read_as_latin1_comes_back() -> None:
    for text in (TEXTS[0], TEXTS[1], TEXTS[3]):
        assert repair_mojibake(text.encode("gbk").decode("latin-1")).text == text


def test_bytes_lost_in_windows_1252_leave_a_mark_for_their_character() -> None:
    result = repair_mojibake(TEXTS[0].encode().decode("cp1252", "replace"))
    assert result.text == "消费者�益�护法，第二�规定。"
    assert result.unrepaired == (3, 5, 11)


@pytest.mark.parametrize(
    "text",
    [
        "Café, naïve, über; Ærø, Œuvre, Ångström",
        "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞß",
        "涓涓细流，鐨字少见，鏄与锛皆生僻。",
        "産業鏈、鑰匙、絕句、璐璐",
        "价格：¥100±5％，面积25㎡，温度−3℃",
        "“联通”",
    ],
)
def test_rare_but_real_text_is_left_alone(text: str) -> None:
    assert repair_mojibake(text).text == text


def test_what_nobody_can_restore_is_only_marked() -> None:
    result = repair_mojibake("正常的字，锟斤拷锟斤拷，\ufffd\ufffd")
    assert result.text == "正常的字，锟斤拷锟斤拷，\ufffd\ufffd"
    assert result.unrepaired == (5, 12)
    assert result.repairs == ()


@given(st.text(max_size=60))
def test_it_is_idempotent_and_accounted_for(text: str) -> None:
    result = repair_mojibake(text)
    assert undone(result) == text
    assert repair_mojibake(result.text).text == result.text
    assert len(result.text) <= len(text)
