"""The character model: the shipped one, and one trained here on a few lines."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from corpus.charmodel import BREAK, MODEL, UNKNOWN, CharModel
from corpus.readings import has_several_readings, irregularity, read_as, reading_of
from corpus.repair_tables import tables
from corpus.repair_training import main as train


def test_the_data_stays_small() -> None:
    assert sum(path.stat().st_size for path in MODEL.parent.iterdir()) <= 5_000_000


def test_it_prefers_text_to_shuffled_text_in_both_scripts() -> None:
    model = tables().model
    for text in ("消费者有权要求赔偿。", "消費者有權要求賠償。"):
        shuffled = "".join(sorted(text))
        assert model.score(text) > model.score(shuffled) + 10
    assert model.score("消费者") == model.score("消費者")


@pytest.mark.parametrize("before", ["消费者", "的质量", "。\n\n", "齲魷鱸"])
def test_what_may_follow_adds_up_to_about_one(before: str) -> None:
    model = tables().model
    third, second, last = (model.symbol(character) for character in before)
    context = model.context(third, second, last)
    total = sum(math.exp(context.score(symbol)) for symbol in range(model.size))
    assert 0.9 < total < 1.1


def test_a_model_trained_here_knows_its_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    (data / "laws").mkdir(parents=True)
    (data / "news").mkdir()
    (data / "laws" / "a.md").write_text("# 标题\n\n商品有七天退货期。\n" * 20, encoding="utf-8")
    (data / "news" / "20240101.md").write_text("今天的新闻很短。\n" * 20, encoding="utf-8")
    (data / "news" / "20250101.md").write_text("不许看见的一年。\n" * 20, encoding="utf-8")
    answers = json.dumps({"question": "?", "answer": "可以退货。"}, ensure_ascii=False)
    (data / "qa_pairs.jsonl").write_text(answers + "\n", encoding="utf-8")
    words = tmp_path / "words.txt"
    words.write_text("消费者 900 n\n消费 500 n\n退货 400 v\n", encoding="utf-8")
    out = tmp_path / "model.bin"
    arguments = [
        "--data",
        str(data),
        "--words",
        str(words),
        "--out",
        str(out),
        "--keep",
        "60,40,20",
    ]
    monkeypatch.setattr("sys.argv", ["training", *arguments])
    train()
    model = CharModel.load(out)
    assert model.score("七天退货") > model.score("货退天七")
    assert model.symbol("見") == model.symbol("许") == UNKNOWN
    assert model.symbol("費") == model.symbol("费") != UNKNOWN
    assert model.symbol("\n") == BREAK


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(b"something else")
    with pytest.raises(ValueError, match="not a character model"):
        CharModel.load(path)


def test_readings_are_the_default_ones() -> None:
    expected = {"國": "guó", "會": "huì", "長": "zhǎng", "綠": "lǜ", "嗎": "ma", "還": "hái"}
    assert {character: reading_of(character) for character in expected} == expected
    assert reading_of("a") is None
    assert "國" in read_as("guó") and read_as("gxo") == ()
    assert has_several_readings("長") and not has_several_readings("國")


def test_forms_that_converted_text_has_are_told_from_those_it_has_not() -> None:
    assert [irregularity(character) for character in "國后為臺的"] == [0, 0, 0, 0, 0]
    assert [irregularity(character) for character in "後於裡台"] == [1, 1, 1, 1]
    assert [irregularity(character) for character in "国为"] == [2, 2]
