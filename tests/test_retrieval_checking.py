"""What `check` says of an index."""

from __future__ import annotations

from pathlib import Path

import pytest

from embeddings import load_encoder
from retrieval import build_index, check_index
from retrieval.generation import building, current_generation


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checked")
    (folder / "archive").mkdir()
    text = "夜市手机壳抽检\n\n抽检三十件手机壳，四件含镉超标，业者应下架回收。"
    (folder / "archive" / "1.txt").write_text(text, encoding="utf-8")
    build_index([folder / "archive"], folder / "index", load_encoder("bundled"))
    return folder / "index"


def said(index: Path) -> list[tuple[str, str]]:
    return [(one.level, one.what) for one in check_index(index)]


def test_an_index_that_is_whole(built: Path) -> None:
    (level, what), (_, earlier) = said(built)
    assert level == "info" and what.startswith("1 articles, 1 passages, model bundled, built 20")
    assert earlier == "no earlier generation is kept to roll back to"


def test_a_build_that_runs_is_not_taken_for_one_that_died(built: Path) -> None:
    with building(built):
        assert said(built)[1] == ("info", "another process is rebuilding the index")
    (built / "gen-000007.tmp").mkdir()
    try:
        assert said(built)[1] == ("warning", "a build was interrupted here")
    finally:
        (built / "gen-000007.tmp").rmdir()


def test_another_model_than_it_was_built_with(built: Path, tmp_path: Path) -> None:
    (finding,) = check_index(built, model=str(tmp_path))
    assert finding.level == "error" and "cannot load the model" in finding.what


def test_damage_and_no_index_at_all(built: Path, tmp_path: Path) -> None:
    (finding,) = check_index(tmp_path)
    assert finding.level == "error" and finding.remedy == "make one: xunzhang rebuild PATH"
    vectors = current_generation(built) / "vectors.f16"
    content = vectors.read_bytes()
    vectors.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    try:
        (finding,) = check_index(built)
    finally:
        vectors.write_bytes(content)
    assert finding.level == "error" and "has changed since it was built" in finding.what
    assert finding.remedy == "rebuild the index"
