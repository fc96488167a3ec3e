from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from retrieval.errors import (
    IndexBusy,
    IndexDamaged,
    IndexMismatch,
    IndexMissing,
    RetrievalError,
)
from retrieval.generation import (
    CURRENT,
    FORMAT,
    FileFacts,
    Manifest,
    building,
    current_generation,
    current_name,
    file_names,
    generation_names,
    publish,
    roll_back,
    settle_files,
    verify,
)


def make(index: Path, content: str = "text") -> str:
    with building(index) as folder:
        (folder / "lexical").mkdir()
        (folder / "lexical" / "part").write_text(content, encoding="utf-8")
        return publish(index, folder, manifest(folder))


def manifest(folder: Path, **changes: object) -> Manifest:
    facts: dict[str, object] = {
        "format": FORMAT,
        "created": "2026-01-01T00:00:00+00:00",
        "encoder": {"name": "hash", "identity": "hash:64", "dim": 64},
        "versions": {"fold": "1"},
        "articles": 1,
        "passages": 1,
        "dense_kind": "sq8",
        "roots": ("/archive",),
        "files": settle_files(folder, file_names(folder)),
    }
    return Manifest(**(facts | changes))  # type: ignore[arg-type]


def test_published_generations_are_numbered_and_live(tmp_path: Path) -> None:
    index = tmp_path / "index"
    assert make(index) == "gen-000001"
    assert make(index) == "gen-000002"
    assert current_name(index) == "gen-000002"
    assert (current_generation(index) / "lexical" / "part").read_text(encoding="utf-8") == "text"


def test_only_the_one_before_is_kept(tmp_path: Path) -> None:
    for _ in range(4):
        make(tmp_path)
    assert generation_names(tmp_path) == ["gen-000003", "gen-000004"]


def test_roll_back_and_build_on(tmp_path: Path) -> None:
    make(tmp_path)
    make(tmp_path)
    assert roll_back(tmp_path) == current_name(tmp_path) == "gen-000001"
    with pytest.raises(RetrievalError, match="no generation before gen-000001"):
        roll_back(tmp_path)
    assert make(tmp_path) == "gen-000003"
    assert roll_back(tmp_path) == "gen-000001"


def test_roll_back_never_to_what_cannot_be_opened(tmp_path: Path) -> None:
    make(tmp_path)
    live = make(tmp_path)
    (tmp_path / "gen-000001" / "lexical" / "part").unlink()
    with pytest.raises(IndexDamaged, match="is missing"):
        roll_back(tmp_path)
    assert current_name(tmp_path) == live


def test_manifest_survives_the_round_trip(tmp_path: Path) -> None:
    make(tmp_path)
    generation = current_generation(tmp_path)
    assert Manifest.read(generation) == manifest(generation)


def test_a_build_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    make(tmp_path, "old")
    with pytest.raises(RuntimeError, match="on purpose"), building(tmp_path) as folder:
        (folder / "half").write_text("…", encoding="utf-8")
        raise RuntimeError("on purpose")
    assert current_name(tmp_path) == "gen-000001"
    assert not list(tmp_path.glob("*.tmp"))


def test_a_leftover_of_a_killed_build_is_removed(tmp_path: Path) -> None:
    (tmp_path / "gen-000009.tmp").mkdir()
    assert make(tmp_path) == "gen-000001"
    assert not list(tmp_path.glob("*.tmp"))


def test_a_second_build_is_refused_until_the_first_ends(tmp_path: Path) -> None:
    with (
        building(tmp_path),
        pytest.raises(IndexBusy, match="another process is rebuilding"),
        building(tmp_path),
    ):
        pass
    make(tmp_path)


def test_a_dead_builder_does_not_block(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from retrieval.generation import building\n"
        "with building(Path(sys.argv[1])): os.kill(os.getpid(), 9)"
    )
    died = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert died.returncode == -9
    assert list(tmp_path.glob("*.tmp"))
    assert make(tmp_path) == "gen-000001"


def test_no_index_yet(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match=r"there is no index at .* xunzhang rebuild PATH"):
        current_generation(tmp_path / "nowhere")


@pytest.mark.parametrize("content", ["", "../../etc", "gen-7", "gen-000001/../x"])
def test_current_must_name_a_generation(tmp_path: Path, content: str) -> None:
    make(tmp_path)
    (tmp_path / CURRENT).write_text(content, encoding="utf-8")
    with pytest.raises(IndexDamaged, match="names no generation; rebuild"):
        current_generation(tmp_path)
    assert make(tmp_path) == "gen-000002"


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        ("", IndexDamaged, "cannot be read"),
        ("[]", IndexDamaged, "cannot be read"),
        ("{}", IndexDamaged, "cannot be read"),
        ('{"format": 99}', IndexMismatch, f"format 99, this program reads {FORMAT}"),
    ],
)
def test_a_manifest_that_is_none(
    tmp_path: Path, content: str, error: type[Exception], message: str
) -> None:
    make(tmp_path)
    generation = current_generation(tmp_path)
    (generation / "manifest.json").write_text(content, encoding="utf-8")
    with pytest.raises(error, match=message):
        Manifest.read(generation)


def test_a_file_the_disk_does_not_give_is_damage(tmp_path: Path) -> None:
    make(tmp_path)
    generation = current_generation(tmp_path)
    facts, part = Manifest.read(generation), generation / "lexical" / "part"
    part.unlink()
    part.symlink_to("/proc/self/mem")  # of no size, and an I/O error to whoever reads it
    facts = replace(facts, files={**facts.files, "lexical/part": FileFacts(0, "")})
    with pytest.raises(IndexDamaged, match=r"part cannot be read \(.*Input/output error"):
        verify(generation, facts, contents=True)


def test_every_change_to_a_file_is_seen(tmp_path: Path) -> None:
    make(tmp_path)
    generation = current_generation(tmp_path)
    facts, part = Manifest.read(generation), generation / "lexical" / "part"
    verify(generation, facts, contents=True)
    part.write_text("tex", encoding="utf-8")
    with pytest.raises(IndexDamaged, match="part has 3 bytes, not 4"):
        verify(generation, facts, contents=False)
    part.write_text("tExt", encoding="utf-8")
    verify(generation, facts, contents=False)
    with pytest.raises(IndexDamaged, match="part has changed since it was built"):
        verify(generation, facts, contents=True)
    part.unlink()
    with pytest.raises(IndexDamaged, match="part is missing"):
        verify(generation, facts, contents=False)
    part.write_text("text", encoding="utf-8")
    (generation / "extra").touch()
    with pytest.raises(IndexDamaged, match="extra does not belong there"):
        verify(generation, facts, contents=False)
