from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from embeddings import FloatMatrix
from retrieval.dense import COARSE, FLAT, IVF, DenseIndex, choose_kind, write_dense_index
from retrieval.errors import IndexDamaged


def unit_vectors(rows: int, dim: int = 16, seed: int = 7) -> FloatMatrix:
    vectors = np.random.default_rng(seed).standard_normal((rows, dim)).astype(np.float32)
    unit: FloatMatrix = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def written(path: Path, vectors: FloatMatrix, kind: str | None = None) -> DenseIndex:
    write_dense_index(path, vectors, kind)
    return DenseIndex(path)


def centred(vectors: FloatMatrix, mean_of: FloatMatrix) -> FloatMatrix:
    """Do what the index does to vectors: the mean of all rows (and 200 of zeros) subtracted."""
    moved = vectors - mean_of.sum(axis=0) / (len(mean_of) + 200)
    unit: FloatMatrix = (moved / np.linalg.norm(moved, axis=1, keepdims=True)).astype(np.float32)
    return unit


@pytest.fixture
def vectors() -> FloatMatrix:
    return unit_vectors(500)


@pytest.fixture
def index(tmp_path: Path, vectors: FloatMatrix) -> DenseIndex:
    return written(tmp_path / "dense.faiss", vectors)


def test_scores_are_the_cosines_numpy_computes(index: DenseIndex, vectors: FloatMatrix) -> None:
    for question in unit_vectors(20, seed=8):
        exact = centred(vectors, vectors) @ centred(question[None], vectors)[0]
        found = index.search(question[None], limit=10)
        assert [score for _, score in found] == pytest.approx(
            [exact[row] for row, _ in found], abs=0.01
        )
        assert found[0][1] == pytest.approx(exact.max(), abs=0.01)
        assert len({row for row, _ in found} & set(np.argsort(-exact)[:10])) >= 9


def test_best_first_and_equal_scores_by_row(tmp_path: Path) -> None:
    vectors = np.repeat(unit_vectors(3), 4, axis=0)
    found = written(tmp_path / "dense.faiss", vectors).search(vectors[4:5], limit=12)
    assert [row for row, _ in found][:4] == [4, 5, 6, 7]
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)


def test_a_limit_beyond_the_rows_gives_every_row_once(
    index: DenseIndex, vectors: FloatMatrix
) -> None:
    found = index.search(vectors[:1], limit=5000)
    assert sorted(row for row, _ in found) == list(range(500))


def test_a_vector_of_zeros_finds_nothing(index: DenseIndex) -> None:
    assert index.search(np.zeros((1, 16), dtype=np.float32), limit=5) == []


def test_similarity_agrees_with_search(index: DenseIndex, vectors: FloatMatrix) -> None:
    found = index.search(vectors[:1], limit=5)
    rows = [row for row, _ in found]
    assert index.similarity(vectors[:1], rows) == pytest.approx(
        [score for _, score in found], abs=1e-4
    )
    assert index.similarity(vectors[:1], []) == []


def test_wrong_use_is_refused(index: DenseIndex, vectors: FloatMatrix) -> None:
    with pytest.raises(ValueError, match="limit must be at least 1, not 0"):
        index.search(vectors[:1], limit=0)
    with pytest.raises(ValueError, match=r"shape \(1, 8\)"):
        index.search(vectors[:1, :8], limit=1)
    with pytest.raises(ValueError, match=r"shape \(2, 16\)"):
        index.search(vectors[:2], limit=1)


def test_only_a_matrix_is_indexed(tmp_path: Path, vectors: FloatMatrix) -> None:
    with pytest.raises(ValueError, match=r"shape \(16,\), the index wants \(rows, dim\)"):
        write_dense_index(tmp_path / "x", vectors[0])


