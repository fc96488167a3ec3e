"""Title, date, site and link, where an article's own head tells them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

_HEAD_LINES = 12
_LINE_CHARS = 120
_TITLE_CHARS = 120
_TITLE_HAN = 50

_DATE = re.compile(
    r"(?<!\d)((?:19|20)\d\d)\s?(?:[-/.]\s?(\d{1,2})(?:\s?[-/.]\s?(\d{1,2}))?(?!\d)"
    r"|年\s?(?:(\d{1,2})\s?月\s?(?:(\d{1,2})\s?[日号號])?)?)"
)
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d\d)(\d\d)(\d\d)(?!\d)")
_DATE_LABEL = re.compile(
    r"(?:[发發][布佈表](?:[时時][间間]|日期|[于於])|[时時][间間]|日期|更新[时時][间間]|刊[发登發]日期|上[传傳][时時][间間])"
    r"\s{0,3}[:：]\s{0,3}"
)
_SITE_LABEL = re.compile(
    r"(?:(?:本文|文章|[信訊资資][息訊]|新[闻聞]|稿件)?[来來]源|稿源|出[处處]|[转轉][载載]自)\s{0,3}[:：]\s{0,3}"
    r"([^\s|｜丨,，;；()（）<>]{2,30})"
)
_URL = re.compile(r"https?://[^\s<>\"'，。；）)」]{4,2000}")
_URL_LABEL = re.compile(r"(?:原文)?(?:[链鏈][接结結]|[网網]址|地址|URL)\s{0,3}[:：]\s{0,3}", re.I)
_TIME = re.compile(
    r"[T\s]{0,2}\d{1,2}[:：]\d{2}(?:[:：]\d{2})?|星期[一二三四五六日天]|[周週][一二三四五六日]"
)
_OTHER_LABEL = re.compile(
    r"(?:作者|[记記]者|[编編][辑輯]|[责責][编編任]|[责責]任[编編][辑輯]|[点點][击擊]|[阅閱][读讀]|[浏瀏][览覽]|字[号體体]|文)[^:：]{0,4}[:：]?\s{0,3}\S{0,20}"
)
_NOT_IN_TITLE = re.compile(
    r"[。；]|https?:|www\.|[：:，,、；;…]$|^(?:图|圖|[来來]源|作者|[发發][布佈])\s{0,3}[:：]"
)
_LIST_MARKS = re.compile(r"[,，、|]")


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known of an article besides its text; None where nothing says so."""

    title: str | None = None
    url: str | None = None
    published: str | None = None
    site: str | None = None

    def or_else(self, other: Metadata) -> Metadata:
        """Fill what is missing here from another."""
        return replace(
            self,
            title=self.title or other.title,
            url=self.url or other.url,
            published=self.published or other.published,
            site=self.site or other.site,
        )


def iso_date(text: str) -> str | None:
    """Return the first date in a text as YYYY, YYYY-MM or YYYY-MM-DD, or None.

    >>> iso_date("2023年9月5日"), iso_date("2023/9/5 10:00"), iso_date("2023-13-40")
    ('2023-09-05', '2023-09-05', None)
    """
    match = _DATE.search(text)
    if match is None:
        match = _COMPACT.search(text)
        return None if match is None else _checked(match[1], match[2], match[3])
    return _checked(match[1], match[2] or match[4], match[3] or match[5])


def field_date(field: str | None) -> str | None:
    """Return the date of a field that holds nothing but one: a bare year is a date there.

    >>> field_date(" 2021 "), field_date("2021-03"), field_date("第2021号"), field_date(None)
    ('2021', '2021-03', None, None)
    """
    year = re.fullmatch(r"\s*((?:19|20)\d\d)\s*", field or "")
    return year[1] if year else iso_date(field or "")


def _checked(year: str, month: str | None, day: str | None) -> str | None:
    try:
        full = date(int(year), int(month or 1), int(day or 1)).isoformat()
    except ValueError:
        return None
    return full if day else full[:7] if month else year


def from_head(text: str) -> Metadata:
    """Read date, site and link off the first lines of an article, where they are labelled.

    A date counts only with a label, or on a line that holds nothing but such particulars: a date
    in a sentence is not the day the article appeared.
    """
    labelled: str | None = None
    bare: str | None = None
    found = Metadata()
    for line in _head_lines(text):
        label = _DATE_LABEL.search(line)
        if label and not labelled:
            labelled = iso_date(line[label.end() : label.end() + 24])
        site = _SITE_LABEL.search(line)
        if site and not found.site and not line.endswith("。"):
            name = site[1].strip("《》“”\"' :：")
            found = replace(found, site=None if _DATE.match(name) else name or None)
        url_label = _URL_LABEL.search(line)
        url = _URL.match(line, url_label.end()) if url_label else None
        if url and not found.url:
            found = replace(found, url=url[0])
        if not bare and _only_particulars(line):
            bare = iso_date(line)
    return replace(found, published=labelled or bare)


def _head_lines(text: str) -> list[str]:
    lines = (line.strip() for line in text[:3000].split("\n", 40)[:40])
    return [line for line in lines if line and len(line) <= _LINE_CHARS][:_HEAD_LINES]


def _only_particulars(line: str) -> bool:
    """Tell whether a line holds a date and nothing but date, time, source and the like."""
    dated = _DATE.search(line)
    if dated is None or not (dated[3] or dated[5]):
        return False
    rest = _SITE_LABEL.sub("", line)
    rest = _OTHER_LABEL.sub("", _DATE_LABEL.sub("", _TIME.sub("", _DATE.sub("", rest))))
    return not re.search(r"\w", rest)


def title_of(text: str) -> str | None:
    r"""Return the first line where it looks like a title; lists of keywords above it are passed by.

    >>> title_of("网购七天无理由退货怎么算？\n\n签收次日起算。")
    '网购七天无理由退货怎么算？'
    >>> title_of("签收次日起算七天。") is None
    True
    """
    for line in [line.strip() for line in text[:2000].split("\n", 8)[:8] if line.strip()][:3]:
        if len(_LIST_MARKS.findall(line)) >= 5:
            continue
        # Counted in Han characters too: old pages put a reading behind every second one.
        han = sum("\u3400" <= character <= "\u9fff" for character in line)
        fits = 2 <= len(line) <= (_TITLE_CHARS if han else _TITLE_HAN + 30) and han <= _TITLE_HAN
        fits = fits and not _NOT_IN_TITLE.search(line)
        return line if fits and re.search(r"[^\W\d_]", line) else None
    return None


def date_of_name(stem: str) -> str | None:
    """Return a whole date that stands in a file's name, as in 条例(2018-01-23) or 20220924."""
    found = iso_date(stem)
    return found if found and len(found) == 10 else None
