"""The repair as a whole: what is put right, what is left alone, and what the ledger says."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.damage import Page, annotate, damage, to_half_width, to_traditional
from corpus.readings import reading_of
from corpus.repair import repair
from corpus.repair_ledger import Repaired, composed, undone
from tests.benchmarks.bench_repair import distance
from tests.benchmarks.repair_articles import piece, reproduces, windows
from tests.conftest import SHARED

CASES = Path(__file__).with_name("cases")
GOLDEN = json.loads((CASES / "repair.json").read_text(encoding="utf-8"))
KEEP = json.loads((CASES / "repair_keep.json").read_text(encoding="utf-8"))
TEXTS = [
    to_traditional(text)
    for text in json.loads((CASES / "repair_texts.json").read_text(encoding="utf-8"))
]

# Characters such pages annotate, and some that only unaligned bytes hit.
COMMON = (
    "國會學業質個電產動對場開關門時間東車馬長書見說話語讀寫買賣價錢貨費誰請問題應該規則責務"
    "員師資論證檢驗經營協調結構實際團體標準導領頭類別級網絡線紅綠黃點亂觀覺聽愛樂發現進過還"
    "這邊裡來無為與從眾術衛護處罰據擔損壞賠償報條約變換傳輸運錄擴節獎災強風負驅頻滿細"
)


def make_page(seed: int) -> Page:
    chance = random.Random(seed)
    table = chance.sample(sorted(set(COMMON)), chance.randint(60, len(set(COMMON))))
    table = list(dict.fromkeys([*table, *"驗災節獎負驅"]))
    chance.shuffle(table)
    readings = {character: reading_of(character) or "" for character in table}
    return Page(tuple(table), readings, keep_private=seed % 2 == 0, seed=seed)


def check_ledger(damaged: str, result: Repaired) -> None:
    """Every entry points at what it says, and undoing them all gives the page back."""
    ends = 0
    for change in result.repairs:
        assert change.start >= ends
        ends = change.start + len(change.after)
        assert result.text[change.start : ends] == change.after
    assert undone(result) == damaged
    assert all(0 <= at < len(result.text) for at in result.unrepaired)
    assert list(result.unrepaired) == sorted(set(result.unrepaired))


@pytest.mark.parametrize("case", GOLDEN, ids=[case["name"] for case in GOLDEN])
def test_damaged_paragraphs_come_out_clean(case: dict[str, str]) -> None:
    result = repair(case["damaged"])
    assert result.text == case["clean"]
    assert result.unrepaired == ()
    check_ledger(case["damaged"], result)


@pytest.mark.parametrize("group", KEEP)
def test_what_looks_like_damage_is_left_alone(group: str) -> None:
    for text in KEEP[group]:
        assert repair(text) == Repaired(text)


@pytest.mark.parametrize("text", TEXTS, ids=[text[:6] for text in TEXTS])
def test_clean_text_is_left_alone_in_both_scripts_and_widths(text: str) -> None:
    for version in (text, to_half_width(text)):
        assert repair(version) == Repaired(version)


def test_every_character_annotated_is_a_text_for_learners() -> None:
    for text in TEXTS:
        annotated = "".join(
            f"{character}({reading})" if (reading := reading_of(character)) else character
            for character in text
        )
        assert repair(annotated).text == annotated
        assert repair(to_half_width(annotated)).text == to_half_width(annotated)


@pytest.mark.parametrize("seed", range(6))
def test_aligned_annotations_leave_no_trace(seed: int) -> None:
    page = make_page(seed)
    for text in TEXTS:
        damaged = annotate(text, page)
        result = repair(damaged)
        assert result.text == to_half_width(text)
        check_ledger(damaged, result)


def test_error_rate_on_damaged_paragraphs_stays_below_the_target() -> None:
    wrong = total = 0
    for seed in range(10):
        page = make_page(seed)
        for text in TEXTS:
            clean = to_half_width(text)
            got = repair(damage(text, page)).text
            total += len(clean)
            wrong += distance(got, clean)
    assert total > 10_000
    assert wrong <= 0.0015 * total


@given(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3), st.integers(0, 999))
def test_repair_is_idempotent_never_longer_and_accounted_for(texts: list[str], seed: int) -> None:
    damaged = damage("\n".join(texts), make_page(seed))
    result = repair(damaged)
    assert len(result.text) <= len(damaged)
    assert repair(result.text).text == result.text
    check_ledger(damaged, result)


# Signs of damage in any order: nonsense must be survived and accounted for as well.
_SPELT = ("國(guó)", "會(huì)", "業(yè)", "(zhì)", "?qiáng)", "?yàn)", "&#8226;", "zh", "發展")
_SHARDS = st.sampled_from([*_SPELT, "?。ㄋ模", "??墒", *"?。,€\n摿\ue123W2()質ā\ufffd "])


@given(st.lists(_SHARDS, max_size=25))
def test_nonsense_is_survived(shards: list[str]) -> None:
    damaged = "".join(shards)
    result = repair(damaged)
    assert len(result.text) <= len(damaged)
    assert repair(result.text).text == result.text
    check_ledger(damaged, result)


@given(st.text(max_size=60))
def test_any_text_is_survived(text: str) -> None:
    check_ledger(text, repair(text))


def test_what_is_gone_for_good_is_marked_not_invented() -> None:
    clean = to_traditional(
        "消费者投诉增多，因为2008年的标准早已过时，检验能力又没有跟上，监管责任落空。"
    )
    readings = {character: reading_of(character) or "" for character in "驗標準責檢費訴"}
    result = repair(damage(clean, Page(tuple(readings), readings, cut_share=0)))
    lost = result.text.index("?008")
    assert lost in result.unrepaired
    assert result.text.replace("?008", "2008") == to_half_width(clean)


@pytest.mark.parametrize(
    ("year", "elsewhere", "proven"),
    [
        ("1987", "", True),
        ("2008", "", False),
        ("2008", "2023年又修订一次。", True),
        ("1500", "", False),
    ],
)
def test_only_a_year_that_the_rest_proves_gets_its_digit_back(
    year: str, elsewhere: str, proven: bool
) -> None:
    text = f"消费者投诉增多，因为{year}年的标准早已过时，检验能力又没有跟上。{elsewhere}"
    clean = to_half_width(to_traditional(text))
    readings = {character: reading_of(character) or "" for character in "驗標準責檢費訴"}
    page = Page(tuple(readings), readings, cut_share=0)
    result = repair(damage(to_traditional(text), page))
    assert result.text == (clean if proven else clean.replace(year, f"?{year[1:]}", 1))
    assert len(result.unrepaired) == (not proven)
    assert ("year" in {change.kind for change in result.repairs}) == proven


def test_a_page_of_nonsense_is_given_up_early() -> None:
    damaged = GOLDEN[16]["damaged"] + "?guó)" * 20_000
    result = repair(damaged)
    assert len(result.unrepaired) > 15_000
    assert repair(result.text).text == result.text
    check_ledger(damaged, result)


def test_one_torn_reading_is_enough_to_know_the_damage() -> None:
    assert repair("他說,因?yàn)樗麄兲焯靵?").text == "他說,因為他們天天來"


def test_signs_outside_the_code_are_put_back_where_only_their_lead_was_eaten() -> None:
    clean = "因為•檢驗能力不足,經營者的責任很難確定,消費者應該保留證據。"
    readings = {character: reading_of(character) or "" for character in "驗責費應該檢"}
    damaged = damage(clean, Page(tuple(readings), readings, cut_share=0))
    assert "#8226;" in damaged
    assert repair(damaged).text == clean


def test_composed_repairs_read_as_one() -> None:
    mojibake = "关于消费者权益".encode().decode("latin-1")
    damaged = f"{mojibake}\n" + GOLDEN[16]["damaged"]
    result = repair(damaged)
    assert result.text == "关于消费者权益\n" + GOLDEN[16]["clean"]
    assert {change.kind for change in result.repairs} >= {"mojibake", "annotation", "shifted"}
    check_ledger(damaged, result)
    assert composed(Repaired("a"), result) == result


@pytest.mark.shared
@pytest.mark.skipif(not (SHARED / "articles").is_dir(), reason="needs ../shared/articles")
def test_the_real_pages_come_out_whole() -> None:
    for path in sorted((SHARED / "articles").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        result = repair(text)
        assert result.unrepaired == ()
        assert not re.search(r"[(?][a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü]{1,6}\)", result.text)
        numbers = re.findall(r"\(([一二三四五六七八九十]+)\)", result.text)
        assert numbers == [*"一二三四五六七八九十", *(f"十{one}" for one in "一二三四五六七八")]
        check_ledger(text, result)
        table = frozenset(c.after for c in result.repairs if c.kind == "annotation")
        for start, end, _ in windows(result):
            assert reproduces(result.text[start:end], piece(result, start, end), table)
