from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.folding import fold_characters
from retrieval import Searcher, build_index
from retrieval.errors import FilterError, RetrievalError
from retrieval.filters import Filters, following
from retrieval.generation import STORE, current_generation
from retrieval.narrowing import Shelf
from retrieval.reading_filters import read_filters
from retrieval.records import Answer
from retrieval.searching import SearchLegs
from retrieval.store import Store, StoredPassage
from tests.fakes import HashEncoder
from tests.test_corpus_repeats import article_text
from tests.test_retrieval_families import FOOTER

TODAY = date(2026, 11, 21)

REPRINT = f"玩具抽查结果公布\n{article_text(50, count=60)}"

# What a question is read as: what is left, since, before.
PLAIN = [
    ("2019年以后关于奶粉的报道", "奶粉", "2019", None),
    ("２０１９年以後關於奶粉的報導", "奶粉", "2019", None),
    ("二〇一九年以来关于奶粉的报道有哪些？", "奶粉", "2019", None),
    ("自2019年起的奶粉新闻", "奶粉", "2019", None),
    ("奶粉2019年以后的新闻", "奶粉", "2019", None),
    ("關於有機奶粉的2019 年以後的報導", "有機奶粉", "2019", None),
    ("2020年以来的召回新闻", "召回", "2020", None),
    ("2020年之前的召回公告", "召回公告", None, "2020"),
    ("2019年及以前的奶粉报道", "奶粉", None, "2020"),
    ("2018年到2020年间的抽检通报", "抽检通报", "2018", "2021"),
    ("2018-2020年奶粉新闻", "奶粉", "2018", "2021"),
    ("2020年3月至2020年12月的奶粉新闻", "奶粉", "2020-03", "2021-01"),
    ("今年关于预付卡的消息", "预付卡", "2026", "2027"),
    ("去年以來預付卡的報導", "預付卡", "2025", None),
    ("上个月的召回新闻", "召回", "2026-10", "2026-11"),
    ("近三年奶粉召回的新闻", "奶粉召回", "2023-11-21", None),
    ("最近兩個星期有哪些召回的消息？", "召回", "2026-11-07", None),
    ("近半年的召回新闻", "召回", "2026-05-21", None),
    ("2019年的奶粉新闻", "奶粉", "2019", "2020"),
    ("奶粉召回 2019年以后", "奶粉召回", "2019", None),
    ("奶粉召回（二〇一九年以後）", "奶粉召回", "2019", None),
    ("2020年之前　奶粉召回", "奶粉召回", None, "2020"),
    ("去年 奶粉召回", "奶粉召回", "2025", "2026"),
    ("2023年1月到2023年6月 奶粉召回", "奶粉召回", "2023-01", "2023-07"),
    ("近三年 奶粉召回", "奶粉召回", "2023-11-21", None),
    ("2018 到 2020 奶粉召回", "奶粉召回", "2018", "2021"),
    ("那2019年以后的呢？", "", "2019", None),
    ("只看近三年的", "", "2023-11-21", None),
]

UNTOUCHED = [
    "2019年以后签的合同怎么算",
    "2019年以后签的合同有什么新闻",
    "2019年以后 签订的合同怎么算",
    "2020年以来的合同有什么新闻",
    "民法典2021年1月1日起施行，以前的合同怎么办",
    "2021年1月1日以后，离婚冷静期是多久",
    "去年买的手机还在三包期内吗",
    "今年315晚会曝光了什么",
    "2019年以后的虚假新闻怎么处罚",
    "去年发布的假消息违法吗",
    "2020年以后发布虚假消息",
    "三年内没有使用的预付卡",
    "2000元以上的手机新闻",
    "奶粉召回 2019年",
    "近年来的召回新闻",
    "奶粉召回 近三四年",
    "奶粉召回 近十十年",
    "过去٣年的召回新闻",
    "这台电视是2019年3月起诉的",
    "最近的新闻",
    "12315怎么打",
    "time: 奶粉",
    "",
]

