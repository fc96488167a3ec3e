"""Searching among the passages that filters leave."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval import Searcher, build_index
from retrieval.filters import Filters, following
from retrieval.generation import STORE, current_generation
from retrieval.narrowing import Shelf
from retrieval.records import Answer
from retrieval.searching import SearchLegs
from retrieval.store import Store, StoredPassage
from tests.fakes import HashEncoder
from tests.made_articles import article_text
from tests.test_retrieval_families import FOOTER

TODAY = date(2026, 11, 21)

REPRINT = f"玩具抽查结果公布\n{article_text(50, count=60)}"

# What a question is read as: what is left, since, before.
DAYS = st.dates(date(2018, 1, 1), date(2022, 12, 31)).map(date.isoformat)
PARTIAL = st.builds(lambda day, length: day[:length], DAYS, st.sampled_from([4, 7, 10]))
MAYBE_DAY = st.one_of(st.none(), PARTIAL)


@given(PARTIAL, MAYBE_DAY, MAYBE_DAY)
def test_a_date_is_within_a_time_if_one_of_its_days_is(
    published: str, since: str | None, before: str | None
) -> None:
    first = date.fromisoformat((published + "-01-01")[:10])
    last = date.fromordinal(
        date.fromisoformat((following(published) + "-01-01")[:10]).toordinal() - 1
    )
    opens = date.fromisoformat(((since or "0001") + "-01-01")[:10])
    closes = date.fromisoformat(((before or "9999-12-31") + "-01-01")[:10])
    wanted = (last >= opens) and (first < closes)
    assert Filters(since, before).allow_date(published) == wanted
    assert Filters(since, before).allow_date(None) == (since is None and before is None)


def test_a_site_is_a_host_or_part_of_a_name() -> None:
    host = Filters(site="12315.cn")
    assert host.allow_site("12315.cn", None) and host.allow_site("www.12315.cn", None)
    assert host.allow_site("消费者网", "https://news.12315.cn:80/1") and host.allow_site(
        "１２３１５.CN", ""
    )
    assert not host.allow_site("x12315.cn", "https://12315.cn.example/1")
    assert not host.allow_site(None, "https://[") and not host.allow_site(None, None)
    assert Filters(site="www.12315.cn").allow_site("12315.cn", None)
    name = Filters(site="消費者")
    assert name.allow_site("中国消费者报", None) and not name.allow_site("市場報", None)


def test_a_title_is_found_in_either_script() -> None:
    assert Filters(title="预付卡").allow_title("預付卡退費") and Filters().allow_title(None)
    assert not Filters(title="预付卡").allow_title(None)


SITES = ["甲网", "乙网", "b.example", None]
WORDS = ["奶粉", "召回", "退货", "赔偿", "预付卡", "三包", "抽检", "食品"]


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filters")
    draw = np.random.default_rng(11)
    lines = []
    for number in range(150):
        words = [WORDS[at] for at in draw.integers(0, len(WORDS), 12)]
        day = f"20{draw.integers(18, 23)}-{draw.integers(1, 13):02}-{draw.integers(1, 29):02}"
        record = {
            "id": f"a{number:03}",
            "title": f"{words[0]}之{number}",
            "text": f"第{number}号。" + "，".join(words) + f"。{number * 7}号的{words[1]}说明。",
            "published": [None, day[:4], day[:7], day][draw.integers(0, 4)],
            "site": SITES[draw.integers(0, len(SITES))],
            "url": "https://b.example/x" if draw.integers(0, 3) == 0 else None,
        }
        lines.append(json.dumps({key: one for key, one in record.items() if one}) + "\n")
    (folder / "a.jsonl").write_text("".join(lines), encoding="utf-8")
    build_index([folder / "a.jsonl"], folder / "index", HashEncoder())
    return current_generation(folder / "index")


@pytest.fixture(scope="module")
def searcher(generation: Path) -> Searcher:
    return Searcher(generation, HashEncoder(), today=lambda: TODAY)


@pytest.fixture(scope="module")
def parts(generation: Path) -> tuple[Store, SearchLegs, dict[int, StoredPassage]]:
    store, legs = Store(generation / STORE), SearchLegs(generation, HashEncoder())
    return store, legs, store.passages(range(len(legs.lexical)))


FILTERS = st.builds(
    Filters,
    MAYBE_DAY,
    MAYBE_DAY,
    st.sampled_from([None, None, "甲網", "b.example", "nowhere.example"]),
    st.sampled_from([None, None, "召回", "預付卡"]),
)


@given(
    FILTERS, st.lists(st.sampled_from(WORDS), min_size=1, max_size=3), st.sampled_from([1, 5, 200])
)
def test_a_restricted_search_is_a_search_of_everything_sifted(
    parts: tuple[Store, SearchLegs, dict[int, StoredPassage]],
    filters: Filters,
    words: list[str],
    depth: int,
) -> None:
    store, legs, stored = parts
    narrowed = Shelf(store).narrow(filters)
    count = len(stored)
    matching = {
        row
        for row in range(count)
        if filters.allow_date(stored[row].source.published)
        and filters.allow_site(stored[row].source.site, stored[row].source.url)
        and filters.allow_title(stored[row].source.title)
    }
    assert set(np.flatnonzero(narrowed.within)) == matching
    assert narrowed.narrowing.articles == len(matching)
    query = legs.query("".join(words))
    lexical = [hit for hit in legs.lexical.search(query.terms, limit=count) if hit[0] in matching]
    assert legs.lexical.search(query.terms, limit=depth, within=narrowed.within) == lexical[:depth]
    dense = [hit for hit in legs.dense.search(query.vector, limit=count) if hit[0] in matching]
    assert legs.dense.search(query.vector, limit=depth, within=narrowed.within) == dense[:depth]


@given(FILTERS.filter(bool), st.sampled_from(WORDS))
def test_only_matching_passages_answer_and_as_many_as_there_are(
    searcher: Searcher, filters: Filters, word: str
) -> None:
    given_as = {"since": filters.since, "before": filters.before}
    given_as |= {"site": filters.site, "title": filters.title}
    asked = " ".join([word, *(f"{key}:{value}" for key, value in given_as.items() if value)])
    answer = searcher.answer(asked, limit=7)
    narrowing = answer.narrowing
    assert narrowing is not None and narrowing.filters == filters
    assert len(answer.passages) == min(7, narrowing.articles)
    for one in answer.passages:
        assert filters.allow_date(one.article.published)
        assert filters.allow_site(one.article.site, one.article.url)
        assert filters.allow_title(one.article.title)
    assert answer.to_json()["filters"]["articles"] == narrowing.articles


def test_without_filters_nothing_is_narrowed(searcher: Searcher) -> None:
    answer = searcher.answer("2019年以后签的奶粉合同")
    assert answer.narrowing is None and answer.to_json()["filters"] is None
    assert "2019年" in answer.explanation["folded"]


def test_filters_that_leave_nothing_say_what_there_is(searcher: Searcher) -> None:
    answer = searcher.answer("奶粉召回 since:2031")
    assert (answer.status, answer.confidence, answer.passages) == ("not_found", 0.0, ())
    narrowing = answer.narrowing
    assert narrowing is not None and narrowing.articles == 0
    assert narrowing.earliest is not None and narrowing.earliest.startswith("2018")
    assert narrowing.latest is not None and narrowing.latest.startswith("2022")
    assert set(narrowing.sites) == {"甲网", "乙网", "b.example"}
    # Those without a date are not in any time, and they are counted.
    assert answer.explanation["undated"] == narrowing.undated > 0


def test_filters_alone_name_what_was_published_last(searcher: Searcher) -> None:
    answer = searcher.answer("before:2020 site:甲网")
    found = [searcher.article(f"a{one.split('之')[1]:0>3}") for one in answer.nearest_titles]
    assert (answer.status, answer.passages) == ("not_found", ())
    assert {one.source.site for one in found if one} == {"甲网"} and len(found) == 5
    dates = [one.source.published or "" for one in found if one]
    assert dates == sorted(dates, reverse=True) and dates[0] < "2020"


@pytest.fixture
def kin(tmp_path: Path) -> Searcher:
    """A family whose head says more than its reprints, and a footer that three pages share."""
    more = article_text(77, count=36)
    lines = [
        {"id": "a", "text": REPRINT, "site": "甲网", "published": "2023-05-02"},
        {"id": "b", "text": REPRINT, "site": "乙网", "published": "2019-05-01"},
        {"id": "c", "text": f"{REPRINT}\n{more}", "site": "丙网", "published": "2024"},
    ] + [
        {
            "id": f"n{number}",
            "text": f"第{number}号新闻\n{article_text(number)}\n{FOOTER}",
            "site": f"{number}.example",
            "published": f"202{number}",
        }
        for number in range(3)
    ]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines), "utf-8")
    encoder = HashEncoder()
    report = build_index([tmp_path / "a.jsonl"], tmp_path / "index", encoder)
    assert (report.reprints, report.shared) == (2, 1)
    return Searcher.open(tmp_path / "index", encoder)


def named(answer: Answer) -> list[tuple[str, list[str]]]:
    return [(one.article.id, [other.id for other in one.also_in]) for one in answer.passages]


def test_a_family_is_cited_from_the_member_that_matches(kin: Searcher) -> None:
    assert named(kin.answer("玩具抽查结果公布"))[0] == ("c", ["b", "a"])
    answer = kin.answer("玩具抽查结果公布 before:2020")
    assert set(map(str, named(answer))) == {str(("b", ["c", "a"]))}
    member = kin.article("b")
    assert member is not None
    first = answer.passages[0]
    assert member.text[first.start : first.start + len(first.text)] == first.text
    assert {one.article.id for one in kin.answer("玩具 site:甲网", limit=50).passages} == {"a"}


def test_what_only_the_head_says_is_not_cited_from_a_reprint(kin: Searcher) -> None:
    def only(question: str) -> list[str]:
        passages = kin.answer(question, limit=50).passages
        return [
            one.text
            for one in passages
            if sum(line in REPRINT for line in one.text.splitlines()) == 0
        ]

    assert only("玩具抽查 site:丙网") and not only("玩具抽查 site:甲网")


def test_a_block_is_dated_like_the_holder_that_matches(kin: Searcher) -> None:
    [first] = kin.answer("协会的章程由谁批准 since:2021 before:2022", limit=1).passages
    assert (first.article.title, first.article.published) == ("协会章程", "2021")
    assert (first.article.site, len(first.also_in)) == ("1.example", 3)
    whole = kin.article(first.article.id)
    assert whole is not None and whole.text[first.start :].startswith(first.text)


def test_a_follow_up_keeps_the_filters_until_it_brings_its_own(kin: Searcher) -> None:
    before = kin.answer("玩具抽查结果公布 before:2020")
    again = kin.answer("还有别的吗", previous=before.exchange)
    assert again.narrowing is not None and again.narrowing.filters == Filters(before="2020")
    other = kin.answer("那2023年以后的呢？", previous=before.exchange)
    assert other.understood == "玩具抽查结果公布"
    assert other.narrowing is not None and other.narrowing.filters == Filters(since="2023")
    assert {one.article.id for one in other.passages} <= {"a", "c"}
    alone = kin.answer("协会的章程每几年修订一次，由会员大会批准吗", previous=before.exchange)
    assert alone.narrowing is None
    assert kin.answer("before:2020", previous=None).exchange is None


def test_an_exchange_keeps_its_filters() -> None:
    from retrieval.records import Exchange

    exchange = Exchange("奶粉", filters=Filters("2019", site="甲网"))
    assert Exchange.from_json(json.loads(json.dumps(exchange.to_json()))) == exchange
