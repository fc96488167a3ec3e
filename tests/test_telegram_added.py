from __future__ import annotations

import pytest

from bot.telegram.added import added_spans
from bot.telegram.markup import to_html, to_plain
from bot.wording import LANGUAGES, Language
from corpus.records import Article, Drop, Repair
from retrieval.records import Source
from retrieval.standing import Standing

ARTICLE = Article(
    id="a",
    title="电热毯<召回>",
    text="字" * 1234,
    path="/added/x.txt",
    published="2023-05-01",
    site="例报",
    encoding="gb18030",
    repairs=(Repair("annotation", "x", "y", 0), Repair("annotation", "x", "y", 3)),
    dropped=(Drop("spam", "开锁\n公司" * 30), Drop("share", "分享到")),
    unrepaired=(7,),
)
HEAD = Source("h", "原先的一篇", "/h.txt", None, None, None)


def test_everything_the_cleaner_did_is_told() -> None:
    standing = Standing("a", 3, copies=2, blocks=("版权归本站所有",))
    told = to_plain(added_spans([ARTICLE], [standing], "hans"))
    lines = told.splitlines()
    assert lines[:4] == [
        "电热毯<召回>",
        "1,234 字 · 编码 gb18030 · 日期 2023-05-01 · 例报",
        "修复 2 处：夹注拼音 2",
        "去除 153 字：垃圾关键词 1 · 分享栏 1",
    ]
    assert lines[4].startswith("− 开锁 公司")
    assert len(lines[4]) <= 63
    assert lines[5:10] == [
        "− 分享到",
        "还有 1 处损坏未能修复。",
        "索引中有 3 个段落。",
        "另有 2 篇与它内容相同，列为它的来源。",
        "与其他文章共有，只收一次：版权归本站所有",
    ]
    assert "电热毯&lt;召回&gt;" in to_html(added_spans([ARTICLE], [standing], "hans"))


def test_a_sound_article_without_title_or_date() -> None:
    article = Article(id="b", title=None, text="正文", path="/added/y.txt")
    told = to_plain(added_spans([article], [Standing("b", 0, HEAD)], "hant")).strip().splitlines()
    assert told[1:] == [
        "2 字 · 編碼 utf-8 · 沒有找到日期",
        "沒有找到標題。",
        "完好，沒有改動。",
        "索引中有 0 個段落。",
        "與「原先的一篇」內容相同：只顯示那一篇，本篇列為來源。",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_an_index_only_the_cleaner_is_told(language: Language) -> None:
    told = to_plain(added_spans([ARTICLE] * 7, [], language))
    assert told.count("gb18030") == 5
    assert "2" in told.strip().splitlines()[-1]
    assert "段" not in told
    assert "passages" not in told
