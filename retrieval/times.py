"""Times in plain words, folded: 2019年以后, 2018年到2020年间, 去年以来, 近三年."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta

from retrieval.filters import following

_DIGITS = "〇一二三四五六七八九"
_YEAR = r"(?:(?:19|20)\d\d|[一二][九〇零○][〇零○一二三四五六七八九]{2})"
_RELATIVE = {"今年": 0, "本年": 0, "去年": 1, "前年": 2, "大前年": 3}
_RELATIVE_MONTH = {"本月": 0, "这个月": 0, "上个月": 1, "上月": 1}
_SMALL = "(?:[0-3]?\\d|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])"
_AFTER_YEAR = rf"(?:\s?{_SMALL}\s?月(?:份|\s?{_SMALL}\s?[日号])?)?"

DATE = (
    rf"(?:{_YEAR}(?:\s?年度?{_AFTER_YEAR}|[-/.]\d{{1,2}}(?:[-/.]\d{{1,2}})?)?"
    rf"|(?:{'|'.join(sorted(_RELATIVE, key=len, reverse=True))})度?{_AFTER_YEAR}"
    rf"|{'|'.join(_RELATIVE_MONTH)})"
)
"""A year, month or day."""

_TO = r"(?:到|至|-+|—+|~|和|与)"
# 2023年3月到5月, 2023年3-5月, 2023年3月1日到15日: the rest of the second date is that of the first.
_SHORT_FIRST = rf"{_YEAR}\s?年\s?{_SMALL}(?=\s?{_TO}\s?{_SMALL}\s?月)"
_SHORT_LAST = rf"{_SMALL}\s?月(?:份|\s?{_SMALL}\s?[日号])?|{_SMALL}\s?[日号]"

_COUNT = r"(?:\d{1,2}|[一二三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九]|半)"
_STANDS = r"(?<![\d.])"

PERIOD = re.compile(
    rf"{_STANDS}(?:"
    rf"(?:从|自|介于|在)?(?P<first>{_SHORT_FIRST}|{DATE})\s?{_TO}\s?(?P<last>{DATE}|{_SHORT_LAST})"
    r"(?:\s?(?:之间|期间|以来|为止|间|止))?"
    rf"|(?:自从|从|自|在)?(?P<since>{DATE})\s?"
    r"(?:及?(?:以后|之后)|以来|开始|至今|到现在|到今天|起(?![诉草因源点])|后(?![天来年期]))"
    rf"|(?:在|截[至止]?到?|到)?(?P<until>{DATE})\s?(?:及(?:以前|之前)|为止)"
    rf"|在?(?P<before>{DATE})\s?(?:以前|之前|前(?![后年天期]))"
    rf"|(?:最近|过去|近)这?(?P<count>{_COUNT})\s?个?(?P<unit>年|月|星期|周|天|日)"
    r"(?:以来|之内|以内|间|来|内|[里哩])?"
    rf"|在?(?P<within>{DATE})(?:期间|之内|以内|内|[里哩]|间)?"
    r")(?!\d)",
    re.ASCII,  # else \d takes digits that cannot be read: ٣
)
"""A stretch of time; longest form first. `read_period` says which."""


def read_date(text: str, today: date) -> str | None:
    """Return a date that `DATE` matches as YYYY, YYYY-MM or YYYY-MM-DD, None where there is none.

    >>> read_date("二〇一九年三月", date(2026, 11, 21)), read_date("去年", date(2026, 11, 21))
    ('2019-03', '2025')
    >>> read_date("2019-13", date(2026, 11, 21)) is None
    True
    """
    text = text.replace(" ", "")
    if text in _RELATIVE_MONTH:
        return _months_before(today, _RELATIVE_MONTH[text]).isoformat()[:7]
    head = re.match(_YEAR, text)
    if head:
        digits = [_DIGITS.find(one) for one in re.sub("[零○]", "〇", head[0])]
        year = int(head[0]) if head[0].isascii() else int("".join(map(str, digits)))
        numbers = re.split(r"[-/.年月]", text[head.end() :].replace("度", ""))
    else:
        name = next(one for one in sorted(_RELATIVE, key=len, reverse=True) if one in text[:3])
        year = today.year - _RELATIVE[name]
        numbers = re.split("月", text[len(name) :].replace("度", ""))
    small = [_number(one.rstrip("日号份")) for one in numbers if one.rstrip("日号份")]
    try:
        full = date(year, *[*small, 1, 1][:2]).isoformat()
    except ValueError:
        return None
    return full[: (4, 7, 10)[len(small)]]


def read_period(match: re.Match[str], today: date) -> tuple[str | None, str | None, bool] | None:
    """Return what `PERIOD` matched: its first day, the first day after it, and whether it spans.

    A bare year, month or day spans nothing. None where a date in it is none.
    """
    if match["count"]:
        since = _before(today, match["count"], match["unit"])
        return (since, None, True) if since else None
    name = next(name for name in ("first", "since", "until", "before", "within") if match[name])
    known = read_date(match[name], today)
    # Four digits may count anything: 2000元.
    if known is None or (name == "within" and match[name].isdigit()):
        return None
    if name == "first":
        last = _read_last(match["last"], known, today)
        if last is None:
            return None
        known, last = sorted((known, last))
        return known, following(last), True
    if name == "since":
        return known, None, True
    if name == "until":
        return None, following(known), True
    if name == "before":
        return None, known, True
    # Articles do not say 去年 of the year a person means: it can only be about when.
    return known, following(known), match[name][0] not in "12一二"


def _read_last(text: str, first: str, today: date) -> str | None:
    """Return the second date of a stretch; what it does not say is as in the first."""
    if re.fullmatch(_SHORT_LAST, text) is None:
        return read_date(text, today)
    missing = first[:4] + "年" if "月" in text else f"{first[:4]}年{first[5:7]}月"
    last = read_date(missing + text, today)
    # 2019年到3月, 2023年3月到5日 and 2023年11月到2月 are left as they are.
    return last if last and len(last) == len(first) and last >= first else None


def _before(today: date, count: str, unit: str) -> str | None:
    """Return the day so many years, months, weeks or days ago."""
    if count == "半":
        return _months_before(today, 6).isoformat() if unit == "年" else None
    number = _number(count)
    if not number:
        return None
    if unit in "年月":
        return _months_before(today, number * (12 if unit == "年" else 1)).isoformat()
    return (today - timedelta(days=number * (1 if unit in "天日" else 7))).isoformat()


def _months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _number(text: str) -> int:
    """Read a number below 100, in digits or in characters."""
    if text.isdigit() and text.isascii():
        return int(text)
    text = text.replace("两", "二")
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _DIGITS.index(text)
    return 10 * (_DIGITS.index(tens) if tens else 1) + (_DIGITS.index(ones) if ones else 0)
