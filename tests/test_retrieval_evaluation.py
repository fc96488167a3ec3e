from __future__ import annotations

import json
from pathlib import Path

import pytest

from retrieval import DatasetError, RetrievalError, evaluate
from retrieval.datasets import Dataset
from tests.fakes import HashEncoder


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    folder = tmp_path / "set"
    folder.mkdir()
    articles = ["汽车三包期为两年", "退货运费由谁承担", "食品可以要求十倍赔偿"]
    write(
        folder / "corpus.jsonl",
        [{"_id": f"d{number}", "title": "", "text": text} for number, text in enumerate(articles)],
    )
    write(
        folder / "queries.jsonl",
        [
            {"_id": "q0", "text": "汽車三包多久"},
            {"_id": "q1", "text": "退貨誰出運費"},
            {"_id": "q2", "text": "三包"},
            {"_id": "unjudged", "text": "十倍"},
        ],
    )
    (folder / "qrels.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq0\td0\t1\nq1\td1\t1\nq2\td2\t1\nq2\td0\t0\n", "utf-8"
    )
    return folder


def write(path: Path, records: list[dict[str, str]]) -> None:
    path.write_text(
        "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), "utf-8"
    )


def test_measures_are_averages_over_the_judged_questions(
    dataset: Path, encoder: HashEncoder
) -> None:
    result = evaluate(dataset, encoder, mode="lexical")
    assert result.queries == 3
    assert result.measures["R@1"] == pytest.approx(2 / 3)
    assert result.to_json()["measures"]["R@1"] == 0.6667
    assert result.timing_ms["p50"] <= result.timing_ms["p95"]


@pytest.mark.parametrize("mode", ["hybrid", "lexical", "dense"])
def test_the_run_file_is_trec_format_and_agrees_with_the_measures(
    dataset: Path, encoder: HashEncoder, tmp_path: Path, mode: str
) -> None:
    run = tmp_path / "run.trec"
    result = evaluate(dataset, encoder, mode=mode, run=run)  # type: ignore[arg-type]
    rows = [line.split() for line in run.read_text("utf-8").splitlines()]
    assert all(len(row) == 6 and row[1] == "Q0" for row in rows)
    assert {row[0] for row in rows} <= {"q0", "q1", "q2"}
    firsts = {row[0]: row[2] for row in rows if row[3] == "1"}
    right = sum(
        firsts.get(query) == document
        for query, document in {"q0": "d0", "q1": "d1", "q2": "d2"}.items()
    )
    assert result.measures["R@1"] == pytest.approx(right / 3)
    for query in firsts:
        scores = [float(row[4]) for row in rows if row[0] == query]
        assert scores == sorted(scores, reverse=True)


def test_a_run_file_that_cannot_be_written_is_said_before_a_question_is_asked(
    dataset: Path, encoder: HashEncoder, tmp_path: Path
) -> None:
    asked: list[str] = []
    with pytest.raises(RetrievalError, match=r"cannot be written \(No such file .* --run FILE"):
        evaluate(
            dataset,
            encoder,
            run=tmp_path / "nowhere" / "run.trec",
            progress=lambda stage, done, total: asked.append(stage),
        )
    assert "asking" not in asked


def test_an_index_that_fits_is_used_again(
    dataset: Path, encoder: HashEncoder, tmp_path: Path
) -> None:
    first = evaluate(dataset, encoder, directory=tmp_path / "index")
    encoder.encoded.clear()
    second = evaluate(dataset, encoder, directory=tmp_path / "index")
    assert encoder.encoded == []
    assert first.measures == second.measures


def test_qrels_may_lie_in_a_folder(dataset: Path) -> None:
    (dataset / "qrels").mkdir()
    (dataset / "qrels.tsv").rename(dataset / "qrels" / "test.tsv")
    assert len(Dataset.read(dataset).queries) == 3


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("corpus.jsonl", None, "corpus.jsonl is missing"),
        ("queries.jsonl", None, "queries.jsonl cannot be read"),
        ("qrels.tsv", None, "cannot be read"),
        ("qrels.tsv", "q0\td0\n", "qrels.tsv:1 is not query-id"),
        ("qrels.tsv", "q0\td0\tmuch\n", "qrels.tsv:1 is not query-id"),
        ("qrels.tsv", "", "holds no judgement"),
        ("qrels.tsv", "zz\td0\t1\n", "judges zz, which"),
        ("queries.jsonl", '{"_id": "q0"}\n', "queries.jsonl:1 is not an object"),
        ("queries.jsonl", "[1\n", "queries.jsonl:1 is not an object"),
        ("corpus.jsonl", '{"_id": "d0", "text": "三包"}\n{\n', "corpus.jsonl:2"),
        ("queries.jsonl", '{"_id": "q0", "text": "\\udc00"}\n', "queries.jsonl:1 holds half"),
    ],
)
def test_a_folder_in_another_layout_is_one_clear_line(
    dataset: Path, encoder: HashEncoder, name: str, content: str | None, message: str
) -> None:
    if content is None:
        (dataset / name).unlink()
    else:
        (dataset / name).write_text(content, encoding="utf-8")
    with pytest.raises(DatasetError, match=message) as caught:
        evaluate(dataset, encoder)
    assert "\n" not in str(caught.value)
