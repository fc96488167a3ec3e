"""Families of copies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from corpus.families import Facts, Family, families, in_both, shingles
from corpus.segments import key_text
from tests.made_articles import article_text, sentences, survey


def families_of(texts: list[str], folder: Path, **facts: list[object]) -> list[Family]:
    made = survey(texts, folder)

    def facts_of(row: int) -> Facts:
        own: dict[str, Any] = {"title": None, "published": None, "unrepaired": 0, "id": f"a{row}"}
        return Facts(**own | {name: values[row] for name, values in facts.items()})

    found = families(made, texts.__getitem__, facts_of)
    made.close()
    return found


def edited(text: str, *, every: int) -> str:
    """Change one character in so many sentences."""
    made = text.split("。")
    return "。".join(
        one[:3] + "某" + one[4:] if number % every == every - 1 and len(one) > 6 else one
        for number, one in enumerate(made)
    )


def test_copies_are_a_family_in_any_script_with_small_edits(tmp_path: Path) -> None:
    body = article_text(1, count=30)
    hant = body.replace("质量", "質量").replace("协会", "協會").replace("汽车", "汽車")
    texts = [
        article_text(2, count=30),
        body,
        hant,
        edited(body, every=12),
        article_text(3, count=30),
    ]
    assert families_of(texts, tmp_path) == [Family(1, (2, 3))]


def test_the_fullest_is_shown_then_the_least_damaged_then_the_earliest(tmp_path: Path) -> None:
    body = article_text(1, count=30)
    fuller = f"{body}\n{article_text(4, count=3)}"
    dates: list[object] = ["2023-05-02", "2023-05-01", None]
    assert families_of([body, body, fuller], tmp_path, published=dates) == [Family(2, (1, 0))]
    assert families_of([body, body, body], tmp_path, published=dates) == [Family(1, (0, 2))]
    broken: list[object] = [0, 3, 0]
    assert families_of([body] * 3, tmp_path, published=dates, unrepaired=broken)[0].head == 0
    assert families_of([body] * 3, tmp_path, id=["c", "a", "b"])[0] == Family(1, (2, 0))


@pytest.mark.parametrize(
    ("old", "new"), [("罚款五百元", "罚款五千元"), ("共12万件", "共15万件"), ("5月3日", "6月4日")]
)
def test_other_numbers_are_another_matter(tmp_path: Path, old: str, new: str) -> None:
    body = f"{article_text(1, count=15)}这一次的结果是{old}。{article_text(2, count=15)}"
    assert families_of([body, body.replace(old, new)], tmp_path) == []
    assert len(families_of([body, body], tmp_path)) == 1


def test_a_dateline_is_no_number_of_the_text(tmp_path: Path) -> None:
    body = article_text(1, count=30)
    texts = [f"来源：甲网 2023-05-01 08:30\n{body}", f"2023年5月4日 乙网\n{body}"]
    assert len(families_of(texts, tmp_path)) == 1


def test_versions_of_a_law_stay_apart_and_copies_of_one_do_not(tmp_path: Path) -> None:
    rules = "\n".join(f"第{number}条 {one}" for number, one in enumerate(sentences(3, 40), start=1))
    amended = rules.replace("消费者", "顾客", 1)
    assert families_of([rules, amended], tmp_path) == []
    assert families_of([rules, rules], tmp_path) == [Family(0, (1,))]


def test_short_texts_are_copies_only_with_their_titles(tmp_path: Path) -> None:
    text = "缺陷汽车应当召回，费用由生产者承担。"
    assert len(families_of([text, text], tmp_path, title=["甲", "甲"])) == 1
    assert families_of([text, text], tmp_path, title=["甲法", "乙法"]) == []
    assert families_of([text, text.replace("召回", "退货")], tmp_path) == []


def test_likeness_does_not_chain(tmp_path: Path) -> None:
    made = sentences(1, 60)
    texts = ["".join(made[start : start + 40]) for start in (0, 5, 10, 15, 20)]
    for family in families_of(texts, tmp_path):
        head = shingles(key_text(texts[family.head]))
        for row in family.members:
            other = shingles(key_text(texts[row]))
            both = in_both(head, other)
            assert both >= 0.85 * (len(head) + len(other) - both)
