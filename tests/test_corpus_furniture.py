from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import clean_text
from corpus.cleaning import STEPS
from corpus.webpages import read_html

BODY = (
    "市场监管部门昨日公布了一批儿童玩具的抽查结果。\n"
    "抽查覆盖了二十家商场，不合格的商品已经全部下架，商家答应退款。\n"
    "消费者如果买到同一批次的玩具，可以凭小票到原商场办理退货，不收任何费用。"
)
LONG = "\n".join([BODY, BODY.replace("玩具", "文具"), BODY.replace("玩具", "餐具")])
SPAM = "国产精品一区,久久热在线视频,天天干,亚洲无码毛片,www.某某.com"

FURNITURE = [
    ("navigation", "首页 > 新闻中心 > 正文"),
    ("navigation", "您现在的位置：首页 > 消费维权 > 正文"),
    ("navigation", "上一篇：春季家电抽查结果公布"),
    ("navigation", "【打印】【关闭】"),
    ("navigation", "字体：大 中 小"),
    ("navigation", "首页 | 关于我们 | 联系我们 | 网站地图"),
    ("share", "分享到：微信 新浪微博 QQ空间"),
    ("share", "微信扫一扫，分享到朋友圈"),
    ("share", "打开微信，点右上角的三个点，即可分享给好友。"),
    ("copyright", "Copyright © 2011 Example Inc. All rights reserved."),
    ("copyright", "版權所有 某某協會·某某網"),
    ("copyright", "网站备案：京ICP备12345678号-1 京公网安备 11010502012345号"),
    ("copyright", "建议使用IE6.0以上版本浏览本站"),
    ("copyright", "凡本网注明“来源：某某网”的作品，版权均属于某某网，未经授权不得转载。"),
    ("copyright", "本网转载的文章不代表本网赞同其观点和对其真实性负责。"),
]


@pytest.mark.parametrize(("kind", "line"), FURNITURE)
@pytest.mark.parametrize("place", ["{line}\n{body}", "{body}\n\n{line}\n"])
def test_a_line_of_the_page_goes_and_is_listed(kind: str, line: str, place: str) -> None:
    cleaned = clean_text(place.format(line=line, body=BODY))
    assert cleaned.text == BODY
    assert [(one.kind, one.text, one.shared) for one in cleaned.dropped] == [(kind, line, False)]


@pytest.mark.parametrize(
    "line",
    [
        "经营者应当在首页显著位置公示证照信息。",
        "上一条规定的处罚，由县级以上市场监督管理部门决定。",
        "本网站的经营者未经备案，被处以五千元罚款。",
        "版权所有者可以要求停止侵权并赔偿损失。",
        "互联网信息服务提供者应当在其主页标明ICP备案编号。",
        "他在微信朋友圈分享了维权的经过。",
        "严厉打击赌博、色情、诈骗、传销等违法犯罪活动",
        "重点检查：彩票销售点，棋牌室，网吧，娱乐城",
        "打开微信，就能查询商家的信用。",
        "位置",
        "更多",
        "北京 上海 天津 重庆 河北 山西",
    ],
)
def test_what_an_article_says_stays(line: str) -> None:
    cleaned = clean_text(f"{LONG}\n{line}\n{LONG}")
    assert line in cleaned.text
    assert cleaned.dropped == ()


def test_a_string_of_search_terms_goes() -> None:
    cleaned = clean_text(f"{SPAM}\n\n儿童玩具抽查\n\n{LONG}")
    assert cleaned.text.startswith("儿童玩具抽查")
    assert [(one.kind, one.text) for one in cleaned.dropped] == [("spam", SPAM)]


def test_one_keyword_in_many_variations_goes_from_a_long_text_only() -> None:
    line = "_".join(
        f"手机检测{more}" for more in ("", "公司", "机构", "价格", "报告", "中心", "费", "网")
    )
    assert [one.kind for one in clean_text(f"{LONG}\n{line}").dropped] == ["spam"]
    short = f"今天公布了结果。\n{line}"
    assert len(short) < 200
    assert clean_text(short).text == short


