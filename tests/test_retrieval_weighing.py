"""How much the terms of a question count."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import fold
from retrieval.background import telling
from retrieval.tokens import terms
from retrieval.weighing import shares, weigh


@pytest.mark.parametrize(
    "question",
    ["哪一座灯塔最老", "哪座燈塔最老", "最老灯塔是哪个", "什麼燈塔最老？", "最老的灯塔在哪里"],
)
def test_words_that_ask_are_left_out(question: str) -> None:
    counting = shares(fold(question))
    assert {"灯塔", "最老"} <= counting.keys()
    assert not [term for term in counting if set(term) & set("哪什么座里")]


def test_pairs_with_a_joining_word_count_less() -> None:
    counting = shares(fold("燈塔的看守人由誰任命"))
    assert counting["灯塔"] == counting["看守"] == counting["任命"] == 1.0
    assert counting["塔的"] == counting["的看"] == counting["人由"] == 0.3
    # A single unit is found in many a sentence anyway.
    assert counting["的"] == 1.0


@pytest.mark.parametrize("question", ["怎么办", "谁", "多少钱？", "为什么呢"])
def test_nothing_but_asking_counts_whole(question: str) -> None:
    assert shares(question).keys() == set(terms(question))


def test_nothing_at_all() -> None:
    assert shares("") == shares("？！") == {}


@given(st.text(alphabet="哪谁什么几座年的在了是灯塔守夜人a1。？ ", max_size=30))
def test_what_counts_stands_in_the_question(question: str) -> None:
    counting = shares(question)
    assert counting.keys() <= set(terms(question))
    assert bool(counting) == bool(terms(question))
    assert set(counting.values()) <= {0.3, 1.0}


def test_weights_are_shares_of_how_telling_terms_are() -> None:
    counting = {"灯塔": 1.0, "塔的": 0.3}
    assert weigh(counting) == {"灯塔": telling("灯塔"), "塔的": 0.3 * telling("塔的")}
