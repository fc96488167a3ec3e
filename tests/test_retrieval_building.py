from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpus import SourceFile, SourceNotFound
from retrieval import (
    BuildReport,
    IndexDamaged,
    IndexMissing,
    NothingToIndex,
    Searcher,
    assembling,
    build_index,
    planning,
)
from retrieval.generation import (
    DENSE,
    STORE,
    VECTORS,
    Manifest,
    current_generation,
    generation_names,
    verify,
)
from retrieval.preparing import Read, read_files
from retrieval.store import Store
from tests.fakes import HashEncoder

TEXTS = {
    "退貨.txt": (
        "七天無理由退貨\n\n網購商品簽收後七日內可以無理由退貨，退貨的運費由消費者自己承擔。"
    ),
    "赔偿.txt": (
        "欺诈三倍赔偿\n\n经营者有欺诈行为的，按照价款的三倍增加赔偿，不足五百元的按五百元算。"
    ),
    "食品/十倍.md": (
        "# 食品十倍赔偿\n\n生产不符合安全标准的食品，消费者可以要求价款十倍的赔偿金。"
    ),
}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    for name, text in TEXTS.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


def counts(report: BuildReport) -> tuple[int, int, int, int]:
    return report.new, report.changed, report.removed, report.unchanged


def test_a_first_build_holds_every_article(
    archive: Path, index: Path, encoder: HashEncoder
) -> None:
    report = build_index([archive], index, encoder)
    assert (report.articles, counts(report)) == (3, (3, 0, 0, 0))
    assert (report.failed, report.notices) == ((), ())
    store = Store(current_generation(index) / "passages.sqlite")
    places = store.places(range(report.passages))
    assert len(places) == report.passages >= 3
    assert {article for article, _ in places.values()} == {
        one.id for found in store.inventory().values() for one in found
    }
    manifest = json.loads((current_generation(index) / "manifest.json").read_text("utf-8"))
    assert manifest["encoder"] == {"name": "hash", "identity": "hash:64", "dim": 64}
    assert manifest["roots"] == [str(archive)]


def test_the_store_is_asked_for_more_rows_than_one_statement_takes(
    archive: Path, index: Path, encoder: HashEncoder
) -> None:
    report = build_index([archive], index, encoder)
    store = Store(current_generation(index) / STORE)
    assert list(store.places(range(300_000))) == list(range(report.passages))


def test_each_passage_is_the_slice_of_its_article(
    archive: Path, index: Path, encoder: HashEncoder
) -> None:
    build_index([archive], index, encoder)
    with Searcher.open(index, encoder) as searcher:
        for question in ("退货运费", "三倍", "十倍"):
            for passage in searcher.answer(question, limit=10).passages:
                article = searcher.article(passage.article.id)
                assert article is not None
                end = passage.start + len(passage.text)
                assert article.text[passage.start : end] == passage.text


def test_nothing_changed_keeps_the_generation_and_encodes_nothing(
    archive: Path, index: Path, encoder: HashEncoder
) -> None:
    first = build_index([archive], index, encoder)
    encoder.encoded.clear()
    second = build_index([archive], index, encoder)
    assert second.generation == first.generation
    assert (second.articles, second.passages) == (first.articles, first.passages)
    assert counts(second) == (0, 0, 0, 3)
    assert encoder.encoded == []


def test_new_changed_and_removed_files_are_counted(
    archive: Path, index: Path, encoder: HashEncoder
) -> None:
    build_index([archive], index, encoder)
    (archive / "新.txt").write_text("預付卡\n\n商家跑路了，預付卡裡的錢要退。", encoding="utf-8")
    (archive / "赔偿.txt").write_text("欺诈三倍赔偿\n\n最低赔五百元。", encoding="utf-8")
    (archive / "退貨.txt").unlink()
    report = build_index([archive], index, encoder)
    assert counts(report) == (1, 1, 1, 1)
    with Searcher.open(index, encoder) as searcher:
        assert searcher.answer("预付卡跑路").passages[0].article.title == "預付卡"
        titles = {one.article.title for one in searcher.answer("退貨", limit=9).passages}
        assert "七天無理由退貨" not in titles


