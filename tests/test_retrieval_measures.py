from __future__ import annotations

import math
import random

import pytest

from retrieval.measures import MEASURES, measure


def test_by_hand() -> None:
    found = measure(["x", "a", "y", "b"], {"a": 1, "b": 2, "c": 1, "x": 0})
    assert found["R@1"] == 0
    assert found["R@5"] == pytest.approx(2 / 3)
    assert found["MRR@10"] == 0.5
    gain = 1 / math.log2(3) + 2 / math.log2(5)
    ideal = 2 / math.log2(2) + 1 / math.log2(3) + 1 / math.log2(4)
    assert found["nDCG@10"] == pytest.approx(gain / ideal)
    assert tuple(found) == MEASURES


def test_nothing_relevant_scores_zero() -> None:
    assert set(measure(["a"], {"b": 0}).values()) == {0.0}
    assert set(measure([], {"b": 1}).values()) == {0.0}


def test_as_ir_measures_has_them() -> None:
    """Compare with pytrec_eval's figures over random rankings with graded judgements."""
    ir_measures = pytest.importorskip("ir_measures")
    from ir_measures import MRR, R, nDCG

    chance = random.Random(5)
    documents = [f"d{number}" for number in range(150)]
    for _ in range(20):
        relevant = {key: chance.randint(0, 3) for key in chance.sample(documents, 12)}
        if not any(relevant.values()):
            continue
        ranking = chance.sample(documents, 120)
        theirs = ir_measures.calc_aggregate(
            [R @ 1, R @ 5, R @ 10, R @ 100, MRR @ 10, nDCG @ 10],
            [ir_measures.Qrel("q", key, grade) for key, grade in relevant.items()],
            [ir_measures.ScoredDoc("q", key, float(-rank)) for rank, key in enumerate(ranking)],
        )
        ours = measure(ranking, relevant)
        assert {str(name): value for name, value in theirs.items()} == pytest.approx(
            {name.replace("MRR", "RR"): value for name, value in ours.items()}
        )
