"""A build that takes over what is the same makes what a build from nothing makes."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from retrieval import Searcher, build_index
from retrieval.errors import NothingToIndex
from retrieval.generation import Manifest, current_generation
from retrieval.lexical import parts_of
from retrieval.planning import Previous
from retrieval.preparing import search_text
from tests.fakes import HashEncoder

FOOTER = "\n".join(
    f"本站声明{number}：转载须注明出处，联系电话以网站首页公布的为准，来信请写清姓名和住址。"
    for number in "甲乙丙丁戊己"
)
BODIES = [
    f"{thing}的检查\n\n"
    + "".join(
        f"第{number}批{thing}由检查人员在{place}抽取，结果{verdict}，经营者已经收到书面通知。"
        for number, place, verdict in zip(
            "一二三四五六", ("仓库", "柜台", "车间", "集市", "网店", "码头"), verdicts, strict=True
        )
    )
    for thing, verdicts in (
        ("電熱毯", ("合格", "不合格", "合格", "待定", "合格", "不合格")),
        ("兒童座椅", ("待定", "合格", "合格", "合格", "不合格", "合格")),
        ("充電器", ("不合格", "不合格", "合格", "合格", "待定", "合格")),
        ("食用油", ("合格", "合格", "合格", "不合格", "合格", "待定")),
    )
]
NAMES = ("一/甲.txt", "一/乙.txt", "二/甲.txt", "二/丙.txt", "二/丁.txt", "二/戊.txt")
LINES = ("二/a.jsonl", "二/b.jsonl")
QUESTIONS = ("电热毯 不合格", "儿童座椅在哪里抽取", "充电器", "转载须注明出处", "书面通知")


class CachedEncoder(HashEncoder):
    worth_caching = True


def change(folder: Path, draw: random.Random) -> None:
    """Write, change or remove a few files: texts, reprints of them, with a footer or without."""
    for name in draw.sample(NAMES + LINES, draw.randint(1, 3)):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and draw.random() < 0.4:
            path.unlink()
            continue
        body = draw.choice(BODIES)
        if draw.random() < 0.3:
            body += f"\n\n{name}另据记者了解，后续处理仍在进行之中。"
        if draw.random() < 0.6:
            body += f"\n\n{FOOTER}"
        if path.suffix == ".jsonl":
            records = [{"id": draw.choice("xyz"), "text": body}, {"id": "w", "text": name}]
            body = "\n".join(json.dumps(one, ensure_ascii=False) for one in records)
        path.write_text(body, encoding="utf-8")


def content(index: Path) -> dict[str, object]:
    """Return all that an index holds but the names of tantivy's files and the time."""
    generation = current_generation(index)
    manifest = Manifest.read(generation)
    with sqlite3.connect(generation / "passages.sqlite") as database:
        rows = list(database.iterdump())
    with np.load(generation / "lexical" / "rows.npz") as stored:
        lexical = {name: stored[name].tolist() for name in stored}
    return {
        "store": rows,
        "vectors": (generation / "dense.faiss").read_bytes(),
        "kept vectors": (generation / "vectors.f16").read_bytes(),
        "centre": (generation / "dense.centre.npy").read_bytes(),
        "rows": lexical,
        "parts": [part.digest for part in parts_of(generation / "lexical")],
        "calibration": manifest.calibration,
        "counts": (manifest.articles, manifest.passages, manifest.shared, manifest.reprints),
    }


