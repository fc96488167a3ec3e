"""Pages, and what their heads tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.metadata import from_head, iso_date, title_of
from corpus.webpages import read_html, visible_text
from tests.written_files import BODY, read_one


def test_a_page(tmp_path: Path) -> None:
    page = f"""<html><head><meta charset="gb2312"><title>怎么退货 - 某某网</title>
<meta property="og:title" content="怎么退货"><meta property="og:site_name" content="某某网">
<meta property="article:published_time" content="2023-09-05T10:00:00+08:00">
<link rel="canonical" href="https://example.org/a"></head><body><nav><a href="/">首页</a></nav>
<article><h1>怎么退货</h1><p>{BODY}</p><h2>运费</h2><p>{BODY}</p></article>
<footer>版权所有</footer><script>var a = "不要";</script></body></html>"""
    for encoding in ("gbk", "utf-8"):
        article = read_one(tmp_path / "a.html", page.encode(encoding))
        assert (article.title, article.site) == ("怎么退货", "某某网")
        assert (article.published, article.url) == ("2023-09-05", "https://example.org/a")
        assert BODY in article.text
        assert "不要" not in article.text
        assert "首页" not in article.text


@pytest.mark.parametrize(
    "page",
    [
        f"<html><body>{'<div>' * 20_000}<p>{BODY}</p></body></html>",
        f"<html><body><p>{BODY}</p>{'<b' * 100_000}",
        f"<html><body><p>{BODY}</p>{'<!--' * 50_000}",
        f"<html><body><p>{BODY}</p><p>{'&amp;' * 100_000}",
        f"<html><body><{'script>' * 100_000}<p>{BODY}</p>",
        f"<?xml version='1.0' encoding='gbk'?><html><body><p>{BODY}</p></body></html>",
        f"<p>{BODY}</p>",
    ],
    ids=["nested", "unclosed tags", "unclosed comments", "entities", "script", "xml", "fragment"],
)
def test_hostile_pages_keep_their_text(page: str) -> None:
    assert BODY in read_html(page.encode("utf-8")).text


def test_a_page_too_large_for_a_parser_is_still_read() -> None:
    page = f"<html><body><p>{BODY}</p><p>{'退货。' * 1_400_000}</p><p>{BODY}末</p></body></html>"
    text = read_html(page.encode("utf-8")).text
    assert text.startswith(BODY)
    assert text.endswith("末")


def test_a_page_of_nothing_but_markup_is_said_to_be_empty() -> None:
    document = read_html(b"<html><body><img src=a.png></body></html>")
    assert document.text == ""
    assert document.note is not None
    assert visible_text("<style>p{}</style><P>甲&lt;乙<br>丙</P><!-- 丁 -->") == "甲<乙\n丙"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023年9月5日", "2023-09-05"),
        ("2023-09-05T10:00", "2023-09-05"),
        ("2023/9/5", "2023-09-05"),
        ("2023.09", "2023-09"),
        ("2023年", "2023"),
        ("20230905", "2023-09-05"),
        ("2023年13月1日", None),
        ("12315", None),
        ("", None),
    ],
)
def test_dates(text: str, expected: str | None) -> None:
    assert iso_date(text) == expected


@pytest.mark.parametrize(
    ("head", "published", "site"),
    [
        ("标题\n2023-09-05 10:22:03 来源：某某报 作者：张三\n正文。", "2023-09-05", "某某报"),
        ("标题\n發布時間：2023/9/5　稿源：某某網\n正文。", "2023-09-05", "某某網"),
        ("標題\n（2023年9月5日）\n正文。", "2023-09-05", None),
        ("标题\n2019年1月4日 某市第七届人民代表大会第二次会议通过\n正文。", None, None),
        ("标题\n2023年9月5日，某市消协发布报告。\n正文。", None, None),
        ("标题\n" + "正文一行。\n" * 20 + "2023年9月5日", None, None),
        ("标题\n2022-01-01\n发布时间：2023-09-05\n正文。", "2023-09-05", None),
    ],
)
def test_what_a_head_tells(head: str, published: str | None, site: str | None) -> None:
    found = from_head(head)
    assert (found.published, found.site) == (published, site)


def test_titles() -> None:
    assert title_of("甲,乙,丙,丁,戊,己,庚\n\n商家拒绝退货怎么办\n正文") == "商家拒绝退货怎么办"
    assert title_of("消费者有权退货，商家不得拒绝。\n下一行") is None
    assert title_of("字" * 80) is None
    assert title_of("2023-09-05") is None
