from __future__ import annotations

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpus import Article, Passage, sentences, split
from corpus.splitting import MAX_CHARS, SENTENCE_CHARS

LAW = """某市消费者权益保护条例

第一章 总则

第一条 为了保护消费者，根据有关法律，制定本条例。

第二条 消费者为生活需要购买商品、接受服务，适用本条例。

第二章 经营者的义务

第三条 经营者应当履行下列义务：

（一）明码标价；

（二）出具凭证。

依照第三条规定处罚的，从重处罚。

第三条之一 {long}

第四条 本条例自公布之日起施行。
"""


def article(text: str, title: str | None = None) -> Article:
    return Article("a", title, text, "/a.txt")


def pieces(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


def check(text: str) -> list[Passage]:
    """Check what holds for the passages of every text, and return them."""
    passages = split(article(text))
    position = 0
    for passage in passages:
        assert passage.text == text[passage.start : passage.end]
        assert passage.text.strip() == passage.text != ""
        assert not text[position : passage.start].strip()
        position = passage.end
        if len(passage.text) > MAX_CHARS:
            assert len(sentences(passage.text)) == 1
            assert len(passage.text) <= SENTENCE_CHARS
    assert not text[position:].strip()
    return passages


CHARACTERS = "消费者权益。！？；…，、：,;.!?\"'“”（）()「」 \n\t\u3000第一二条章节1３.•-aB"
ALPHABET = st.sampled_from([*CHARACTERS, "\n\n", "第二条 "])


@given(st.lists(ALPHABET | st.text(max_size=40), max_size=200).map("".join))
@example("")
@example(" \n ")
@example("。" * 2000)
@example("字" * 4000)
@example("字，" * 2000)
@example("\n".join("字" * 30 for _ in range(40)))
def test_every_text_is_split_without_loss(text: str) -> None:
    check(text)


@given(st.lists(ALPHABET, max_size=60).map(lambda parts: "".join(parts) * 40))
def test_long_texts_are_split_without_loss(text: str) -> None:
    check(text)


@given(st.lists(ALPHABET, max_size=120).map("".join))
def test_sentences_lose_only_white_space(text: str) -> None:
    spans = sentences(text)
    assert "".join(text[a:b] for a, b in spans).split() == "".join(pieces(text)).split()
    position = 0
    for start, end in spans:
        assert position <= start < end
        assert not text[position:start].strip()
        position = end
    assert not text[position:].strip()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("能退。不能换！为什么？", ["能退。", "不能换！", "为什么？"]),
        ("他說：「可以退。」然後走了。", ["他說：「可以退。」", "然後走了。"]),
        ("他说：“真的？！”没人答。", ["他说：“真的？！”", "没人答。"]),
        ('他说："可以退。"没人答。"真的吗？"', ['他说："可以退。"', "没人答。", '"真的吗？"']),
        ("圆周率3.14，电话见12315.cn。完", ["圆周率3.14，电话见12315.cn。", "完"]),
        ("It works. Really? Yes, v1.2 does", ["It works.", "Really?", "Yes, v1.2 does"]),
        ("1. 明码标价", ["1. 明码标价"]),
        ("拓展?jié)摿?,其实", ["拓展?jié)摿?,其实"]),
        ("出具凭证;保存票据;&nbsp;a;b", ["出具凭证;", "保存票据;", "&nbsp;a;b"]),
        ("等等……后来", ["等等……", "后来"]),
        ("一行\n又一行", ["一行", "又一行"]),
    ],
)
def test_where_sentences_end(text: str, expected: list[str]) -> None:
    assert pieces(text) == expected


def test_lines_wrapped_at_a_fixed_width_are_one_paragraph() -> None:
    sentence = "店家拿次品当好货来卖的买的人除了退钱以外还可以再要三倍的价钱来弥补"
    body = "".join(sentence[:-1] + "，" for _ in range(6)) + "就这样。"
    wrapped = "\n".join(body[at : at + 30] for at in range(0, len(body), 30))
    assert len(sentences(wrapped)) == 1
    check(wrapped)


def test_an_article_of_law_starts_a_passage_and_stays_whole() -> None:
    long = "".join(f"网络交易平台应当审查第{n}种资质并且定期核验更新。" for n in range(40))
    passages = check(LAW.format(long=long))
    starts = [passage.text.split()[0] for passage in passages]
    assert "第三条之一" in starts
    own = [p for p in passages if p.heading and p.heading.endswith("第三条之一")]
    assert len(own) >= 2
    assert all(p.heading == "第二章 经营者的义务 第三条之一" for p in own)
    third = next(p for p in passages if "第三条 经营者" in p.text)
    assert "（二）出具凭证。" in third.text


