"""Follow-ups asked of an archive, and what is found."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from embeddings import BUNDLED, load_encoder
from retrieval import Exchange, Searcher, build_index
from retrieval.calibration import read_calibration
from retrieval.filters import Filters
from retrieval.finding import Finder
from retrieval.generation import STORE, Manifest, current_generation
from retrieval.rows import RowMask
from retrieval.searching import LEG_DEPTH, Hit, Mode, Query, SearchLegs
from retrieval.store import Store
from retrieval.suites import in_mixed_script, in_other_script
from tests.benchmarks.follow_ups import SAMPLE, cases, is_right, is_unharmed, on_samples, talk


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the sample articles, with the encoder that is shipped."""
    folder = tmp_path_factory.mktemp("sample")
    build_index([SAMPLE], folder, load_encoder(BUNDLED))
    return folder


@pytest.fixture(scope="module")
def sample(index: Path) -> Iterator[Searcher]:
    """The sample articles, open for questions."""
    with Searcher.open(index, load_encoder(BUNDLED)) as searcher:
        yield searcher


# The forms


def test_a_follow_up_to_a_follow_up_keeps_the_subject(sample: Searcher) -> None:
    answer = talk(sample, ["快遞弄丟了賠多少？", "賣家呢？", "怎麼投訴？"])
    assert answer.understood == "快遞弄丟了賠多少 · 怎麼投訴"


def test_a_greeting_is_no_subject(sample: Searcher) -> None:
    assert sample.answer("你好").exchange is None


# What is found


def test_more_goes_on_to_passages_not_yet_shown(sample: Searcher) -> None:
    answer = sample.answer("買到假貨怎麼索賠")
    ranking = [(one.article.id, one.start) for one in answer.passages]
    shown = [ranking[0]]
    for _ in range(2):
        answer = sample.answer("還有別的嗎？", previous=answer.exchange)
        assert answer.understood == "買到假貨怎麼索賠"
        places = [(one.article.id, one.start) for one in answer.passages]
        assert not set(places) & set(shown)
        shown.append(places[0])


def test_thanks_do_not_change_the_subject(sample: Searcher) -> None:
    first, second = "电动自行车最高时速是多少", "重量呢"
    thanked = talk(sample, [first, "好的，谢谢", second])
    assert thanked.passages == talk(sample, [first, second]).passages
    assert thanked.understood == f"{first} · {second}"
    assert talk(sample, [first, "谢谢"]).status == "not_found"


def test_what_the_archive_does_not_know_stays_unknown(sample: Searcher) -> None:
    for question in ("那火星呢？", "尼羅河呢", "那足球呢"):
        answer = talk(sample, ["快遞弄丟了賠多少？", question])
        assert answer.status == "not_found", question


def test_a_follow_up_in_either_script_finds_the_same(sample: Searcher) -> None:
    hans = talk(sample, ["收到汽车召回通知怎么办", "费用谁出？"])
    hant = talk(sample, ["收到汽車召回通知怎麼辦", "費用誰出？"])
    assert (hans.passages, hans.confidence) == (hant.passages, hant.confidence)
    assert hans.understood == "收到汽车召回通知怎么办 · 费用谁出"
    assert hant.understood == "收到汽車召回通知怎麼辦 · 費用誰出"


def test_how_it_was_understood_is_said_and_explained(sample: Searcher) -> None:
    answer = talk(sample, ["收到汽车召回通知怎么办", "费用谁出"])
    assert answer.to_json()["understood"] == "收到汽车召回通知怎么办 · 费用谁出"
    assert answer.question == "费用谁出"
    assert answer.explanation["understood"] == answer.understood
    assert 0 <= answer.explanation["alone"] <= 1
    assert sample.answer("费用谁出").to_json()["understood"] is None


def test_a_question_that_stands_is_answered_as_ever(sample: Searcher) -> None:
    questions = [
        case["question"]
        for name in ("sample_questions", "shared_article_questions", "everyday_questions")
        for case in cases(name)
    ]
    previous: Exchange | None = None
    for question in questions:
        fresh, after = sample.answer(question), sample.answer(question, previous=previous)
        assert (after.passages, after.confidence) == (fresh.passages, fresh.confidence), question
        assert after.understood is None
        previous = after.exchange


def test_follow_ups_on_the_sample_articles(sample: Searcher) -> None:
    asked = [case for case in cases() if on_samples(case)]
    wrong = [case["turns"] for case in asked if not is_right(talk(sample, case["turns"]), case)]
    assert len(asked) == 119
    assert len(wrong) <= 10, wrong  # eight when this was written


def test_a_new_topic_is_answered_as_if_nothing_had_been_asked_before(sample: Searcher) -> None:
    switches = cases("topic_switches")
    assert len(switches) == 20
    for case in switches:
        assert is_unharmed(sample, case["turns"]), case


def test_follow_ups_in_any_script_find_the_same(sample: Searcher) -> None:
    chance = random.Random(1)
    for case in cases():
        if on_samples(case) and case["set"] in (1, 4, 6):
            written = talk(sample, case["turns"])
            for rewrite in (in_other_script, in_mixed_script):
                other = talk(sample, [rewrite(turn, chance) for turn in case["turns"]])
                assert other.passages == written.passages, case
                assert other.confidence == written.confidence, case


class CountingLegs(SearchLegs):
    """Both indexes, counting how often they are searched."""

    searches = 0

    def search(
        self,
        query: Query,
        *,
        depth: int = LEG_DEPTH,
        mode: Mode = "hybrid",
        within: RowMask | None = None,
    ) -> list[Hit]:
        self.searches += 1
        return super().search(query, depth=depth, mode=mode, within=within)


def test_a_follow_up_costs_two_searches_at_most(sample: Searcher, index: Path) -> None:
    generation = current_generation(index)
    legs = CountingLegs(generation, load_encoder(BUNDLED))
    store = Store(generation / STORE)
    calibration = read_calibration(Manifest.read(generation), generation)
    finder = Finder(legs, store, calibration)
    for case in cases():
        if on_samples(case) and case["set"] in (1, 6):
            previous = sample.answer(case["turns"][0]).exchange
            legs.searches = 0
            alone = finder.find(case["turns"][-1], Filters(), wanted=10)
            finder.follow(case["turns"][-1], alone, Filters(), previous)
            assert legs.searches <= 2, case
    store.close()


@pytest.mark.shared
def test_follow_ups_on_the_shared_articles(shared: Path, tmp_path: Path) -> None:
    asked = [case for case in cases() if not on_samples(case)]
    encoder = load_encoder(BUNDLED)
    build_index([SAMPLE, shared / "articles"], tmp_path / "index", encoder)
    with Searcher.open(tmp_path / "index", encoder) as searcher:
        found = [is_right(talk(searcher, case["turns"]), case) for case in asked]
    assert len(asked) == 21
    assert sum(found) >= 18  # as many as there were when this was written
