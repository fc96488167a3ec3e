from __future__ import annotations

import math
import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from retrieval.errors import IndexDamaged
from retrieval.lexical import LexicalIndex, LexicalWriter

ROWS = [
    "退 货 期 限 退货 货期 期限",
    "赔 偿 三 倍 赔偿 偿三 三倍",
    "退 货 运 费 退货 货运 运费 谁 付",
    "退 货 期 限 退货 货期 期限",
]


@pytest.fixture
def index(tmp_path: Path) -> LexicalIndex:
    writer = LexicalWriter(tmp_path / "lexical")
    for row, terms in enumerate(ROWS):
        writer.add(row, terms)
    writer.finish()
    return LexicalIndex(tmp_path / "lexical")


def asked(terms: list[str]) -> dict[str, float]:
    return dict(Counter(terms))


def bm25(question: list[str], row: int) -> float:
    """Score by the textbook formula, k1 = 1.2 and b = 0.75."""
    documents = [terms.split() for terms in ROWS]
    average = sum(map(len, documents)) / len(documents)
    total = 0.0
    for term in question:
        frequency = documents[row].count(term)
        holding = sum(term in document for document in documents)
        idf = math.log(1 + (len(documents) - holding + 0.5) / (holding + 0.5))
        norm = 1.2 * (0.25 + 0.75 * len(documents[row]) / average)
        total += idf * frequency * 2.2 / (frequency + norm)
    return total


def test_scores_are_bm25(index: LexicalIndex) -> None:
    question = ["退货", "运费", "谁"]
    found = dict(index.search(asked(question), limit=10))
    assert found.keys() == {0, 2, 3}
    for row, score in found.items():
        assert score == pytest.approx(bm25(question, row), rel=1e-3)


def test_best_first_and_equal_scores_by_row(index: LexicalIndex) -> None:
    assert [row for row, _ in index.search(asked(["退货"]), limit=10)] == [0, 3, 2]
    assert [row for row, _ in index.search(asked(["退货"]), limit=1)] == [0]


def test_a_term_given_twice_counts_twice(index: LexicalIndex) -> None:
    once, twice = (
        index.search(asked(["三倍"]), limit=1),
        index.search(asked(["三倍", "三倍"]), limit=1),
    )
    assert twice[0][1] == pytest.approx(2 * once[0][1])


def test_nothing_known_finds_nothing(index: LexicalIndex) -> None:
    assert index.search(asked(["天气"]), limit=5) == []
    assert index.search(asked([]), limit=5) == []


def test_terms_are_taken_literally(index: LexicalIndex) -> None:
    assert index.search(asked(['"', "AND", "terms:退货", "*"]), limit=5) == []


def test_limit_must_be_positive(index: LexicalIndex) -> None:
    with pytest.raises(ValueError, match="limit must be at least 1"):
        index.search(asked(["退货"]), limit=0)


def test_counts(index: LexicalIndex) -> None:
    assert len(index) == 4
    assert index.document_frequency("退货") == 3
    assert index.document_frequency("天气") == 0


def test_a_folder_that_is_no_index_is_damage(tmp_path: Path) -> None:
    with pytest.raises(IndexDamaged, match=r"keyword index .* cannot be read"):
        LexicalIndex(tmp_path)


def test_restricted_to_some_rows(tmp_path: Path) -> None:
    draw = random.Random(5)
    writer = LexicalWriter(tmp_path / "lexical")
    # So many that both ways to restrict a search are taken: rows named, and a deeper search.
    for row in range(12_000):
        writer.add(row, " ".join(draw.choices("退货赔偿三倍期限运费", k=draw.randint(1, 4))))
    writer.finish()
    index = LexicalIndex(tmp_path / "lexical")
    question = asked(["退", "赔", "三", "三"])
    everything = index.search(question, limit=len(index))
    for count in (1, 40, 4_000, 6_000, 11_000):
        within = np.zeros(len(index), dtype=np.bool_)
        # The worst rows together: a search as deep as it takes at random falls short.
        rows = [row for row, _ in everything[-count:]] if count > 5_000 else range(0, count * 2, 2)
        within[list(rows)] = True
        wanted = [pair for pair in everything if within[pair[0]]]
        assert index.search(question, limit=50, within=within) == wanted[:50]
        assert index.search(question, limit=12_000, within=within) == wanted
    assert index.search(question, limit=5, within=np.zeros(len(index), dtype=np.bool_)) == []
