from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.script import convert
from corpus.script import Script

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


GOLDEN_HANS = [
    ("甚麼", "什么"),
    ("乾安縣消費者", "乾安县消费者"),
    ("乾安的質量问题", "乾安的质量问题"),
    ("餅乾安全", "饼干安全"),
    ("乾淨的幹部不干涉", "干净的干部不干涉"),
    ("皇后和太后以後", "皇后和太后以后"),
    ("里程與公里，在這裡，在這裏面", "里程与公里，在这里，在这里面"),
    ("裏面", "里面"),
    ("頭髮、毛髮與發票", "头发、毛发与发票"),
    ("颱風過後的臺階和電臺", "台风过后的台阶和电台"),
    ("麵包的表面，見面吃麵", "面包的表面，见面吃面"),
    ("看著", "看着"),
    ("看著這些名著，著名的著作權", "看着这些名著，著名的著作权"),
    ("顯著提高，穿著雨衣討論著這部原著", "显著提高，穿着雨衣讨论着这部原著"),
    ("显著提高產品质量", "显著提高产品质量"),
    ("壞了的瞭解與了解", "坏了的了解与了解"),
]
GOLDEN_HANT = [
    ("坏", "壞"),
    ("什么", "什麼"),
    ("看着著作", "看著著作"),
    ("乾安县的饼干很干净，干部", "乾安縣的餅乾很乾淨，幹部"),
    ("皇后后来在后面", "皇后後來在後面"),
    ("里程和这里，里长", "里程和這裡，里長"),
    ("发展头发和发票", "發展頭髮和發票"),
    ("台风，平台的一面之词", "颱風，平臺的一面之詞"),
    ("面包和表面，面粉", "麵包和表面，麵粉"),
    ("姓于的于某与范先生、余女士", "姓于的于某與范先生、余女士"),
    ("关于某些范围，处于某地", "關於某些範圍，處於某地"),
    ("余额不足，只有一只", "餘額不足，只有一隻"),
]


@pytest.mark.parametrize(("text", "shown"), GOLDEN_HANS)
def test_what_opencc_gets_wrong_in_simplified(text: str, shown: str) -> None:
    assert convert(text, "hans") == shown
    assert convert(shown, "hans") == shown


@pytest.mark.parametrize(("text", "shown"), GOLDEN_HANT)
def test_what_opencc_gets_wrong_in_traditional(text: str, shown: str) -> None:
    assert convert(text, "hant") == shown
    assert convert(shown, "hant") == shown


@pytest.mark.parametrize("text", [shown for _, shown in GOLDEN_HANS])
def test_simplified_shown_as_simplified_is_unchanged(text: str) -> None:
    assert convert(text, "hans") == text


DOUBTFUL = "坏壞什么麼甚著着看名显顯乾安干幹县縣后後皇里裡裏发發髮台臺颱面麵于於某范徵，"


@given(st.text(alphabet=DOUBTFUL, max_size=12), st.sampled_from(["hans", "hant"]))
def test_converted_twice_is_converted_once(text: str, target: str) -> None:
    script: Script = "hans" if target == "hans" else "hant"
    once = convert(text, script)
    assert convert(once, script) == once


def test_a_mixed_text_is_converted_clause_by_clause() -> None:
    assert convert("乾安的质量问题，網購退貨。", "hans") == "乾安的质量问题，网购退货。"
    assert convert("江蘇消费者權益", "hans") == "江苏消费者权益"


def test_a_neutral_word_follows_its_text() -> None:
    assert convert("坏", "hant") == "壞"
    assert convert("乾安，质量", "hans") == "乾安，质量"


def test_nothing_is_cut_at_a_nul() -> None:
    assert convert("質\0量的書", "hans") == "质\0量的书"


def test_none_leaves_everything() -> None:
    assert convert("質量质量", None) == "質量质量"


@given(st.text(), st.sampled_from(["hans", "hant"]))
def test_any_text_can_be_shown(text: str, target: str) -> None:
    shown = convert(text, "hans" if target == "hans" else "hant")
    assert shown.count("\n") == text.count("\n")
    assert bool(shown) == bool(text)
