from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.report_marks import marked, safe
from bot.report_page import page
from bot.report_wording import KINDS
from bot.services import Services
from bot.wording import LANGUAGES
from corpus import Article, Repair, clean_text
from corpus.cleaning import STEPS
from retrieval import build_index
from retrieval.overview import MOST_EXAMPLES, Overview, look_over
from tests.fakes import HashEncoder
from tests.made_articles import BLOCK, article_text

EVIL = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'


class Tags(HTMLParser):
    """Collects tags and text, and checks that what is opened is closed."""

    VOID = frozenset({"meta", "img", "br"})

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(source)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def overview(tmp_path: Path, encoder: HashEncoder) -> Overview:
    folder = tmp_path / "archive"
    folder.mkdir()
    for number in range(3):
        text = f"{EVIL}\n来源：甲网\n2023-05-0{number + 1}\n{article_text(number)}\n{BLOCK}"
        (folder / f"a{number}.txt").write_text(text, encoding="utf-8")
    for name in ("x", "y"):
        text = f"版权所有 某某网\n{article_text(9, count=30)}\u200b半个\ufffd字。"
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    (folder / "clean.txt").write_text(article_text(20), encoding="utf-8")
    build_index([folder], tmp_path / "index", encoder)
    return look_over(tmp_path / "index")


def test_figures_are_those_of_the_archive(overview: Overview) -> None:
    assert (overview.articles, overview.clean, overview.damaged, overview.trimmed) == (6, 1, 2, 3)
    assert overview.repaired == 0
    assert overview.unrepaired == 2
    assert (overview.repairs["invisible"].times, overview.repairs["invisible"].articles) == (2, 2)
    assert overview.drops["copyright"].articles == 2
    assert overview.drops["shared"].times == 3
    assert overview.sites == {"甲网": 3, "": 3}
    assert overview.years == {"2023": 3, "": 3}
    assert [(group.count, len(group.others)) for group in overview.blocks] == [(3, 3)]
    assert [group.count for group in overview.families] == [1]
    assert len(overview.examples) == 5
    assert overview.examples[0].unrepaired


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_whole_and_needs_nothing(overview: Overview, language: str) -> None:
    source = page(overview, language)  # type: ignore[arg-type]
    tags = Tags(source)
    names = {tag for tag, _ in tags.seen}
    assert not names & {"script", "img", "link", "iframe", "object", "base", "form"}
    for _, attributes in tags.seen:
        assert not {"src", "onerror", "onclick", "srcset"} & attributes.keys()
    assert "url(" not in source and "@import" not in source
    assert "alert(1)" in tags.text
    assert BLOCK.split("\n")[0] in tags.text


def test_text_of_strangers_is_shown_not_obeyed() -> None:
    assert safe("<b>&\"'\u202e\x00 好") == (
        '&lt;b&gt;&amp;&quot;&#x27;<i class="code">202E</i><i class="code">0000</i> 好'
    )
    for link, is_linked in (("https://a.cn/?a=1&b=2", True), ("javascript:alert(1)", False)):
        article = Article(
            "a", EVIL, "好\x00", "/a", url=link, repairs=(Repair("control", "\x00", "", 1),)
        )
        made = Overview("gen-000001", "now", "hash", 1, articles=1, examples=[article])
        tags = Tags(page(made, "en"))
        assert [attributes["href"] for tag, attributes in tags.seen if tag == "a"] == (
            [link] if is_linked else []
        )


def test_changes_are_marked_on_both_sides() -> None:
    cleaned = clean_text("甲&lt;乙\u200b丙")
    article = Article("a", None, cleaned.text, "/a", repairs=cleaned.repairs, unrepaired=(3,))
    assert marked(article, 100) == (
        '甲<del>&amp;lt;</del>乙<del><i class="code">200B</i></del><mark class="lost">丙</mark>',
        '甲<ins>&lt;</ins>乙<ins></ins><mark class="lost">丙</mark>',
    )
    assert marked(article, 1) == ("甲", "甲")


def test_before_is_the_text_as_it_was() -> None:
    text = "据介绍,商品不合格:标签不全,说明书&nbsp;缺页,包装\u200b破损;已下架。"
    cleaned = clean_text(text)
    before, after = marked(Article("a", None, cleaned.text, "/a", repairs=cleaned.repairs), 9999)
    plain = re.sub(r'<i class="code">([0-9A-F]+)</i>', lambda one: chr(int(one[1], 16)), before)
    assert Tags(plain.replace("&amp;", "&amp;amp;")).text.replace("&amp;", "&") == text
    assert Tags(after).text == cleaned.text


def test_every_kind_has_a_word() -> None:
    kinds = {step.name for step in STEPS if step.record == "repair"} - {"damage"}
    assert kinds <= KINDS.keys()


def test_lists_are_cut_and_say_so(tmp_path: Path, encoder: HashEncoder) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(70):
        text = f"&lt;第{number}篇&gt;\n{article_text(number, count=6)}\n{BLOCK}"
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
    build_index([folder], tmp_path / "index", encoder)
    overview = look_over(tmp_path / "index")
    assert (overview.articles, len(overview.examples)) == (70, MOST_EXAMPLES)
    text = Tags(page(overview, "en")).text
    assert "in 70 articles" in text and "and 60 more" in text


def test_the_command_writes_the_page_or_says_why_not(
    tmp_path: Path, overview: Overview, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def run(*args: str) -> tuple[int, str, str]:
        result = CliRunner().invoke(main, ["report", *args], obj=Services())
        return result.exit_code, result.stdout, result.stderr

    index = str(tmp_path / "index")
    code, out, err = run("--index", index, "--lang", "hant")
    assert (code, out) == (0, "")
    assert "xunzhang-report.html" in err
    written = (tmp_path / "xunzhang-report.html").read_text(encoding="utf-8")
    assert '<html lang="zh-Hant">' in written
    code, out, _ = run("--index", index, "--out", "-", "--lang", "hans")
    assert (code, '<html lang="zh-Hans">' in out) == (0, True)
    code, _, err = run("--index", index, "--out", str(tmp_path / "no" / "where.html"))
    assert (code, "cannot be written" in err, len(err.splitlines())) == (1, True, 1)
    code, _, err = run("--index", str(tmp_path / "none"))
    assert (code, "there is no index" in err) == (1, True)