def test_a_short_text_keeps_what_only_looks_dense() -> None:
    for text in ("彩票, 博彩, 赌博, 网络赌球 专项整治", "无码,毛片\n扫黄打非办公布了名单。"):
        assert clean_text(text).text == text


def test_a_short_text_loses_a_line_that_is_nothing_else() -> None:
    assert clean_text(f"{SPAM}\n{BODY}").text == BODY


def test_a_text_of_furniture_alone_is_kept() -> None:
    text = "首页 > 新闻中心 > 正文\n版权所有 某某网"
    assert clean_text(text).text == text


def test_short_lines_among_copyright_lines_go_with_them() -> None:
    footer = (
        "版权所有 某某协会\n某某网·某某协会官方网站\n京ICP备12345678号\n"
        "地址：某某路1号 邮编：100000"
    )
    cleaned = clean_text(f"{BODY}\n{footer}")
    assert cleaned.text == BODY
    assert len(cleaned.dropped) == 4


def test_readings_in_brackets_hide_nothing() -> None:
    cleaned = clean_text(f"{BODY}\n版權(quán)所有 某某協(xié)會")
    assert cleaned.text == BODY


def test_repairs_in_a_dropped_line_go_with_it() -> None:
    cleaned = clean_text(f"版权所\u200b有&nbsp;某某网&copy;\n{BODY}\u200b完")
    assert cleaned.text == f"{BODY}完"
    assert [(one.before, one.start) for one in cleaned.repairs] == [("\u200b", len(BODY))]


LINES = st.sampled_from([line for _, line in FURNITURE] + [SPAM, *BODY.split("\n"), "", "备 注"])


@given(st.lists(LINES, max_size=12).map("\n".join))
def test_nothing_but_furniture_goes_and_twice_changes_nothing(text: str) -> None:
    cleaned = clean_text(text)
    assert clean_text(cleaned.text).text == cleaned.text
    for line in BODY.split("\n"):
        assert cleaned.text.count(line) == text.count(line)


def test_a_large_page_is_looked_at_in_linear_time() -> None:
    for line in ("分享," * 20, "首页>" * 40, "版权所有 " * 30, "国产精品," * 20, "打印 关闭 " * 20):
        text = f"{BODY}\n" + f"{line}\n" * 3000
        assert clean_text(text).text.startswith(BODY)


def test_steps_come_in_the_order_that_each_needs() -> None:
    names = [step.name for step in STEPS]
    assert names[0] == "damage"
    assert names.index("damage") < names.index("width")


@pytest.mark.parametrize(
    "hiding",
    [
        'style="display:none"',
        "style='color:red; DISPLAY : none;'",
        "hidden",
        'style="position:absolute;left:-9999px"',
        'style="font-size:0px"',
        'style="visibility:hidden"',
    ],
)
def test_hidden_text_of_a_page_goes_and_is_listed(hiding: str) -> None:
    body = "".join(f"<p>{line}</p>" for line in LONG.split("\n"))
    page = (
        "<html><head><title>抽查</title></head><body>"
        f"<article>{body}<div {hiding}>暗藏的话</div></article></body></html>"
    )
    document = read_html(page.encode())
    assert [(one.kind, one.text) for one in document.dropped] == [("hidden", "暗藏的话")]
    assert "暗藏" not in document.text and "儿童玩具" in document.text


@pytest.mark.parametrize(
    "page",
    [
        "<p style='opacity:0.5'>{}</p>",
        "<p style='font-size:0.9em'>{}</p>",
        "<div style='display:none'>{}</div>",
        "<body style='visibility:hidden'><p>{}</p></body>",
    ],
)
def test_what_a_page_shows_or_shows_later_stays(page: str) -> None:
    document = read_html(page.format(LONG).encode())
    assert (document.dropped, "儿童玩具" in document.text) == ((), True)
