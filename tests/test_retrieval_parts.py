"""The parts of the keyword index: which rows are in which, and what is copied."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from retrieval import build_index
from retrieval.generation import current_generation
from retrieval.lexical import LexicalIndex, parts_of
from retrieval.parts import (
    PARTS,
    Draft,
    join_settled,
    mark_of,
    rows_of_parts,
    settled_rows,
    write_parts,
)
from retrieval.rows import DIGEST_BYTES, Keys, Shown
from retrieval.store import Store
from retrieval.writing import StoreWriter
from tests.fakes import HashEncoder
from tests.test_retrieval_increments import BODIES


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
    paths = ["/added/1.txt", "/added/x/2.txt", "/added-not/3.txt", "/added"]
    articles = [Shown(f"/a/{number}.txt", f"/a/{number}.txt", 1) for number in range(9)]
    articles += [Shown(path, path, 1) for path in paths]
    *others, own = rows_of_parts(Keys(articles, b""), "/added", few=1)
    assert (len(others), own.tolist()) == (PARTS, [9, 10, 12])
    assert sorted(row for rows in others for row in rows.tolist()) == [*range(9), 11]
    # More than a fair share of all is cut up like the rest: `rebuild small big`.
    articles.append(Shown("/added/y.txt", "/added/y.txt", 1))
    keys = Keys(articles, b"")
    whole = rows_of_parts(keys, "/added", few=1)
    assert [rows.tolist() for rows in whole] == [
        rows.tolist() for rows in rows_of_parts(keys, None, few=1)
    ]


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


def test_settled_are_all_but_what_was_added_by_chat_while_that_is_little() -> None:
    articles = [Shown(f"a{number}", f"/a/{number}.txt", 2) for number in range(30)]
    articles.insert(7, Shown("new", "/added/1.txt", 3))
    keys = Keys(articles, b"")
    assert settled_rows(rows_of_parts(keys, None, few=10)) is None
    assert settled_rows(rows_of_parts(keys, "/added", few=1000)) is None
    settled = settled_rows(rows_of_parts(keys, "/added", few=10))
    assert settled is not None
    assert settled.tolist() == [*range(14), *range(17, 63)]
    keys = Keys([*articles, Shown("newer", "/added/2.txt", 2)], b"")
    assert settled_rows(rows_of_parts(keys, "/added", few=10)) is None


def test_settled_rows_alone_are_an_index_of_their_own(tmp_path: Path) -> None:
    folder, added = tmp_path / "archive", tmp_path / "added"
    for one in (folder, added):
        one.mkdir()
    for number in range(20):
        text = f"第{number}批电热毯已经召回，买家可以退货。"
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
    build_index([folder], tmp_path / "alone", HashEncoder(), few=10)
    (added / "0.txt").write_text("电热毯又召回一批，可以退货。", encoding="utf-8")
    build_index([folder, added], tmp_path / "both", HashEncoder(), few=10)
    alone, both = (current_generation(tmp_path / one) / "lexical" for one in ("alone", "both"))
    store = Store(both.with_name("passages.sqlite"))
    settled = settled_rows(rows_of_parts(store.keys(), str(added), few=10))
    store.close()
    assert settled is not None
    join_settled(both, settled, tmp_path / "lexical")
    asked = {"召回": 1.0, "退货": 1.0, "电热": 1.0}
    found = LexicalIndex(tmp_path / "lexical").search(asked, limit=30)
    assert found == LexicalIndex(alone).search(asked, limit=30) != []
    assert len(LexicalIndex(both)) == len(LexicalIndex(tmp_path / "lexical")) + 1


def test_the_mark_tells_what_was_measured_apart() -> None:
    articles = [Shown(f"a{number}", f"/a/{number}.txt", 1) for number in range(20)]
    keys = Keys(articles, b"")
    one = mark_of([], keys, None, ["encoder"])
    assert one == mark_of([], keys, None, ["encoder"])
    assert one != mark_of([], keys, None, ["other"])
    renamed = [articles[0]._replace(id="b"), *articles[1:]]
    assert one != mark_of([], Keys(renamed, b""), None, ["encoder"])
    more = Keys([*articles, Shown("new", "/added/1.txt", 1)], b"")
    assert mark_of([], more, np.arange(20, dtype=np.int32), ["encoder"]) == one
