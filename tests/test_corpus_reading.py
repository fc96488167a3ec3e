from __future__ import annotations

import builtins
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType

import pytest

from corpus import Article, Failure, Notice, SourceFile, read_articles
from corpus.jsonl import MAX_LINE_BYTES
from corpus.metadata import from_head, iso_date, title_of
from corpus.reading import MAX_FILE_BYTES
from corpus.webpages import read_html, visible_text

BODY = (
    "消费者在网上买的外套不合身，七天之内可以退回，运费由自己承担。商家收到以后应当把钱退给消费者。"
)


def read(path: Path, content: bytes | str) -> list[Article | Failure | Notice]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return list(read_articles(SourceFile(path, path.name)))


def read_one(path: Path, content: bytes | str) -> Article:
    (found,) = read(path, content)
    assert isinstance(found, Article)
    return found


def failure(path: Path, content: bytes | str) -> str:
    (found,) = read(path, content)
    assert isinstance(found, Failure)
    assert found.path == str(path)
    assert "\n" not in found.reason
    return found.reason


def test_a_text_file(tmp_path: Path) -> None:
    path = tmp_path / "退货.txt"
    article = read_one(path, f"网购七天怎么退\r\n来源：某某报　2023年9月5日\r\n\r\n{BODY}")
    assert article.id == hashlib.sha256("退货.txt".encode()).hexdigest()[:12]
    assert article.title == "网购七天怎么退"
    assert (article.published, article.site) == ("2023-09-05", "某某报")
    assert article.text == f"网购七天怎么退\n来源：某某报　2023年9月5日\n\n{BODY}"
    assert (article.path, article.url, article.encoding) == (str(path), None, "utf-8")


def test_the_encoding_is_reported(tmp_path: Path) -> None:
    assert read_one(tmp_path / "a.txt", BODY.encode("gbk")).encoding == "gb18030"


def test_lost_characters_are_counted(tmp_path: Path) -> None:
    article = read_one(tmp_path / "a.txt", BODY.encode("utf-8") * 3 + b"\xe6")
    assert article.unrepaired == (len(BODY) * 3,)


def test_markdown_becomes_plain_text(tmp_path: Path) -> None:
    source = f"""---
title: "退货指南"
date: 2024-05-06
source: 某某网
url: https://example.org/a
---
# 另一个标题

<!-- 编者注 -->
## 一、**怎么**退 ##

{BODY}见[这里](https://example.org)和![图一](a.png)，5*3*2=30，`代码`。

* 保存票据
> 引文<br>换行

| 项目 | 天数 |
|------|------|
| 退货 | 7 |
"""
    article = read_one(tmp_path / "a.md", source)
    assert article.text.split("\n") == [
        "另一个标题", "", "一、怎么退", "", f"{BODY}见这里和图一，5*3*2=30，代码。",
        "", "- 保存票据", "引文", "换行", "", "项目 | 天数", "退货 | 7",
    ]  # fmt: skip
    assert article.title == "退货指南"
    assert article.published == "2024-05-06"
    assert (article.site, article.url) == ("某某网", "https://example.org/a")


def test_the_first_heading_is_the_title(tmp_path: Path) -> None:
    assert read_one(tmp_path / "a.md", f"# 某市**条例**\n\n{BODY}").title == "某市条例"


def test_hostile_markdown_takes_no_time(tmp_path: Path) -> None:
    for unit in ("<!--", "[", "![", "**", "<a ", "`", "|", "> ", "\\", "__", "---\n", "|--"):
        read(tmp_path / "a.md", unit * 50_000)


