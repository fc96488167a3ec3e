from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import Article, Repair, clean_text
from corpus.blocks import Shared
from corpus.counting import KeyCounter
from corpus.cutting import excerpt, with_shared_listed, without
from corpus.families import Facts, Family, families, fingerprint, in_both, shingles
from corpus.repeats import Survey
from corpus.segments import LAW, SENTENCE, key_text, segment_spans, segments

WORDS = [
    "消费者",
    "商家",
    "平台",
    "退款",
    "玩具",
    "家电",
    "抽查",
    "标签",
    "说明书",
    "投诉",
    "调解",
    "协会",
    "记者",
    "现场",
    "快递",
    "价格",
    "合同",
    "预付卡",
    "食品",
    "检测",
    "质量",
    "安全",
    "提醒",
    "公告",
    "企业",
    "赔偿",
    "服务",
    "培训",
    "标准",
    "召回",
    "汽车",
    "手机",
    "药店",
    "超市",
    "物业",
    "旅行社",
    "健身房",
    "房东",
]


def sentences(seed: int, count: int) -> list[str]:
    """Make sentences of our own, different for each seed."""
    chance = random.Random(seed)
    return [
        "".join(chance.choice(WORDS) for _ in range(chance.randint(5, 9))) + "。"
        for _ in range(count)
    ]


def article_text(seed: int, *, count: int = 12) -> str:
    made = sentences(seed, count)
    return "\n".join("".join(made[start : start + 3]) for start in range(0, count, 3))


BLOCK = "关于协会\n" + article_text(1000, count=15)
LONG_BLOCK = article_text(2000, count=60)


def survey(texts: list[str], folder: Path) -> Survey:
    made = Survey(folder)
    for text in texts:
        made.add(segments(text))
    made.finish()
    return made


def shared(texts: list[str], folder: Path) -> Shared:
    made = survey(texts, folder)
    found = made.shared(texts.__getitem__)
    made.close()
    assert list(folder.iterdir()) == []
    return found


def left(texts: list[str], found: Shared) -> list[str]:
    result = []
    for row, text in enumerate(texts):
        article = Article("a", None, text, "/a")
        result.append(without(article, found.cuts.get(row, [])).text)
    return result


@given(st.text(alphabet="质量。！\n a1；”(zhì)?", max_size=80))
def test_segments_are_the_whole_text(text: str) -> None:
    spans = segment_spans(text)
    assert "".join(text[start:end] for start, end in spans) == text
    assert len(segments(text)) == len(spans)


def test_a_key_survives_script_width_lines_and_readings() -> None:
    plain = "质量检验协会是社会组织，遵循客观公正的原则。"
    for other in (
        "質量檢驗協會是社會組織,遵循客觀公正的原則。",
        "質(zhì)量檢驗協會是社會組織，\u3000遵循客觀公正的原則。",
    ):
        assert key_text(other) == key_text(plain)
        assert segments(other)["key"].tolist() == segments(plain)["key"].tolist()


def test_flags_tell_sentences_and_law() -> None:
    law = (
        "某某条例\n第一条 为了保护消费者的权益。\n第二条 本市范围适用。\n"
        "第三条 自公布之日起施行。\n网站的页脚在这里，写了很多字。"
    )
    flags = segments(law)["flags"].tolist()
    assert flags[-1] & LAW == 0 and flags[-1] & SENTENCE
    assert all(flag & LAW for flag in flags[:-1])
    assert not any(segments("第一条 只有一条。\n后面是别的话，不是法律。")["flags"] & LAW)


def test_counting_in_parts_is_counting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corpus.counting._AT_ONCE", 64)
    chance = np.random.default_rng(7)
    pool = chance.integers(1, 1 << 63, 120, dtype=np.uint64) * np.uint64(2)
    counter, expected = KeyCounter(tmp_path / "keys"), dict.fromkeys(pool.tolist(), 0)
    for _ in range(40):
        keys = chance.choice(pool, 30)
        # Two articles at a time: the second repeats a key of the first.
        counter.add(np.concatenate([keys, np.zeros(3, np.uint64), keys[:1]]), [len(keys) + 3, 1])
        for key in (*set(keys.tolist()), int(keys[0])):
            expected[key] += 1
    found = counter.finish().of(pool).tolist()
    assert found == [
        count if count > 1 else 0 for count in (expected[key] for key in pool.tolist())
    ]
    assert not (tmp_path / "keys").exists()


