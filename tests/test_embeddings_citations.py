from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpus import fold
from embeddings.training_citations import (
    WRITTEN,
    ArticleIndex,
    Cited,
    read_asked,
    read_cited,
    read_written,
    spread,
)
from embeddings.training_labels import digest, read_labels
from embeddings.training_texts import Benchmark, Pair

PASSAGES = [
    "样品法\n第一条 为了样品,制定本法。",
    "样品法\n第二十五条 样品可以退回。",
    "合同编\n第五百七十七条 不履行合同的,承担责任。",
]


@pytest.fixture
def index() -> ArticleIndex:
    return ArticleIndex(Benchmark(["a", "b", "c"], PASSAGES, {}, {}))


def test_articles_are_found_by_law_and_number(index: ArticleIndex) -> None:
    assert index.find("样品法", "第二十五条") == 1
    assert index.find("样品法(2020修正)", "第一条") == 0
    assert index.find("民法典", "第五百七十七条") == 2
    assert index.find("样品法", "第九条") is None
    assert index.find("无此法", "第一条") is None


@pytest.mark.parametrize(
    ("answer", "places"),
    [
        ("根据《中华人民共和国样品法》第25条,可以退。", (1,)),
        ("依照《样品法》第一条、第二十五条的规定。", (0, 1)),
        ("《民法典》第五百七十七条规定如此,《样品法》第一条亦然。", (2, 0)),
    ],
)
def test_citations_in_answers(index: ArticleIndex, answer: str, places: tuple[int, ...]) -> None:
    assert read_cited([Pair("能退吗", fold(answer), "x")], index) == [Cited("能退吗", places)]


@pytest.mark.parametrize("answer", ["可以退。", "《样品法》规定可以退。", "《别的法》第一条"])
def test_answers_without_a_known_article_are_left_out(index: ArticleIndex, answer: str) -> None:
    assert read_cited([Pair("能退吗", answer, "x")], index) == []


def test_written_questions(index: ArticleIndex, tmp_path: Path) -> None:
    lines = [
        {"question": "樣品能退嗎", "law": "样品法", "article": "第二十五条"},
        {"question": "样品能退吗", "law": "样品法", "article": "第一条"},
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (tmp_path / "a.jsonl").write_text(text, encoding="utf-8")
    assert read_written(tmp_path, index, fold) == [Cited("样品能退吗", (1, 0))]
    (tmp_path / "b.jsonl").write_text(json.dumps({**lines[0], "article": "第九条"}), "utf-8")
    with pytest.raises(ValueError, match=r"b\.jsonl:1: no 样品法 第九条"):
        read_written(tmp_path, index, fold)


def test_labels_of_questions_of_the_data(index: ArticleIndex, tmp_path: Path) -> None:
    asked = ["樣品能退嗎 ", "今天天气", "不在标签里"]
    lines = [
        {"question": digest(asked[0]), "articles": [["样品法", "第二十五条"]]},
        {"question": digest(asked[1]), "articles": []},
        {"question": digest("数据里没有"), "articles": [["样品法", "第一条"]]},
    ]
    path = tmp_path / "labels.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    assert read_labels(path, asked, index, fold) == [
        Cited("样品能退吗", (1,)),
        Cited("今天天气", ()),
    ]
    wrong = {"question": digest(asked[1]), "articles": [["样品法", "第九条"]]}
    path.write_text(f"{json.dumps(lines[0])}\n{json.dumps(wrong)}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"labels\.jsonl:2: no 样品法 第九条"):
        read_labels(path, asked, index, fold)


def test_spread_keeps_few_of_what_is_asked_often() -> None:
    many = [Cited(f"离婚{number}", (0,)) for number in range(50)]
    few = [Cited("退货", (1,)), Cited("赔偿", (2, 0))]
    kept = spread([*many, *few], 3, seed=1)
    assert sum(one.answers == (0,) for one in kept) == 3
    assert set(few) <= set(kept)
    assert kept == spread([*many, *few], 3, seed=1)


def test_what_we_wrote_is_whole_and_no_test_question_is_in_it(shared: Path) -> None:
    """Every line names an article that is there; training and test questions are far apart."""
    from embeddings.training_evaluation import nearly_same
    from embeddings.training_texts import read_benchmark

    # The law and the number stand at the head; folding all of it would take ten seconds.
    pool = shared / "data" / "eval" / "stard_train"
    index = ArticleIndex(read_benchmark(pool, lambda text: fold(text[:120])))
    trained = [one.question for one in read_written(WRITTEN, index, fold)]
    assert len(trained) > 3000
    tests = Path(__file__).with_name("cases") / "everyday_questions.jsonl"
    tested = list(read_asked(tests, index, fold)[0].values())
    assert nearly_same(trained, tested) == set()
