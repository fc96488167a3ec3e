"""The program that makes the bundled model, on a few made-up lines."""

from __future__ import annotations

import lzma
import math
import random
import tarfile
from pathlib import Path

import numpy as np
import pytest

from corpus import fold
from embeddings.training_bm25 import Keywords
from embeddings.training_evaluation import (
    Evaluator,
    Measures,
    best_of,
    make_folds,
    mean_of,
    nearly_same,
)
from embeddings.training_pairs import Judged, Mixture, Sources, make_batch
from embeddings.training_texts import (
    Benchmark,
    Pair,
    Text,
    find_fold,
    read_benchmark,
    read_laws,
    read_news,
    read_pairs,
)
from embeddings.training_vocabulary import Limits, build_vocabulary
from tests.test_embeddings_tokens import make_vocabulary
from tests.training_data import write_data


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_data(tmp_path / "data")


def test_training_folds_as_the_program_does() -> None:
    assert find_fold() is fold


@pytest.mark.parametrize("name", ["corpus.folding", "corpus.folding:nothing", "nowhere:fold", ""])
def test_a_fold_that_is_none(name: str) -> None:
    with pytest.raises(ValueError, match="module:function"):
        find_fold(name)


def test_laws(data: Path) -> None:
    title = "中华人民共和国样品法"
    assert read_laws(data, fold) == [
        Text(title, "第一章 总则", "第一条 为了说明样品,制定本法。"),
        Text(
            title,
            "第一章 总则",
            "第二条 样品应当完整。\n样品不完整的,应当更换;不能更换的,应当退款。",
        ),
        Text(title, "第二章 附则", "第三条 本法自公布之日起施行。"),
    ]


def test_news(data: Path) -> None:
    body = "今天公布了样品抽检结果。\n多数样品合格,少数样品不合格。"
    assert read_news(data, fold) == [Text("样品市场抽检结果公布", "", body)]


def test_pairs_once_each_and_packed_alike(data: Path) -> None:
    found = read_pairs(data, fold)
    assert [pair.question for pair in found] == ["样品坏了怎么退款", "样品抽检谁来做"]
    path = data / "train" / "qa_pairs.jsonl"
    path.with_suffix(".jsonl.xz").write_bytes(lzma.compress(path.read_bytes()))
    path.unlink()
    assert read_pairs(data, fold) == found


def test_laws_straight_from_the_archive(data: Path) -> None:
    expected = read_laws(data, fold)
    with tarfile.open(data / "laws.tar.xz", "w:xz") as archive:
        archive.add(data / "laws", "laws")
    (data / "laws").rename(data / "moved")
    assert read_laws(data, fold) == expected


def test_benchmark_keeps_judged_questions(data: Path) -> None:
    benchmark = read_benchmark(data / "eval" / "stard_train", fold)
    assert benchmark.passages[0] == "样品法\n第二条 样品应当完整。"
    assert benchmark.passages[2] == "抽检结果应当公布。"
    assert list(benchmark.queries.items())[:3] == [
        ("q0", "退款?"),
        ("q1", "完整?"),
        ("q2", "公布?"),
    ]
    assert benchmark.relevant == {"q0": [1], "q1": [0, 1], "q2": [2], "q3": [1], "q4": [2]}


def test_vocabulary_weighs_groups_alike() -> None:
    groups = [(1.0, ["退货 " * 500 + "退款 " * 400]), (1.0, ["甲乙,甲乙,ok 12 ok 12"])]
    limits = Limits(tokens=7, characters=4, words=2)
    vocabulary, shares = build_vocabulary(groups, limits)
    characters = [chr(code) for code in vocabulary.characters]
    assert set(characters) == {"退", "货", "甲", "乙"}
    assert vocabulary.words == ("12", "ok")
    # One pair is left: 甲乙 has half of the small group, 退货 a quarter of the large one.
    first, second = divmod(int(vocabulary.pairs[0]), 1 << 16)
    assert characters[first] + characters[second] == "甲乙"
    assert shares.shape == (7,)
    assert math.isclose(shares.sum(), 1)


