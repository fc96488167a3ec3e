"""The sentence that answers, and the number or date in it. Every text here is our own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import fold
from retrieval import Quote
from retrieval.kinds import Kind, asked
from retrieval.quoting import Question, quotes
from retrieval.weighing import shares, weigh


def question(text: str) -> Question:
    folded = fold(text)
    return Question(folded, weigh(shares(folded)))


def quote(text: str, asked: Question, title: str = "") -> Quote | None:
    (found,) = quotes(asked, [text], [title])
    return found


def quoted(text: str, asking: str, title: str = "") -> Quote:
    found = quote(text, question(asking), fold(title))
    assert found is not None
    assert text[found.start : found.end] == found.text
    return found


def picked(text: str, asking: str) -> str | None:
    found = quoted(text, asking)
    if found.answer is None:
        return None
    start, end = found.answer
    assert found.start <= start < end <= found.end
    return text[start:end]


BRIDGE = (
    "望月桥是青石镇的一座石桥，望月桥的桥头有两棵老槐树。"
    "清代以来，镇上的人每年在望月桥上赏灯。"
    "全长八十六米，宽五米，可以走两辆马车。"
    "因为桥面映着月亮，镇上的人才这样叫它。"
    "2016年春天，望月桥修缮以后重新开放。"
)


@pytest.mark.parametrize(
    ("asking", "start"),
    [
        ("望月桥有多长？", "全长"),
        ("望月桥为什么叫这个名字？", "因为"),
        ("望月桥是哪一年重新开放的？", "2016年"),
        ("望月橋是哪一年重新開放的？", "2016年"),
    ],
)
def test_the_kind_of_thing_asked_for_decides_where_the_subject_stands_everywhere(
    asking: str, start: str
) -> None:
    found = quoted(BRIDGE, asking, "望月桥")
    assert start in found.text
    assert len(found.text) < len(BRIDGE)


def test_neither_a_heading_nor_a_question_is_quoted_where_a_statement_follows() -> None:
    text = "谁出退货的运费\n退货的运费谁出？退货的运费由买家出。另有约定的照约定办。"
    assert quoted(text, "退货的运费谁出").text.startswith("退货的运费由买家出。")
    assert quoted("运费\n谁出运费？", "谁出运费").text == "谁出运费？"


FOGHORN = (
    "雾笛（又称雾角）装在岬角，船看不见灯的时候出声。镇上的这一只是一百年前装的，要两个人一起烧煤，"
    "气压够了才响。后来改用电，白天由学校的老师照看，夜里由渔会派人。每到秋天，守灯的人要把喇叭口的"
    "海草清干净，换掉锈了的螺丝。去年夏天的展览上，什么年纪的人都来看雾笛，孩子们问它是什么做的，"
    "老人说是黄铜。展览的票一张五元，钱用来修路。路修好以后，从码头到岬角只要走一刻钟，雨天也不怕泥。"
)


@pytest.mark.parametrize("asking", ["什么是雾笛？", "霧笛是什麼？", "雾笛是什么样的一种喇叭？"])
def test_what_something_is_stands_where_its_article_begins(asking: str) -> None:
    assert quoted(FOGHORN, asking, "雾笛").start == 0
    assert quoted(FOGHORN, "雾笛的展览什么时候办的？", "雾笛").start > 0


def test_an_item_of_a_list_is_quoted_with_the_words_that_lead_to_it() -> None:
    text = (
        "本店的规矩写在墙上。\n有下面情形的，不予退货：\n（一）鲜花、活鱼；\n（二）拆了封的光盘；\n"
        "（三）照客人尺寸做的衣服。\n营业到晚上九点。"
    )
    found = quoted(text, "拆封的光盘")
    assert found.text.startswith("有下面情形的，不予退货：")
    assert "（二）拆了封的光盘；" in found.text


def test_words_that_lead_to_a_list_are_not_quoted_without_it() -> None:
    text = "客人须带三样东西：\n收据；\n身份证；\n原来的包装。\n过年不开门。"
    assert "身份证" in quoted(text, "客人须带哪些东西").text


def test_brackets_and_initials_do_not_tear_a_sentence() -> None:
    text = "大会主席是林海（英文名 J. Lin；旧名林山）教授，任期四年。副主席空缺。"
    assert "教授" in quoted(text, "大会主席是谁").text


def test_a_quote_is_no_longer_than_the_room_unless_one_sentence_is() -> None:
    many = "".join(f"第{number}家分店也卖茶叶，价钱各有不同。" for number in range(40))
    assert len(quoted(many, "茶叶的价钱怎么样").text) <= 240
    long = "茶叶" * 300 + "。"
    assert quoted(long, "茶叶的价钱").text == long


def test_nothing_is_quoted_of_a_passage_without_a_word_of_the_question() -> None:
    assert quote("毫无关系。", question("运费谁出"), "") is None
    assert quote("", question("运费谁出"), "") is None
    assert quote("运费谁出。", question(""), "") is None


@pytest.mark.parametrize(
    ("asking", "kind"),
    [
        ("網購的東西幾天內能退？", Kind.NUMBER),
        ("赔多少钱", Kind.NUMBER),
        ("新规什么时候施行", Kind.DATE),
        ("新規在哪一年施行", Kind.DATE),
        ("他在五月几日开店", Kind.DATE),
        ("遇到哪个天灾", Kind.THING),
        ("誰負責召回", Kind.PERSON),
        ("在哪裡投訴", Kind.PLACE),
        ("為什麼召回", Kind.REASON),
        ("这东西为什么？", Kind.OTHER),
        ("有什么要求", Kind.LIST),
        ("怎样退货", Kind.OTHER),
        ("几乎没有声音的风扇", Kind.OTHER),
        ("退货", Kind.OTHER),
    ],
)
def test_what_is_asked_for(asking: str, kind: Kind) -> None:
    assert asked(fold(asking)).kind is kind


@pytest.mark.parametrize(
    ("text", "asking", "answer"),
    [
        ("收貨之後７天內，買家可以退貨。", "幾天內可以退貨？", "７天"),
        ("收到货以后，七天之内可以退。", "几天之内可以退？", "七天"),
        ("茶馆开张于1998年5月3日，老板姓周。", "茶馆什么时候开张？", "1998年5月3日"),
        ("茶館開張於1998年5月3日，老闆姓周。", "茶館在哪一年開張？", "1998年"),
        ("河上有3—5座桥，另有一个渡口。", "河上有几座桥？", "5座"),
        ("这条规定从十九世纪末就有了。", "这条规定从哪个世纪就有了？", "十九世纪末"),
        # What the question says is no answer to it, nor is one of a list, nor a thing's number.
        ("2019年，茶馆搬了家。", "2019年茶馆什么时候搬家？", None),
        ("茶馆把一个大厅一分为二。", "茶馆有几个大厅？", None),
        ("这是第二座桥。", "河上有几座桥？", None),
        ("茶馆由周先生开办。", "茶馆由谁开办？", None),
        ("茶馆开在唐代的旧宅里，2001年失火。", "茶馆开在什么时代的旧宅里？", None),
        # Two that stand as close leave it open.
        ("甲店有三名店员，乙店有五名店员。", "店里有几名店员？", None),
    ],
)
def test_the_number_or_date_asked_for_is_picked_out(
    text: str, asking: str, answer: str | None
) -> None:
    assert picked(text, asking) == answer


ASKING = st.sampled_from(
    ["几天内可以退", "什么时候开始", "谁出运费", "在哪里", "为什么", "有哪些情形", "茶叶多少钱", ""]
)
TEXTS = st.text(
    st.sampled_from("退货茶叶运费元天年月日一二十百0123９，。；：？！、\n（）「」()\"' .A第：𠮷　…")
    | st.characters(),
    max_size=120,
)


@given(TEXTS, ASKING, st.text(max_size=8))
def test_offsets_hold_for_any_text(text: str, asking: str, title: str) -> None:
    found = quote(text, question(asking), fold(title))
    if found is None:
        return
    assert found.text == text[found.start : found.end] != ""
    if found.answer is not None:
        start, end = found.answer
        assert found.start <= start < end <= found.end
