"""What kind of thing a question asks for, and what tells that a sentence names such a thing.

Every text here is folded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import cache

from corpus import fold


class Kind(Enum):
    """The kind of thing that answers."""

    NUMBER = "number"
    DATE = "date"
    PERSON = "person"
    PLACE = "place"
    THING = "thing"
    REASON = "reason"
    LIST = "list"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question asks for, and where it asks."""

    kind: Kind
    start: int
    """Where in the question the asking word begins; its length where there is none."""
    end: int
    units: tuple[str, ...] = ()
    """For numbers: what they may count or measure; empty where the question does not say."""

    @property
    def named(self) -> bool:
        """Whether a few words answer; reasons and the like are told, and take a sentence."""
        return self.kind in _NAMED

    def evidence(self) -> re.Pattern[str] | None:
        """Return what stands in a sentence that names such a thing, as far as one can tell."""
        if self.kind is Kind.NUMBER:
            return number_of(self.units)
        return _EVIDENCE.get(self.kind)


_NAMED = frozenset({Kind.NUMBER, Kind.DATE, Kind.PERSON, Kind.PLACE, Kind.THING})


def _any(words: str) -> str:
    """Return a pattern of any of these words, folded, the longest first."""
    return "|".join(map(re.escape, sorted(fold(words).split(), key=len, reverse=True)))


_DIGITS = (
    r"(?:\d[\d,.]*|[〇零一二两三四五六七八九十百千半])(?:[〇零一二三四五六七八九十百千万亿\d.,]*)"
)
_LENGTHS = "公里 公尺 公分 千米 厘米 毫米 海里 英里 英尺 英寸 米 里 尺 丈 寸 km cm mm m"
_TIMES = "年 个月 月 星期 周 天 日 小时 分钟 秒钟 分 秒 世纪"
_MEASURED = {
    fold(asking): tuple(fold(units).split())
    for asking, units in {
        "多久": _TIMES,
        "多长时间": _TIMES,
        "多高": _LENGTHS,
        "多宽": _LENGTHS,
        "多深": _LENGTHS,
        "多远": _LENGTHS,
        "多长": f"{_LENGTHS} {_TIMES}",
        "多大": f"岁 平方 公顷 亩 {_LENGTHS}",
        "多重": "公斤 千克 吨 斤 克 磅 kg",
        "多少钱": "元 圆 块 镑 日圆 港币 法郎",
    }.items()
}
_COUNTED = re.compile(
    _any(
        "年 月 日 天 周 小时 分钟 秒 岁 人 名 个 位 家 间 所 座 栋 条 项 章 节 款 次 场 届 期 集"
        " 部 本 册 首 支 枚 架 艘 辆 台 只 头 匹 株 棵 种 类 级 层 排 颗 片 块 张 份 票 元 角 分"
        " 倍 成 度 户 口 国 州 省 市 县 区 村 站 队 门 轮 步 篇 句 字 行 段 幅 套 件 例 宗 代"
        f" 平方公里 平方 公顷 亩 吨 公斤 千克 克 升 毫升 美元 镑 {_LENGTHS}"
    )
)

_WHICH = r"(?:哪|什么|何)(?:[一两二几]?个?)"
_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    # 甲为什么? asks what 甲 is, unless a sentence follows or went before that tells more.
    (Kind.OTHER, re.compile(r"(?:为什么|为何)(?=[?!]?$)")),
    (Kind.REASON, re.compile(rf"为什么|为何|何故|何以|{_WHICH}(?:种)?(?:原因|缘故|理由)")),
    (Kind.REASON, re.compile(r"(?<=原因是)什么|(?<=原因为)(?:何|什么)|(?<=[因由于])何")),
    (
        Kind.DATE,
        re.compile(
            rf"{_WHICH}(?:年代|时代|时间|时期|时段|时候|时|朝代|世纪)"
            r"|(?:哪|何)[一二两几]?个?(?:年|月|天(?![然体空主灾])|日(?!本))|什么年"
            r"|(?:(?<=在)|(?<=于)|(?<=年)|(?<=月)|(?<=公元))几(?=[年月日号])|几(?=月几?[日号]?[?!]?$)"
        ),
    ),
    (Kind.NUMBER, re.compile(r"多少钱?|多长时间|多[久长高大宽深远重]|几(?!乎)")),
    (Kind.PERSON, re.compile(rf"谁|{_WHICH}(?:位|人)")),
    (
        Kind.PLACE,
        re.compile(rf"{_any('哪里 哪儿')}|{_WHICH}[国地省市县城区州洲岛边处村镇乡方]"),
    ),
    (Kind.LIST, re.compile(r"哪些|(?<=有)什么")),
    (Kind.THING, re.compile("哪[一二两几]?[个种]?")),
    (Kind.OTHER, re.compile("什么|怎么样?|怎样|如何|是否|何|吗")),
)


def asked(question: str) -> Asked:
    """Return what a folded question asks for: by the first asking word of the first kind found.

    >>> asked("这栋楼有几层?").kind.value, asked("这栋楼有几层?").units
    ('number', ('层',))
    >>> asked("运费由谁出?").kind.value, asked("为什么召回?").kind.value, asked("退货").kind.value
    ('person', 'reason', 'other')
    """
    for kind, pattern in _KINDS:
        if match := pattern.search(question):
            units = _units(question, match) if kind is Kind.NUMBER else ()
            return Asked(kind, match.start(), match.end(), units)
    return Asked(Kind.OTHER, len(question), len(question))


def _units(question: str, match: re.Match[str]) -> tuple[str, ...]:
    if match[0] in _MEASURED:
        return _MEASURED[match[0]]
    counted = _COUNTED.match(question, match.end())
    # 第几 asks which one, and what answers counts nothing.
    return () if counted is None or question[: match.start()].endswith("第") else (counted[0],)


def number_of(units: tuple[str, ...]) -> re.Pattern[str]:
    """Return a pattern of a number of one of these units, or of any number without them."""
    return counting(units) or _ANY_NUMBER


@cache
def counting(units: tuple[str, ...]) -> re.Pattern[str] | None:
    """Return a pattern of a number with one of these units; None where there are none.

    一 alone is no number (一个, 一分为二), and 第二 counts nothing.
    """
    if not units:
        return None
    key = "|".join(map(re.escape, sorted(units, key=len, reverse=True)))
    number = rf"(?<![第\d])(?!一(?:{key})){_DIGITS}(?:[多余几来])?"
    return re.compile(rf"(?:{_DIGITS}(?:{key})?[-–~至到])?{number}(?:{key})")


_ANY_NUMBER = re.compile(r"\d|[二三四五六七八九十百千万亿]")
_EVIDENCE = {
    Kind.DATE: re.compile(r"\d{3,4}年|[一二三四五六七八九十〇零元]{1,4}年|世纪|年代"),
    Kind.PLACE: re.compile(_any("位于 位在 产于 分布 坐落 来自 生于 境内 移居 迁至 迁到")),
    Kind.REASON: re.compile(
        _any("因为 由于 因此 因而 所以 原因 为了 导致 使得 故 因 以免 避免 鉴于 致使")
    ),
    Kind.LIST: re.compile(r"、[^、]*[、和及与]|包括|包含|分别|有:"),
}
