"""The bundled sample articles and the questions asked of them, of `shared/` and of the law."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import opencc
import pytest

TESTS = Path(__file__).resolve().parent
SAMPLE = TESTS.parent / "corpus" / "sample"
CASES = TESTS / "cases"
SHARED_ARTICLES = TESTS.parents[1] / "shared" / "articles"
STARD = TESTS.parents[1] / "shared" / "data" / "eval" / "stard_train"

FILES = sorted(path for path in SAMPLE.iterdir() if path.suffix in {".md", ".txt", ".html"})
NAMES = [path.name for path in FILES]

HAN = re.compile(r"[\u4e00-\u9fff]")
DATE = re.compile(r"20\d\d年\d{1,2}月\d{1,2}日")
STATUTE = re.compile(r"《[^《》]{2,40}(?:法|典|條例|条例|規定|规定|辦法|办法)[^《》]{0,3}》")
NUMBER = re.compile(r"第[一二三四五六七八九十百千零]+[条條]")
ANNOTATION = re.compile(r"\([a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü]{1,7}\)")

needs_shared = pytest.mark.skipif(
    not SHARED_ARTICLES.is_dir(), reason="the project's ../shared folder is not here"
)
needs_stard = pytest.mark.skipif(
    not STARD.is_dir(), reason="the project's ../shared/data folder is not here"
)


def article_body(path: Path) -> str:
    """What a reader sees of a sample: for HTML the text of its <article>, else the whole file."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".html":
        return text
    found = re.search(r"<article>(.*)</article>", text, re.DOTALL)
    return re.sub(r"<[^>]+>", "", found.group(1)) if found else ""


def article_title(path: Path) -> str:
    """The heading of a sample, or an empty string where there is none."""
    text = path.read_text(encoding="utf-8")
    patterns = {".md": r"\A# (.+)\n", ".txt": r"\A(.+)\n", ".html": r"<h1>(.+)</h1>"}
    found = re.search(patterns[path.suffix], text)
    return found.group(1).strip() if found else ""


@cache
def converter(config: str) -> opencc.OpenCC:
    """An OpenCC converter; building one reads dictionaries, so each is built once."""
    return opencc.OpenCC(config)


def script_of(text: str) -> str:
    """`hant` or `hans`: which conversion changes more characters tells the script it is not."""
    to_simplified = sum(a != b for a, b in zip(text, converter("t2s").convert(text), strict=True))
    to_traditional = sum(a != b for a, b in zip(text, converter("s2t").convert(text), strict=True))
    return "hant" if to_simplified > to_traditional else "hans"


def bare(text: str) -> str:
    """Letters, digits and Han of a text, Simplified: what two texts are compared by."""
    return re.sub(r"[^\u4e00-\u9fffA-Za-z0-9]", "", converter("t2s").convert(text))