def test_a_block_under_three_articles_is_found_once(tmp_path: Path) -> None:
    texts = [f"{article_text(seed)}\n{BLOCK}" for seed in range(3)]
    found = shared(texts, tmp_path)
    (block,) = found.blocks
    assert texts[block.row][block.start : block.end].strip() == BLOCK
    assert block.holders == (0, 1, 2)
    assert left(texts, found) == [article_text(seed) for seed in range(3)]


@pytest.mark.parametrize("count", [1, 2])
def test_fewer_articles_share_only_what_is_long(tmp_path: Path, count: int) -> None:
    assert (
        shared([f"{article_text(seed)}\n{BLOCK}" for seed in range(count)], tmp_path).blocks == []
    )
    texts = [f"{article_text(seed)}\n{LONG_BLOCK}" for seed in range(count)]
    assert len(shared(texts, tmp_path).blocks) == count - 1


def test_a_block_may_stand_anywhere_on_other_lines_in_another_script(tmp_path: Path) -> None:
    bodies = [article_text(seed) for seed in range(4)]
    head, tail = bodies[1].split("\n", 1)
    texts = [
        f"{bodies[0]}\n{BLOCK}",
        f"{head}\n{BLOCK}\n{tail}",
        bodies[2] + "\n" + BLOCK.replace("。", "。\n").replace("。\n\n", "。\n"),
        f"{bodies[3]}\n{BLOCK.replace('协会', '協會').replace('质量', '質量')}",
    ]
    found = shared(texts, tmp_path)
    assert len(found.blocks) == 1
    assert [key_text(one) for one in left(texts, found)] == [key_text(one) for one in bodies]


def test_a_copy_with_damage_is_taken_out_as_well_and_never_shown(tmp_path: Path) -> None:
    broken = BLOCK.replace("消费者", "消?者", 1).replace("平台", "平?", 1)
    texts = [f"{article_text(9)}\n{broken}"]
    texts += [f"{article_text(seed)}\n{BLOCK}" for seed in range(4)]
    made = survey(texts, tmp_path)
    found = made.shared(texts.__getitem__, lambda row: texts[row].count("?"))
    (block,) = found.blocks
    assert (block.row > 0, len(block.holders)) == (True, 5)
    assert left(texts, found)[0] == article_text(9)


def test_what_one_holder_says_in_between_stays_with_it(tmp_path: Path) -> None:
    middle = "本站的联系电话是一二三四五六七八，欢迎来信来访。"
    half = len(BLOCK) // 2
    cut = BLOCK.index("。", half) + 1
    texts = [f"{article_text(seed)}\n{BLOCK}" for seed in range(3)]
    texts.append(f"{article_text(3)}\n{BLOCK[:cut]}{middle}{BLOCK[cut:]}")
    found = shared(texts, tmp_path)
    assert middle in left(texts, found)[3]
    assert all(middle not in texts[one.row][one.start : one.end] for one in found.blocks)


