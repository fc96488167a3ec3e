"""The first candidates in the order of a reranker."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from retrieval import Searcher, build_index
from tests.fakes import HashEncoder


class Counting:
    """Likes texts with many 海, and remembers what it was asked."""

    name = "counting"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        self.asked.append(question)
        return [min(1.0, (1 + text.count("海")) / 10) for text in texts]


def index(folder: Path) -> Path:
    articles = folder / "articles"
    articles.mkdir()
    for number in range(30):
        text = f"第{number}座燈塔：看守人每天點燈，望著{'海' * (number % 7)}和船{number}。"
        (articles / f"{number:02}.txt").write_text(text, encoding="utf-8")
    build_index([articles], folder / "index", HashEncoder())
    return folder / "index"


def test_its_order_and_scores_that_fall(tmp_path: Path) -> None:
    reranker = Counting()
    with Searcher.open(index(tmp_path), HashEncoder(), reranker=reranker) as searcher:
        answer = searcher.answer("看守人每天做什麼", limit=25)
    assert reranker.asked == ["看守人每天做什么"]
    read = [one for one in answer.passages if "reranker" in one.evidence]
    seas = [one.text.count("海") for one in read]
    assert 10 < len(read) < len(answer.passages)
    assert read == list(answer.passages[: len(read)])
    assert seas == sorted(seas, reverse=True)
    scores = [one.score for one in answer.passages]
    assert scores == sorted(scores, reverse=True)


def test_word_for_word_stays_first(tmp_path: Path) -> None:
    with Searcher.open(index(tmp_path), HashEncoder(), reranker=Counting()) as searcher:
        first = searcher.answer("望著和船14。").passages[0]
    assert "和船14。" in first.text
