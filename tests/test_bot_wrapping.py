from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

from bot.wrapping import breaks, wrap

CHINESE = st.text(alphabet="退貨款，。「」（）abc 12\n￥", max_size=200)


@given(CHINESE, st.integers(4, 40))
def test_no_line_is_too_wide_and_nothing_but_spaces_is_lost(text: str, width: int) -> None:
    lines = [line.plain for line in wrap(Text(text), width)]
    assert all(cell_len(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "").replace("\n", "")


@given(st.text(max_size=80), st.integers(1, 20))
def test_any_text_can_be_wrapped(text: str, width: int) -> None:
    cuts = breaks(text, width)
    assert cuts == sorted(set(cuts)) and all(0 < cut < len(text) for cut in cuts)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("七天無理由退貨。", 16, ["七天無理由退貨。"]),
        ("七天無理由退貨。", 14, ["七天無理由退", "貨。"]),
        ("他說「退貨」。", 6, ["他說", "「退", "貨」。"]),
        ("買 iPhone 15 手機", 10, ["買 iPhone", "15 手機"]),
        ("supercalifragilistic", 8, ["supercal", "ifragili", "stic"]),
        ("第一行\n\n第二行", 20, ["第一行", "", "第二行"]),
        ("", 10, [""]),
        ("退", 1, ["退"]),
    ],
)
def test_where_lines_break(text: str, width: int, lines: list[str]) -> None:
    assert [line.plain for line in wrap(Text(text), width)] == lines


def test_styles_survive_a_break() -> None:
    text = Text.assemble("七天", ("無理由退貨", "bold"), "辦法")
    lines = wrap(text, 8)
    bold = "".join(
        line.plain[span.start : span.end]
        for line in lines
        for span in line.spans
        if span.style == "bold"
    )
    assert bold == "無理由退貨"
