"""Sentence-transformers models, on a tiny one made here; the bundled model in that library."""

from __future__ import annotations

import importlib.util
import json
import time
from pathlib import Path

import numpy as np
import pytest

import embeddings.sentence
from embeddings import (
    BundledEncoder,
    ExtraMissing,
    ModelNotFound,
    SentenceTransformerEncoder,
    as_sentence_transformer,
    load_encoder,
)
from tests.test_embeddings_bundled import SCALES, VOCABULARY, WEIGHTS

pytestmark = pytest.mark.models
PROMPTS = {"query": "问", "document": "文"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of two layers with random weights, seeded, and its own vocabulary."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizer

    place = tmp_path_factory.mktemp("bert")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"问文退货款消费者赔偿三倍"]
    (place / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=40,
    )
    BertModel(config).save_pretrained(place / "plain")
    BertTokenizer(str(place / "vocab.txt")).save_pretrained(place / "plain")
    transformer = Transformer(str(place / "plain"), max_seq_length=32)
    pooling = Pooling(transformer.get_embedding_dimension())
    model = SentenceTransformer(modules=[transformer, pooling], prompts=PROMPTS, device="cpu")
    model.save(str(place / "model"), create_model_card=False)
    return place / "model"


TEXTS = ["退货款", "消费者赔偿三倍", "退", "三倍赔偿消费者" * 3, "款"]


def test_vectors_are_the_librarys_with_its_prompts(folder: Path) -> None:
    from sentence_transformers import SentenceTransformer

    encoder = SentenceTransformerEncoder(str(folder), batch_size=2, device="cpu")
    plain = SentenceTransformer(str(folder), device="cpu")
    for texts, prompt, vectors in (
        (TEXTS, "文", encoder.encode_passages(TEXTS)),
        (TEXTS, "问", encoder.encode_questions(TEXTS)),
    ):
        expected = plain.encode([prompt + text for text in texts], normalize_embeddings=True)
        np.testing.assert_allclose(vectors, expected, atol=1e-5)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert encoder.dim == 16
    assert encoder.worth_caching
    assert encoder.name == str(folder)
    assert not np.allclose(encoder.encode_passages(TEXTS), encoder.encode_questions(TEXTS))


def test_nothing_to_encode(folder: Path) -> None:
    encoder = SentenceTransformerEncoder(str(folder), device="cpu")
    assert encoder.encode_passages([]).shape == (0, 16)
    assert encoder.encode_questions([]).shape == (0, 16)


