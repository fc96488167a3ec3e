"""Filters as people type them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.folding import fold_characters
from retrieval.errors import FilterError, RetrievalError
from retrieval.filters import Filters
from retrieval.reading_filters import read_filters

TODAY = date(2026, 11, 21)

# What a question is read as: what is left, since, before.
PLAIN = [
    ("2019年以后关于奶粉的报道", "奶粉", "2019", None),
    ("２０１９年以後關於奶粉的報導", "奶粉", "2019", None),
    ("二〇一九年以来关于奶粉的报道有哪些？", "奶粉", "2019", None),
    ("自2019年起的奶粉新闻", "奶粉", "2019", None),
    ("奶粉2019年以后的新闻", "奶粉", "2019", None),
    ("關於有機奶粉的2019 年以後的報導", "有機奶粉", "2019", None),
    ("2020年以来的召回新闻", "召回", "2020", None),
    ("2020年之前的召回公告", "召回公告", None, "2020"),
    ("2019年及以前的奶粉报道", "奶粉", None, "2020"),
    ("2018年到2020年间的抽检通报", "抽检通报", "2018", "2021"),
    ("2018-2020年奶粉新闻", "奶粉", "2018", "2021"),
    ("2020年3月至2020年12月的奶粉新闻", "奶粉", "2020-03", "2021-01"),
    ("今年关于预付卡的消息", "预付卡", "2026", "2027"),
    ("去年以來預付卡的報導", "預付卡", "2025", None),
    ("上个月的召回新闻", "召回", "2026-10", "2026-11"),
    ("近三年奶粉召回的新闻", "奶粉召回", "2023-11-21", None),
    ("最近兩個星期有哪些召回的消息？", "召回", "2026-11-07", None),
    ("近半年的召回新闻", "召回", "2026-05-21", None),
    ("2019年的奶粉新闻", "奶粉", "2019", "2020"),
    ("奶粉召回 2019年以后", "奶粉召回", "2019", None),
    ("奶粉召回（二〇一九年以後）", "奶粉召回", "2019", None),
    ("2020年之前　奶粉召回", "奶粉召回", None, "2020"),
    ("去年 奶粉召回", "奶粉召回", "2025", "2026"),
    ("2023年1月到2023年6月 奶粉召回", "奶粉召回", "2023-01", "2023-07"),
    ("近三年 奶粉召回", "奶粉召回", "2023-11-21", None),
    ("2023年3月到5月的召回新闻", "召回", "2023-03", "2023-06"),
    ("2023年3-5月的召回新闻", "召回", "2023-03", "2023-06"),
    ("二〇二三年十月至十二月關於奶粉的報導", "奶粉", "2023-10", "2024-01"),
    ("去年11月到12月 奶粉召回", "奶粉召回", "2025-11", "2026-01"),
    ("2023年3月1日到15日的召回新闻", "召回", "2023-03-01", "2023-03-16"),
    ("2023年3月28日到4月2日的召回新闻", "召回", "2023-03-28", "2023-04-03"),
    ("我想知道2020年以后关于奶粉的报道", "奶粉", "2020", None),
    ("想了解奶粉召回2020年以来的新闻", "奶粉召回", "2020", None),
    ("2018 到 2020 奶粉召回", "奶粉召回", "2018", "2021"),
    ("那2019年以后的呢？", "", "2019", None),
    ("只看近三年的", "", "2023-11-21", None),
]

UNTOUCHED = [
    "2019年以后签的合同怎么算",
    "2019年以后签的合同有什么新闻",
    "2019年以后 签订的合同怎么算",
    "2020年以来的合同有什么新闻",
    "民法典2021年1月1日起施行，以前的合同怎么办",
    "2021年1月1日以后，离婚冷静期是多久",
    "去年买的手机还在三包期内吗",
    "今年315晚会曝光了什么",
    "2019年以后的虚假新闻怎么处罚",
    "去年发布的假消息违法吗",
    "2020年以后发布虚假消息",
    "三年内没有使用的预付卡",
    "2000元以上的手机新闻",
    "奶粉召回 2019年",
    "近年来的召回新闻",
    "奶粉召回 近三四年",
    "奶粉召回 近十十年",
    "奶粉召回 近0年",
    "2023年11月到2月的召回新闻",
    "2019年到3月的召回新闻",
    "2023年3月到31日的召回新闻",
    "2023年3月1日到32日的召回新闻",
    "过去٣年的召回新闻",
    "这台电视是2019年3月起诉的",
    "最近的新闻",
    "12315怎么打",
    "time: 奶粉",
    "",
]

KEYED = [
    ("site:12315.cn 奶粉", "奶粉", Filters(site="12315.cn")),
    ("奶粉召回ｓｉｔｅ：１２３１５．ｃｎ", "奶粉召回", Filters(site="12315.cn")),
    ("SITE:https://www.12315.cn/a/b?c=1 奶粉", "奶粉", Filters(site="www.12315.cn")),
    ("site:12315.cn奶粉召回", "奶粉召回", Filters(site="12315.cn")),
    ("奶粉 site:消費者報", "奶粉", Filters(site="消費者報")),
    ("奶粉 Since：2019 before:2020-06 召回", "奶粉 召回", Filters("2019", "2020-06")),
    ("since:2019/6/1奶粉", "奶粉", Filters("2019-06-01")),
    ("since:二〇一九年六月以后 奶粉", "奶粉", Filters("2019-06")),
    ("奶粉 before:今年", "奶粉", Filters(before="2026")),
    ("since:2019 12315怎么打", "12315怎么打", Filters("2019")),
    ("title:「七天 退貨」運費誰出", "運費誰出", Filters(title="七天 退貨")),
    ('title:"召回" 奶粉', "奶粉", Filters(title="召回")),
    ("since:2019 since:2021", "", Filters("2021")),
    ("2019年以后的奶粉新闻 since:2021", "2019年以后的奶粉新闻", Filters("2021")),
    ("2019年以后的奶粉新闻 site:12315.cn", "奶粉", Filters("2019", None, "12315.cn")),
]


@pytest.mark.parametrize(("question", "rest", "since", "before"), PLAIN)
def test_times_in_plain_words(
    question: str, rest: str, since: str | None, before: str | None
) -> None:
    assert read_filters(question, TODAY) == (rest, Filters(since, before))


@pytest.mark.parametrize("question", UNTOUCHED)
def test_a_time_that_belongs_to_the_question_stays_in_it(question: str) -> None:
    assert read_filters(question, TODAY) == (question, Filters())


@pytest.mark.parametrize(("question", "rest", "filters"), KEYED)
def test_filters_with_a_colon(question: str, rest: str, filters: Filters) -> None:
    assert read_filters(question, TODAY) == (rest, filters)


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("奶粉 since:foo", "since:foo is not a date; write since:2019, "),
        ("before:2019-13 奶粉", "before:2019-13 is not a date; "),
        ("since:2019-02-30", "since:2019-02-30 is not a date; "),
        ("since：２０１", "since:２０１ is not a date; "),
        ("before: ", "before: lacks a date; write before:2019, "),
        ("site: ", "site: lacks a value; write site:12315.cn"),
        ("title:“”奶粉", "title: lacks a value; write title:召回"),
    ],
)
def test_a_filter_that_cannot_be_read_is_named_in_one_line(question: str, message: str) -> None:
    with pytest.raises(FilterError) as caught:
        read_filters(question, TODAY)
    assert str(caught.value).startswith(message) and "\n" not in str(caught.value)
    assert isinstance(caught.value, RetrievalError)


def test_relative_words_follow_the_clock() -> None:
    leap = date(2024, 2, 29)
    assert read_filters("奶粉 近一年", leap)[1] == Filters("2023-02-28")
    assert read_filters("上个月的召回新闻", date(2024, 1, 31))[1] == Filters("2023-12", "2024-01")
    assert read_filters("前年的召回新闻", leap)[1] == Filters("2022", "2023")


@given(
    st.lists(
        st.sampled_from(
            [
                *"奶粉召回的新闻报道在，？ 　（）:：「」年到",
                *("since:", "site:", "title:", "2019", "以后", "近三年", "去年", "以來"),
                *("二〇一九年", "3月", "99日", "foo", "\ud800", "过去", "三", "十", "年", "٣"),
            ]
        ),
        max_size=14,
    ).map("".join)
)
def test_anything_is_read_or_refused_in_one_line(question: str) -> None:
    try:
        rest, filters = read_filters(question, TODAY)
    except FilterError as error:
        assert "\n" not in str(error)
        return
    assert rest == question or filters
    assert all(piece in question for piece in rest.split())
    assert read_filters(rest, TODAY)[0] == rest or not filters or ":" in fold_characters(rest)
