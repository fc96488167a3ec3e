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
from dataclasses import dataclass
from math import fsum
from typing import Literal, TypeAlias

from corpus import fold
from retrieval.asking_words import any_of, content
from retrieval.background import telling
from retrieval.records import Exchange
from retrieval.tokens import units

Leaning: TypeAlias = Literal["leans", "may"]

JOIN = " · "
"""Between the parts of a question as it was understood."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand a follow-up."""

    subject: str
    """What was asked before; another thing may stand in it now."""
    detail: str
    """What is asked now; empty where the subject says it all."""
    own: Mapping[str, float]
    """What the follow-up itself is about, with weights."""
    names: bool
    """Whether that is enough to be looked for by itself."""
    leaning: Leaning
    articles: tuple[str, ...] = ()
    """Ids of the articles to look into first."""
    passed: tuple[tuple[str, int], ...] = ()
    """Passages (article id, start) that were shown already and are not wanted again."""

    @property
    def text(self) -> str:
        """The question to search for, and to show: how the follow-up was understood."""
        return JOIN.join(filter(None, (self.subject, self.detail)))


def readings(question: str, previous: Exchange | None, *, narrowed: bool = False) -> list[Reading]:
    """Return the ways to complete a question from the one before; none where it needs no other.

    `narrowed`: filters were taken out of it, so that nothing may be left of it.

    >>> before = Exchange("簽收七天之內能退貨嗎", ("a1",), (("a1", 0),))
    >>> [reading.text for reading in readings("那30天呢？", before)]
    ['簽收30天之內能退貨嗎', '簽收七天之內能退貨嗎 · 30天呢']
    >>> readings("快递员没问我就把包裹放在驿站，可以投诉吗", before)
    []
    """
    if previous is None:
        return []
    shown, plain = _aligned(question)
    if is_small_talk(question):
        # Nothing but filters: the same question, of other articles.
        again = Reading(previous.subject, "", {}, False, "leans", previous.articles)
        return [again] if narrowed else []
    if _MORE.fullmatch(plain):
        return [Reading(previous.subject, "", {}, False, "leans", previous.articles, previous.seen)]
    form = _Form.of(plain)
    leaning = form.leaning(fold(previous.subject))
    if leaning is None:
        return []
    found = []
    if form.named and (put := _substituted(shown[form.start : form.end], previous.subject)):
        found.append(Reading(put, "", form.own, True, leaning, previous.articles))
    subject = previous.subject.rstrip(_MARKS)[:_MOST_SUBJECT]
    detail = shown[form.start :].rstrip(_MARKS)
    names = form.weight >= _BARE
    found.append(Reading(subject, detail, form.own, names, leaning, previous.articles))
    return found


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
_BARE, _NAMED, _SHORT, _LONG = 4.5, 9.0, 13.0, 30.0

_MOST_SUBJECT = 400
"""Of 500 characters that are read of a question, some are left for what is asked now."""

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
    pieces: dict[str, float]
    weight: float

    @classmethod
    def of(cls, folded: str) -> _Form:
        opening = _OPENING.match(folded)
        start = opening.end() if opening else 0
        body = folded.rstrip(_MARKS)
        end = max(start, len(body) - body.endswith("呢"))
        asks = any_of("asking").search(folded, start, end) is not None
        named = not asks and (end < len(body) or opening is not None)
        pieces = content(folded[start:end])
        return cls(folded, start, end, named, pieces, fsum(pieces.values()))

    @property
    def own(self) -> dict[str, float]:
        """What it is about, for matching: the single units of a pair may stand apart."""
        single = {unit: telling(unit) for piece in self.pieces for unit in _split(piece)}
        return {**single, **self.pieces}

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
        if opened and self.weight < _NAMED:
            return "leans"
        # One that names again what was asked about has its subject.
        again = any(len(piece) > 1 and piece in before for piece in self.pieces)
        if again or _DEFINING.search(self.folded):
            return None
        return "may" if self.weight < (_LONG if opened else _SHORT) else None


def _split(piece: str) -> list[str]:
    return [unit for run in units(piece) for unit in run]


def _aligned(question: str) -> tuple[str, str]:
    """Return a question to show and, character for character, folded.

    Folding keeps the length of nearly all; where it does not, the folded one is shown.
    """
    plain = fold(question)
    return (question if len(question) == len(plain) else plain), plain


_NUMBER = r"[〇零一二三四五六七八九十百千万\d.]+"
_COUNTED = re.compile(rf"(第?){_NUMBER}([^\W\d]{{1,2}})")
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
    if counted := _COUNTED.fullmatch(key):
        kind = re.compile(rf"{counted[1]}{_NUMBER}{counted[2]}")
    elif any_of("places").fullmatch(key.rstrip("省市县区")):
        kind = re.compile(f"(?:{any_of('places').pattern})[省市县区]?")
    elif len(key) <= _MOST_OF_A_KIND:
        kind = re.compile(rf"[^\W\d]{{{len(key) - 1}}}{re.escape(key[-1])}")
    else:
        return None
    place = kind.search(plain)
    return None if place is None else shown[: place.start()] + named + shown[place.end() :]