def test_the_date_in_a_file_name_is_the_last_resort(tmp_path: Path) -> None:
    assert read_one(tmp_path / "条例(2018-01-23).txt", BODY).published == "2018-01-23"
    own = read_one(tmp_path / "20240102.txt", f"发布时间：2023-09-05 10:00\n{BODY}")
    assert own.published == "2023-09-05"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.txt", b"\x89PNG\r\n\x1a\n" + bytes(900), "PNG"),
        ("a.md", bytes(range(256)) * 9, "not text"),
        ("a.html", bytes(range(256)) * 9, "not text"),
        ("a.pdf", b"no PDF at all", "PDF cannot be read"),
        ("a.docx", b"no Word file", "Word file cannot be read"),
    ],
)
def test_what_is_not_what_its_name_says(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    assert told in failure(tmp_path / name, content)


def test_no_text_is_a_notice_that_still_names_the_article(tmp_path: Path) -> None:
    for name, content in (("a.txt", " \n"), ("b.md", "<!-- x -->"), ("c.html", "<html></html>")):
        (found,) = read(tmp_path / name, content)
        assert isinstance(found, Notice)
        assert found.article is not None
        assert (found.article.text, found.path) == ("", str(tmp_path / name))
    assert isinstance(read(tmp_path / "d.jsonl", "\n")[0], Notice)


def test_a_missing_file_and_a_folder_are_failures(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.txt", tmp_path / "gone.jsonl"):
        (found,) = read_articles(SourceFile(path, path.name))
        assert isinstance(found, Failure)
        assert "cannot be read" in found.reason or "not a plain file" in found.reason
    (tmp_path / "b.txt").mkdir()
    assert isinstance(next(read_articles(SourceFile(tmp_path / "b.txt", "b.txt"))), Failure)


def test_a_file_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with path.open("wb") as stream:
        stream.truncate(MAX_FILE_BYTES + 1)
    (found,) = read_articles(SourceFile(path, "a.txt"))
    assert isinstance(found, Failure)
    assert "64 MB" in found.reason


def test_json_lines(tmp_path: Path) -> None:
    lines = [
        json.dumps({"id": 7, "title": " 退货 ", "text": "七天\u200b内。", "site": "某报", "x": 1}),
        "{broken",
        json.dumps(
            {"_id": "b", "text": "正文。", "published": "2023年9月5日", "url": "http://a/b"}
        ),
        "",
        json.dumps(["no object"]),
        json.dumps({"id": "c", "title": "无正文"}),
        json.dumps({"id": "d", "title": "空", "text": " "}),
        '{"text": "半个\\ud83d字", "title": null, "published": 5}',
        "[" * 100_000,
    ]
    path = tmp_path / "a.jsonl"
    first, broken, second, strange, without, empty, last, deep = read(path, "\n".join(lines))
    assert isinstance(first, Article)
    assert (first.id, first.title, first.text, first.site) == ("7", "退货", "七天内。", "某报")
    assert isinstance(second, Article)
    assert (second.id, second.title, second.published) == ("b", None, "2023-09-05")
    assert second.url == "http://a/b"
    assert isinstance(broken, Failure)
    assert broken.path == f"{path}:2"
    assert [type(item) for item in (strange, without, empty, deep)] == [
        Failure, Failure, Notice, Failure,
    ]  # fmt: skip
    assert isinstance(empty, Notice)
    assert empty.article is not None
    assert (empty.article.id, empty.article.title) == ("d", "空")
    assert isinstance(last, Article)
    assert last.id == hashlib.sha256(b"a.jsonl:8").hexdigest()[:12]
    assert (last.text, last.published) == ("半个\ufffd字", None)


def test_a_line_too_long_does_not_stop_the_others(tmp_path: Path) -> None:
    good = json.dumps({"id": "a", "text": "好。"}).encode()
    found = read(tmp_path / "a.jsonl", b"x" * (MAX_LINE_BYTES + 9) + b"\n" + good)
    assert [type(item) for item in found] == [Failure, Article]


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


def test_a_pdf(tmp_path: Path) -> None:
    pypdf = pytest.importorskip("pypdf")
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt("secret")
    stream = io.BytesIO()
    writer.write(stream)
    assert "password" in failure(tmp_path / "b.pdf", stream.getvalue())
    article = read_one(tmp_path / "a.pdf", _pdf("Refund within seven days. Ask 12315."))
    assert "Refund within seven days." in article.text


def _pdf(text: str) -> bytes:
    """Return the smallest PDF that shows a line of text."""
    content = f"BT /F1 12 Tf 20 700 Td ({text}) Tj ET"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R"
        "/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(content)}>>\nstream\n{content}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    data, offsets = "%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(data))
        data += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    start = len(data)
    data += f"xref\n0 6\n0000000000 65535 f \n{table}"
    data += f"trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n{start}\n%%EOF"
    return data.encode("ascii")


def test_a_word_file(tmp_path: Path) -> None:
    docx = pytest.importorskip("docx")
    document = docx.Document()
    document.core_properties.title = "退货指南"
    document.add_heading("怎么退", 1)
    document.add_paragraph(BODY)
    document.add_table(1, 2).rows[0].cells[1].text = "七天"
    document.save(str(tmp_path / "made.docx"))
    article = read_one(tmp_path / "a.docx", (tmp_path / "made.docx").read_bytes())
    assert article.title == "退货指南"
    assert article.text.startswith(f"怎么退\n\n{BODY}")
    assert article.text.endswith("| 七天")


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    pytest.importorskip("docx")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(5):
            archive.writestr(f"{number}.xml", bytes(60 << 20))
    assert "far too much" in failure(tmp_path / "a.docx", stream.getvalue())


@pytest.mark.parametrize("name", ["a.pdf", "a.docx"])
def test_without_the_extra_one_command_is_named(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(
        module: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        if module in {"pypdf", "docx"}:
            raise ImportError(module)
        return real(module, globals, locals, fromlist, level)

    monkeypatch.setattr(builtins, "__import__", without)
    assert "pip install 'xunzhang[documents]'" in failure(tmp_path / name, b"x")
