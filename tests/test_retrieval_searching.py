"""Both legs of a search: the vectors on a thread of their own, beside the keywords."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from retrieval import Searcher, build_index
from retrieval.generation import current_generation
from retrieval.searching import SearchLegs
from tests.fakes import HashEncoder

TEXTS = (
    "網購的商品七天之內可以退貨，運費自己出。",
    "汽车三包不少于两年。",
    "预付卡没用完的钱要退。",
)


class Waiting(HashEncoder):
    """Encodes questions only when it is told to go on, or that it is to fail."""

    def __init__(self) -> None:
        super().__init__()
        self.may_go = threading.Event()
        self.fails = False

    def encode_questions(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        assert self.may_go.wait(timeout=10), "nobody lets it go on"
        if self.fails:
            raise RuntimeError("out of memory")
        return super().encode_questions(texts)


@pytest.fixture
def index(tmp_path: Path) -> Path:
    for number, text in enumerate(TEXTS):
        (tmp_path / f"{number}.txt").write_text(text, encoding="utf-8")
    build_index([tmp_path], tmp_path / "index", HashEncoder())
    return tmp_path / "index"


@pytest.fixture
def encoder() -> Waiting:
    return Waiting()


@pytest.fixture
def legs(index: Path, encoder: Waiting) -> Iterator[SearchLegs]:
    legs = SearchLegs(current_generation(index), encoder)
    yield legs
    encoder.may_go.set()
    legs.close()


def test_a_question_is_encoded_beside_the_rest(legs: SearchLegs, encoder: Waiting) -> None:
    query = legs.query("退货运费")
    assert query.terms and not query.encoding.done()
    encoder.may_go.set()
    np.testing.assert_array_equal(query.vector, HashEncoder().encode_questions([query.folded]))
    assert query.encode_ms > 0
    ranks = [(hit.lexical_rank, hit.dense_rank) for hit in legs.search(query)]
    assert ranks[0] == (1, 1)


def test_keywords_alone_wait_for_no_encoder(legs: SearchLegs) -> None:
    query = legs.query("退货运费", mode="lexical")
    assert [hit.lexical_rank for hit in legs.search(query, mode="lexical")] == [1]
    assert not query.vector.any()


def test_a_search_is_the_same_each_time(legs: SearchLegs, encoder: Waiting) -> None:
    encoder.may_go.set()
    found = [legs.search(legs.query("预付卡退钱")) for _ in range(50)]
    assert all(hits == found[0] for hits in found)


def test_what_the_encoder_raises_reaches_who_asks(index: Path, encoder: Waiting) -> None:
    encoder.may_go.set()
    with Searcher.open(index, encoder) as searcher:
        before = searcher.answer("退货运费").passages
        encoder.fails = True
        with pytest.raises(RuntimeError, match="out of memory"):
            searcher.answer("退货运费")
        encoder.fails = False
        assert searcher.answer("退货运费").passages == before


def test_closing_ends_the_thread(index: Path, encoder: Waiting) -> None:
    encoder.may_go.set()
    before = set(threading.enumerate())
    searcher = Searcher.open(index, encoder)
    searcher.answer("退货")
    assert set(threading.enumerate()) - before
    searcher.close()
    searcher.close()
    assert not set(threading.enumerate()) - before
