"""What leans on the question before, and how it is completed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import fold
from retrieval import Exchange
from retrieval.asking_words import content, words
from retrieval.conversation import is_small_talk, times, understand

SUBJECT = Exchange("網購七天無理由退貨，運費誰出？", ("a1",), (("a1", 0),))


@pytest.mark.parametrize(
    "question",
    [
        *("那蘇州呢？", "賠多少？", "誰說的？", "什麼時候的事？", "那30天呢", "訂金呢"),
        *("它能罚款吗？", "他们的电话是多少", "这家店在哪里", "费用谁出", "是什么意思？"),
        *("如果是網上買的呢？", "還有別的嗎？", "其他的呢", "那么，罚款呢", "最少赔多少"),
    ],
)
def test_what_leans_on_the_question_before(question: str) -> None:
    reading = understand(question, SUBJECT)
    assert reading is not None
    assert reading.leaning == "leans"


@pytest.mark.parametrize(
    "question",
    [
        *("你好", "謝謝！", "好的，谢谢", "那好吧", "早安", "你是誰？", "那再見了", "嗯"),
        *("什么是公益诉讼？", "《产品质量法》哪年施行？", "快递员没问我就放驿站了，能投诉吗"),
        *("那份管理織品衣服品質的新規定從哪天開始實施", "那位少城律師事務所的律師叫什麼"),
        *("asdfghjkl qwerty", "嘟嘟噜噜啪啪哒哒", "Python 怎么读取 csv 文件", "", "？？", "👍"),
    ],
)
def test_what_stands_on_its_own(question: str) -> None:
    assert understand(question, SUBJECT) is None


def test_nothing_leans_on_nothing() -> None:
    assert understand("那30天呢", None) is None


def test_a_question_that_names_its_subject_again_stands() -> None:
    before = Exchange("外賣吃出蟲子怎麼辦")
    assert understand("平台要赔吗", before) is not None
    assert understand("外卖平台要赔吗", before) is None
    assert understand("外卖平台呢", before) is not None


@pytest.mark.parametrize(
    ("subject", "question", "understood"),
    [
        ("家電買來七天內壞了能退嗎？", "那15天呢？", "家電買來15天內壞了能退嗎？"),
        ("2022年无锡得了几分", "2023年呢", "2023年无锡得了几分"),
        ("無錫得了幾分", "那蘇州市呢？", "蘇州市得了幾分"),
        ("消法第二十五條怎麼說", "第55条呢", "消法第五十五条怎麼說"),
        ("付了定金能退吗", "訂金呢", "付了訂金能退吗"),
        ("車修了30天以上能換嗎", "那修5天呢", "車修了5天以上能換嗎"),
        ("民法典第五百八十六條講什麼", "第588條呢？", "民法典第五百八十八条講什麼"),
        ("七歲孩子報的班有效嗎", "那滿十歲的呢", "十歲孩子報的班有效嗎"),
        ("七天內能退嗎", "那15天沒有發貨呢", "七天內能退嗎 · 15天沒有發貨呢"),
        ("七天內能退嗎", "一般的呢", "七天內能退嗎 · 一般的呢"),
    ],
)
def test_a_thing_of_the_same_kind_takes_the_others_place(
    subject: str, question: str, understood: str
) -> None:
    reading = understand(question, Exchange(subject))
    assert reading is not None
    assert reading.text == understood


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_can_be_read(before: str, question: str) -> None:
    reading = understand(question, Exchange(before))
    if reading is not None:
        assert reading.text == " · ".join(filter(None, (reading.subject, reading.detail)))
        assert all(weight > 0 for weight in reading.own.values())


@given(st.integers(2, 9999), st.sampled_from("天条倍"))
def test_a_number_is_found_where_it_is_not_part_of_another(number: int, unit: str) -> None:
    asked, other = fold(f"{number}{unit}"), fold(f"{number + 10_000}{unit}")
    assert times(asked, f"满{asked}，或{other}") == (2 if other == asked else 1)


@given(st.text(alphabet="退货运费谁出那呢的吗7天a，", max_size=12))
def test_content_is_made_of_the_text(text: str) -> None:
    pieces = content(text)
    assert all(piece in text for piece in pieces)
    assert not set(pieces) & set(words("asking") + words("function"))


def test_small_talk_is_no_question() -> None:
    assert all(map(is_small_talk, ("谢谢你", "好的，謝謝！", "那好吧", "OK", "明白了", "哈哈哈哈")))
    assert not any(map(is_small_talk, ("好的，赔多少", "明白纸是什么", "谢谢侬饭店怎么走")))


def test_next_to_nothing_asks_nothing_unless_filters_stood_beside_it() -> None:
    before = Exchange("签收七天内能退货吗")
    assert understand("那呢？", before) is None
    again = understand("那 呢", before, narrowed=True)
    assert again is not None
    assert again.text == before.subject


def test_a_long_question_leaves_room_for_what_is_asked_after_it() -> None:
    reading = understand("賠多少", Exchange("快遞弄丟了，" * 100))
    assert reading is not None
    assert "賠多少" in reading.text[:500]


def test_much_longer_text_stands_on_its_own_and_is_not_even_cut_to_pieces() -> None:
    assert understand("那" + "的" * 88 + "呢", SUBJECT) is not None
    assert understand("那" + "合同糾紛" * 250_000 + "呢", SUBJECT) is None


def test_the_point_of_a_number_is_no_other_digit() -> None:
    assert times("3.5公斤", "重315公斤") == 0
    assert times("3.5公斤", "重3.5公斤") == 1


def test_an_exchange_survives_json() -> None:
    exchange = Exchange("问", ("a1", "b2"), (("a1", 0), ("b2", 300)))
    assert Exchange.from_json(json.loads(json.dumps(exchange.to_json()))) == exchange
    with pytest.raises(KeyError):
        Exchange.from_json({"subject": "问"})
