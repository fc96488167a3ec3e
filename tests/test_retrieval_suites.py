from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import fold
from corpus.damage import annotatable, draw_page
from corpus.repair import repair
from retrieval.datasets import Dataset
from retrieval.measures import area_under_curve, refused_at
from retrieval.suites import (
    SUITES,
    Plan,
    damaged,
    evaluate_suites,
    half,
    in_mixed_script,
    in_other_script,
)
from tests.fakes import HashEncoder

QUESTIONS = ["网购退货运费谁出", "汽車召回找誰", "预付卡没用完能退吗", "消費者如何投訴"]
TEXT = (
    "消费者网络购买的商品，七天内可以无理由退货。退货运费由消费者承担，经营者应当返还价款。"
    "汽车产品存在缺陷的，生产者应当召回，并承担修理费用。预付卡余额，经营者应当退还。"
    "投诉可以书面进行，也可以通过网络进行。监督部门应当处理，并告知结果。"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four articles of two documents each, every one about something else."""
    folder = tmp_path / "set"
    folder.mkdir()
    words = ["退货运费", "汽车召回", "预付卡退款", "书面投诉"]
    corpus, queries, judged = [], [], []
    for number, word in enumerate(words):
        for part in ("甲", "乙"):
            text = f"{word}的规定{part}：" + TEXT.replace("消费者", f"{word}当事人")
            corpus.append({"_id": f"d{number}{part}", "title": word, "text": text})
        queries.append({"_id": f"q{number}", "text": f"{word}规定甲"})
        judged.append(f"q{number}\td{number}甲\t1\n")
    write(folder / "corpus.jsonl", corpus)
    write(folder / "queries.jsonl", queries)
    (folder / "qrels.tsv").write_text("".join(judged), encoding="utf-8")
    return folder


def write(path: Path, records: Sequence[dict[str, str]]) -> None:
    path.write_text(
        "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), "utf-8"
    )


def test_the_other_script_is_another_text_with_the_same_fold() -> None:
    for number, question in enumerate(QUESTIONS):
        other = in_other_script(question, random.Random(number))
        mixed = in_mixed_script(question, random.Random(number))
        assert len({question, other, mixed}) == 3
        assert fold(question) == fold(other) == fold(mixed)


def test_every_other_character_is_converted() -> None:
    mixed = {in_mixed_script("书报费", random.Random(seed)) for seed in range(20)}
    assert mixed == {"書报費", "书報费"}


@given(st.text(), st.integers())
def test_any_question_can_be_mixed(question: str, seed: int) -> None:
    mixed = in_mixed_script(question, random.Random(seed))
    assert mixed == in_mixed_script(question, random.Random(seed))


def test_half_keeps_the_documents_of_one_title_together(folder: Path) -> None:
    kept = half(Dataset.read(folder), 1)
    assert len(kept) == 4
    assert len({key[1] for key in kept}) == 2
    assert kept == half(Dataset.read(folder), 1)
    assert any(half(Dataset.read(folder), seed) != kept for seed in range(2, 9))


def test_a_damaged_corpus_is_damaged_by_the_seed_alone(folder: Path) -> None:
    data = Dataset.read(folder)
    once, again, other = (list(damaged(data, seed)) for seed in (1, 1, 2))
    assert once == again != other
    assert [one["_id"] for one in once] == [one["_id"] for one in data.articles()]
    assert any("(" in one["text"] for one in once)


def test_a_page_annotates_what_reads_otherwise_in_simplified() -> None:
    characters = annotatable([TEXT])
    assert {"費", "貨"} <= set(characters)
    assert not {"的", "七"} & set(characters)
    page = draw_page(characters, "1:a")
    assert set(page.table) <= set(characters)
    assert page == draw_page(characters, "1:a")


def test_the_repair_undoes_most_of_it(folder: Path) -> None:
    pages = [one["text"] for one in damaged(Dataset.read(folder), 1)]
    left = sum(repair(page).text.count("(") for page in pages)
    assert left < sum(page.count("(") for page in pages) / 4


def test_suites_end_to_end(folder: Path, encoder: HashEncoder, tmp_path: Path) -> None:
    plan = Plan(SUITES, against=folder, seed=1)
    found = evaluate_suites(folder, encoder, plan, directory=tmp_path / "index", mode="lexical")
    suites = found.to_json()["suites"]
    assert list(suites) == [*SUITES, "against"]
    for name in ("cross-script", "mixed-script"):
        assert suites[name]["same"] == suites[name]["same verdict"] == 1.0
        assert suites[name]["R@1"] == found.to_json()["measures"]["R@1"]
    assert suites["damaged"]["R@10"] == 1.0
    assert (suites["refusal"]["answerable"], suites["refusal"]["unanswerable"]) == (2, 2)
    assert suites["against"]["AUC"] == 0.5  # the same questions on both sides
    assert len(found.suites["damaged"].by_question["R@1"]) == 4


def test_a_filter_that_cannot_be_read_is_words_of_a_question(
    folder: Path, encoder: HashEncoder
) -> None:
    with (folder / "queries.jsonl").open("a", encoding="utf-8") as lines:
        lines.write(json.dumps({"_id": "q4", "text": "since：abc 书面投诉规定甲 site:"}) + "\n")
    with (folder / "qrels.tsv").open("a", encoding="utf-8") as lines:
        lines.write("q4\td3甲\t1\n")
    found = evaluate_suites(folder, encoder, Plan(["cross-script"], against=folder), mode="lexical")
    assert found.suites["cross-script"].figures["same verdict"] == 1.0
    assert found.suites["against"].by_question["answerable"][4] > 0


def test_without_suites_the_object_is_as_ever(folder: Path, encoder: HashEncoder) -> None:
    found = evaluate_suites(folder, encoder, Plan(()))
    assert found.to_json().keys() == {"queries", "measures", "timing_ms"}


confidences = st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), min_size=1, max_size=30)


@given(confidences, confidences)
def test_the_area_is_the_share_of_pairs_in_order(own: list[float], other: list[float]) -> None:
    pairs = [(one > two) + (one == two) / 2 for one in own for two in other]
    assert area_under_curve(own, other) == pytest.approx(sum(pairs) / len(pairs))


@given(confidences, confidences)
def test_no_more_than_the_share_of_answerable_is_refused(
    own: list[float], other: list[float]
) -> None:
    refused = refused_at(own, other, 0.05)
    threshold = sorted(own)[int(0.05 * len(own))]
    assert sum(one < threshold for one in own) <= 0.05 * len(own)
    assert refused == pytest.approx(sum(one < threshold for one in other) / len(other))