def test_an_untouched_file_is_not_read_again(
    archive: Path, index: Path, encoder: HashEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_index([archive], index, encoder)
    (archive / "新.txt").write_text("預付卡\n\n商家跑路了。", encoding="utf-8")
    read: list[str] = []

    def spy(sources: list[SourceFile]) -> list[Read]:
        read.extend(source.name for source in sources)
        return read_files(sources)

    monkeypatch.setattr(planning, "read_files", spy)
    assert counts(build_index([archive], index, encoder)) == (1, 0, 0, 3)
    assert read == ["新.txt"]


def test_full_reads_everything_and_another_model_encodes_everything(
    archive: Path, index: Path, encoder: HashEncoder
) -> None:
    first = build_index([archive], index, encoder)
    again = build_index([archive], index, encoder, full=True)
    assert again.generation != first.generation
    assert counts(again) == (0, 0, 0, 3)
    other = HashEncoder(dim=32, name="other")
    third = build_index([archive], index, other)
    assert third.generation != again.generation
    assert len(other.encoded) == third.passages


def test_no_paths_means_those_of_the_last_generation(
    archive: Path, index: Path, encoder: HashEncoder
) -> None:
    with pytest.raises(IndexMissing, match="name the files or folders"):
        build_index([], index, encoder)
    build_index([archive], index, encoder)
    (archive / "退貨.txt").unlink()
    assert counts(build_index([], index, encoder)) == (0, 0, 1, 2)


def test_bad_files_are_named_and_good_ones_indexed(
    archive: Path, index: Path, encoder: HashEncoder
) -> None:
    (archive / "photo.txt").write_bytes(bytes(range(256)) * 40)
    (archive / "lines.jsonl").write_text(
        '{"id": "a", "title": "召回", "text": "缺陷汽车召回不收费用。"}\n{broken\n'
        '{"id": "b", "title": "三包", "text": "家用汽车三包期为两年。"}\n',
        encoding="utf-8",
    )
    for _ in range(2):  # the second time nothing has changed, and they are named again
        report = build_index([archive], index, encoder)
        assert report.articles == 5
        assert [Path(one.path).name for one in report.failed] == ["lines.jsonl:2", "photo.txt"]
        assert all(one.reason for one in report.failed)


def test_a_file_without_text_is_a_notice(archive: Path, index: Path, encoder: HashEncoder) -> None:
    (archive / "empty.txt").touch()
    report = build_index([archive], index, encoder)
    assert [Path(one.path).name for one in report.notices] == ["empty.txt"]
    assert report.failed == ()


def test_nothing_readable_keeps_the_old_generation(
    archive: Path, index: Path, encoder: HashEncoder, tmp_path: Path
) -> None:
    first = build_index([archive], index, encoder)
    bad = tmp_path / "bad"
    bad.mkdir()
    with pytest.raises(NothingToIndex, match=f"no article in {bad}"):
        build_index([bad], index, encoder)
    (bad / "x.txt").write_bytes(b"\x00\x01\x02" * 500)
    with pytest.raises(NothingToIndex, match=r"not one article could be read .*x\.txt"):
        build_index([bad], index, encoder)
    with pytest.raises(SourceNotFound, match="nowhere"):
        build_index([tmp_path / "nowhere"], index, encoder)
    assert generation_names(index) == [first.generation]
    assert not list(index.glob("*.tmp"))


def test_ids_are_unique_and_a_repeated_one_is_an_error(
    index: Path, encoder: HashEncoder, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "same.txt").write_text(f"{name} 的退货说明。", encoding="utf-8")
    report = build_index([tmp_path / "one", tmp_path / "two"], index, encoder)
    assert report.articles == 2
    lines = tmp_path / "lines.jsonl"
    lines.write_text(
        '{"id": "a", "text": "缺陷汽车召回。"}\n{"id": "a", "text": "家用汽车三包。"}\n', "utf-8"
    )
    report = build_index([lines], index, encoder)
    assert report.articles == 1
    assert [one.reason for one in report.failed] == [
        f"id 'a' was already used in {lines}; give each article an id of its own"
    ]


def test_the_same_input_answers_alike_whichever_way_it_was_built(
    archive: Path, tmp_path: Path, encoder: HashEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    inline, pooled, grown = tmp_path / "inline", tmp_path / "pooled", tmp_path / "grown"
    build_index([archive], inline, encoder)
    build_index([archive / "食品"], grown, encoder)
    build_index([archive], grown, encoder)
    monkeypatch.setattr(assembling, "_POOL_BYTES", 0)
    build_index([archive], pooled, encoder)
    answers = []
    for index in (inline, pooled, grown):
        with Searcher.open(index, encoder) as searcher:
            found = [searcher.answer(question) for question in ("退货", "赔偿几倍", "食品")]
            answers.append([(one.confidence, one.passages) for one in found])
    assert answers[0] == answers[1] == answers[2]


def test_progress_reaches_the_end(archive: Path, index: Path, encoder: HashEncoder) -> None:
    calls: list[tuple[str, int, int | None]] = []
    build_index([archive], index, encoder, progress=lambda *call: calls.append(call))
    done = [(done, total) for stage, done, total in calls if stage == "indexing"]
    assert done[-1][0] == done[-1][1]
    assert [one[0] for one in done] == sorted(one[0] for one in done)


@pytest.mark.parametrize("missing", [True, False], ids=["missing", "changed"])
@pytest.mark.parametrize("name", [STORE, VECTORS, DENSE, "dense.centre.npy"])
def test_what_is_damaged_is_made_anew_where_no_file_has_changed(
    archive: Path, index: Path, encoder: HashEncoder, name: str, *, missing: bool
) -> None:
    build_index([archive], index, encoder)
    path = current_generation(index) / name
    data = path.read_bytes()
    path.unlink()
    if not missing:
        path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    build_index([], index, encoder)
    verify(current_generation(index), Manifest.read(current_generation(index)), contents=True)
    assert (current_generation(index) / name).read_bytes() == data


def test_a_missing_store_is_not_made_by_opening_it(tmp_path: Path) -> None:
    with pytest.raises(IndexDamaged, match="rebuild the index"):
        Store(tmp_path / STORE)
    assert not (tmp_path / STORE).exists()
