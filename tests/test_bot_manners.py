from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.manners import Manner, manner_of
from bot.wording import LANGUAGES, say


@pytest.mark.parametrize(
    ("text", "manner"),
    [
        ("谢谢", "thanks"),
        ("謝了～", "thanks"),
        ("Thanks!", "thanks"),
        ("Thank you very much", "thanks"),
        ("好的，謝謝您的回答！", "thanks"),
        ("🙏🙏", "thanks"),
        ("好的", "fine"),
        ("ＯＫ", "fine"),
        ("知道了👌", "fine"),
        ("👍", "fine"),
        ("您好！", "hello"),
        ("hi", "hello"),
        ("再見", "bye"),
    ],
)
def test_a_courtesy(text: str, manner: Manner) -> None:
    assert manner_of(text) == manner


@pytest.mark.parametrize(
    "text",
    [
        "好的賠多少",
        "谢谢，那运费谁出？",
        "你好，网购可以退货吗",
        "可以吗",
        "好评返现",
        "感谢信",
        "收到货怎么退",
        "goods",
        "早产儿",
        "谢" * 41,
        "？？",
        "",
        "😀",
    ],
)
def test_what_says_more_is_none(text: str) -> None:
    assert manner_of(text) is None


@given(st.text())
def test_any_text_has_a_manner_with_a_sentence_or_none(text: str) -> None:
    manner = manner_of(text)
    assert manner is None or all(say(f"manner_{manner}", language) for language in LANGUAGES)


@given(st.sampled_from(["谢谢", "好的", "hello", "再见"]), st.text("，。！~ \n👍", max_size=8))
def test_punctuation_changes_nothing(word: str, marks: str) -> None:
    assert manner_of(f"{marks}{word}{marks}") == manner_of(word) is not None