def answers(index: Path) -> list[object]:
    with Searcher.open(index, CachedEncoder()) as searcher:
        found = [searcher.answer(question, limit=9).to_json() for question in QUESTIONS]
    for one in found:
        del one["timing_ms"], one["index"]
    return list(found)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_walk_of_changes_is_as_if_built_from_nothing(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    folder, index, encoder = tmp_path / "archive", tmp_path / "index", CachedEncoder()
    for one in ("一", "二"):
        (folder / one).mkdir(parents=True)
    roots = [folder / "一", folder / "二"]
    for step in range(6):
        change(folder, draw)
        fresh = tmp_path / f"fresh-{step}"
        try:
            build_index(roots, fresh, CachedEncoder())
        except NothingToIndex:
            with pytest.raises(NothingToIndex):
                build_index(roots, index, encoder)
            continue
        report = build_index(roots, index, encoder, cache=tmp_path / "vectors.sqlite")
        assert content(index) == content(fresh), (step, report)
        assert answers(index) == answers(fresh)


FEW = 12
"""Passages from which the keyword index of these archives is in parts."""


def archive_of(folder: Path, articles: int) -> list[Path]:
    """Write a folder of short articles, each of one passage, and another for what is added."""
    for name in ("一", "二"):
        (folder / name).mkdir(parents=True)
    for number in range(articles):
        body = (
            f"{number}號通知\n\n第{number}批貨物在{number % 7}號倉庫抽查，結果已經書面通知經營者。"
        )
        (folder / "一" / f"{number:03}.txt").write_text(body, encoding="utf-8")
    return [folder / "一", folder / "二"]


@pytest.mark.parametrize("seed", [0, 1])
def test_a_walk_in_parts_is_as_if_built_from_nothing(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    folder, index, kept = tmp_path / "archive", tmp_path / "index", 0
    roots = archive_of(folder, 40)
    build_index(roots[: draw.randint(1, 2)], index, CachedEncoder(), few=FEW)
    for step in range(5):
        if draw.random() < 0.4:
            change(folder, draw)
        if draw.random() < 0.7:
            name, body = f"二/{draw.randint(0, 2)}.txt", draw.choice(BODIES)
            (folder / name).write_text(f"{body}{step}", encoding="utf-8")
        if draw.random() < 0.4:
            name = f"一/{draw.randint(0, 45):03}.txt"
            (folder / name).write_text(f"改了\n\n這一篇改了{step}次。", encoding="utf-8")
        if draw.random() < 0.3:
            (folder / "一" / f"{draw.randint(0, 39):03}.txt").unlink(missing_ok=True)
        fresh, encoder = tmp_path / f"fresh-{step}", CachedEncoder()
        build_index(roots, fresh, CachedEncoder(), full=True, few=FEW)
        before = encoder.asked
        report = build_index(roots, index, encoder, cache=tmp_path / "vectors", few=FEW)
        kept += encoder.asked - before < 100
        assert content(index) == content(fresh), (step, report)
        assert answers(index) == answers(fresh)
        assert sorted(path.name for path in index.iterdir() if "tmp" in path.name) == []
    assert kept or seed


def test_an_article_by_chat_moves_neither_the_verdict_nor_the_mean(tmp_path: Path) -> None:
    folder, index = tmp_path / "archive", tmp_path / "index"
    roots = archive_of(folder, 40)
    build_index(roots[:1], index, CachedEncoder(), few=FEW)
    first = Manifest.read(current_generation(index))
    centre = (current_generation(index) / "dense.centre.npy").read_bytes()
    (folder / "二" / "0.txt").write_text(BODIES[0], encoding="utf-8")
    encoder = CachedEncoder()
    assert build_index(roots, index, encoder, few=FEW).passages > first.passages
    second = Manifest.read(current_generation(index))
    assert encoder.asked == len(encoder.encoded) == second.passages - first.passages
    assert second.calibration == first.calibration
    assert (current_generation(index) / "dense.centre.npy").read_bytes() == centre
    # From one passage in sixteen on they count like all others.
    for number in range(1, 5):
        (folder / "二" / f"{number}.txt").write_text(f"{number}又一篇通知。", encoding="utf-8")
    build_index(roots, index, encoder, few=FEW)
    assert (current_generation(index) / "dense.centre.npy").read_bytes() != centre
    assert Manifest.read(current_generation(index)).calibrated_on != second.calibrated_on


DYING = """
import os, signal, sys
from pathlib import Path
from retrieval import build_index
from tests.test_retrieval_increments import FEW, CachedEncoder

def die(at):
    if at == sys.argv[1]:
        os.kill(os.getpid(), signal.SIGKILL)

class Dying(CachedEncoder):
    def encode_questions(self, texts):
        if len(texts) > 100:  # it is being calibrated, in a folder of its own
            die("calibrating")
        return super().encode_questions(texts)

build_index(
    [Path(one) for one in sys.argv[3:]], Path(sys.argv[2]), Dying(), full=True, few=FEW,
    progress=lambda stage, done, total: die(stage),
)
"""


@pytest.mark.parametrize("stage", ["reading", "indexing", "finishing", "calibrating"])
def test_killed_at_any_stage_it_leaves_the_generation_that_was(tmp_path: Path, stage: str) -> None:
    index, roots = tmp_path / "index", archive_of(tmp_path / "archive", 40)
    (roots[1] / "0.txt").write_text(BODIES[0], encoding="utf-8")
    build_index(roots, index, CachedEncoder(), few=FEW)
    before = content(index)
    (roots[1] / "0.txt").write_text(BODIES[1], encoding="utf-8")
    command = [sys.executable, "-c", DYING, stage, str(index), *map(str, roots)]
    died = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, check=False)
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert content(index) == before
    assert [path for path in index.iterdir() if path.suffix == ".tmp"]
    build_index(roots, index, CachedEncoder(), few=FEW)
    assert content(index) != before
    assert not [path for path in index.iterdir() if path.suffix == ".tmp"]


def test_only_what_is_new_is_encoded(tmp_path: Path) -> None:
    folder, index, cache = tmp_path / "archive", tmp_path / "index", tmp_path / "vectors.sqlite"
    folder.mkdir()
    for number, body in enumerate(BODIES[:3]):
        (folder / f"{number}.txt").write_text(f"{body}\n\n{FOOTER}", encoding="utf-8")
    build_index([folder], index, CachedEncoder(), cache=cache)
    (folder / "9.txt").write_text(f"{BODIES[3]}\n\n{FOOTER}", encoding="utf-8")
    encoder = CachedEncoder()
    build_index([folder], index, encoder, cache=cache)
    assert encoder.encoded
    assert all("食用油" in text for text in encoder.encoded)


def test_vectors_are_kept_without_a_cache_and_never_those_of_another_encoder(
    tmp_path: Path,
) -> None:
    folder, index, cache = tmp_path / "archive", tmp_path / "index", tmp_path / "vectors.sqlite"
    folder.mkdir()
    (folder / "0.txt").write_text(BODIES[0], encoding="utf-8")
    first = build_index([folder], index, CachedEncoder(), cache=cache)
    cache.unlink()
    (folder / "1.txt").write_text(BODIES[1], encoding="utf-8")
    encoder = CachedEncoder()
    second = build_index([folder], index, encoder, cache=cache)
    assert len(encoder.encoded) == second.passages - first.passages > 0
    (folder / "2.txt").write_text(BODIES[2], encoding="utf-8")
    other = CachedEncoder(dim=48, name="other")
    third = build_index([folder], index, other, cache=cache)
    assert len(other.encoded) == third.passages > second.passages
    fresh = tmp_path / "fresh"
    build_index([folder], fresh, CachedEncoder(dim=48, name="other"))
    assert content(index) == content(fresh)


def test_nothing_is_taken_from_a_damaged_generation(tmp_path: Path) -> None:
    folder, index, encoder = tmp_path / "archive", tmp_path / "index", HashEncoder()
    folder.mkdir()
    (folder / "0.txt").write_text(BODIES[0], encoding="utf-8")
    build_index([folder], index, encoder)
    (store,) = current_generation(index).glob("passages.sqlite")
    data = bytearray(store.read_bytes())
    place = data.find("书面通知".encode())
    data[place : place + 3] = "口".encode()
    store.write_bytes(data)
    assert not Previous(current_generation(index)).is_whole()
    (folder / "1.txt").write_text(BODIES[1], encoding="utf-8")
    build_index([folder], index, encoder)
    with Searcher.open(index, encoder) as searcher:
        texts = [one.text for one in searcher.answer("电热毯", limit=9).passages]
    assert any("电热毯" in search_text(None, None, text) for text in texts)
    assert not any("口面通知" in text for text in texts)
