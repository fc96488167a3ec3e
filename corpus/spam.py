"""Lines put into a page for search engines: strings of search terms, without a sentence."""

from __future__ import annotations

import re
from collections import Counter

from corpus.folding import fold

MIN_TEXT_CHARS = 200
"""Shorter texts never lose a line for the density of its keywords alone."""

# Terms that hardly stand anywhere but in such lines. Words that news and laws use as well (赌博,
# 色情, 彩票) are not among them.
_HARD = re.compile(
    r"一级二级|二级三级|天天[干操射日爽]|夜夜[干操射爽]|日日[干操射爽夜]|四虎|久久(?:精品|热|爱|爽|久|综合)|久色|毛片|一级[片黄]"
    r"|五月(?:丁香|婷婷|天)|丁香五月|婷婷五月|国产(?:精品|一[区级]|自拍|偷拍|视频|伦|欧美|亚洲|日韩|黄)|国内(?:精品|在线)|欧美(?:精品|一[区级]|性|日韩|激情|成人|亚洲)"
    r"|亚洲(?:精品|欧美|综合|无码|日韩|成人|一[区级]|色|av)|日韩(?:精品|欧美|无码|一[区级]|av)|无码|人妻|熟女|乱伦|黄色(?:片|网站|视频|电影|一级)|黄片"
    r"|成人(?:网站|视频|电影|影院|av|小说|图片|在线)|(?<![a-z])av(?![a-z])|(?<![a-z])a+片|aaa|狠狠|啪啪|做爱|精品(?:视频|免费|在线)|免费(?:久久|观看|看片)|在线(?:观看|视频|播放)免费"
    r"|百家乐|时时彩|六合彩|北京赛车|pk10|快三|真人(?:娱乐|荷官|视讯)|娱乐城|现金网|体育投注|足球投注|彩票(?:平台|计划|开户|网址)|开户送|注册送|送彩金|bet\d{2,3}"
    r"|澳门(?:威尼斯人|金沙|葡京|新葡京|赌场|皇冠|银河)|威尼斯人(?:官网|娱乐|网址)|新葡京|太阳城(?:官网|娱乐|网址)|皇冠(?:体育|网址|官网)|ag真人|首存|返水|老虎机(?:网|游戏|平台)|网上赌场|棋牌(?:平台|官网|下载)"
    r"|代开发票|办假证|代孕(?:公司|机构|价格)|私家侦探|信用卡套现"
)
_STOPS = re.compile(r"[。！？!?；;]|\.\s")
_TERM_BREAKS = re.compile(r"[,，|_\s/、丨·—\-]+")
_KEYWORD_BREAKS = re.compile(r"[,，_|]+")
_FUNCTION = re.compile(r"[的了是在对将与和被把为]")


def is_spam(line: str, text_chars: int) -> bool:
    """Tell whether a line is a string of search terms; `text_chars` is the length of its text."""
    if len(line) < 12 or _STOPS.search(line):
        return False
    key = fold(line)
    return _is_obscene(key, text_chars) or (text_chars >= MIN_TEXT_CHARS and _is_stuffed(key))


def _is_obscene(key: str, text_chars: int) -> bool:
    found = _HARD.findall(key)
    kinds = len(set(found))
    if kinds < 2:
        return False
    terms = [term for term in _TERM_BREAKS.split(key) if term]
    if len(terms) < 3:
        return kinds >= 3 and 2 * sum(map(len, found)) >= len(key)
    telling = sum(1 for term in terms if _HARD.search(term) or "www." in term)
    wordy = sum(1 for term in terms if _FUNCTION.search(term) or len(term) > 24)
    # In a short text density alone proves nothing: most of its terms must be of that kind.
    least = 0.3 if text_chars >= MIN_TEXT_CHARS else 0.6
    enough = 2 if text_chars >= MIN_TEXT_CHARS else 4
    return kinds >= enough and telling >= least * len(terms) and 3 * wordy <= len(terms)


def _is_stuffed(key: str) -> bool:
    """Tell whether a line is one keyword in many variations, as in 检测公司,检测机构,检测价格."""
    terms = [term.strip() for term in _KEYWORD_BREAKS.split(key) if term.strip()]
    if len(terms) < 8 or sum(map(len, terms)) > 8 * len(terms):
        return False
    if sum(1 for term in terms if _FUNCTION.search(term)) > 0.1 * len(terms):
        return False
    shared = Counter(
        pair for term in terms for pair in {term[i : i + 2] for i in range(len(term) - 1)}
    )
    most = max(shared.values(), default=0)
    return most >= 0.7 * len(terms)
