"""Which terms stand in which texts: as looking for each in each would tell."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.presence import Terms, portions

FEW = "灯塔看a1.𠮷"


@given(
    st.lists(st.text(FEW, min_size=1, max_size=4), unique=True, max_size=8),
    st.lists(st.text(FEW + "。\n☃\ud800", max_size=20), max_size=6),
)
def test_presence_is_containment(terms: list[str], texts: list[str]) -> None:
    found = Terms(terms).found_in(texts)
    assert found.shape == (len(texts), len(terms))
    assert found.tolist() == [[term in text for term in terms] for text in texts]


def test_texts_do_not_run_into_one_another() -> None:
    assert not Terms(["灯塔"]).found_in(["看灯", "塔"]).any()


def test_portions() -> None:
    found = np.array([[True, False, True], [False, False, False], [True, True, True]])
    assert portions(found, [1.0, 2.0, 5.0]).tolist() == pytest.approx([0.75, 0.0, 1.0])
    assert portions(found[:, :0], []).tolist() == [0.0, 0.0, 0.0]


@given(st.lists(st.floats(0, 9), min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_equal_rows_have_equal_portions_wherever_they_stand(
    weights: list[float], random: Random
) -> None:
    one = [random.random() < 0.5 for _ in weights]
    rows = np.array([one if place % 3 else [not held for held in one] for place in range(20)])
    found = portions(rows, weights).tolist()
    assert all(a == b for a, b in pairwise(found[1::3] + found[2::3]))
    assert all(0 <= portion <= 1 for portion in found)
