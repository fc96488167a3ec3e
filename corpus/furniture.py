"""Lines of a page that are no part of its article: navigation, share bars, copyright, spam.

Each rule wants a whole line, and more than one sign of what it is. A line that ends in a full stop
is somebody's sentence; of those only the set phrases of a site's own disclaimer are taken. When
in doubt a line stays: a little furniture in an answer is ugly, a lost sentence is a wrong answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from corpus.folding import fold
from corpus.records import Edit
from corpus.spam import is_spam

_LINE = re.compile(r"[^\n]+")
_READING = re.compile(r"[(（][a-zA-Zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü]{1,6}\)")
_MAX_CHARS = 320

# A cheap look at the raw text: only lines with one of these are looked at closely.
_SIGNS = re.compile(
    r"版[权權]|[Cc][Oo][Pp][Yy][Rr]|©|[Ii][Cc][Pp]|公[网網]安|分辨率|[转轉][载載贴貼]|本[网網站]|(?<!\d)首[页頁]|[上下]一[篇页頁条條则則]"
    r"|返回|位置|字[号號体體]|打印|[关關][闭閉]|[联聯][系繫係絡络]我|[关關][于於]我|地[图圖]|登[录錄]|收藏|分享|微[信博]|QQ|掃一|扫一"
    r"|[点點][赞讚贊]|[转轉][发發]|公[众眾]號|公众号|[许許]可[证證]|[举舉][报報]|[备備]案"
)

_NAVIGATION = re.compile(
    r"(?:您?(?:现在|当前|目前)?(?:所在)?的?位置(?:是)?\s?[:：>].{0,80}(?:>|首页).{0,60}"
    r"|首页\s?(?:>|»|>>|/|\|)\s?[^。]{0,80}"
    r"|[上下]一(?:篇|页|条|则)\s?(?::\s?[^。]{0,80}|[>»]{0,2}|没有了)"
    r"|[\[【(]?\s?(?:返回|回到)(?:首页|顶部|列表|上一页|上一级|目录|网站首页)\s?[\]】)]?"
    r"|[\[【(]\s?(?:打印|关闭|收藏|打印本页|关闭窗口|关闭页面)\s?[\]】)](?:\s?[\[【(].{1,8}[\]】)])*"
    r"|(?:打印本页|关闭窗口|关闭本页|加入收藏|设为首页|网站地图|打印本文|打印此页|我要纠错)"
    r"|字[号体](?:大小)?\s?:?\s?[\[【(]?\s?(?:[特超]?大|默认|中|小|a|[+-]|\||\s|/){2,14}\s?[\]】)]?"
    r"(?:\s?[\[【(]?(?:打印|关闭|分享|收藏)[\]】)]?)*)"
)
# fmt: off
_NAVIGATION_WORDS = frozenset(
    {
        "首页", "网站首页", "返回首页", "联系我们", "关于我们", "登录", "注册", "网站地图",
        "站点地图", "设为首页", "加入收藏", "手机版", "电脑版", "无障碍", "无障碍浏览",
        "english", "繁体", "简体", "繁體", "rss", "客户端", "返回顶部", "免责声明", "版权声明",
        "隐私政策", "友情链接", "广告服务", "诚聘英才", "网站声明", "法律声明", "帮助中心",
        "意见反馈", "网站导航", "打印", "关闭", "打印本页", "关闭窗口", "收藏", "在线投稿",
        "人才招聘", "我要投稿", "搜索", "更多",
    }
)
# fmt: on
_SHARE = re.compile(
    r"(?:分享(?:到|至|给|本文|按钮)?\s?:?|(?:打开|用|使用)?(?:手机|微信)?[,“\"]{0,2}扫一扫[”\"]?[,:]?[^。]{0,24}(?:分享|手机|朋友圈|公众号|二维码|阅读)[^。]{0,12}"
    r"|打开微信.{0,30}即可(?:将网页|把网页|将本页)?分享.{0,10}"
    r"|(?:欢迎)?关注(?:我们|本站|官方)?的?(?:微信)?公众号\s?:?[^。]{0,20})"
)
# fmt: off
_SHARE_WORDS = frozenset(
    {
        "分享", "分享到", "分享至", "微信", "微博", "新浪微博", "腾讯微博", "朋友圈",
        "微信朋友圈", "微信好友", "qq", "qq空间", "qq好友", "空间", "人人网", "豆瓣",
        "facebook", "twitter", "x", "line", "telegram", "whatsapp", "收藏", "点赞", "赞",
        "评论", "转发", "举报", "复制链接", "开心网", "百度贴吧", "抖音", "更多", "打印", "0",
        "邮件", "email",
    }
)
# fmt: on
_COPYRIGHT = re.compile(
    r".{0,60}(?:copyright\s?(?:©|\(c\)|\d|by\b|:)|©\s?\d{4}|all\s?rights?\s?reserved).{0,160}"
    r"|[^。]{0,30}版权(?:所有|归属)(?![者权人的])[^。]{0,80}"
    r"|[^。]{0,90}icp[备证]\s?\d{5,}[^。]{0,80}"
    r"|[^。]{0,60}公网安备\s?\d{8,}[^。]{0,60}"
    r"|(?:增值电信业务|网络文化|信息网络传播视听节目|互联网(?:新闻信息服务|药品信息服务|出版))[^。]{0,8}许可证[^。]{0,60}\d[^。]{0,30}"
    r"|[^。]{0,6}建议使用[^。]{0,40}浏览[^。]{0,40}|[^。]{0,30}分辨率[^。]{0,14}\d{3,4}\s?[x*×]\s?\d{3,4}[^。]{0,30}(?:浏览|最佳)[^。]{0,30}"
    r"|(?:[^。]{0,10}声明[:：]?\s?)?凡本(?:网|站)(?:注明|转载).{0,200}"
    r"|本(?:网|站)(?:转载|转贴)的?(?:文章|作品|稿件|内容|信息).{0,160}"
    r"|.{0,160}(?:不代表|不意味着)本(?:网|站|平台)的?(?:赞同|观点|立场).{0,120}"
    r"|.{0,60}未经本(?:网|站)[^。]{0,8}(?:授权|许可|同意|允许)[^。]{0,10}(?:不得|禁止|严禁|请勿).{0,80}"
    r"|如(?:果)?(?:本(?:网|站)[^。]{0,20})?(?:有)?(?:涉及|涉嫌|存在|侵犯)[^。]{0,24}(?:版权|侵权|著作权)[^。]{0,30}(?:联系|致电|来电|告知|删除).{0,80}"
)
_CONTACT = re.compile(
    r"(?:主办|承办|协办|主管|技术支持|网站标识码|网站维护|运行维护|地址|邮编|电话|传真|总机|e-?mail|邮箱|投稿|举报|违法和不良信息|网站备案|备案号|友情链接)[^。]{0,80}"
)
_TAIL_CHARS = 60
_TAIL_LINES = 3
_BARS = re.compile(r"[\s|·•/丨>»\[\]【】()]+")


class Line(NamedTuple):
    """A line that holds something."""

    start: int
    end: int


def furniture(text: str) -> Iterator[Edit]:
    """Yield edits that take out a text's furniture; nothing if no line would be left."""
    lines = [Line(*match.span()) for match in _LINE.finditer(text) if not match[0].isspace()]
    kinds = _kinds(text, lines)
    if not kinds or len(kinds) == len(lines):
        return
    for number, kind in sorted(kinds.items()):
        start, end = lines[number]
        if end < len(text):
            end += 1
        yield Edit(start, end, "", kind)