def read_cases(name: str) -> list[dict[str, Any]]:
    lines = (CASES / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_there_are_enough_samples_and_half_are_traditional() -> None:
    scripts = Counter(script_of(article_body(path)) for path in FILES)
    assert len(FILES) >= 24
    assert abs(scripts["hant"] - scripts["hans"]) <= 2
    assert {path.suffix for path in FILES} == {".md", ".txt", ".html"}


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_sample_has_title_date_site_and_length(path: Path) -> None:
    body = article_body(path)
    assert HAN.search(article_title(path))
    assert DATE.search(body)
    assert re.search(r"[来來]源：[寻尋]章示例", body)
    assert 350 <= len(HAN.findall(body)) <= 900


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_sample_names_the_article_of_law_it_rests_on(path: Path) -> None:
    body = article_body(path)
    assert STATUTE.search(body)
    assert NUMBER.search(body)


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_sample_is_written_in_one_script(path: Path) -> None:
    # A Traditional text keeps a few glyphs s2t would vary (台 吃 布); a mixture changes many.
    body = article_body(path)
    other = "s2t" if script_of(body) == "hant" else "t2s"
    pairs = zip(body, converter(other).convert(body), strict=True)
    foreign = {before for before, after in pairs if before != after}
    assert foreign <= set("台吃布占具家划")


@pytest.mark.parametrize("path", [p for p in FILES if p.suffix == ".html"], ids=lambda p: p.name)
def test_an_html_sample_carries_metadata(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for mark in ("og:site_name", "article:published_time", 'rel="canonical"', "example.org"):
        assert mark in text


def test_sample_questions_are_answered_where_they_say() -> None:
    bodies = {path.name: article_body(path) for path in FILES}
    for case in read_cases("sample_questions.jsonl"):
        if case["article"] is None:
            assert case["contains"] is None
        else:
            assert bodies[case["article"]].count(case["contains"]) == 1, case


def test_sample_questions_cover_every_article_and_both_scripts() -> None:
    cases = read_cases("sample_questions.jsonl")
    answered = [case for case in cases if case["article"] is not None]
    scripts = {path.name: script_of(article_body(path)) for path in FILES}
    crossed = [case for case in answered if case["script"] != scripts[case["article"]]]
    assert (len(answered), len(cases) - len(answered)) == (90, 25)
    assert {case["article"] for case in answered} == set(NAMES)
    assert Counter(case["script"] for case in answered) == {"hant": 45, "hans": 45}
    assert len(crossed) >= 30
    assert len({case["question"] for case in cases}) == len(cases)


@pytest.mark.parametrize("name", ["sample_questions.jsonl", "shared_article_questions.jsonl"])
def test_a_question_is_in_the_script_it_names(name: str) -> None:
    for case in read_cases(name):
        assert case["script"] in {"hans", "hant"}
        # A question whose characters are the same in both scripts may name either.
        if converter("t2s").convert(case["question"]) != converter("s2t").convert(case["question"]):
            assert script_of(case["question"]) == case["script"], case


@needs_shared
@pytest.mark.shared
@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_sample_copies_nothing_from_the_shared_articles(path: Path) -> None:
    ours = bare(article_body(path))
    # The bare name of an article of law is 13 characters long and is nobody's sentence.
    ours = ours.replace("消费者权益保护法第", "\n")
    runs = {ours[i : i + 13] for i in range(len(ours) - 12)}
    for theirs in SHARED_ARTICLES.glob("*.txt"):
        text = bare(ANNOTATION.sub("", theirs.read_text(encoding="utf-8")))
        assert not [run for run in runs if run in text]


@needs_shared
@pytest.mark.shared
def test_questions_on_the_shared_articles_point_into_them() -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in SHARED_ARTICLES.glob("*.txt")}
    cases = read_cases("shared_article_questions.jsonl")
    assert len(cases) == 24
    for case in cases:
        named = texts if case["article"] == "shared" else {"": texts[case["article"]]}
        assert 0 < len(case["contains"]) <= 12
        assert all(case["contains"] in text for text in named.values()), case


def test_everyday_questions_are_120_distinct_ones_with_answers() -> None:
    cases = read_cases("everyday_questions.jsonl")
    assert len(cases) == 120
    assert len({case["id"] for case in cases}) == 120
    assert len({case["question"] for case in cases}) == 120
    for case in cases:
        assert case["answers"]
        assert "《" not in case["question"]
        assert not re.search(r"第[一二三四五六七八九十百千零]+条", case["question"])


@needs_stard
@pytest.mark.shared
def test_every_article_everyday_questions_name_is_in_the_corpus() -> None:
    number = re.compile(r"第[一二三四五六七八九十百千零]+条(?:之[一二三四五六七八九十])?")
    known: set[tuple[str, str]] = set()
    with (STARD / "corpus.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            document = json.loads(line)
            if found := number.match(document["text"]):
                known.add((document["title"], found.group()))
    for case in read_cases("everyday_questions.jsonl"):
        for answer in case["answers"]:
            assert (answer["law"], answer["article"]) in known, case


@needs_stard
@pytest.mark.shared
def test_no_everyday_question_nearly_is_one_of_stard() -> None:
    # 0.6 is the limit above which two questions count as the same one in cross-validation.
    def bigrams(text: str) -> set[str]:
        letters = bare(text)
        return {letters[i : i + 2] for i in range(len(letters) - 1)}

    with (STARD / "queries.jsonl").open(encoding="utf-8") as lines:
        theirs = [bigrams(json.loads(line)["text"]) for line in lines]
    for case in read_cases("everyday_questions.jsonl"):
        ours = bigrams(case["question"])
        assert max(len(ours & other) / len(ours | other) for other in theirs) < 0.6, case