def test_a_reference_to_an_article_is_no_article() -> None:
    text = "前言。\n\n第三条规定的义务，经营者应当履行。\n\n第四条的例外另有说明。"
    assert {passage.heading for passage in check(text * 20)} == {None}


def test_headings_go_along_as_context() -> None:
    part = "网购商品七天内可以退货，运费由消费者承担。" * 15
    text = f"退货指南\n\n怎么算七天\n\n{part}\n\n{part}\n\n运费谁出\n\n{part}\n\n{part}"
    passages = check(text)
    assert "怎么算七天" in {passage.heading for passage in passages}
    assert passages[-1].heading in {"运费谁出", None}
    assert not any(passage.text.endswith(("怎么算七天", "运费谁出")) for passage in passages)


def test_who_says_it_goes_along_with_what_is_said() -> None:
    part = "网购商品七天内可以退货，运费由消费者承担。" * 12
    text = f"律师怎么看。\n\n{part}\n\n海港律师事务所 林某：\n\n先看合同\n\n{part}\n\n{part}"
    passages = check(text)
    assert not any(passage.text.endswith("：") for passage in passages)
    own = next(passage for passage in passages if "林某：" in passage.text)
    assert "先看合同\n\n网购商品" in own.text


def test_a_long_line_that_ends_in_a_colon_may_end_a_passage() -> None:
    why = "网络购物纠纷越来越多，各地的做法却不一样，消费者常常不知道该找谁。" * 6
    lead = "为了保护消费者的权益，根据法律的规定，结合各地的做法，现把应当注意的事项说明如下："
    passages = check(f"{why}{lead}\n\n{'店家应当退款，不得拖延。' * 24}\n\n{'平台应当协助。' * 40}")
    assert passages[0].text == why + lead


def test_the_title_is_no_heading() -> None:
    part = "网购商品七天内可以退货，运费由消费者承担。" * 15
    text = f"开头。\n\n退货指南\n\n{part}\n\n{part}\n\n{part}"
    headings = {passage.heading for passage in split(article(text, "退货指南"))}
    assert headings == {None}


def test_a_short_body_is_one_passage() -> None:
    assert [p.text for p in check(" 签收次日起算。\n七天内退。 ")] == ["签收次日起算。\n七天内退。"]


def test_no_body_no_passage() -> None:
    assert split(article("")) == []


def test_a_sentence_longer_than_a_passage_stands_alone_until_it_is_beyond_measure() -> None:
    whole = "开头。" + "甲方，" * 300 + "完。结尾。"
    assert max(len(p.text) for p in check(whole)) > MAX_CHARS
    beyond = "，".join("经营者应当赔偿损失" for _ in range(300))
    cut = check(beyond)
    assert max(len(p.text) for p in cut) <= MAX_CHARS
    assert all(p.text.endswith("，") for p in cut[:-1])
    assert max(len(p.text) for p in check("字" * 5000)) == MAX_CHARS


def test_passages_have_about_three_hundred_characters() -> None:
    body = "".join(f"第{n}家网店没有按时退款，消费者向平台投诉之后收到了钱。" for n in range(300))
    lengths = [len(passage.text) for passage in check(body)]
    assert 270 <= sum(lengths) / len(lengths) <= 340
    assert max(lengths) <= MAX_CHARS


@pytest.mark.parametrize(
    "unit", ["经营者应当赔偿。", "字", "。", "\n字", "1. 字\n\n", '。"', "第一条 \n"]
)
def test_time_grows_with_length_alone(unit: str) -> None:
    def seconds(length: int) -> float:
        text = unit * (length // len(unit))
        start = time.process_time()
        split(article(text))
        return time.process_time() - start

    seconds(2_000)
    assert seconds(160_000) < 0.2 + 40 * max(seconds(16_000), 0.001)


def test_passages_keep_their_order() -> None:
    text = "\n\n".join(f"第{n}段，讲的是退货。" * 8 for n in range(30))
    numbers = [int(m) for p in check(text) for m in re.findall(r"第(\d+)段", p.text)]
    assert numbers == sorted(numbers)