def _kinds(text: str, lines: Sequence[Line]) -> dict[int, str]:
    """Return the kind of each line that goes, by its number."""
    found: dict[int, str] = {}
    for number, (start, end) in enumerate(lines):
        line = text[start:end]
        if is_spam(line, len(text)):
            found[number] = "spam"
        elif end - start > _MAX_CHARS or not _SIGNS.search(line):
            continue
        elif kind := _kind(key_of(line)):
            found[number] = kind
    _fill_footer(text, lines, found)
    return found


def key_of(line: str) -> str:
    """Return a line as the rules see it: folded, without readings in brackets.

    >>> key_of("版權(quán)所有　某某網")
    '版权所有 某某网'
    """
    return " ".join(fold(_READING.sub("", line)).split())


def _kind(key: str) -> str | None:
    if _NAVIGATION.fullmatch(key):
        return "navigation"
    if _COPYRIGHT.fullmatch(key):
        return "copyright"
    if _SHARE.fullmatch(key):
        return "share"
    words = [word.strip(":") for word in _BARS.split(key) if word.strip(":")]
    if len(words) >= 2 and all(word in _SHARE_WORDS for word in words):
        return "share"
    if len(words) >= 3 and key.startswith("分享") and _most(words[1:], _SHARE_WORDS):
        return "share"
    short = all(len(word) <= 8 for word in words)
    if short and len(words) >= 3 and sum(word in _NAVIGATION_WORDS for word in words) >= 2:
        return "navigation" if "。" not in key and "," not in key else None
    return None


def _most(words: Sequence[str], known: frozenset[str]) -> bool:
    return sum(word in known for word in words) > 0.6 * len(words)


def _fill_footer(text: str, lines: Sequence[Line], found: dict[int, str]) -> None:
    """Add the short lines among a page's copyright lines: its name, its address, its patrons."""
    marked = sorted(number for number, kind in found.items() if kind == "copyright")
    for first, second in pairwise(marked):
        between = range(first + 1, second)
        if len(between) <= _TAIL_LINES and all(
            lines[n].end - lines[n].start <= _TAIL_CHARS
            and "。" not in text[lines[n].start : lines[n].end]
            for n in between
        ):
            found.update((number, "copyright") for number in between if number not in found)
    for number in marked:
        for direction in (-1, 1):
            near = number + direction
            while 0 <= near < len(lines) and near not in found:
                start, end = lines[near]
                if end - start > 2 * _TAIL_CHARS or not _CONTACT.fullmatch(key_of(text[start:end])):
                    break
                found[near] = "copyright"
                near += direction
