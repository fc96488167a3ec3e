"""A question that leans on the one before it: 那蘇州呢, 賠多少, 還有別的嗎.

No language model: what a question lacks shows in its form. Its content is what is left when the
words that only ask, point or join are taken out, weighed by how telling it is in Chinese at large.
A question with next to none (賠多少), or one that points back (它能罚款吗) or only names something
(那30天呢) leans on the question before; a short one may. It is then searched for together with
what was asked before, in the article that was cited first, or with the thing of its kind put in
the other's place; what is found decides whether it was meant so (`retrieval.following`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import fsum
from typing import Literal, TypeAlias

from corpus import fold
from retrieval.asking_words import any_of, content
from retrieval.background import of_parts, telling
from retrieval.records import Exchange
from retrieval.tokens import terms, units

Leaning: TypeAlias = Literal["leans", "may"]

JOIN = " · "
"""Between the parts of a question as it was understood."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand a follow-up."""

    subject: str
    """What was asked before; another thing may stand in it now."""
    detail: str = ""
    """What is asked now; empty where the subject says it all."""
    own: Mapping[str, float] = field(default_factory=dict)
    """What the follow-up itself is about, with weights."""
    said: Mapping[str, float] = field(default_factory=dict)
    """All its terms, those included that ask: a sentence may say it as it was asked."""
    names: bool = False
    """Whether what it is about is enough to be looked for by itself."""
    named: bool = False
    """Whether it only names something: X呢."""
    leaning: Leaning = "leans"
    articles: tuple[str, ...] = ()
    """Ids of the articles to look into first."""
    passed: tuple[tuple[str, int], ...] = ()
    """Passages (article id, start) that were shown already and are not wanted again."""

    @property
    def text(self) -> str:
        """The question to search for, and to show: how the follow-up was understood."""
        return JOIN.join(filter(None, (self.subject, self.detail)))


def understand(
    question: str, previous: Exchange | None, *, narrowed: bool = False
) -> Reading | None:
    """Return a question completed from the one before; None where it needs no other.

    `narrowed`: filters were taken out of it, so that nothing may be left of it.

    >>> before = Exchange("簽收七天之內能退貨嗎", ("a1",), (("a1", 0),))
    >>> understand("那30天呢？", before).text, understand("誰出運費？", before).text
    ('簽收30天之內能退貨嗎', '簽收七天之內能退貨嗎 · 誰出運費')
    >>> understand("快递员没问我就把包裹放在驿站，可以投诉吗", before)
    """
    if previous is None or len(question) > _MOST_ADDED:
        return None
    shown, plain = _aligned(question)
    if is_small_talk(question):
        # Nothing but filters: the same question, of other articles.
        return Reading(previous.subject, articles=previous.articles) if narrowed else None
    if _MORE.fullmatch(plain):
        return Reading(previous.subject, articles=previous.articles, passed=previous.seen)
    form = _Form.of(plain)
    leaning = form.leaning(fold(previous.subject))
    if leaning is None:
        return None
    subject = previous.subject.rstrip(_MARKS)[:_MOST_SUBJECT]
    detail = shown[form.start :].rstrip(_MARKS)
    names = form.weight >= _BARE
    if form.named and (put := _substituted(shown[form.start : form.end], previous.subject)):
        subject, detail, names = put, "", True
    return Reading(
        subject,
        detail,
        form.own,
        form.said,
        names=names,
        named=form.named,
        leaning=leaning,
        articles=previous.articles,
    )


def is_small_talk(question: str) -> bool:
    """Tell thanks, greetings and next to nothing from a question: they change no subject.

    >>> is_small_talk("好的，謝謝！"), is_small_talk("呢？"), is_small_talk("好的賠多少")
    (True, True, False)
    """
    left = any_of("manners").sub("", fold(question))
    return not left.strip(_MARKS + "那了啊呀吧呢")


_MARKS = "?？。!！,，;；、 　~…."
# Weight of content: up to the first next to nothing is said, up to the second a thing is named,
# up to the third there may be too little to stand on; an opening word carries up to the last.
_BARE, _NAMED, _SHORT, _ABOUT, _LONG = 4.5, 9.0, 13.0, 20.0, 30.0

_MOST_SUBJECT, _MOST_ADDED = 400, 90
"""Characters taken of the question before, and of what is asked now: 500 are read of a question.
What is longer stands on its own."""

_MEASURE = "[个些家件份位种样条款张部本次场届篇封起笔辆台只名项段天年月里]"
_OPENING = re.compile(
    rf"(?:那么|那(?!{_MEASURE})|还有|另外|至于|要是|如果|假如|但是?|不过|可是)[,\s]*(?:说|是)?"
)
_POINTING = re.compile(
    rf"^(?:[它他她]们?|这|该|此|其中|上面|上述|前面|刚才|那{_MEASURE})|[它她]们?|他们|这家|那家|该公司"
)
_DEFINING = re.compile(r"^什么(?:是|叫)|[^是这]是什么意思|[《〈“\"「『]|[a-z]{2}")
_MORE = re.compile(
    r"(?:那|那么)?(?:还)?(?:有没有|有)?(?:别的|其他的?|其它的?|更多的?)"
    rf"(?:答案|结果|段落|文章|资料|说法|内容|信息)?(?:了|吗|呢|没有)*[{_MARKS}]*"
)


