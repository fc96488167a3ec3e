from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import fold
from corpus.numerals import unify_numerals


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("七天无理由", "7天無理由"),
        ("三倍赔偿", "3倍賠償"),
        ("第二十五条", "第25條"),
        ("第一百零五条", "第105条"),
        ("二〇二三年", "2023年"),
        ("二零二三年九月五日", "2023年9月5日"),
        ("两年", "2年"),
        ("五百元", "500元"),
        ("一千元", "1000元"),
        ("百分之三十", "30%"),
        ("十五日内", "15日内"),
        ("二万元", "2万元"),
        ("十八周岁", "１８周歲"),
    ],
)
def test_one_number_written_two_ways_folds_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    "text",
    [
        "12315",
        "iphone15升级",
        "3.5倍",
        "1,000元",
        "2024-09-01日志",
        "10:30分",
        "一定统一三包",
        "0755分机",
        "12345元",
        "1999年",
        "3.15晚会",
    ],
)
def test_what_is_no_small_count_stays(text: str) -> None:
    assert unify_numerals(text) == text


@given(st.text(alphabet="0123456789〇零一二三十百千两年天元条%.,第万a", max_size=30))
def test_idempotent(text: str) -> None:
    once = unify_numerals(text)
    assert unify_numerals(once) == once


@given(st.integers(1, 9999))
def test_every_number_below_ten_thousand_has_a_reading_of_its_own(number: int) -> None:
    spelled = unify_numerals(f"{number}元")
    assert not any(character.isdigit() and character.isascii() for character in spelled)
    assert spelled != unify_numerals(f"{number + 1}元")