def test_progress_counts_every_text(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    capfd.readouterr()
    encoder = SentenceTransformerEncoder(str(folder), batch_size=2, device="cpu")
    done = list[int]()
    vectors = encoder.encode_passages(TEXTS * 9, progress=done.append)
    assert sum(done) == len(vectors) == 45
    assert len(done) > 1
    # The library's own bar must stay silent: stdout is for answers, stderr for our bar.
    assert capfd.readouterr() == ("", "")


def test_identity_follows_weights_and_prompts(folder: Path, tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    identity = SentenceTransformerEncoder(str(folder), device="cpu").identity
    assert SentenceTransformerEncoder(str(folder), threads=1, device="cpu").identity == identity
    model = SentenceTransformer(str(folder), device="cpu", prompts={"query": "另"})
    model.save(str(tmp_path / "prompted"), create_model_card=False)
    prompted = SentenceTransformerEncoder(str(tmp_path / "prompted"), device="cpu").identity
    next(model.parameters()).data += 0.5
    model.save(str(tmp_path / "prompted"), create_model_card=False)
    changed = SentenceTransformerEncoder(str(tmp_path / "prompted"), device="cpu").identity
    assert len({identity, prompted, changed}) == 3


def test_threads_are_set(folder: Path) -> None:
    import torch

    before = torch.get_num_threads()
    try:
        load_encoder(str(folder), threads=1, device="cpu")
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("options", [{"batch_size": 0}, {"threads": 0}])
def test_impossible_options(folder: Path, options: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        load_encoder(str(folder), **options)  # type: ignore[arg-type]


def test_folder_without_a_model(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelNotFound) as caught:
        SentenceTransformerEncoder(str(tmp_path))
    assert "whole sentence-transformers model" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["nobody/no-such-model", "no-such-model"])
def test_unknown_name_without_network(name: str) -> None:
    started = time.monotonic()
    with pytest.raises(ModelNotFound) as caught:
        SentenceTransformerEncoder(name)
    message = str(caught.value)
    assert name in message
    assert "network" in message
    assert "\n" not in message
    assert len(message) < 400
    assert time.monotonic() - started < 15


@pytest.mark.parametrize("name", ["a b", "../x/y", "", "nowhere/at/all"])
def test_name_that_cannot_be_one(name: str) -> None:
    with pytest.raises(ModelNotFound) as caught:
        SentenceTransformerEncoder(name)
    assert "\n" not in str(caught.value)


def test_code_of_a_model_is_never_run(folder: Path, tmp_path: Path) -> None:
    import shutil

    place = tmp_path / "model"
    shutil.copytree(folder, place)
    modules = json.loads((place / "modules.json").read_text(encoding="utf-8"))
    modules[1]["type"] = "trap.Trap"
    (place / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    trap = f"open({str(tmp_path / 'ran')!r}, 'w').close()\nclass Trap: pass\n"
    (place / "trap.py").write_text(trap, encoding="utf-8")
    with pytest.raises(ModelNotFound):
        SentenceTransformerEncoder(str(place))
    assert not (tmp_path / "ran").exists()


def test_extra_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_nothing(name: str) -> None:
        return None

    monkeypatch.setattr(embeddings.sentence, "find_spec", find_nothing)
    with pytest.raises(ExtraMissing, match=r"pip install 'xunzhang\[models\]'"):
        load_encoder("BAAI/bge-small-zh-v1.5")
    assert importlib.util.find_spec("sentence_transformers")


class TestBundledInTheLibrary:
    """`as_sentence_transformer`."""

    TEXTS = ("退货", "ok 7 货", "", "没有", "退" * 300)

    def test_same_vectors(self) -> None:
        encoder = BundledEncoder(VOCABULARY, WEIGHTS, SCALES)
        model = as_sentence_transformer(encoder)
        vectors = model.encode(list(self.TEXTS), show_progress_bar=False)
        np.testing.assert_allclose(vectors, encoder.encode_passages(self.TEXTS), atol=1e-5)
        assert model.get_embedding_dimension() == 2

    def test_same_vectors_of_the_shipped_model(self) -> None:
        encoder = BundledEncoder.load()
        texts = ["经营者有欺诈行为的,增加赔偿三倍", "12315 app 投诉", "𪛖", "\n"]
        model = as_sentence_transformer(encoder)
        passages = model.encode_document(texts, show_progress_bar=False)
        np.testing.assert_allclose(passages, encoder.encode_passages(texts), atol=1e-5)
        questions = model.encode_query(texts, show_progress_bar=False)
        np.testing.assert_allclose(questions, encoder.encode_questions(texts), atol=1e-5)
        assert np.abs(questions - passages).max() > 0.01

    def test_no_text_at_all(self) -> None:
        model = as_sentence_transformer(BundledEncoder(VOCABULARY, WEIGHTS, SCALES))
        assert len(model.encode([], show_progress_bar=False)) == 0

    def test_can_be_trained(self) -> None:
        import torch

        model = as_sentence_transformer(BundledEncoder(VOCABULARY, WEIGHTS, SCALES))
        optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
        for _ in range(20):
            features = model.preprocess(["退", "货"])
            vectors = model(features)["sentence_embedding"]
            similarity = vectors[0] @ vectors[1]
            optimizer.zero_grad()
            (-similarity).backward()
            optimizer.step()
        assert similarity > 0.5
