"""Files of articles: text, Markdown, JSON lines."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from corpus import Article, Failure, Notice, SourceFile, read_articles
from corpus.jsonl import MAX_LINE_BYTES
from corpus.reading import MAX_FILE_BYTES
from tests.written_files import BODY, failure, read, read_one


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
    for before in ("", "---\n# 由程序写成\ndate: 2024-05-06\n---\n", "<!--\n# 草稿\n-->\n"):
        article = read_one(tmp_path / "a.md", f"{before}# 某市**条例**\n\n{BODY}")
        assert article.title == "某市条例"


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


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_json_lines_in_utf16(tmp_path: Path, encoding: str) -> None:
    lines = [
        json.dumps({"id": number, "text": text}, ensure_ascii=False)
        # U+4E0A and U+0A3C hold the byte of a line end.
        for number, text in enumerate(["七天内上门退货。", "上海\u0a3c。"])
    ]
    mark = "" if encoding == "utf-16" else "\ufeff"
    found = read(tmp_path / "a.jsonl", (mark + "\r\n".join(lines) + "\r\n").encode(encoding))
    assert [(one.id, one.text[:2], one.encoding) for one in found if isinstance(one, Article)] == [
        ("0", "七天", "utf-16"),
        ("1", "上海", "utf-16"),
    ]
    assert len(found) == 2


def test_a_line_too_long_does_not_stop_the_others(tmp_path: Path) -> None:
    good = json.dumps({"id": "a", "text": "好。"}).encode()
    found = read(tmp_path / "a.jsonl", b"x" * (MAX_LINE_BYTES + 9) + b"\n" + good)
    assert [type(item) for item in found] == [Failure, Article]
