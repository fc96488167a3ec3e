"""Filters out of a question, and what is left of it to search for.

`site:`, `since:`, `before:` and `title:` always filter. A time in plain words (2019年以后, 近三年)
is more often part of what is asked (2019年以后签的合同) than a wish about articles, so it filters
only where it can mean nothing else:

- the question asks for reports: 2019年以后关于奶粉的报道, 奶粉召回2020年以来的新闻;
- it stands first or last, set off by a blank or brackets, and the rest stands on its own:
  奶粉召回 2019年以后. A year alone (奶粉召回 2019年) may be the year of the recall and stays;
- there is nothing else: 2019年以后的呢?

Otherwise it is searched for like any other words. What is read is the folded question, character by
character, so that both scripts and both widths read alike and the rest keeps its own glyphs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from corpus.folding import fold_characters
from retrieval.errors import FilterError
from retrieval.filters import Filters
from retrieval.times import DATE, PERIOD, read_date, read_period

_MOST_CHARS = 500
_QUICK = re.compile(r"[:：年月周天日期后後前]|\d{4}")

_DAY = re.compile(rf"(?P<day>{DATE})(?![\d./\-])(?:以后|之后|以来|起|以前|之前)?", re.ASCII)
_KEYED = re.compile(
    r"(?<![a-z0-9])(?P<key>site|since|before|title)\s?:\s*"
    r"(?:[\"“「『'](?P<quoted>[^\"”」』']*)[\"”」』']|(?P<value>[^\s,;?!。、]*))"
)
_HOST = re.compile(r"(?:https?://)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?:[:/][!-~]*)?")

_REPORTS = "新闻报道|报道|报导|新闻|文章|消息|资讯|稿件"
_NOTICES = "公告|通告|通报"
_LEADING = re.compile(r"[请问帮我给想要知道了解就只找查搜索看列出有没哪些什么关于在那的一下,:\s]*")
_TAIL = r"(?:有哪些|有什么|有没有|有多少|有吗|在哪[里哩]?|[吗呢?。!,\s])*"
_ASKED_FIRST = re.compile(
    rf"(?P<of>的)?[,\s]*(?P<subject>.*?)(?:(?:{_REPORTS})|(?P<notice>{_NOTICES})){_TAIL}"
)
_ASKED_LAST = re.compile(
    rf"(?:发布|发表|刊登|刊发)?的?(?:相关|有关|最新|所有)?的?(?:{_REPORTS}|{_NOTICES}){_TAIL}"
)
_FILLING = re.compile(
    "(?:请问|帮我|给我|我想|想看|想?知道|想?了解|看看|查找|查一下|找一下|搜一下|搜索|列出|有哪些|有什么|有没有|有关|关于"
    r"|针对|涉及|对于|(?:发布|发表|刊登|刊发)的|[的,\s])*"
)
_EVENT = re.compile(
    "(?:签|订立|买|购|办|入职|出生|生效|施行|实施|成立|注册|发生|生产|上市|出厂|结婚|离婚|取得|发[布表]|转发"
    r"|散布|传播|编造)[^\s,]{0,6}?(?:的|了|过)|(?:发[布表]|转发|散布|传播|编造)"
)
_OPEN, _CLOSE = "([{【〔〈", ")]}】〕〉"
_ALONE_LAST = re.compile(r"(?:的|呢|[?。!\s])*")


def read_filters(question: str, today: date) -> tuple[str, Filters]:
    """Return what is left of a question, and its filters; the question itself without any.

    `today` is what 去年 and 近三年 are counted from. The last one counts of filters that are given
    twice; `since:` and `before:` make a time in plain words part of the question again.

    >>> read_filters("奶粉 site:12315.cn since:2019", date(2026, 11, 21))[0]
    '奶粉'
    >>> read_filters("去年以来关于預付卡的報導", date(2026, 11, 21))
    ('預付卡', Filters(since='2025', before=None, site=None, title=None))
    >>> read_filters("2019年以后签的合同怎么算", date(2026, 11, 21))[0]
    '2019年以后签的合同怎么算'

    Raises:
        FilterError: a filter has no value, or one that is no date.
    """
    if len(question) > _MOST_CHARS or _QUICK.search(question) is None:
        return question, Filters()
    folded = fold_characters(question)
    rest, filters = _read_keyed(question, folded, today)
    if not filters.timed:
        plain = _read_plain(rest, fold_characters(rest), today)
        if plain is not None:
            rest, times = plain
            filters = times.or_else(filters)
    return (rest, filters) if filters else (question, filters)


def _read_keyed(question: str, folded: str, today: date) -> tuple[str, Filters]:
    found: dict[str, str] = {}
    pieces, end = [], 0
    for match in _KEYED.finditer(folded):
        key = match["key"]
        group = "value" if match["quoted"] is None else "quoted"
        start, stop = match.span(group)
        value = question[start:stop].strip()
        if key in ("since", "before"):
            day = _DAY.match(folded, start)
            known = read_date(day["day"], today) if day else None
            if day is None or known is None:
                raise FilterError(key, value)
            found[key], stop = known, day.end()
        elif not value:
            raise FilterError(key, value)
        elif key == "site" and (host := _HOST.match(folded, start)):
            found[key], stop = host[1], host.end()
        else:
            found[key] = value
        pieces.append(question[end : match.start()])
        end = max(stop, match.end()) if group == "quoted" else stop
    if not found:
        return question, Filters()
    pieces.append(question[end:])
    return " ".join(" ".join(pieces).split()), Filters(**found)


@dataclass(frozen=True, slots=True)
class _Time:
    start: int
    end: int
    filters: Filters
    spanning: bool
    """It is no bare year, month or day: 以后, 以前, 到, 近三年, or a relative word."""


def _times(folded: str, today: date) -> Iterator[_Time]:
    for match in PERIOD.finditer(folded):
        period = read_period(match, today)
        if period is not None:
            since, before, spanning = period
            yield _Time(match.start(), match.end(), Filters(since, before), spanning)


def _read_plain(question: str, folded: str, today: date) -> tuple[str, Filters] | None:
    """Return the question without its time and the time, None where none is meant as a filter."""
    for time in _times(folded, today):
        rest = _rest(question, folded, time)
        if rest is not None:
            return rest, time.filters
    return None


def _rest(question: str, folded: str, time: _Time) -> str | None:
    before, after = folded[: time.start], folded[time.end :]
    leads = _LEADING.fullmatch(before) is not None
    if leads and time.spanning and _ALONE_LAST.fullmatch(after):
        return ""
    if leads and (asked := _ASKED_FIRST.fullmatch(after)):
        return _subject(question[time.end :], after, asked)
    if not leads and _ASKED_LAST.fullmatch(after):
        shown = question[_filling(before, 0) : time.start].rstrip(" 　,，的在")
        return None if _EVENT.match(fold_characters(shown)) else shown
    if not time.spanning:
        return None
    if not before.strip(_OPEN + " ") and after[:1] in tuple(" |:/" + _CLOSE):
        kept = question[time.end :]
    elif not after.strip(_CLOSE + " ?。!") and before[-1:] in tuple(" |:/" + _OPEN):
        kept = question[: time.start]
    else:
        return None
    kept = kept.strip(" 　|｜:：/／()（）【】〔〕")
    return None if not kept or _EVENT.match(fold_characters(kept)) else kept


def _subject(question: str, folded: str, asked: re.Match[str]) -> str | None:
    """Return what reports are asked for about; None where the time belongs to that instead."""
    first, end = asked.span("subject")
    start = min(_filling(folded, first), end)
    named = folded[start:end].removesuffix("的")
    end = start + len(named)
    if not re.search("关|针对|涉及|对于|发", folded[first:start]):
        # 2019年以后买的车有什么新闻: the car is of that time, not the news.
        if "的" in named or (asked["of"] and "有" in named):
            return None
        if _EVENT.match(named):
            return None
    # A notice is a kind of text, called so in it; news is only what people call it.
    if asked["notice"]:
        end = asked.end("notice")
    return question[start:end].strip(" 　,，")


def _filling(folded: str, start: int) -> int:
    """Return where the words end that only ask for reports."""
    match = _FILLING.match(folded, start)
    return match.end() if match else start