@dataclass(frozen=True, slots=True)
class _Form:
    """What a folded question is made of."""

    folded: str
    start: int
    """Where it begins, behind an opening word (那, 如果)."""
    end: int
    """Where it ends, before 呢 and punctuation."""
    named: bool
    """It only names something: X呢, or 那X with nothing that asks."""
    ends: bool
    """It ends in 呢."""
    pieces: dict[str, float]
    weight: float

    @classmethod
    def of(cls, folded: str) -> _Form:
        opening = _OPENING.match(folded)
        start = opening.end() if opening else 0
        body = folded.rstrip(_MARKS)
        ends = body.endswith("呢")
        end = max(start, len(body) - ends)
        asks = any_of("asking").search(folded, start, end) is not None
        named = not asks and (ends or opening is not None)
        pieces = content(folded[start:end])
        return cls(folded, start, end, named, ends, pieces, fsum(pieces.values()))

    @property
    def own(self) -> dict[str, float]:
        """What it is about, for matching: the single units of a pair may stand apart.

        A number and what it counts may not: 十五天 is neither in 二十五天 nor in 第十五条.
        """
        asked = self.folded[self.start : self.end]
        counted = {match[0]: of_parts(match[0]) for match in COUNTED.finditer(asked)}
        pieces = content(COUNTED.sub(" ", asked)) if counted else self.pieces
        single = {unit: telling(unit) for piece in pieces for unit in _split(piece)}
        return {**single, **pieces, **counted}

    @property
    def said(self) -> dict[str, float]:
        """All its terms, with weights."""
        asked = terms(self.folded[self.start : self.end])
        return {term: min(telling(term), of_parts(term)) for term in asked}

    def leaning(self, before: str) -> Leaning | None:
        """Say how a question leans on the (folded) one before; None: it stands."""
        asks = self.named or any_of("asking").search(self.folded) is not None
        if not asks or "你" in self.folded:
            return None
        if self.weight < _BARE and not _DEFINING.search(self.folded):
            return "leans"
        if _POINTING.search(self.folded) and self.weight < _SHORT:
            return "leans"
        opened = self.named or self.start > 0
        if opened and self.weight < (_ABOUT if self.named and self.ends else _NAMED):
            return "leans"
        # One that names again what was asked about has its subject.
        again = any(len(piece) > 1 and piece in before for piece in self.pieces)
        if again or _DEFINING.search(self.folded):
            return None
        if self.weight >= (_LONG if opened else _SHORT):
            return None
        return "may"


def times(piece: str, text: str) -> int:
    """Return how often a piece of a question stands in a text, a number only where it begins.

    >>> times("十五天", "十五天，二十五天"), times("3.5公斤", "315公斤"), times("退货", "退货退货")
    (1, 0, 2)
    """
    if COUNTED.fullmatch(piece):
        return len(re.findall(rf"(?<!{_DIGIT}){re.escape(piece)}", text))
    return text.count(piece)


def _split(piece: str) -> list[str]:
    return [unit for run in units(piece) for unit in run]


def _aligned(question: str) -> tuple[str, str]:
    """Return a question to show and, character for character, folded.

    Folding keeps the length of nearly all; where it does not, the folded one is shown.
    """
    plain = fold(question)
    return (question if len(question) == len(plain) else plain), plain


_DIGIT = r"[〇零一二三四五六七八九十百千万\d.]"
_MEASURE_WORD = (
    "小时|分钟|公里|公斤"
    "|[天日号年月周岁个倍次条款项章节元角分块人名家件只台部辆份批种类级届期成米斤]"
)
COUNTED = re.compile(
    rf"(?P<nth>第?)(?<!{_DIGIT})(?!一(?!{_DIGIT})){_DIGIT}+(?P<unit>{_MEASURE_WORD})"
)
"""A number and what it counts, in folded text; 一 alone is none (一个)."""
_MOST_OF_A_KIND = 4


def _substituted(named: str, subject: str) -> str | None:
    """Return the subject with what is named in place of the thing of its kind; None without one.

    Of a kind are numbers of the same unit, places, and short words with the same last character
    (定金 and 訂金).
    """
    shown, plain = _aligned(subject)
    key = fold(named)
    if len(key) < 2 or key in plain:
        return None
    if number := COUNTED.search(key):
        rest = content(f"{key[: number.start()]} {key[number.end() :]}")
        if fsum(weight for piece, weight in rest.items() if piece not in plain) >= _BARE:
            return None
        named = _aligned(named)[0][number.start() : number.end()]
        kind = re.compile(rf"{number['nth']}{_DIGIT}+{number['unit']}")
    elif any_of("places").fullmatch(key.rstrip("省市县区")):
        kind = re.compile(f"(?:{any_of('places').pattern})[省市县区]?")
    elif len(key) <= _MOST_OF_A_KIND:
        kind = re.compile(rf"[^\W\d]{{{len(key) - 1}}}{re.escape(key[-1])}")
    else:
        return None
    place = kind.search(plain)
    return None if place is None else shown[: place.start()] + named + shown[place.end() :]
