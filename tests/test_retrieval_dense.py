from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from retrieval import dense
from retrieval.dense import DenseIndex, FloatMatrix, choose_kind, write_dense_index
from retrieval.errors import IndexDamaged


def unit_vectors(rows: int, dim: int = 16, seed: int = 7) -> FloatMatrix:
    vectors = np.random.default_rng(seed).standard_normal((rows, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def written(path: Path, vectors: FloatMatrix) -> DenseIndex:
    rows, dim = vectors.shape
    write_dense_index(path, iter([vectors]), sample=vectors, rows=rows, dim=dim)
    return DenseIndex(path)


@pytest.fixture
def vectors() -> FloatMatrix:
    return unit_vectors(500)


@pytest.fixture
def index(tmp_path: Path, vectors: FloatMatrix) -> DenseIndex:
    return written(tmp_path / "dense.faiss", vectors)


def test_scores_are_the_cosines_numpy_computes(index: DenseIndex, vectors: FloatMatrix) -> None:
    for question in unit_vectors(20, seed=8):
        exact = vectors @ question
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


def test_blocks_must_hold_what_was_announced(tmp_path: Path, vectors: FloatMatrix) -> None:
    with pytest.raises(ValueError, match="501 rows were announced, but 500 were given"):
        write_dense_index(
            tmp_path / "x", iter([vectors]), sample=vectors, rows=501, dim=vectors.shape[1]
        )
    with pytest.raises(ValueError, match=r"wants \(rows, 8\)"):
        write_dense_index(tmp_path / "x", iter([vectors]), sample=vectors, rows=500, dim=8)


def test_a_cut_file_is_damage(tmp_path: Path, index: DenseIndex) -> None:
    path = tmp_path / "dense.faiss"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(IndexDamaged, match=r"dense\.faiss cannot be read .*rebuild"):
        DenseIndex(path)


def test_a_large_archive_gets_inverted_lists_and_loses_little(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert choose_kind(70_000) == dense.FLAT
    assert choose_kind(1_000_000) == dense.IVF
    monkeypatch.setattr(dense, "_FLAT_ROWS", 1000)
    centres = unit_vectors(40, dim=32)
    vectors = np.repeat(centres, 100, axis=0) + 0.05 * unit_vectors(4000, dim=32, seed=9)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    index = written(tmp_path / "dense.faiss", vectors)
    for row in range(0, 4000, 100):
        exact = np.sort(vectors @ vectors[row])[::-1][:10]
        found = index.search(vectors[row : row + 1], limit=10)
        assert [score for _, score in found] == pytest.approx(list(exact), abs=0.01)
    assert index.similarity(vectors[:1], [0]) == pytest.approx([1.0], abs=0.02)
