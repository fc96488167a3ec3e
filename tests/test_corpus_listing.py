from __future__ import annotations

import os
from pathlib import Path

import pytest

from corpus import ArticleFormatError, SourceFile, SourceNotFound, find_files


def make(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("退货七天。", encoding="utf-8")


def test_a_folder_is_listed_by_name(tmp_path: Path) -> None:
    make(
        tmp_path, "b.txt", "a/z.md", "a/b/c.HTML", "甲.jsonl", ".hidden.txt", ".git/x.txt", "x.csv"
    )
    listing = find_files([tmp_path])
    assert [file.name for file in listing.files] == ["a/b/c.HTML", "a/z.md", "b.txt", "甲.jsonl"]
    assert all(file.path.is_absolute() for file in listing.files)
    assert listing.ignored == (tmp_path / "x.csv",)
    assert listing.failures == ()


def test_named_files_keep_their_order_and_stand_once(tmp_path: Path) -> None:
    make(tmp_path, "b.txt", "a.txt")
    paths = [tmp_path / "b.txt", tmp_path / "a.txt", tmp_path]
    assert [file.name for file in find_files(paths).files] == ["b.txt", "a.txt"]


def test_same_names_in_two_folders_are_told_apart(tmp_path: Path) -> None:
    make(tmp_path, "one/1.txt", "two/1.txt")
    names = [file.name for file in find_files([tmp_path / "one", tmp_path / "two"]).files]
    assert names == ["1.txt", "two/1.txt"]


def test_what_cannot_be_listed(tmp_path: Path) -> None:
    make(tmp_path, "table.csv")
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(SourceNotFound, match="missing"):
        find_files([tmp_path / "missing"])
    with pytest.raises(ArticleFormatError, match=r"\.docx \.htm"):
        find_files([tmp_path / "table.csv"])
    with pytest.raises(ArticleFormatError, match="no file or folder"):
        find_files([tmp_path / "pipe.txt"])
    with pytest.raises(SourceNotFound):
        find_files([Path("nul\0byte")])


def test_an_empty_folder_has_no_files(tmp_path: Path) -> None:
    assert find_files([tmp_path]).files == ()


def test_pipes_and_links_out_of_the_folder_are_not_opened(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    make(inside, "a.txt", ".store/b")
    make(outside, "secret.txt")
    os.mkfifo(inside / "pipe.txt")
    (inside / "leaving.txt").symlink_to(outside / "secret.txt")
    (inside / "folder.txt").symlink_to(outside)
    (inside / "loop").symlink_to(inside)
    (inside / "itself.txt").symlink_to(inside / "itself.txt")
    (inside / "twin.txt").symlink_to(inside / "a.txt")
    (inside / "stored.txt").symlink_to(inside / ".store" / "b")
    listing = find_files([inside])
    assert [file.name for file in listing.files] == ["a.txt", "stored.txt"]
    failed = sorted(Path(failure.path).name for failure in listing.failures)
    assert failed == ["folder.txt", "itself.txt", "leaving.txt"]


def test_a_link_the_user_named_is_followed(tmp_path: Path) -> None:
    make(tmp_path / "real", "a.txt")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "b.txt").symlink_to(tmp_path / "real" / "a.txt")
    listing = find_files([tmp_path / "link", tmp_path / "b.txt"])
    assert listing.files[0] == SourceFile(tmp_path / "link" / "a.txt", "a.txt")
    assert [file.name for file in listing.files] == ["a.txt", "b.txt"]


def test_a_name_that_is_no_text_is_a_failure(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/\xcf\xfb.txt"
    with open(raw, "wb") as stream:  # noqa: PTH123 (a path of bytes)
        stream.write(b"x")
    listing = find_files([tmp_path])
    assert listing.files == ()
    assert "\\xcf\\xfb.txt" in listing.failures[0].path
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xcf\xfb"))
    make(folder, "inside/a.txt")
    for named in (folder, folder / "inside" / "a.txt"):
        with pytest.raises(SourceNotFound, match=r"\\xcf\\xfb.* is not named in UTF-8"):
            find_files([named])
