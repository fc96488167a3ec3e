"""One score from what each leg says of a candidate and from what its text says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import fold
from retrieval.records import Damage, Source
from retrieval.reranking import (
    RERANKED,
    SOUGHT,
    holds,
    names,
    read,
    rerank,
    to_read,
    trust_in_vectors,
)
from retrieval.searching import Encoded, Hit, Query, Said
from retrieval.store import StoredPassage
from retrieval.weighing import shares, weigh

ABOUT = "燈塔的看守人每天點幾次燈"


def query(question: str) -> Query:
    folded = fold(question)
    counting = shares(folded)
    vector = np.zeros((1, 2), dtype=np.float32)
    return Query(folded, counting, {}, dict(counting), 1.0, weigh(counting), Encoded.known(vector))


def passage(text: str, title: str | None = None, row: int = 0) -> StoredPassage:
    source = Source(f"a{row}", title, None, None, None, None)
    return StoredPassage(row, row, 0, text, None, source, Damage())


def hit(row: int, *, coverage: float = 0.5, cosine: float = 0.2) -> Hit:
    return Hit(row, 0.0, coverage, cosine, row + 1, None)


def said(question: str, passage: StoredPassage) -> Said:
    (one,) = read(query(question), [passage])
    return one


def test_terms_in_one_sentence_beat_terms_far_apart() -> None:
    together = passage("灯塔看守人每天点灯两次。渔船靠它进港。海鸟在礁石上筑巢。")
    apart = passage(
        "灯塔修好了。渔船靠它进港。看守人姓陈。海鸟筑巢。每天有雾。风大。点灯要油。", row=1
    )
    one, other = read(query(ABOUT), [together, apart])
    assert one.sentence > other.sentence
    assert one.focus > other.focus
    ranked = rerank(query(ABOUT), [hit(1), hit(0)], {0: together, 1: apart}, meaning=0)
    assert [each.row for each in ranked] == [0, 1]
    assert ranked[0].said == one


def test_two_neighbours_hold_more_than_one_sentence() -> None:
    reading = said(ABOUT, passage("灯塔有看守人。他每天点灯两次。"))
    assert reading.sentence < reading.focus <= 1.0


def test_title_and_heading_count_for_the_whole_passage_only() -> None:
    plain = passage("看守人每天点灯两次。")
    without, with_title = read(query(ABOUT), [plain, passage(plain.text, "灯塔")])
    assert with_title.whole > without.whole
    assert (with_title.focus, with_title.sentence) == (without.focus, without.sentence)


def test_the_article_that_is_named_wins_among_equals() -> None:
    text = "看守人每天点灯两次。"
    stored = {0: passage(text, "渔港", 0), 1: passage(text, "燈塔（航標）", 1)}
    ranked = rerank(query(ABOUT), [hit(0), hit(1)], stored, meaning=0)
    assert [each.row for each in ranked] == [1, 0]
    assert [each.said and each.said.titled for each in ranked] == [True, False]


@pytest.mark.parametrize(
    ("title", "named"),
    [("燈塔", True), ("灯塔_（航标）", True), ("渔港", False), ("灯", False), ("", False)],
)
def test_names(title: str, named: bool) -> None:
    assert names(fold(ABOUT), fold(title)) is named


def test_word_for_word_comes_first_whatever_the_legs_say() -> None:
    whole = query("看守人每天点灯两次，逢雾敲钟。")
    stored = {
        0: passage("看守人每天点灯两次，逢雾天再敲钟。", "看守人每天点灯两次"),
        1: passage("看守人姓陳。看守人每天點燈兩次，逢霧敲鐘。", row=1),
    }
    ranked = rerank(whole, [hit(0, coverage=2.0), hit(1, coverage=0.1), hit(2)], stored, meaning=0)
    assert [each.row for each in ranked] == [1, 0, 2]
    assert ranked[1].score <= 0.5 <= ranked[0].score <= 1.0


@pytest.mark.parametrize(
    ("question", "held"),
    [
        ("每天點燈兩次。", 1.0),
        ("每天点灯两次", 1.0),
        ("「每天点灯两次」", 0.5),
        ("每天点灯三次", 0.0),
        ("点灯", 0.0),
    ],
)
def test_holds(question: str, held: float) -> None:
    assert holds(fold("看守人每天点灯两次。"), fold(question)) == held


@pytest.mark.parametrize(
    ("text", "question", "held"),
    [
        ("第二章  灯   塔\n看守人点灯。", "第二章 灯 塔", 1.0),
        ("第二章 灯 塔\n看守人点灯。", "第二章　　灯　塔", 1.0),
        ("第二章  灯   塔\n看守人点灯。", "第二章  灯   塔 看守人", 1.0),
        ("第二章 灯塔", "第二章 灯 塔", 0.0),
        ("第二章  灯   塔", "灯     塔", 0.0),
    ],
)
def test_how_wide_a_blank_is_does_not_count(text: str, question: str, held: float) -> None:
    assert holds(fold(text), fold(question)) == held


def test_more_is_read_where_nothing_is_asked() -> None:
    assert to_read(query("看守人每天点灯两次")) == SOUGHT
    assert to_read(query(ABOUT)) == to_read(query("点灯？")) == to_read(query("灯塔")) == RERANKED


def test_what_nobody_read_is_scored_by_the_legs_alone() -> None:
    ranked = rerank(query(ABOUT), [hit(0, coverage=0.9), hit(1, coverage=0.1)], {}, meaning=0)
    assert [(each.row, each.said) for each in ranked] == [(0, None), (1, None)]
    assert ranked[0].score > ranked[1].score


def test_equal_scores_are_ordered_by_row() -> None:
    assert [each.row for each in rerank(query(ABOUT), [hit(2), hit(0), hit(1)], {}, meaning=0)] == [
        0,
        1,
        2,
    ]


def test_vectors_decide_where_no_passage_has_the_words() -> None:
    stored = {0: passage("海鸟在礁石上筑巢。"), 1: passage("每天有雾，灯灭了。", row=1)}
    hits = [hit(0, cosine=0.6, coverage=0.6), hit(1, cosine=0.3, coverage=0.6)]
    assert rerank(query(ABOUT), hits, stored, meaning=5)[0].row == 0
    assert rerank(query(ABOUT), hits, stored, meaning=-1)[0].row == 1


def test_words_decide_where_one_passage_stands_out() -> None:
    stored = {0: passage("海鸟在礁石上筑巢。"), 1: passage("看守人每天给灯塔点两次灯。", row=1)}
    hits = [hit(0, cosine=0.8, coverage=0.1), hit(1, cosine=0.1, coverage=0.9)]
    assert rerank(query(ABOUT), hits, stored, meaning=5)[0].row == 1


def test_behind_what_stands_out_the_vectors_order_the_rest() -> None:
    hits = [
        hit(0, coverage=1.2, cosine=0.0),
        hit(1, coverage=0.3, cosine=0.1),
        hit(2, coverage=0.2, cosine=0.3),
    ]
    ranked = rerank(query(ABOUT), hits, {}, meaning=-1)
    assert [each.row for each in ranked] == [0, 2, 1]


@given(st.floats(0, 5), st.floats(0, 5), st.floats(-3, 6), st.floats(-3, 6))
def test_trust_falls_with_own_words_and_grows_with_meaning(
    words: float, other: float, meaning: float, further: float
) -> None:
    fewer, more = sorted((words, other))
    far, near = sorted((meaning, further))
    assert 0.1 <= trust_in_vectors(more, far) <= trust_in_vectors(fewer, near) <= 4.0


@given(
    st.text(alphabet="灯塔看守人每天点灯。!?;\n渔港", max_size=60),
    st.text("灯塔看守人", max_size=9),
)
def test_shares_are_shares(text: str, question: str) -> None:
    reading = said(question, passage(text))
    assert 0 <= reading.sentence <= reading.focus <= reading.whole <= 1.0
