from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.inert import inert, is_link, one_line, paragraphs, spaced


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m紅\x1b[0m", "紅"),
        ("\x9b2J清屏", "清屏"),
        ("\x1b]0;title\x07正文", "正文"),
        ("\x1b]8;;http://evil\x1b\\連結\x1b]8;;\x1b\\", "連結"),
        ("a\x00b\x07c\x7fd\x85e", "abcd\ne"),
        ("一\r\n二\r三\u2028四", "一\n二\n三\n四"),
        ("退\u202e貨\u2066款", "退貨款"),
        ("欄\t位", "欄 位"),
        ("壞\ud800字", "壞\ufffd字"),
        ("[bold]不是標記[/bold]", "[bold]不是標記[/bold]"),
        ("\x1b]未完，正文還在", "未完，正文還在"),
    ],
)
def test_what_a_terminal_would_act_on_goes(text: str, shown: str) -> None:
    assert inert(text) == shown


@given(st.text())
def test_nothing_but_line_breaks_controls_anything(text: str) -> None:
    shown = inert(text)
    for character in shown.replace("\n", ""):
        assert unicodedata.category(character) not in {"Cc", "Cs"}
    assert inert(shown) == shown
    shown.encode("utf-8")


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1


def test_paragraphs_have_no_blank_lines() -> None:
    assert paragraphs("一\n\n \n二\n三") == "一\n二\n三"


def test_spaced_keeps_one_blank_line() -> None:
    assert spaced("一\n\n二\n \n\n\n三") == "一\n\n二\n\n三"


def test_only_web_addresses_become_links() -> None:
    assert is_link("https://example.org/a?b=%E4%B8%AD")
    assert not is_link("javascript:alert(1)")
    assert not is_link("https://example.org/\x1b]8;;")
    assert not is_link("file:///etc/passwd")
