from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.script import convert

SIMPLIFIED = [
    "坏",
    "什么",
    "著作",
    "乾安",
    "乾安县查处坏产品，著作权归什么人？",
    "皇后与后来，干净与乾坤。",
]
TRADITIONAL = ["質量不合格的產品，皇后與後來。", "什麼著作？乾淨的裡面", "網購七天無理由退貨"]


@pytest.mark.parametrize("text", SIMPLIFIED)
def test_simplified_stays_as_it_is(text: str) -> None:
    assert convert(text, "hans") == text


@pytest.mark.parametrize("text", TRADITIONAL)
def test_traditional_stays_as_it_is(text: str) -> None:
    assert convert(text, "hant") == text


@pytest.mark.parametrize(
    ("hant", "hans"),
    [
        ("質量不合格", "质量不合格"),
        ("什麼", "什么"),
        ("乾淨的裡面", "干净的里面"),
        ("頭髮與發展", "头发与发展"),
        ("連著報導", "连着报导"),
    ],
)
def test_both_ways(hant: str, hans: str) -> None:
    assert convert(hant, "hans") == hans
    assert convert(hans, "hant") == hant


def test_a_mixed_text_is_converted_clause_by_clause() -> None:
    assert convert("乾安的质量问题，網購退貨。", "hans") == "乾安的质量问题，网购退货。"
    assert convert("江蘇消费者權益", "hans") == "江苏消费者权益"


def test_a_neutral_word_follows_its_text() -> None:
    assert convert("坏", "hant") == "壞"
    assert convert("乾安，质量", "hans") == "乾安，质量"


def test_none_leaves_everything() -> None:
    assert convert("質量质量", None) == "質量质量"


@given(st.text(), st.sampled_from(["hans", "hant"]))
def test_any_text_can_be_shown(text: str, target: str) -> None:
    shown = convert(text, "hans" if target == "hans" else "hant")
    assert shown.count("\n") == text.count("\n")
    assert bool(shown) == bool(text)
