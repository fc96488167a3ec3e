from __future__ import annotations

import re
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import fold, sentences
from embeddings import load_encoder
from retrieval import Answer, Searcher, build_index
from retrieval.judging import ANSWERED, VERBATIM, Calibration, Evidence, confidence
from retrieval.searching import MAX_QUESTION

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "corpus" / "sample"
NONE = (ROOT / "tests" / "cases" / "no_questions.txt").read_text(encoding="utf-8").splitlines()
TYPICAL = Calibration(words=0.1, far=0.2, far_spread=0.1, near=0.5, near_spread=0.15)

cosines = st.floats(-1, 1)


@given(first=cosines, second=cosines)
def test_what_is_nearer_never_speaks_less_for_an_answer(first: float, second: float) -> None:
    low, high = sorted((first, second))
    assert TYPICAL.meaning(low) <= TYPICAL.meaning(high)
    assert TYPICAL.meaning(-1) < 0 < TYPICAL.meaning(1)


@pytest.mark.parametrize("scale", [0.2, 0.6, 1.0])
def test_the_scale_of_an_encoder_makes_no_difference(scale: float) -> None:
    squeezed = Calibration(0.1, 0.2 * scale, 0.1 * scale, 0.5 * scale, 0.15 * scale)
    for cosine in (0.1, 0.25, 0.35, 0.45, 0.9):
        assert squeezed.meaning(cosine * scale) == pytest.approx(TYPICAL.meaning(cosine))


def test_an_encoder_that_knows_nothing_has_no_say() -> None:
    blind = Calibration(words=0.1, far=0.4, far_spread=0.1, near=0.4, near_spread=0.1)
    assert {blind.meaning(cosine) for cosine in (-1, 0, 0.4, 1)} == {0.0}


@given(first=st.floats(0, 0.99), second=st.floats(0, 0.99), cosine=cosines)
def test_more_of_the_words_never_means_less(first: float, second: float, cosine: float) -> None:
    low, high = sorted((first, second))
    assert confidence(Evidence(low, low, cosine), TYPICAL) <= confidence(
        Evidence(high, high, cosine), TYPICAL
    )


def test_what_stands_there_as_it_is_asked_is_sure() -> None:
    assert confidence(Evidence(1.0, 0.3, 0.1, verbatim=True), TYPICAL) == VERBATIM


def test_nearness_alone_does_not_answer() -> None:
    assert confidence(Evidence(0.0, 0.0, 1.0), TYPICAL) < ANSWERED


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    index = tmp_path_factory.mktemp("samples")
    encoder = load_encoder()
    build_index([SAMPLE], index, encoder)
    return Searcher.open(index, encoder)


def test_what_is_no_question_for_the_archive_is_not_found(samples: Searcher) -> None:
    """Greetings, single characters, gibberish, other languages, other subjects.

    One may slip through: 推荐一部好看的电影 is about recommending, and so is an article on who
    recommends goods in advertisements.
    """
    slipped = []
    for question in NONE:
        answer = samples.answer(question)
        if answer.status != "not_found":
            slipped.append((question, answer.explanation["confidence"]))
        else:
            assert bool(answer.nearest_titles) == bool(answer.passages)
    assert len(slipped) <= 1, slipped


@pytest.mark.parametrize(
    "question",
    ["消费者心理学是谁创立的学科", "退货率怎么影响上市公司的股价", "价款先生是哪部小说里的人物"],
)
def test_one_word_in_common_is_no_answer(samples: Searcher, question: str) -> None:
    assert samples.answer(question).status == "not_found"


def test_how_many_passages_are_wanted_does_not_decide_the_verdict(samples: Searcher) -> None:
    for question in (
        "外送吃出蟲子可以賠多少",
        "导游逼我买东西，回来多久之内可以退",
        "怎麼減肥最快",
    ):
        found = {samples.answer(question, limit=limit).confidence for limit in (1, 5, 20)}
        assert len(found) == 1


def test_every_character_alone_is_not_found(samples: Searcher) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(SAMPLE.iterdir()))
    found = [one for one in sorted(set(text))[::20] if samples.answer(one).status == "answered"]
    assert found == []


def test_sentences_of_the_samples_are_sure(samples: Searcher) -> None:
    asked = [text for text in verbatim(samples) if len(text) <= MAX_QUESTION]
    assert len(asked) > 300
    assert_sure(samples, asked)


@pytest.mark.shared
def test_sentences_of_the_laws_are_sure(
    shared: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("laws")
    with tarfile.open(shared / "data" / "laws.tar.xz") as archive:
        members = [one for one in archive.getmembers() if one.name.endswith(".md")]
        archive.extractall(folder / "laws", members[::20], filter="data")
    encoder = load_encoder()
    build_index([folder / "laws"], folder / "index", encoder)
    with Searcher.open(folder / "index", encoder) as laws:
        asked = verbatim(laws)
        assert_sure(laws, asked[:: len(asked) // 1000][:1000])


def verbatim(searcher: Searcher) -> list[str]:
    """Return the whole sentences of ten letters or more of an archive."""
    rows = range(searcher.manifest.passages)
    texts = [searcher._store.passages([row])[row].text for row in rows]
    found = [text[start:end] for text in texts for start, end in sentences(text)]
    return [one for one in found if len(re.sub(r"[\W_]+", "", fold(one))) >= 10]


def assert_sure(searcher: Searcher, asked: list[str]) -> None:
    answers = [searcher.answer(sentence) for sentence in asked]
    doubted = [one.question for one in answers if one.confidence < 0.95]
    assert doubted == []


def test_the_verdict_is_told_with_the_nearest_titles(samples: Searcher) -> None:
    answer: Answer = samples.answer("端午节的粽子是哪位诗人留下的习俗")
    assert answer.status == "not_found"
    assert len(answer.nearest_titles) == 5