def test_other_numbers_in_a_block_stay_with_their_holder(tmp_path: Path) -> None:
    middle = BLOCK.index("。", len(BLOCK) // 2) + 1
    texts = [
        f"{article_text(number)}\n{BLOCK[:middle]}本会成立于201{number}年，会址设在北京。{BLOCK[middle:]}"
        for number in range(4)
    ]
    found = shared(texts, tmp_path)
    assert found.blocks
    kept = left(texts, found)
    for number, text in enumerate(kept):
        shown = [texts[one.row][one.start : one.end] for one in found.blocks]
        assert any(f"201{number}年" in one for one in (text, *shown))


@pytest.mark.parametrize("count", [6, 24])
def test_a_heading_and_a_footer_do_not_take_what_is_between(tmp_path: Path, count: int) -> None:
    bodies = [article_text(seed, count=count) for seed in range(3)]
    texts = [f"某某市消费者权益保护网站新闻频道\n{body}\n{BLOCK}" for body in bodies]
    found = shared(texts, tmp_path)
    assert len(found.blocks) == 1
    for text, body in zip(left(texts, found), bodies, strict=True):
        assert text == f"某某市消费者权益保护网站新闻频道\n{body}"


def test_reprints_are_no_blocks(tmp_path: Path) -> None:
    body = article_text(5, count=24)
    texts = [body, body, f"{body}\n编者按：转自别处，略有改动，仅供参考。", article_text(6)]
    assert shared(texts, tmp_path).blocks == []


def test_reprints_on_a_site_lose_the_footer_not_the_body(tmp_path: Path) -> None:
    body = article_text(5, count=24)
    texts = [f"{body}\n{BLOCK}"] * 3 + [f"{article_text(seed)}\n{BLOCK}" for seed in range(4)]
    found = shared(texts, tmp_path)
    assert len(found.blocks) == 1
    assert left(texts, found)[:3] == [body] * 3


def test_an_article_that_is_the_block_stands_for_it(tmp_path: Path) -> None:
    texts = [BLOCK, *(f"{article_text(seed)}\n{BLOCK}" for seed in range(3))]
    (block,) = shared(texts, tmp_path).blocks
    assert (block.whole, block.row, block.holders) == (True, 0, (1, 2, 3))


def test_articles_of_law_are_never_blocks(tmp_path: Path) -> None:
    rules = "\n".join(
        f"第{number}条 {one}" for number, one in zip("一二三四五六", sentences(3, 6), strict=True)
    )
    texts = [f"{article_text(seed, count=3)}\n{rules}" for seed in range(4)]
    assert shared(texts, tmp_path).blocks == []


def test_the_order_of_articles_changes_nothing(tmp_path: Path) -> None:
    texts = [f"{article_text(seed)}\n{BLOCK}" for seed in range(4)] + [article_text(9)]
    first = left(texts, shared(texts, tmp_path))
    second = left(texts[::-1], shared(texts[::-1], tmp_path))
    assert first == second[::-1]


def test_the_ledger_follows_what_is_left() -> None:
    cleaned = clean_text("甲\u200b乙丙丁\u200b戊己庚\u200b辛")
    article = Article("a", None, cleaned.text, "/a", repairs=cleaned.repairs, unrepaired=(2, 7))
    rest = without(article, [(2, 5)])
    assert rest.text == "甲乙己庚辛"
    assert rest.repairs == (
        Repair("invisible", "\u200b", "", 1),
        Repair("invisible", "\u200b", "", 4),
    )
    assert rest.unrepaired == (4,)
    assert [(one.kind, one.text, one.shared) for one in rest.dropped] == [
        ("shared", "丙丁戊", True)
    ]
    part = excerpt(article, 2, 8)
    assert (part.text, part.unrepaired) == ("丙丁戊己庚辛", (0, 5))
    assert [one.start for one in part.repairs] == [2, 5]


def test_a_block_is_named_by_its_heading_or_its_first_words() -> None:
    for text, title in (
        ("协会宗旨\n按照服务会员的原则。", "协会宗旨"),
        (
            "本会是由检验机构，科研院所自愿结成的社会组织，具有法人资格。\n业务范围\n开展培训。",
            "业务范围",
        ),
        ("本会是由检验机构，科研院所自愿结成的社会组织，具有法人资格。", "本会是由检验机构"),
    ):
        assert excerpt(Article("a", "旧题", text, "/a"), 0, len(text)).title == title


def test_clean_lists_a_block_and_leaves_it_in_the_text() -> None:
    articles = [
        Article(str(seed), None, f"{article_text(seed)}\n{BLOCK}", "/a") for seed in range(3)
    ]
    for before, after in zip(articles, with_shared_listed(articles), strict=True):
        assert after.text == before.text
        assert [(one.shared, one.text) for one in after.dropped] == [(True, BLOCK)]


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


def test_the_real_articles_share_one_block(shared: Path) -> None:
    texts = [
        clean_text(path.read_text(encoding="utf-8")).text
        for path in sorted((shared / "articles").iterdir())
    ]
    articles = [Article(str(row), None, text, "/a") for row, text in enumerate(texts)]
    pieces = [
        [one.text for one in article.dropped if one.shared]
        for article in with_shared_listed(articles)
    ]
    assert [len(one) for one in pieces] == [1, 1, 1]
    assert all(one.startswith("中國質量檢驗協會是由") and len(one) > 1500 for (one,) in pieces)