def test_what_all_passages_share_does_not_count(tmp_path: Path) -> None:
    common = np.zeros((1, 16), dtype=np.float32)
    common[0, 0] = 3.0
    crowded = unit_vectors(20_000) + common
    crowded /= np.linalg.norm(crowded, axis=1, keepdims=True)
    index = written(tmp_path / "dense.faiss", crowded)
    assert float((crowded[:100] @ crowded[100:200].T).mean()) > 0.8
    found = index.similarity(crowded[:1], list(range(1, 1000)))
    assert np.mean(found) == pytest.approx(0, abs=0.05)
    [(row, score)] = index.search(crowded[:1], limit=1)
    assert row == 0
    assert score == pytest.approx(1.0, abs=0.01)


def test_a_passage_without_a_vector_is_similar_to_nothing(tmp_path: Path) -> None:
    vectors = unit_vectors(300)
    vectors[7] = 0
    index = written(tmp_path / "dense.faiss", vectors)
    assert index.similarity(vectors[:1], [7]) == pytest.approx([0.0], abs=0.01)


def test_a_cut_file_is_damage(tmp_path: Path, index: DenseIndex) -> None:
    path = tmp_path / "dense.faiss"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(IndexDamaged, match=r"dense\.faiss cannot be read .*rebuild"):
        DenseIndex(path)


def test_the_kind_goes_by_the_number_of_rows() -> None:
    assert choose_kind(1_000) == FLAT
    assert choose_kind(70_000) == COARSE
    assert choose_kind(1_000_000) == IVF


def crowds(each: int, dim: int) -> FloatMatrix:
    """Return 40 crowds of `each` vectors that lie close together."""
    centres = np.repeat(unit_vectors(40, dim=dim), each, axis=0)
    vectors = centres + 0.05 * unit_vectors(40 * each, dim=dim, seed=9)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def test_inverted_lists_lose_little(tmp_path: Path) -> None:
    vectors = crowds(100, dim=32)
    index = written(tmp_path / "dense.faiss", vectors, IVF)
    for row in range(0, 4000, 100):
        moved = centred(vectors, vectors)
        exact = np.sort(moved @ moved[row])[::-1][:10]
        found = index.search(vectors[row : row + 1], limit=10)
        assert [score for _, score in found] == pytest.approx(list(exact), abs=0.01)
    assert index.similarity(vectors[:1], [0]) == pytest.approx([1.0], abs=0.02)


@pytest.mark.parametrize("dim", [64, 33])
def test_a_second_look_finds_what_eight_bits_alone_find(tmp_path: Path, dim: int) -> None:
    vectors = crowds(250, dim)
    alone = written(tmp_path / "flat.faiss", vectors, FLAT)
    index = written(tmp_path / "dense.faiss", vectors, COARSE)
    assert len(index) == len(alone) == 10_000
    questions = vectors[::200] + 0.1 * unit_vectors(50, dim, seed=11)
    for question in questions / np.linalg.norm(questions, axis=1, keepdims=True):
        assert index.search(question[None], limit=100) == alone.search(question[None], limit=100)
    rows = list(range(0, 10_000, 99))
    assert index.similarity(vectors[:1], rows) == alone.similarity(vectors[:1], rows)
    assert len(index.search(vectors[:1], limit=10_000)) == 10_000


@pytest.mark.parametrize("kind", [FLAT, COARSE, IVF])
@pytest.mark.parametrize("count", [0, 1, 7, 300, 1999])
def test_restricted_to_some_rows(tmp_path: Path, kind: str, count: int) -> None:
    vectors = unit_vectors(2000)
    index = written(tmp_path / "dense.faiss", vectors, kind)
    within = np.zeros(2000, dtype=np.bool_)
    within[np.random.default_rng(3).permutation(2000)[:count]] = True
    for question in vectors[:20]:
        everything = index.similarity(question[None], list(range(2000)))
        wanted = sorted((-everything[row], row) for row in np.flatnonzero(within))[:10]
        found = index.search(question[None], limit=10, within=within)
        assert len(found) == len(wanted) and all(within[row] for row, _ in found)
        if kind != IVF or count < 10:
            assert [score for _, score in found] == pytest.approx(
                [-score for score, _ in wanted], abs=1e-4
            )
