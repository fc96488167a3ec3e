from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpus import SourceFile
from retrieval import Searcher, build_index, evaluate, planning
from retrieval.generation import current_generation
from retrieval.preparing import Read, read_files
from retrieval.store import Store
from tests.fakes import HashEncoder
from tests.made_articles import BLOCK, article_text

QUESTION = "协会的章程由谁批准"
FOOTER = f"协会章程\n协会的章程由会员大会批准，每五年修订一次。\n{BLOCK}"
REPRINT = f"玩具抽查结果公布\n{article_text(50, count=24)}"


def write(folder: Path, texts: dict[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


def articles(count: int) -> dict[str, str]:
    return {
        f"n{number}": f"第{number}号新闻\n{article_text(number)}\n{FOOTER}"
        for number in range(count)
    }


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


def build(folder: Path, index: Path, encoder: HashEncoder) -> tuple[int, int, int]:
    report = build_index([folder], index, encoder)
    assert report.failed == ()
    return report.articles, report.shared, report.reprints


def test_a_shared_block_is_an_article_of_its_own(
    tmp_path: Path, index: Path, encoder: HashEncoder
) -> None:
    folder = write(tmp_path / "a", articles(3))
    report = build_index([folder], index, encoder)
    assert (report.articles, report.shared, report.new) == (3, 1, 3)
    assert report.to_json()["shared"] == 1
    with Searcher.open(index, encoder) as searcher:
        passages = searcher.answer(QUESTION, limit=20).passages
        first = passages[0]
        assert (first.article.title, first.quote is not None) == ("协会章程", True)
        assert first.article.path == str(folder / "n0.txt")
        names = {Path(one.path or "").name for one in first.also_in}
        assert names == {"n0.txt", "n1.txt", "n2.txt"}
        texts = [one.text for one in passages if "每五年修订" in one.text]
        assert len(texts) == 1
        block = searcher.article(first.article.id)
        assert block is not None and block.text == FOOTER
        for one in first.also_in:
            article = searcher.article(one.id)
            assert article is not None and "章程" not in article.text


def test_passages_are_slices_of_what_is_left(
    tmp_path: Path, index: Path, encoder: HashEncoder
) -> None:
    texts = articles(3) | {"n9": f"协会的人\n{FOOTER}\n{article_text(9)}"}
    build(write(tmp_path / "a", texts), index, encoder)
    with Searcher.open(index, encoder) as searcher:
        for question in ("玩具", QUESTION, "物业 房东"):
            for passage in searcher.answer(question, limit=50).passages:
                article = searcher.article(passage.article.id)
                assert article is not None
                end = passage.start + len(passage.text)
                assert article.text[passage.start : end] == passage.text


def test_the_ledger_lists_the_block_as_dropped(
    tmp_path: Path, index: Path, encoder: HashEncoder
) -> None:
    build(write(tmp_path / "a", articles(3)), index, encoder)
    store = Store(current_generation(index) / "passages.sqlite")
    shown = list(store.shown_articles())
    assert [one.block for one in shown] == [False, False, False, True]
    for one in shown[:3]:
        assert [(drop.text, drop.shared) for drop in one.article.dropped] == [(FOOTER, True)]


def test_a_third_holder_changes_the_earlier_two_without_reading_them(
    tmp_path: Path, index: Path, encoder: HashEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = articles(3)
    last = texts.pop("n2")
    folder = write(tmp_path / "a", texts)
    assert build(folder, index, encoder) == (2, 0, 0)
    write(folder, {"n2": last})
    reads: list[str] = []

    def spy(sources: list[SourceFile]) -> list[Read]:
        reads.extend(source.name for source in sources)
        return read_files(sources)

    monkeypatch.setattr(planning, "read_files", spy)
    report = build_index([folder], index, encoder)
    assert (report.articles, report.shared) == (3, 1)
    assert (report.new, report.changed, report.unchanged, reads) == (1, 0, 2, ["n2.txt"])
    grown = answers(index, encoder)
    build_index([folder], index, encoder, full=True)
    assert answers(index, encoder) == grown
    (folder / "n1.txt").unlink()
    assert build(folder, index, encoder) == (2, 0, 0)
    with Searcher.open(index, encoder) as searcher:
        assert "章程" in searcher.answer(QUESTION).passages[0].text
        assert searcher.answer(QUESTION).passages[0].also_in == ()


def answers(index: Path, encoder: HashEncoder) -> list[object]:
    with Searcher.open(index, encoder) as searcher:
        return [searcher.answer(question, limit=20).passages for question in (QUESTION, "玩具")]


def reprints(folder: Path) -> Path:
    lines = [
        {"id": "a", "text": REPRINT, "site": "甲网", "published": "2023-05-02"},
        {"id": "b", "text": REPRINT, "site": "乙网", "published": "2023-05-01"},
        {"id": "c", "text": f"{REPRINT}\n{article_text(77, count=6)}", "site": "丙网"},
        {"id": "d", "text": article_text(60, count=24), "site": "丁网"},
    ]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "corpus.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines), "utf-8")
    return folder


def test_a_family_takes_one_place_and_names_the_others(
    tmp_path: Path, index: Path, encoder: HashEncoder
) -> None:
    assert build(reprints(tmp_path / "a"), index, encoder) == (4, 0, 2)
    with Searcher.open(index, encoder) as searcher:
        passages = searcher.answer("玩具抽查结果", limit=50).passages
        found = {one.article.id for one in passages}
        assert found <= {"c", "d"}
        (first, *_) = [one for one in passages if one.article.id == "c"]
        assert [(one.id, one.site, one.published) for one in first.also_in] == [
            ("b", "乙网", "2023-05-01"),
            ("a", "甲网", "2023-05-02"),
        ]
        for member in ("a", "b"):
            article = searcher.article(member)
            assert article is not None and article.text == REPRINT


def test_what_only_a_reprint_says_can_still_be_found(
    tmp_path: Path, index: Path, encoder: HashEncoder
) -> None:
    extra = (
        "编辑部补充：涉事的玩具厂已经停产整顿，预计下个月复查，复查结果另行公布，请读者留意。" * 8
    )
    texts = {
        "a": f"{REPRINT}\n{article_text(70, count=12)}\n{article_text(71, count=12)}",
        "b": f"{REPRINT}\n{article_text(70, count=12)}\n{article_text(71, count=10)}\n{extra}",
    }
    folder = write(tmp_path / "a", texts)
    build(folder, index, encoder)
    with Searcher.open(index, encoder) as searcher:
        assert "停产整顿" in searcher.answer("玩具厂停产整顿").passages[0].text


def test_in_an_evaluation_every_article_is_ranked(
    tmp_path: Path, index: Path, encoder: HashEncoder
) -> None:
    folder = reprints(tmp_path / "a")
    build(folder, index, encoder)
    with Searcher.open(index, encoder) as searcher:
        for mode in ("hybrid", "lexical", "dense"):
            ranked = [
                one.article_id for one in searcher.rank_articles("玩具抽查", limit=100, mode=mode)
            ]
            assert len(ranked) == len(set(ranked))
            assert ranked[ranked.index("c") :][:3] == ["c", "b", "a"]
        assert {one.article_id for one in searcher.rank_articles("玩具抽查", limit=100)} == set(
            "abcd"
        )
        assert len(searcher.rank_articles("玩具抽查", limit=2)) == 2


def test_in_an_evaluation_a_block_counts_for_each_holder(
    tmp_path: Path, index: Path, encoder: HashEncoder
) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    texts = [*articles(4).values(), article_text(40, count=24)]
    (folder / "corpus.jsonl").write_text(
        "".join(
            json.dumps({"_id": f"d{number}", "title": "", "text": text}) + "\n"
            for number, text in enumerate(texts)
        ),
        "utf-8",
    )
    (folder / "queries.jsonl").write_text(
        json.dumps({"_id": "q", "text": QUESTION}) + "\n", "utf-8"
    )
    (folder / "qrels.tsv").write_text("q\td3\t1\n", "utf-8")
    run = tmp_path / "run"
    evaluate(folder, encoder, directory=index, run=run)
    rows = [line.split() for line in run.read_text("utf-8").splitlines()]
    assert [row[2] for row in rows][:4] == ["d0", "d1", "d2", "d3"]
    assert len({row[4] for row in rows[:4]}) == 1
    assert sorted(row[2] for row in rows) == ["d0", "d1", "d2", "d3", "d4"]


def test_an_unchanged_archive_keeps_its_generation_and_its_counts(
    tmp_path: Path, index: Path, encoder: HashEncoder
) -> None:
    folder = write(tmp_path / "a", articles(3) | {"r1": REPRINT, "r2": REPRINT})
    first = build_index([folder], index, encoder)
    second = build_index([folder], index, encoder)
    assert (first.shared, first.reprints) == (second.shared, second.reprints) == (1, 1)
    assert (second.generation, second.unchanged) == (first.generation, 5)


def test_damage_is_told_for_the_passage_that_has_it(
    tmp_path: Path, index: Path, encoder: HashEncoder
) -> None:
    broken = article_text(3, count=30) + "\n最后一句是半个\ufffd字，看不清楚。"
    build(write(tmp_path / "a", {"a": broken}), index, encoder)
    with Searcher.open(index, encoder) as searcher:
        for passage in searcher.answer("最后一句看不清楚", limit=20).passages:
            assert passage.damage.unrepaired == passage.text.count("\ufffd")


def test_the_real_articles_share_what_they_say_of_the_association(
    shared: Path, index: Path, encoder: HashEncoder
) -> None:
    report = build_index([shared / "articles"], index, encoder)
    assert (report.articles, report.shared, report.reprints) == (3, 1, 0)
    with Searcher.open(index, encoder) as searcher:
        passages = searcher.answer("中國質量檢驗協會的宗旨是什麼", limit=30).passages
        told = [one for one in passages if "工作原則" in one.text and "精業篤行" in one.text]
        assert [len(one.also_in) for one in told] == [3]