def test_vocabulary_leaves_out_what_is_met_once() -> None:
    vocabulary, _ = build_vocabulary([(1.0, ["退退货"])], Limits(tokens=9, characters=4, words=2))
    assert [chr(code) for code in vocabulary.characters] == ["退"]


def test_bm25_against_the_formula() -> None:
    vocabulary = make_vocabulary("甲乙丙", [], [])
    keywords = Keywords(["甲甲乙", "乙丙", "丙"], vocabulary)
    idf_once = math.log(1 + 2.5 / 1.5)
    idf_twice = math.log(1 + 1.5 / 2.5)
    length = 1.2 * (0.25 + 0.75 * 3 / 2)
    expected = [idf_once * 2 * 2.2 / (2 + length) + idf_twice * 2.2 / (1 + length)]
    expected += [idf_twice * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 2 / 2)), 0]
    np.testing.assert_allclose(keywords.scores("甲乙丁"), expected, rtol=1e-6)
    assert math.isclose(keywords.mass("甲乙丁乙"), idf_once + 2 * idf_twice)


def test_best_are_ordered_and_equal_ones_by_position() -> None:
    scores = np.array([1, 3, 2, 3, 0], dtype=np.float32)
    assert best_of(scores, 4).tolist() == [1, 3, 2, 0]
    assert best_of(scores, 99).tolist() == [1, 3, 2, 0, 4]


def test_measures_of_a_known_ranking() -> None:
    benchmark = Benchmark(
        ["a", "b", "c"], ["甲", "乙", "丙"], {"q": "甲", "r": "丙"}, {"q": [1, 2], "r": [2]}
    )
    evaluator = Evaluator(benchmark)
    assert {query: ranking[0] for query, ranking in evaluator.lexical.items()} == {"q": 0, "r": 2}
    rankings = {"q": np.array([0, 1, 2]), "r": np.array([2, 0, 1])}
    found = evaluator.measure(rankings)
    assert found == Measures(r1=0.5, r5=1, r10=1, r100=1, mrr10=0.75)
    worse = evaluator.measure({"q": np.array([0, 1])})
    assert worse == Measures(r1=0, r5=0.5, r10=0.5, r100=0.5, mrr10=0.5)
    assert mean_of([found, worse], [3, 1]).r1 == 0.375


def test_folds_part_the_questions() -> None:
    queries = [f"q{number}" for number in range(11)]
    folds = make_folds(queries, 3, seed=1)
    assert sorted(query for one in folds for query in one) == sorted(queries)
    assert [len(one) for one in folds] == [4, 4, 3]
    assert folds == make_folds(queries[::-1], 3, seed=1)


def test_nearly_the_same_question() -> None:
    # 8 bigrams each: 6 shared of 10 is 0.6; 5 shared of 11 is less.
    others = ["甲乙丙丁戊己庚辛壬"]
    questions = ["甲乙丙丁戊己庚子丑", "甲乙丙丁戊己寅子丑", "", "甲乙丙丁戊己庚辛壬"]
    assert nearly_same(questions, others) == {0, 3}


def test_batch_holds_every_kind_in_its_share() -> None:
    law = Text("中华人民共和国样品法", "第一章", "第一条 样品应当完整,不得损坏;损坏的,应当更换。")
    news = Text("样品抽检结果公布", "", "今天公布结果。多数合格。少数不合格。")
    judged = Judged("坏了能换吗", ("答一", "答二"), ("误一", "误二", "误三"))
    sources = Sources([law], [news], [Pair("问", "答", "a")], [judged])
    mixture = Mixture(misleading=2, removed=1.0, judged=0.25, judged_from=0.4)
    early = make_batch(sources, 24, mixture, 0.0, random.Random(1))
    late = make_batch(sources, 24, mixture, 0.9, random.Random(1))
    assert len(early) == len(late) == 24
    assert not any(example.misleading for example in early)
    from_judged = [example for example in late if example.misleading]
    assert len(from_judged) == 6
    for example in from_judged:
        assert example.passage in example.also_right == {"答一", "答二"}
        assert len(set(example.misleading)) == 2
    asked_of_law = [example for example in early if "样品法" in example.passage]
    assert asked_of_law
    for example in asked_of_law:
        assert all(clause not in example.passage for clause in example.question.split(","))
