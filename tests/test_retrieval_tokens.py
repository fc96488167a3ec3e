from __future__ import annotations

from collections import Counter

from hypothesis import example, given
from hypothesis import strategies as st

from retrieval.term_text import term_texts
from retrieval.tokens import HAN, terms, units


def test_han_gives_characters_and_pairs() -> None:
    assert terms("退货难") == ["退", "货", "难", "退货", "货难"]


def test_pairs_do_not_cross_punctuation_or_blanks() -> None:
    assert terms("退货，难 过") == ["退", "货", "退货", "难", "过"]


def test_latin_words_and_numbers_are_whole() -> None:
    assert terms("12315") == ["12315"]
    assert units("涨价3.5倍") == [["涨", "价", "3.5", "倍"]]
    assert units("iphone15pro max") == [["iphone15", "pro"], ["max"]]


def test_a_number_pairs_with_its_measure() -> None:
    assert "7天" in terms("7天内")
    assert "7天" not in terms("17天内")


def test_rare_and_supplementary_han_are_characters() -> None:
    assert terms("𠮷野家") == ["𠮷", "野", "家", "𠮷野", "野家"]


def test_nothing_to_look_for() -> None:
    assert terms("？！…") == []
    assert terms("啊") == ["啊"]


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=80))
def test_terms_hold_no_blank_and_come_from_the_text(text: str) -> None:
    for term in terms(text):
        assert term and not any(character.isspace() for character in term)
        assert term in text


@given(st.text(alphabet="退货七天无理由", min_size=1, max_size=40))
def test_n_han_give_n_singles_and_n_minus_1_pairs(text: str) -> None:
    assert len(terms(text)) == 2 * len(text) - 1
    assert len(HAN.findall(text)) == len(text)


MIXED = st.text(alphabet="退货难〇𠮷é½٣a7.5_，\n \u0378\U000323af", max_size=20)


@given(st.lists(MIXED | st.text(max_size=30), max_size=5))
@example(["价.5天", "", "天"])
def test_the_index_reads_the_same_terms_as_often(texts: list[str]) -> None:
    found = term_texts(texts)
    assert [Counter(one.split(" ") if one else []) for one in found] == [
        Counter(terms(text)) for text in texts
    ]
