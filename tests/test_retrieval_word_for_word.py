"""A stock phrase that stands as it is in one passage, its words in more than are read."""

from __future__ import annotations

import json

import pytest

from corpus import fold
from retrieval import Searcher, build_index
from retrieval.reranking import SOUGHT
from retrieval.searching import HOLDING
from tests.fakes import HashEncoder

PHRASE = "（四）院长交办的其他事务。"
NAMES = [f"{first}{second}" for first in "赤橙黄绿青蓝紫灰白黑" for second in "松柏杨柳槐榆"]
LIKE = [
    f"{name}的规程：（一）院长交办的其他事务。{name}遇雨，院长交办的其他事务顺延。（四）{name}巡夜。"
    for name in NAMES
]
HOLDS = (
    "渡口值班的人要做这些事。（一）天亮以前把缆绳查一遍，磨损的换下来。（二）有雾的日子敲钟，每刻一次。"
    "（三）把过河的人和货记在簿子上，月底送到镇里。" + PHRASE + "值班的人病了，由邻村的人代班。"
)


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    folder = tmp_path_factory.mktemp("phrases")
    with (folder / "articles.jsonl").open("w", encoding="utf-8") as lines:
        for number, text in enumerate([*LIKE, HOLDS, HOLDS.replace("渡口", "码头")]):
            record = {"id": f"a{number}", "title": f"规程{number}", "text": text}
            lines.write(json.dumps(record) + "\n")
    encoder = HashEncoder()
    build_index([folder / "articles.jsonl"], folder / "index", encoder)
    return Searcher.open(folder / "index", encoder)


def test_the_passage_that_holds_it_is_first(searcher: Searcher) -> None:
    assert SOUGHT < len(LIKE) < HOLDING
    query = searcher._legs.query(PHRASE)
    read = searcher._store.passages(hit.row for hit in searcher._legs.search(query)[:SOUGHT])
    assert not any(fold(PHRASE) in fold(passage.text) for passage in read.values())
    first = searcher.answer(PHRASE).passages[0]
    assert PHRASE in first.text
    assert first.quote is not None
    assert PHRASE in first.quote.text


def test_every_passage_that_holds_it_comes_before_all_that_do_not(searcher: Searcher) -> None:
    found = searcher.answer(PHRASE).passages
    assert [PHRASE in each.text for each in found] == [True, True, False, False, False]


def test_other_marks_around_it_do_not_hide_it(searcher: Searcher) -> None:
    found = searcher.answer(f"「{PHRASE}」").passages
    assert [each.evidence.get("verbatim") for each in found[:3]] == [0.5, 0.5, 0.0]


def test_in_the_other_script_as_well(searcher: Searcher) -> None:
    assert PHRASE in searcher.answer("（四）院長交辦的其他事務。").passages[0].text


def test_only_where_the_filters_let_it(searcher: Searcher) -> None:
    answer = searcher.answer("site:nowhere.cn " + PHRASE)
    assert answer.passages == ()


def test_a_word_that_stands_nowhere_ends_the_search(searcher: Searcher) -> None:
    query = searcher._legs.query("（四）院长交办的其他鲸鱼。")
    assert searcher._legs.holding(query) == []
