"""A build that takes over what is the same makes what a build from nothing makes."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from retrieval import Searcher, build_index
from retrieval.errors import NothingToIndex
from retrieval.generation import Manifest, current_generation
from retrieval.lexical import LexicalIndex, parts_of
from retrieval.parts import PARTS, Draft, rows_of_parts, write_parts
from retrieval.planning import Previous
from retrieval.preparing import search_text
from retrieval.rows import DIGEST_BYTES, Keys, Shown
from retrieval.store import Store
from retrieval.writing import StoreWriter
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


class Counting(CachedEncoder):
    """Knows how many questions it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def encode_questions(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        self.asked += len(texts)
        return super().encode_questions(texts)


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
        fresh, encoder = tmp_path / f"fresh-{step}", Counting()
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
    build_index(roots[:1], index, Counting(), few=FEW)
    first = Manifest.read(current_generation(index))
    centre = (current_generation(index) / "dense.centre.npy").read_bytes()
    (folder / "二" / "0.txt").write_text(BODIES[0], encoding="utf-8")
    encoder = Counting()
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


def test_one_article_more_changes_one_part() -> None:
    articles = [Shown(f"article-{number}", f"/a/{number}.txt", 1) for number in range(400)]
    keys = Keys(articles, b"")
    before = rows_of_parts(keys, None, few=100)
    assert len(before) == PARTS
    assert min(map(len, before)) > 400 // PARTS // 2
    assert sorted(row for rows in before for row in rows.tolist()) == list(range(400))
    after = rows_of_parts(Keys([Shown("new", "/a/new.txt", 2), *articles], b""), None, few=100)
    same = [(new - 2).tolist() == old.tolist() for old, new in zip(before, after, strict=True)]
    assert same.count(False) == 1
    assert [len(rows) for rows in rows_of_parts(keys, None, few=401)] == [400]


def test_what_is_named_last_is_a_part_of_its_own() -> None:
    paths = ["/a/1.txt", "/added/1.txt", "/added/x/2.txt", "/added-not/3.txt", "/added"]
    keys = Keys([Shown(path, path, 1) for path in paths], b"")
    *others, own = rows_of_parts(keys, "/added", few=1)
    assert own.tolist() == [1, 2, 4]
    assert sorted(row for rows in others for row in rows.tolist()) == [0, 3]


def test_parts_of_the_last_build_are_taken_where_they_are_the_same(tmp_path: Path) -> None:
    texts = [f"{thing}第{number}号" for number in range(40) for thing in ("退货", "赔偿", "三倍")]

    def built(
        name: str, texts: list[str], known: Path | None, last: str | None = None
    ) -> LexicalIndex:
        folder = tmp_path / name
        folder.mkdir()
        StoreWriter(folder / "store").finish()
        lines = [text.encode() for text in texts]
        starts = np.cumsum([0, *map(len, lines)])[:-1]
        spans = np.array([starts, [len(line) for line in lines]], np.int64).T
        (folder / "folded").write_bytes(b"".join(lines))
        draft = Draft(folder / "store", folder / "folded", np.ascontiguousarray(spans))
        digests = b"".join(text.encode().ljust(DIGEST_BYTES) for text in texts)
        keys = Keys([Shown(text, text, 1) for text in texts], digests)
        parts = parts_of(known) if known else []
        rows_of = rows_of_parts(keys, last, few=10)
        write_parts(draft, folder / "lexical", keys, rows_of, parts, workers=0)
        assert {path.name for path in folder.iterdir()} == {"store", "folded", "lexical"}
        return LexicalIndex(folder / "lexical")

    built("one", texts, None)
    changed = ["新来的一条退货", *texts]
    after = built("two", changed, tmp_path / "one" / "lexical")
    fresh = built("three", changed, None)
    names = [
        {path.name for path in (tmp_path / one / "lexical").iterdir()} for one in ("one", "two")
    ]
    assert len({name.split(".")[0] for name in names[0] & names[1]}) >= PARTS - 2
    for asked in ({"退": 1.0, "货": 1.0}, {"三倍": 2.0, "号": 1.0}, {"7": 1.0}):
        assert after.search(asked, limit=20) == fresh.search(asked, limit=20) != []


def test_rows_that_were_not_folded_are_read_from_the_store(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    folder.mkdir()
    (folder / "0.txt").write_text(BODIES[0], encoding="utf-8")
    build_index([folder], tmp_path / "index", HashEncoder())
    generation = current_generation(tmp_path / "index")
    store = Store(generation / "passages.sqlite")
    keys = store.keys()
    (tmp_path / "folded").touch()
    spans = np.array([[-1, 0]] * (len(keys.digests) // DIGEST_BYTES), np.int64)
    draft = Draft(generation / "passages.sqlite", tmp_path / "folded", spans)
    rows_of = rows_of_parts(keys, None, few=100)
    write_parts(draft, tmp_path / "lexical", keys, rows_of, [], workers=0)
    asked = {"电热": 1.0, "书面": 1.0}
    made = LexicalIndex(tmp_path / "lexical").search(asked, limit=9)
    assert made == LexicalIndex(generation / "lexical").search(asked, limit=9) != []
