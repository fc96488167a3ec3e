from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval import IndexDamaged, IndexMismatch, IndexMissing, Searcher, build_index
from retrieval.answering import check_fit
from retrieval.generation import current_generation
from tests.fakes import HashEncoder

ARTICLES = [
    (
        "網購退貨",
        "消費者網上買東西，簽收之後七天之內可以退貨。來回的運費由消費者自己出。"
        "定做的、鮮活易腐的商品不在此列。",
    ),
    (
        "食品赔偿",
        "吃到不合格的食品，除了退款，还可以要求价款十倍的赔偿。不足一千元的，按一千元算。",
    ),
    ("汽车三包", "家用汽车的三包有效期不少于两年或者行驶五万公里，以先到的为准。"),
    ("预付卡", "商家跑路以后，预付卡里没有用完的钱应当退还给办卡的人。"),
]


@pytest.fixture
def index(tmp_path: Path, encoder: HashEncoder) -> Path:
    lines = tmp_path / "articles.jsonl"
    lines.write_text(
        "".join(
            json.dumps({"id": f"a{number}", "title": title, "text": text, "site": "示例"}) + "\n"
            for number, (title, text) in enumerate(ARTICLES)
        ),
        encoding="utf-8",
    )
    build_index([lines], tmp_path / "index", encoder)
    return tmp_path / "index"


@pytest.fixture
def searcher(index: Path, encoder: HashEncoder) -> Searcher:
    return Searcher.open(index, encoder)


def test_the_passage_its_sentence_and_its_source(searcher: Searcher) -> None:
    answer = searcher.answer("退貨的運費誰出")
    first = answer.passages[0]
    assert (answer.status, answer.script) == ("answered", "hant")
    assert (first.rank, first.article.id, first.article.title) == (1, "a0", "網購退貨")
    assert first.article.site == "示例"
    assert first.quote is not None
    assert first.quote.text.endswith("來回的運費由消費者自己出。")
    assert first.text[first.quote.start : first.quote.end] == first.quote.text


def test_either_script_gives_the_same_list(searcher: Searcher) -> None:
    hans, hant = searcher.answer("退货的运费谁出"), searcher.answer("退貨的運費誰出")
    assert hans.passages == hant.passages
    assert (hans.confidence, hans.script) == (hant.confidence, "hans")


def test_ranks_count_up_and_scores_fall(searcher: Searcher) -> None:
    passages = searcher.answer("赔偿退还", limit=4).passages
    assert [one.rank for one in passages] == [1, 2, 3, 4]
    scores = [one.score for one in passages]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


@pytest.mark.parametrize("question", ["", "   ", "？？", "hello world", "zzzz", "👍"])
def test_what_the_archive_cannot_know_is_not_found(searcher: Searcher, question: str) -> None:
    answer = searcher.answer(question)
    assert (answer.status, answer.confidence < 0.5) == ("not_found", True)
    assert answer.to_json()["status"] == "not_found"


def test_limit_is_kept_and_checked(searcher: Searcher) -> None:
    assert len(searcher.answer("赔偿", limit=1).passages) == 1
    with pytest.raises(ValueError, match="limit must be at least 1, not 0"):
        searcher.answer("赔偿", limit=0)


def test_json_is_the_contract(searcher: Searcher) -> None:
    record = json.loads(json.dumps(searcher.answer("三包多久").to_json()))
    assert list(record) == [
        *("question", "understood", "filters", "status", "confidence", "script", "passages"),
        *("nearest_titles", "index", "timing_ms"),
    ]
    assert record["index"] == {"generation": "gen-000001", "passages": 4, "encoder": "hash"}
    assert set(record["timing_ms"]) == {"encode", "search", "total"}
    passage = record["passages"][0]
    assert list(passage) == ["rank", "score", "text", "quote", "article", "also_in", "damage"]
    assert list(passage["article"]) == ["id", "title", "path", "url", "published", "site"]
    assert passage["article"]["url"] is None
    assert passage["damage"] == {"repaired": 0, "unrepaired": 0}
    assert record["nearest_titles"][0] == "汽车三包"


def test_evidence_tells_why(searcher: Searcher) -> None:
    first = searcher.answer("三包有效期").passages[0]
    assert first.evidence["lexical_rank"] == 1
    assert "三包" in first.evidence["matched"]
    assert -1 <= first.evidence["cosine"] <= 1
    assert {"whole", "focus", "sentence", "titled"} <= first.evidence.keys()


def test_whole_article_by_id(searcher: Searcher) -> None:
    article = searcher.article("a2")
    assert article is not None
    assert article.text == ARTICLES[2][1]
    assert article.source.title == "汽车三包"
    assert searcher.article("nobody") is None


def test_a_question_beyond_all_measure_is_cut_not_refused(searcher: Searcher) -> None:
    assert searcher.answer("三包" + "？" * 100_000 + "退货").passages[0].article.id == "a2"


@pytest.fixture(scope="module")
def shared_searcher(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    folder = tmp_path_factory.mktemp("shared")
    for number, (title, text) in enumerate(ARTICLES):
        (folder / f"{number}.md").write_text(f"# {title}\n\n{text}", encoding="utf-8")
    build_index([folder], folder / "index", HashEncoder())
    return Searcher.open(folder / "index", HashEncoder())


@given(text=st.text(max_size=60))
def test_no_question_breaks_it(shared_searcher: Searcher, text: str) -> None:
    answer = shared_searcher.answer(text)
    assert 0 <= answer.confidence <= 1
    for passage in answer.passages:
        if passage.quote:
            quote = passage.quote
            assert passage.text[quote.start : quote.end] == quote.text


def test_another_model_is_refused_with_both_named(index: Path) -> None:
    with pytest.raises(
        IndexMismatch, match=r"built with model hash \(hash:64, 64 wide\), but other \(other:32"
    ):
        Searcher.open(index, HashEncoder(dim=32, name="other"))


def test_a_new_version_of_the_model_asks_for_a_rebuild_and_no_name(index: Path) -> None:
    with pytest.raises(IndexMismatch, match=r"two versions of one model: rebuild the index$"):
        Searcher.open(index, HashEncoder(dim=32))


@pytest.mark.parametrize("part", ["fold", "terms", "calibration", "dense"])
def test_another_version_of_a_part_is_refused(
    searcher: Searcher, encoder: HashEncoder, part: str
) -> None:
    manifest = replace(searcher.manifest, versions={**searcher.manifest.versions, part: "0"})
    with pytest.raises(IndexMismatch, match=f"version 0 of the {part}"):
        check_fit(manifest, encoder, Path("gen"))


def test_a_damaged_or_missing_index_is_one_line(
    index: Path, encoder: HashEncoder, tmp_path: Path
) -> None:
    with pytest.raises(IndexMissing):
        Searcher.open(tmp_path / "nowhere", encoder)
    dense = current_generation(index) / "dense.faiss"
    dense.write_bytes(dense.read_bytes()[:-8])
    with pytest.raises(IndexDamaged, match=r"dense\.faiss has .* bytes, not .*; rebuild"):
        Searcher.open(index, encoder)


def test_rankings_go_as_deep_as_asked(searcher: Searcher) -> None:
    assert len(searcher.rank_articles("三包", limit=100)) <= 4
    ranked = searcher.rank_articles("三包", limit=2)
    assert (ranked[0].article_id, len(ranked)) == ("a2", 2)
