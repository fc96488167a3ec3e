"""Which ranked passages are shown, and in what order."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from retrieval import Searcher, build_index
from retrieval.choosing import FIRST, NEAR_TIE, PER_ARTICLE, newest_first, share
from retrieval.records import Damage, Source
from retrieval.searching import Hit, Said
from retrieval.store import StoredPassage
from tests.fakes import HashEncoder


def hit(row: int, score: float, *, sentence: float = 0.5) -> Hit:
    return Hit(row, score, 0.5, 0.2, 1, 1, Said(0.6, 0.6, sentence, titled=False, verbatim=0.0))


def passage(row: int, article: int, published: str | None = None) -> StoredPassage:
    source = Source(f"a{article}", None, None, None, published, None)
    return StoredPassage(row, article, row, "文", None, source, Damage())


def rows(hits: list[Hit]) -> list[int]:
    return [one.row for one in hits]


def dated(*dates: str | None) -> dict[int, StoredPassage]:
    return {row: passage(row, row, date) for row, date in enumerate(dates)}


def test_of_near_ties_the_newest_is_first() -> None:
    stored = dated("2019", "2024-05", None, "2023")
    near = [hit(row, 0.7 - row * NEAR_TIE / 4) for row in range(4)]
    assert rows(newest_first(near, stored)) == [1, 3, 0, 2]


def test_what_is_clearly_better_stays_first() -> None:
    stored = dated("2019", "2024")
    assert rows(newest_first([hit(0, 0.7), hit(1, 0.7 - 2 * NEAR_TIE)], stored)) == [0, 1]


def test_word_for_word_goes_before_newer() -> None:
    stored = dated("2019", "2024")
    both = [hit(0, 0.7, sentence=1.0), hit(1, 0.7, sentence=0.98)]
    assert rows(newest_first(both, stored)) == [0, 1]


def test_without_dates_by_score_then_article_then_place() -> None:
    stored = {0: passage(0, 9), 1: passage(1, 2), 2: passage(2, 2)}
    assert rows(newest_first([hit(2, 0.5), hit(0, 0.5), hit(1, 0.5)], stored)) == [1, 2, 0]
    assert rows(newest_first([hit(1, 0.5), hit(0, 0.5 + NEAR_TIE / 2)], stored)) == [0, 1]


def test_two_of_an_article_among_the_first_five() -> None:
    articles = [1, 1, 1, 2, 1, 3, 4, 5, 1]
    stored = {row: passage(row, article) for row, article in enumerate(articles)}
    hits = [hit(row, 1 - row / 10) for row in stored]
    assert rows(share(hits, stored, lambda _: False)) == [0, 1, 3, 5, 6, 2, 4, 7, 8]
    assert rows(share(hits, stored, lambda _: True)) == list(range(9))


def test_nobody_else_to_fill_the_places() -> None:
    stored = {row: passage(row, 1) for row in range(6)}
    assert rows(share([hit(row, 0.5) for row in range(6)], stored, lambda _: False)) == [0, 1]


@given(st.lists(st.integers(0, 6), max_size=30))
def test_no_article_takes_more_than_its_share(articles: list[int]) -> None:
    stored = {row: passage(row, article) for row, article in enumerate(articles)}
    shown = share([hit(row, 0.5) for row in stored], stored, lambda _: False)
    first = Counter(stored[one.row].article for one in shown[:FIRST])
    assert max(first.values(), default=0) <= PER_ARTICLE
    assert len(set(rows(shown))) == len(shown)
    if len(shown) >= FIRST:
        assert len(shown) == len(articles)


def test_an_answer_shares_the_first_places(tmp_path: Path) -> None:
    told = "燈塔看守人每天點燈兩次，逢霧天再敲鐘。"
    folder = tmp_path / "articles"
    folder.mkdir()
    parts = ["".join(chr(0x5000 + 300 * part + at) for at in range(260)) for part in range(8)]
    one = "\n\n".join(f"{told}{part}。" for part in parts)
    (folder / "one.txt").write_text(one, encoding="utf-8")
    (folder / "other.txt").write_text("港口有渡船，船票在碼頭賣。", encoding="utf-8")
    build_index([folder], tmp_path / "index", HashEncoder())
    with Searcher.open(tmp_path / "index", HashEncoder()) as searcher:
        answer = searcher.answer("燈塔看守人每天點幾次燈", limit=8)
    assert Counter(one.article.path for one in answer.passages)[str(folder / "one.txt")] == 2
