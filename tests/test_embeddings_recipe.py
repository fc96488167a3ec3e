"""The whole recipe of the bundled model, on a few made-up lines; needs torch."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from corpus import fold
from embeddings import BundledEncoder
from embeddings.bundled import verify
from embeddings.nibbles import quantise
from embeddings.training_labels import digest
from embeddings.training_pairs import Sources
from embeddings.training_texts import read_asked_as_written, read_benchmark, read_laws
from embeddings.training_vocabulary import Limits, build_vocabulary
from tests.test_embeddings_tokens import make_vocabulary
from tests.training_data import write_data

pytestmark = pytest.mark.models


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_data(tmp_path / "data")


def test_rows_start_as_a_plain_decomposition_has_them() -> None:
    from embeddings.training_start import cooccurrence_rows

    vocabulary = make_vocabulary("甲乙丙丁戊", [], [])
    texts = ["甲乙乙", "乙丙", "丁戊", "丁丁戊甲", "丙"]
    found = cooccurrence_rows(vocabulary, texts, dim=2, power=0.5, seed=1)
    counts = np.array([[text.count(one) for one in "甲乙丙丁戊"] for text in texts], float)
    damped = np.where(counts > 0, 1 + np.log(np.maximum(counts, 1)), 0)
    weighted = damped * np.log(len(texts) / (counts > 0).sum(axis=0))
    weighted /= np.linalg.norm(weighted, axis=1, keepdims=True)
    _, values, right = np.linalg.svd(weighted)
    expected = right[:2].T * values[:2] ** 0.5
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    # A decomposition leaves signs open; similarities are what counts.
    np.testing.assert_allclose(found @ found.T, expected @ expected.T, atol=1e-4)


def test_right_passages_are_never_wrong_ones() -> None:
    from embeddings.training_model import _also_right
    from embeddings.training_pairs import Example

    batch = [
        Example("问一", "甲", ("丁",), frozenset({"甲", "丙"})),
        Example("问二", "乙"),
        Example("问三", "甲"),
    ]
    passages = ["甲", "乙", "甲", "丁", "丙"]
    assert _also_right(batch, passages).int().tolist() == [
        [0, 0, 1, 0, 1],
        [0, 0, 0, 0, 0],
        [1, 0, 0, 0, 0],
    ]


def test_the_whole_recipe(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from embeddings.training import main

    out = tmp_path / "model"
    written, everyday = tmp_path / "pairs", tmp_path / "everyday.jsonl"
    labels, question = tmp_path / "labels.jsonl", next(read_asked_as_written(data))
    written.mkdir()
    title, _, body = read_benchmark(data / "eval" / "stard_train", fold).passages[0].partition("\n")
    entry = {"law": title, "article": body[: body.index("条") + 1]}
    asked = {"question": "东西坏了找谁", **entry}
    (written / "a.jsonl").write_text(json.dumps(asked) + "\n", encoding="utf-8")
    tested = {"id": "e1", "question": "坏了怎么办", "answers": [entry]}
    everyday.write_text(json.dumps(tested) + "\n", encoding="utf-8")
    options = ["--data", str(data), "--out", str(out), "--work", str(tmp_path / "work")]
    named = {"question": digest(question), "articles": [[title, entry["article"]]]}
    labels.write_text(json.dumps(named) + "\n", encoding="utf-8")
    options += ["--written", str(written), "--everyday", str(everyday)]
    options += ["--labels", str(labels)]
    main([*options, "--measure", "--steps", "8", "--dim", "4", "--threads", "1"])
    encoder = BundledEncoder.load(out)
    verify(out)
    vectors = encoder.encode_passages(["样品退款", "抽检"])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    card = (out / "README.md").read_text(encoding="utf-8")
    assert "| STARD, 5-fold" in card
    assert "| Our 120 everyday" in card
    # Trained on judged questions (eight times each), on the written one and the labelled one
    # (twice) ...
    printed = capsys.readouterr().out
    assert "final: 44 questions on law" in printed
    # ... but without any judged one, for the zero-shot figures.
    assert "zero: 4 questions on law" in printed
    main([*options, "--measure", "--steps", "8", "--dim", "4", "--threads", "1"])
    assert BundledEncoder.load(out).identity == encoder.identity
    # Every question it was trained on is remembered once: five judged, one written, one
    # labelled.
    assert len(encoder.memory.keys) == 7
    # The weights are the mean of two trainings from one start, with other dice.
    first, second = (
        np.load(next((tmp_path / "work").glob(f"*/final-{run}.npz")))["weights"] for run in (0, 1)
    )
    assert not np.array_equal(first, second)
    rows, _ = quantise((first + second) / 2)
    np.testing.assert_array_equal(rows, encoder.weights)
    without = BundledEncoder.load(next((tmp_path / "work").glob("*/zero")))
    assert len(without.memory.keys) == 2
    # The same words in another order are other material, though as many and of one vocabulary.
    asked["question"] = "坏了东西找谁"
    (written / "a.jsonl").write_text(json.dumps(asked) + "\n", encoding="utf-8")
    main([*options, "--steps", "8", "--dim", "4", "--threads", "1"])
    assert len(list((tmp_path / "work").iterdir())) == 2


def test_cut_short_and_taken_up_again(data: Path, tmp_path: Path) -> None:
    import embeddings.training_model as model

    texts = [text.whole for text in read_laws(data, fold)] * 2
    vocabulary, shares = build_vocabulary([(1.0, texts)], Limits())
    sources = Sources(read_laws(data, fold), [], [], [])
    recipe = model.Recipe(dim=8, steps=6, batch=4, threads=1, dropout=0.1)
    start = np.random.default_rng(1).standard_normal((len(shares), 8)).astype(np.float32)
    whole = model.train(vocabulary, start, sources, recipe, save_every=3)
    checkpoint = tmp_path / "half.npz"

    class CutError(Exception):
        pass

    def cut(line: str) -> None:
        raise CutError

    with pytest.raises(CutError):
        model.train(
            vocabulary,
            start,
            sources,
            recipe,
            checkpoint=checkpoint,
            save_every=3,
            report=cut,
        )
    resumed = model.train(vocabulary, start, sources, recipe, checkpoint=checkpoint, save_every=3)
    np.testing.assert_array_equal(resumed, whole)
