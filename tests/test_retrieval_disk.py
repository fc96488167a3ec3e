"""Disks that are full and places that may not be written."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from retrieval import IndexUnwritable, Searcher, build_index, roll_back
from retrieval.dense import write_dense_index
from retrieval.generation import CURRENT, current_name
from retrieval.lexical import PartWriter
from tests.fakes import HashEncoder


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let no file grow beyond so many bytes: to a program, much like a disk that is full."""
    before, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, most))


def write_articles(folder: Path, count: int) -> None:
    folder.mkdir(exist_ok=True)
    for number in range(count):
        text = f"第{number}号通报\n\n" + f"抽查第{number}批儿童水杯，吸管的硬度不合格。" * 40
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("size", [0, 100, 4_000, 20_000, 100_000])
def test_a_full_disk_is_one_error_and_the_old_index_stays(
    tmp_path: Path, encoder: HashEncoder, size: int
) -> None:
    archive, index = tmp_path / "archive", tmp_path / "index"
    write_articles(archive, 1)
    build_index([archive], index, encoder)
    write_articles(archive, 40)
    with (
        files_of_at_most(size),
        pytest.raises(IndexUnwritable, match=r"index .* cannot be written \(.+\); make room"),
    ):
        build_index([], index, encoder)
    assert sorted(path.name for path in index.iterdir()) == [CURRENT, "gen-000001", "lock"]
    searcher = Searcher.open(index, encoder)
    try:
        assert searcher.answer("儿童水杯吸管的硬度").status == "answered"
    finally:
        searcher.close()


@pytest.mark.parametrize("size", [100, 1_000, 30_000])
def test_tantivy_and_faiss_say_so_as_anything_else_does(tmp_path: Path, size: int) -> None:
    with files_of_at_most(size):
        with pytest.raises(OSError, match="File too large"):
            write_dense_index(tmp_path / "dense.faiss", np.eye(600, 64, dtype=np.float32))
        with pytest.raises(OSError, match=r"File too large|killed"):
            write_part(tmp_path / "part")


def write_part(folder: Path) -> None:
    writer = PartWriter(folder, 0)
    for row in range(5_000):
        writer.add(" ".join(f"{row}x{term}" for term in range(8)))
    writer.finish("a digest")


def test_a_place_that_is_a_file(tmp_path: Path, encoder: HashEncoder) -> None:
    write_articles(tmp_path / "archive", 1)
    (tmp_path / "index").write_text("a file", encoding="utf-8")
    with pytest.raises(IndexUnwritable, match="File exists"):
        build_index([tmp_path / "archive"], tmp_path / "index", encoder)


def test_no_way_back_on_a_full_disk(tmp_path: Path, encoder: HashEncoder) -> None:
    for count in (1, 2):
        write_articles(tmp_path / "archive", count)
        build_index([tmp_path / "archive"], tmp_path / "index", encoder)
    with files_of_at_most(0), pytest.raises(IndexUnwritable):
        roll_back(tmp_path / "index")
    assert current_name(tmp_path / "index") == "gen-000002"
