"""Blocks that many articles share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import Article, Repair, clean_text
from corpus.blocks import Shared
from corpus.counting import KeyCounter
from corpus.cutting import excerpt, with_shared_listed, without
from corpus.segments import LAW, SENTENCE, key_text, segment_spans, segments
from tests.made_articles import BLOCK, LONG_BLOCK, article_text, sentences, survey


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


def test_counting_in_parts_is_counting(tmp_path: Path) -> None:
    chance = np.random.default_rng(7)
    pool = chance.integers(1, 1 << 63, 120, dtype=np.uint64) * np.uint64(2)
    counter, expected = KeyCounter(tmp_path / "keys", 64), dict.fromkeys(pool.tolist(), 0)
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
