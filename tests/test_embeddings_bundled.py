"""The numpy encoder: its arithmetic, its files, what damage does to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import fold
from embeddings import BundledEncoder, ModelNotFound, load_encoder
from embeddings.bundled import MODEL_DIR, Layout, save, verify
from embeddings.memory import QuestionMemory
from tests.test_embeddings_tokens import make_vocabulary

VOCABULARY = make_vocabulary("退货", ["退货"], ["ok", "7"])
# Rows: 退 (3, 0), 货 (0, 2), 退货 (2, 4), ok (-6, -8), 7 (0, 0).
WEIGHTS = np.array([[3, 0], [0, 2], [2, 4], [-3, -4], [0, 0]], dtype=np.int8)
SCALES = np.array([1, 1, 1, 2, 1], dtype=np.float32)


@pytest.fixture
def tiny() -> BundledEncoder:
    return BundledEncoder(VOCABULARY, WEIGHTS, SCALES)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save(tmp_path / "model", VOCABULARY, WEIGHTS, SCALES, {"why": "test"})
    return tmp_path / "model"


@pytest.mark.parametrize(
    ("text", "vector"),
    [
        ("退", (1, 0)),
        ("退退退", (1, 0)),
        ("货", (0, 1)),
        ("退。货", (3 / 13**0.5, 2 / 13**0.5)),
        ("退货", (5 / 61**0.5, 6 / 61**0.5)),
        ("ok", (-0.6, -0.8)),
        ("退 7", (1, 0)),
        ("", (0, 0)),
        ("甲乙丙", (0, 0)),
        ("7", (0, 0)),
    ],
)
def test_exact_vectors(tiny: BundledEncoder, text: str, vector: tuple[float, float]) -> None:
    np.testing.assert_allclose(tiny.encode_passages([text])[0], vector, atol=1e-6)
    np.testing.assert_array_equal(tiny.encode_questions([text]), tiny.encode_passages([text]))


def test_nothing_to_encode(tiny: BundledEncoder) -> None:
    vectors = tiny.encode_passages([])
    assert vectors.shape == (0, 2)
    assert vectors.dtype == np.float32


def test_progress_counts_every_text(tiny: BundledEncoder) -> None:
    done = list[int]()
    tiny.encode_passages(["退", "", "货"], progress=done.append)
    assert sum(done) == 3


@given(st.lists(st.text(alphabet="退货ok7甲 ", max_size=12), max_size=6))
def test_a_batch_is_its_texts_one_by_one(texts: list[str]) -> None:
    encoder = BundledEncoder(VOCABULARY, WEIGHTS, SCALES)
    vectors = encoder.encode_passages(texts)
    for text, vector in zip(texts, vectors, strict=True):
        np.testing.assert_array_equal(encoder.encode_passages([text])[0], vector)
        assert abs(np.linalg.norm(vector) - 1) < 1e-6 or not vector.any()


def test_counts_must_agree() -> None:
    with pytest.raises(ValueError, match="do not belong together"):
        BundledEncoder(VOCABULARY, WEIGHTS[:4], SCALES)


def test_saved_and_loaded(folder: Path, tiny: BundledEncoder) -> None:
    loaded = BundledEncoder.load(folder)
    texts = ["退货", "ok 7", "没有"]
    np.testing.assert_array_equal(loaded.encode_passages(texts), tiny.encode_passages(texts))
    assert (loaded.name, loaded.dim) == ("bundled", 2)
    assert loaded.identity.startswith("bundled:")
    verify(folder)


def test_identity_follows_the_weights_not_the_facts(folder: Path, tmp_path: Path) -> None:
    identity = BundledEncoder.load(folder).identity
    same = save(tmp_path / "same", VOCABULARY, WEIGHTS, SCALES, {"why": "other facts"})
    other = WEIGHTS.copy()
    other[0, 0] += 1
    assert same.identity == identity
    assert save(tmp_path / "other", VOCABULARY, other, SCALES, {}).identity != identity
    assert save(tmp_path / "scaled", VOCABULARY, WEIGHTS, SCALES * 2, {}).identity != identity


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def remove(path: Path) -> None:
    path.unlink()


def garble_start(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(b"\xff" * 8 + content[8:])


@pytest.mark.parametrize("damage", [cut, empty, remove, garble_start])
@pytest.mark.parametrize(
    "name",
    ["config.json", "characters.npy", "pairs.npy", "weights.npy", "scales.npy", "memory.npz"],
)
def test_damaged_file(folder: Path, name: str, damage: Callable[[Path], None]) -> None:
    if name == "config.json" and damage is cut:
        damage(folder / name)  # only the last line break
    damage(folder / name)
    with pytest.raises(ModelNotFound) as caught:
        BundledEncoder.load(folder)
    message = str(caught.value)
    assert str(folder) in message
    assert "\n" not in message
    assert "reinstall" in message


@pytest.mark.parametrize(
    ("key", "value"),
    [("format", 99), ("format", None), ("dim", 3), ("files", {}), ("files", []), ("files", None)],
)
def test_config_of_another_model(folder: Path, key: str, value: object) -> None:
    path = Layout(folder).config
    config = json.loads(path.read_text(encoding="utf-8"))
    config[key] = value
    path.write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(ModelNotFound, match="damaged"):
        BundledEncoder.load(folder)


def test_config_that_is_no_object(folder: Path) -> None:
    Layout(folder).config.write_text("[]", encoding="utf-8")
    with pytest.raises(ModelNotFound, match="damaged"):
        BundledEncoder.load(folder)


def test_a_memory_of_another_width_is_refused(folder: Path) -> None:
    layout = Layout(folder)
    QuestionMemory.empty(4).save(layout.memory)
    config = json.loads(layout.config.read_text(encoding="utf-8"))
    config["files"]["memory.npz"]["size"] = layout.memory.stat().st_size
    layout.config.write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(ModelNotFound, match="do not belong together"):
        BundledEncoder.load(folder)


def test_question_and_answer_lean_towards_one_another(tmp_path: Path) -> None:
    axes = np.eye(2, dtype=np.float32)
    memory = QuestionMemory.of(axes[:1], axes[1:], [[0]], np.zeros(2, np.float32))
    saved = save(tmp_path / "leaning", VOCABULARY, WEIGHTS, SCALES, {}, memory=memory)
    # 退 is (1, 0), and the memory says that such questions are answered by (0, 1).
    asked = np.array([1, 0.4]) + 0.6 * memory.often
    np.testing.assert_allclose(
        saved.encode_questions(["退"])[0], asked / np.linalg.norm(asked), atol=0.02
    )
    # 货 is (0, 1), and such passages were asked for by (1, 0); 退 as a passage is like no answer.
    found = np.array([0.6, 1]) + 0.15 * np.log(2) * memory.often
    np.testing.assert_allclose(
        saved.encode_passages(["货"])[0], found / np.linalg.norm(found), atol=0.03
    )
    np.testing.assert_allclose(saved.encode_passages(["退"])[0], (1, 0), atol=1e-6)
    assert not saved.encode_questions(["没有"]).any()


def test_one_changed_byte_is_found_by_verify(folder: Path) -> None:
    path = Layout(folder).weights
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelNotFound, match="weights"):
        verify(folder)


def test_no_model_there(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match="missing"):
        BundledEncoder.load(tmp_path / "nowhere")


class TestShipped:
    """What people get. Chinese in any script arrives folded."""

    def test_is_whole_and_small(self) -> None:
        verify(MODEL_DIR)
        assert sum(path.stat().st_size for path in Layout(MODEL_DIR).data) <= 25_000_000

    def test_is_what_the_name_loads(self) -> None:
        encoder = load_encoder()
        assert isinstance(encoder, BundledEncoder)
        assert encoder.worth_caching

    def test_everyday_words_find_official_ones(self) -> None:
        encoder = load_encoder()
        passages = [
            "经营者提供商品有欺诈行为的,应当增加赔偿其受到的损失,金额为商品价款的三倍。",
            "用人单位自用工之日起超过一个月未与劳动者订立书面劳动合同的,应当支付二倍的工资。",
            "夫妻双方自愿离婚的,应当签订书面离婚协议,并亲自到婚姻登记机关申请离婚登记。",
        ]
        questions = ["買到假貨能賠幾倍", "公司不跟我签合同怎么办", "和老公過不下去了怎麼辦手續"]
        scores = (
            encoder.encode_questions([fold(question) for question in questions])
            @ encoder.encode_passages(passages).T
        )
        assert scores.argmax(axis=1).tolist() == [0, 1, 2]

    @given(st.text(max_size=80))
    def test_any_text_gives_length_one_or_zero(self, text: str) -> None:
        vector = SHIPPED.encode_questions([fold(text)])[0]
        assert abs(np.linalg.norm(vector) - 1) < 1e-5 or not vector.any()


SHIPPED = BundledEncoder.load()
