"""Cross-encoders, on a tiny one of random weights made here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bot.services import Services
from bot.settings import Settings
from embeddings import CrossEncoderReranker, ModelNotFound
from retrieval import Searcher, build_index
from tests.fakes import HashEncoder

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of one layer with random weights, seeded, that gives one score."""
    import torch
    from sentence_transformers import CrossEncoder
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

    place = tmp_path_factory.mktemp("cross")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"退货款赔偿三倍多少谁"]
    (place / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=1,
        intermediate_size=8,
        max_position_embeddings=64,
    )
    config.num_labels = 1
    config.initializer_range = 1.0
    BertForSequenceClassification(config).save_pretrained(place / "plain")
    BertTokenizer(str(place / "vocab.txt")).save_pretrained(place / "plain")
    model = CrossEncoder(str(place / "plain"), device="cpu", max_length=48)
    model.save_pretrained(str(place / "model"))
    return place / "model"


def test_scores_are_the_librarys_in_order(folder: Path) -> None:
    from sentence_transformers import CrossEncoder

    texts = ["赔三倍", "退货款", "谁", "赔偿三倍退货"]
    reranker = CrossEncoderReranker(str(folder), batch_size=2, device="cpu")
    scores = reranker.scores("赔多少", texts)
    plain = CrossEncoder(str(folder), device="cpu").predict([("赔多少", text) for text in texts])
    assert all(0 <= score <= 1 for score in scores)
    np.testing.assert_allclose(scores, plain, atol=1e-5)
    assert len(set(scores)) == 4
    assert reranker.name == str(folder)
    assert reranker.scores("赔多少", []) == []


def test_bare_logits_become_scores(folder: Path, tmp_path: Path) -> None:
    import torch
    from sentence_transformers import CrossEncoder

    model = CrossEncoder(str(folder), device="cpu", activation_fn=torch.nn.Identity())
    model.save_pretrained(str(tmp_path / "logits"))
    texts = ["赔三倍", "退货款", "谁"]
    plain = CrossEncoderReranker(str(folder), device="cpu").scores("赔多少", texts)
    bare = CrossEncoderReranker(str(tmp_path / "logits"), device="cpu").scores("赔多少", texts)
    np.testing.assert_allclose(bare, plain, atol=1e-5)


def test_it_orders_what_is_found(folder: Path, tmp_path: Path) -> None:
    articles = tmp_path / "articles"
    articles.mkdir()
    for name, text in {
        "a": "退货三倍款。",
        "b": "退货，赔偿三倍。",
        "c": "谁退货，多少款？",
    }.items():
        (articles / f"{name}.txt").write_text(text, encoding="utf-8")
    build_index([articles], tmp_path / "index", HashEncoder())
    reranker = CrossEncoderReranker(str(folder), device="cpu")
    with Searcher.open(tmp_path / "index", HashEncoder(), reranker=reranker) as searcher:
        passages = searcher.answer("退貨賠多少").passages
    told = [one.evidence["reranker"] for one in passages]
    assert len(told) == 3
    assert told == sorted(told, reverse=True)
    with Searcher.open(tmp_path / "index", HashEncoder()) as searcher:
        assert "reranker" not in searcher.answer("退貨賠多少").passages[0].evidence


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match="cannot load the model"):
        CrossEncoderReranker(str(tmp_path))


def test_a_missing_reranker_is_said_and_nothing_stops(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = replace(Settings(), reranker=str(tmp_path))
    assert Services().reranker(settings) is None
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "goes on without a reranker" in told
    assert Services().reranker(Settings()) is None
