from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.inert import inert
from bot.telegram.markup import (
    MESSAGE_UNITS,
    Span,
    length,
    lines,
    pages,
    safe_link,
    shorten,
    to_html,
    to_plain,
    units,
)
from tests.telegram_html import Refused, parse, utf16

NASTY = st.text(
    alphabet=st.sampled_from("<>&\"'/ab退𠮷😀\u200d\n。！ \x00\x1b\u202e\ud800;#"), max_size=60
)
TEXTS = st.one_of(
    NASTY, st.text(max_size=60), st.sampled_from(["<b>", "&lt;", "</blockquote>", "&amp;amp;"])
)
LINKS = st.one_of(
    st.none(),
    st.builds(lambda text: f"http://例.cn/{text}", TEXTS),
    TEXTS,
    st.sampled_from(
        ["javascript:alert(1)", 'https://a.b/"><b>', "tg://user?id=1", "https://u:p@a.b/"]
    ),
)
SPANS = st.lists(
    st.builds(
        Span,
        TEXTS,
        bold=st.booleans(),
        underline=st.booleans(),
        link=LINKS,
        quoted=st.sampled_from(["", "quote", "expandable"]),
    ),
    max_size=8,
)


@given(SPANS)
def test_html_is_legal_and_reads_back_as_the_text(spans: list[Span]) -> None:
    text, entities = parse(to_html(spans))
    assert text == "".join(span.text for span in spans)
    assert utf16(text) == length(spans)
    assert {one.kind for one in entities} <= {"b", "u", "a", "blockquote"}
    for one in entities:
        assert one.url is None or one.url.startswith(("http://", "https://"))


@given(SPANS)
def test_only_links_that_were_given_are_links(spans: list[Span]) -> None:
    _, entities = parse(to_html(spans))
    assert {one.url for one in entities if one.kind == "a"} <= {span.link for span in spans}
    assert all(span.link in to_plain([span]) for span in spans if span.link)


@given(SPANS, st.integers(2, 40), st.integers(4, 12))
def test_pages_keep_everything_and_fit(spans: list[Span], limit: int, entities: int) -> None:
    cut = pages(spans, limit=limit, entities=entities)
    for page in cut:
        text, found = parse(to_html(page))
        assert 0 < utf16(text) <= limit
        assert text == text.strip()
        assert len(found) <= entities
    kept = "".join(span.text for page in cut for span in page)
    whole = "".join(span.text for span in spans)
    assert "".join(kept.split()) == "".join(whole.split())


def test_pages_break_at_paragraphs_then_sentences() -> None:
    text = "第一段。" * 10 + "\n" + "第二句很长没有段落。" * 20
    first, *rest = pages((Span(text),), limit=60)
    assert first[0].text == "第一段。" * 10
    assert all(page[0].text.endswith("。") for page in rest)


def test_a_surrogate_pair_is_never_cut() -> None:
    cut = pages((Span("𠮷" * 9),), limit=5)
    assert [page[0].text for page in cut] == ["𠮷𠮷"] * 4 + ["𠮷"]


def test_a_page_must_hold_something() -> None:
    with pytest.raises(ValueError, match="2 units"):
        pages((Span("字"),), limit=1)


def test_bold_across_a_cut_stays_bold() -> None:
    cut = pages((Span("前" * 10), Span("粗" * 30, bold=True)), limit=20)
    assert all(span.bold for page in cut[1:] for span in page)


@given(st.text(max_size=40), st.integers(1, 20))
def test_shortened_text_fits_on_one_line(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert units(short) <= limit and "\n" not in short
    flat = " ".join(inert(text).split())
    assert short == flat or (short.endswith("…") and flat.startswith(short[:-1]))


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("HTTPS://Example.CN:8080/a?b=c#d", "https://example.cn:8080/a?b=c#d"),
        ("http://a.b/x y", "http://a.b/x%20y"),
        ('http://a.b/"onclick', "http://a.b/%22onclick"),
        ("http://[::1]/x", "http://[::1]/x"),
        ("http://user:pass@evil.example/", None),
        ("ftp://a.b/", None),
        ("http:///nothing", None),
        ("http://a b/", None),
        ("http://[broken", None),
        ("http://a.b:99999/", None),
        ("http://a.b/" + "x" * 3000, None),
        ("", None),
    ],
)
def test_links_are_of_the_web_or_none(url: str, link: str | None) -> None:
    assert safe_link(url) == link


@given(st.lists(st.lists(st.builds(Span, st.text("ab", max_size=3)), max_size=3), max_size=5))
def test_lines_join_what_is_not_empty(parts: list[list[Span]]) -> None:
    text = "".join(span.text for span in lines(*parts))
    assert text == "\n".join(
        line for part in parts if (line := "".join(span.text for span in part))
    )


@pytest.mark.parametrize("html", ["<b>", "</b>", "<b><u></b></u>", "a < b", "&nbsp;", "<x></x>"])
def test_the_reader_of_these_tests_refuses(html: str) -> None:
    with pytest.raises(Refused):
        parse(html)


def test_neighbours_share_a_quote() -> None:
    spans = (Span("一", quoted="quote"), Span("二", bold=True, quoted="quote"), Span("三"))
    assert to_html(spans) == "<blockquote>一<b>二</b></blockquote>三"
    assert MESSAGE_UNITS == 4096
    assert all(a != b for a, b in pairwise([span.text for span in spans]))