KEYED = [
    ("site:12315.cn 奶粉", "奶粉", Filters(site="12315.cn")),
    ("奶粉召回ｓｉｔｅ：１２３１５．ｃｎ", "奶粉召回", Filters(site="12315.cn")),
    ("SITE:https://www.12315.cn/a/b?c=1 奶粉", "奶粉", Filters(site="www.12315.cn")),
    ("site:12315.cn奶粉召回", "奶粉召回", Filters(site="12315.cn")),
    ("奶粉 site:消費者報", "奶粉", Filters(site="消費者報")),
    ("奶粉 Since：2019 before:2020-06 召回", "奶粉 召回", Filters("2019", "2020-06")),
    ("since:2019/6/1奶粉", "奶粉", Filters("2019-06-01")),
    ("since:二〇一九年六月以后 奶粉", "奶粉", Filters("2019-06")),
    ("奶粉 before:今年", "奶粉", Filters(before="2026")),
    ("since:2019 12315怎么打", "12315怎么打", Filters("2019")),
    ("title:「七天 退貨」運費誰出", "運費誰出", Filters(title="七天 退貨")),
    ('title:"召回" 奶粉', "奶粉", Filters(title="召回")),
    ("since:2019 since:2021", "", Filters("2021")),
    ("2019年以后的奶粉新闻 since:2021", "2019年以后的奶粉新闻", Filters("2021")),
    ("2019年以后的奶粉新闻 site:12315.cn", "奶粉", Filters("2019", None, "12315.cn")),
]


@pytest.mark.parametrize(("question", "rest", "since", "before"), PLAIN)
def test_times_in_plain_words(
    question: str, rest: str, since: str | None, before: str | None
) -> None:
    assert read_filters(question, TODAY) == (rest, Filters(since, before))


@pytest.mark.parametrize("question", UNTOUCHED)
def test_a_time_that_belongs_to_the_question_stays_in_it(question: str) -> None:
    assert read_filters(question, TODAY) == (question, Filters())


@pytest.mark.parametrize(("question", "rest", "filters"), KEYED)
def test_filters_with_a_colon(question: str, rest: str, filters: Filters) -> None:
    assert read_filters(question, TODAY) == (rest, filters)


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("奶粉 since:foo", "since:foo is not a date; write since:2019, "),
        ("before:2019-13 奶粉", "before:2019-13 is not a date; "),
        ("since:2019-02-30", "since:2019-02-30 is not a date; "),
        ("since：２０１", "since:２０１ is not a date; "),
        ("before: ", "before: lacks a date; write before:2019, "),
        ("site: ", "site: lacks a value; write site:12315.cn"),
        ("title:“”奶粉", "title: lacks a value; write title:召回"),
    ],
)
def test_a_filter_that_cannot_be_read_is_named_in_one_line(question: str, message: str) -> None:
    with pytest.raises(FilterError) as caught:
        read_filters(question, TODAY)
    assert str(caught.value).startswith(message) and "\n" not in str(caught.value)
    assert isinstance(caught.value, RetrievalError)


def test_relative_words_follow_the_clock() -> None:
    leap = date(2024, 2, 29)
    assert read_filters("奶粉 近一年", leap)[1] == Filters("2023-02-28")
    assert read_filters("上个月的召回新闻", date(2024, 1, 31))[1] == Filters("2023-12", "2024-01")
    assert read_filters("前年的召回新闻", leap)[1] == Filters("2022", "2023")


@given(
    st.lists(
        st.sampled_from(
            [
                *"奶粉召回的新闻报道在，？ 　（）:：「」年到",
                *("since:", "site:", "title:", "2019", "以后", "近三年", "去年", "以來"),
                *("二〇一九年", "3月", "99日", "foo", "\ud800", "过去", "三", "十", "年", "٣"),
            ]
        ),
        max_size=14,
    ).map("".join)
)
def test_anything_is_read_or_refused_in_one_line(question: str) -> None:
    try:
        rest, filters = read_filters(question, TODAY)
    except FilterError as error:
        assert "\n" not in str(error)
        return
    assert rest == question or filters
    assert all(piece in question for piece in rest.split())
    assert read_filters(rest, TODAY)[0] == rest or not filters or ":" in fold_characters(rest)


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
    query, _ = legs.query("".join(words))
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
