from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from embeddings import Encoder
from retrieval import IndexDamaged, IndexMismatch, Searcher, build_index
from retrieval.answering import check_fit
from retrieval.calibration import STRANGERS, calibrate, read_calibration, tables_digest
from retrieval.generation import Manifest, current_generation
from tests.fakes import HashEncoder

SAMPLE = Path(__file__).resolve().parents[1] / "corpus" / "sample"


class Squeezed:
    """Another encoder, all of whose vectors lean the same way: cosines between 0.7 and 1."""

    worth_caching = False
    name = "squeezed"

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.dim = encoder.dim + 1
        self.identity = f"squeezed:{encoder.identity}"

    def encode_passages(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> npt.NDArray[np.float32]:
        return self.encode_questions(texts)

    def encode_questions(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        vectors = self._encoder.encode_questions(texts)
        leaning = np.full((len(texts), 1), 1.5, dtype=np.float32)
        moved = np.hstack([vectors, leaning]) / np.hypot(1, 1.5)
        return np.asarray(moved, dtype=np.float32)


def build(folder: Path, encoder: Encoder) -> Manifest:
    build_index([SAMPLE], folder, encoder)
    return Manifest.read(current_generation(folder))


def test_it_is_written_once_and_is_the_same_each_time(tmp_path: Path) -> None:
    encoder = HashEncoder(256)
    first = build(tmp_path / "first", encoder)
    assert first.calibration == build(tmp_path / "second", encoder).calibration
    generation = current_generation(tmp_path / "first")
    again = calibrate(generation / "passages.sqlite", generation, encoder)
    assert asdict(again) == first.calibration


def test_nothing_is_measured_where_nothing_changed(tmp_path: Path) -> None:
    encoder = HashEncoder()
    build(tmp_path, encoder)
    asked = encoder.asked
    assert asked > 100
    build(tmp_path, encoder)
    assert encoder.asked == asked


def test_a_clause_of_its_own_is_nearer_than_a_stranger(tmp_path: Path) -> None:
    found = build(tmp_path, HashEncoder(256)).calibration
    assert found["near"] > found["far"] + found["far_spread"]
    assert 0 < found["words"] < 0.3


def test_verdicts_are_the_same_for_encoders_of_another_range(tmp_path: Path) -> None:
    plain, squeezed = HashEncoder(256), Squeezed(HashEncoder(256))
    build(tmp_path / "plain", plain)
    build(tmp_path / "squeezed", squeezed)
    one, other = (
        Searcher.open(tmp_path / "plain", plain),
        Searcher.open(tmp_path / "squeezed", squeezed),
    )
    for question in ("網購退貨的郵費是買家出還是賣家出", "尼羅河有多長", "买到假货能赔几倍"):
        first, second = one.answer(question), other.answer(question)
        assert first.status == second.status
        assert first.confidence == pytest.approx(second.confidence, abs=0.2)


@pytest.mark.parametrize("text", ["三包", "第一條 消費者可以退貨。", "Hello world, this is all."])
def test_an_archive_of_one_short_article_has_a_calibration(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    build_index([tmp_path / "a.txt"], tmp_path / "index", HashEncoder())
    with Searcher.open(tmp_path / "index", HashEncoder()) as searcher:
        assert 0 <= searcher.answer("什么时候能退货").confidence <= 1


def test_an_index_without_one_is_to_be_rebuilt(tmp_path: Path) -> None:
    encoder = HashEncoder()
    manifest = build(tmp_path, encoder)
    generation = current_generation(tmp_path)
    versions = {key: value for key, value in manifest.versions.items() if key != "calibration"}
    with pytest.raises(IndexMismatch, match=r"version None of the calibration, .*; rebuild"):
        check_fit(replace(manifest, versions=versions), encoder, generation)
    with pytest.raises(IndexDamaged, match=r"manifest\.json holds no calibration; rebuild"):
        read_calibration(replace(manifest, calibration={}), generation)


def test_the_next_build_gives_an_old_index_its_calibration(tmp_path: Path) -> None:
    encoder = HashEncoder()
    build(tmp_path, encoder)
    path = current_generation(tmp_path) / "manifest.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    del record["calibration"], record["versions"]["calibration"]
    path.write_text(json.dumps(record), encoding="utf-8")
    encoder.encoded.clear()
    assert build(tmp_path, encoder).calibration
    # Nothing was read again for it.
    assert encoder.encoded == []


def test_strangers_are_many_and_all_different() -> None:
    lines = STRANGERS.read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(set(lines)) >= 100
    assert all(6 <= len(line) <= 24 for line in lines)


def test_another_word_in_a_table_is_another_digest(tmp_path: Path) -> None:
    table = tmp_path / "strangers.txt"
    table.write_text("潮水为什么会涨\n", encoding="utf-8")
    before = tables_digest(tmp_path)
    assert tables_digest(tmp_path) == before != tables_digest()
    table.write_text("潮水为什么会落\n", encoding="utf-8")
    assert tables_digest(tmp_path) != before
    table.rename(tmp_path / "others.txt")
    table.with_name("others.txt").write_text("潮水为什么会涨\n", encoding="utf-8")
    assert tables_digest(tmp_path) != before
