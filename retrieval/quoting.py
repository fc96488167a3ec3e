"""The sentence of a passage that answers, or two, by exact offsets.

Every sentence gets a score, a linear one in a handful of things one can see; the softmax of the
scores is taken for the chance that the answer stands in it, and the quote is the run of
neighbours that is likeliest to hold the answer less what its length costs. So one sentence is
quoted where it stands out, and two or three where that is in doubt.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from corpus import fold, sentences
from corpus.sentences import CLOSING
from retrieval.kinds import Asked, asked
from retrieval.picking import pick
from retrieval.presence import terms_of
from retrieval.records import Quote

# Fitted on every other article of DRCD dev and CMRC trial, then rounded; see docs/search.md.
_RARE_HERE = 3.5
_NEAR = 2.5
_TITLE = -5.0
_NEIGHBOUR = 1.5
_FIRST = 0.6
_SAYS_WHAT = 2.0
"""For the first sentence, where it begins with the subject and the question asks what that is."""
_KIND = 2.0
_NO_STATEMENT = -2.0
"""A heading or a question names the subject and seldom answers."""

_COST, _COST_NAMED = 0.015, 0.06
"""Chance that a hundred characters must add, where the answer is told and where it is named."""
_ROOM = 240
"""Most characters of a quote of more than one sentence."""
_MOST = 4
"""Most sentences, those closed by a semicolon counted."""
_REACH = 8
"""Characters to either side of the asking word that belong closest to it."""


Matrix: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Question:
    """What of a question decides which sentence answers it."""

    folded: str
    weights: Mapping[str, float]
    """How telling each of its terms is."""

    @cached_property
    def asked(self) -> Asked:
        """What it asks for."""
        return asked(self.folded)

    @cached_property
    def evidence(self) -> re.Pattern[str] | None:
        """What stands in a sentence that names the kind of thing asked for."""
        return self.asked.evidence()

    @cached_property
    def asks_what_is(self) -> bool:
        """Whether it asks what or who something is."""
        return _WHAT_IS.search(self.folded) is not None

    @cached_property
    def near(self) -> frozenset[str]:
        """Its single characters around the asking word: there stands what of the subject."""
        start, end = self.asked.start, self.asked.end
        if start == end:
            return frozenset()
        around = self.folded[max(0, start - _REACH) : start] + self.folded[end : end + _REACH]
        return frozenset(around) & self.weights.keys()

    @cached_property
    def telling(self) -> dict[str, float]:
        """The terms that do not ask."""
        asking = self.folded[self.asked.start : self.asked.end]
        return {term: weight for term, weight in self.weights.items() if term not in asking}


def quotes(question: Question, texts: Sequence[str], titles: Sequence[str]) -> list[Quote | None]:
    """Return what of each passage answers a question, None where none of its terms stands there.

    `titles` are the folded titles of the articles: their words name the subject of every sentence,
    and tell none from the others.
    """
    if not texts:
        return []
    read = [_sentences(text) for text in texts]
    scored = scores(question, titles, [lines for _, lines in read])
    return [
        _quote(question, text, title, spans, lines, own)
        for text, title, (spans, lines), own in zip(texts, titles, read, scored, strict=True)
    ]


@lru_cache(maxsize=2048)
def _sentences(text: str) -> tuple[list[tuple[int, int]], list[str]]:
    """Return where the sentences of a passage stand, one at least, and each folded."""
    spans = _whole(text, sentences(text)) or [(0, 0)]
    raw = "\n".join(text[start:end].replace("\n", " ") for start, end in spans)
    return spans, fold(raw).split("\n")


def _quote(
    question: Question,
    text: str,
    title: str,
    spans: list[tuple[int, int]],
    lines: list[str],
    scores: list[float] | None,
) -> Quote | None:
    if scores is None:
        return None
    name = title.partition("(")[0].strip(" _")
    if name and question.asks_what_is and name in lines[0][: len(name) + _BEFORE]:
        scores[0] += _SAYS_WHAT
    says = [text[start:end].rstrip(CLOSING)[-1:] in _STATEMENT_ENDS for start, end in spans]
    scores = [
        score if said else score + _NO_STATEMENT for score, said in zip(scores, says, strict=True)
    ]
    cost = _COST_NAMED if question.asked.named else _COST
    first, last = _chosen(spans, scores, says, cost)
    first, last = _with_list(text, spans, first, last)
    start, end = spans[first][0], spans[last][1]
    found = pick(text[start:end], question.asked, question.folded, question.weights)
    answer = None if found is None else (start + found[0], start + found[1])
    return Quote(text[start:end], start, end, answer)


_WHAT_IS = re.compile(
    "^(?:什么|何)(?:是|叫|为)|^何谓|意思|是(?:什么|何|谁)[?]?$"
    "|(?:是|属于)(?:什么|哪)(?:样的)?一?[种个类家部座条位]"
)
_BEFORE = 12
"""Characters that may go before the subject: 在植物学上, <br>."""

_STATEMENT_ENDS = frozenset("。！；…，、：;:,!.")


def scores(
    question: Question, titles: Sequence[str], lines_of: Sequence[Sequence[str]]
) -> list[list[float] | None]:
    """Return how well each folded sentence of each passage answers, each passage having some.

    None for a passage that holds no term of the question.
    """
    terms = terms_of(tuple(question.telling))
    weights = np.fromiter(question.telling.values(), dtype=np.float64)
    counts = np.array([len(lines) for lines in lines_of])
    starts = np.cumsum(counts) - counts
    owner = np.repeat(np.arange(len(counts)), counts)
    lines = list(chain.from_iterable(lines_of))
    present, named = terms.found_in(lines), terms.found_in(titles)
    times = np.add.reduceat(present, starts, axis=0, dtype=np.float64)
    # What stands in every sentence of a passage tells none of them from the others.
    rare = np.log((counts[:, None] + 1) / (times + 0.5)) * weights * (times > 0)
    is_near = np.array([term in question.near for term in question.telling], dtype=np.bool_)
    near = weights * (times > 0) * (is_near & ~named)
    subject = weights * named

    def held(worth: Matrix, total: Matrix) -> Matrix:
        """Return how much of `total`, (passages,), each sentence holds of `worth`, a term."""
        share: Matrix = (present * (worth / np.where(total, total, 1.0)[:, None])[owner]).sum(
            axis=1
        )
        return share

    covered = held(rare, np.abs(rare).sum(axis=1))
    result = _RARE_HERE * covered + _NEAR * held(near, near.sum(axis=1))
    result += _TITLE * held(subject, np.array([math.fsum(question.weights.values())]))
    result[starts] += _FIRST
    # A sentence and its neighbours in the same passage.
    beside = owner[1:] == owner[:-1]
    result += _NEIGHBOUR * covered
    result[1:] += _NEIGHBOUR * covered[:-1] * beside
    result[:-1] += _NEIGHBOUR * covered[1:] * beside
    if (evidence := question.evidence) is not None:
        result += [_KIND * (evidence.search(line) is not None) for line in lines]
    known = np.any(times, axis=1)
    each = np.split(result, starts[1:])
    return [one.tolist() if any_term else None for one, any_term in zip(each, known, strict=True)]


def _chosen(
    spans: list[tuple[int, int]], scores: list[float], says: list[bool], cost: float
) -> tuple[int, int]:
    """Return the first and last sentence of the run that is worth most, the earliest of equals.

    A run neither begins nor ends with what `says` nothing.
    """
    top = max(scores)
    chances = [math.exp(score - top) for score in scores]
    total = sum(chances)
    best, chosen = -math.inf, (0, 0)
    for first in range(len(spans)):
        chance = 0.0
        for last in range(first, min(first + _MOST, len(spans))):
            length = spans[last][1] - spans[first][0]
            if last > first and (length > _ROOM or not says[first]):
                break
            chance += chances[last] / total
            value = chance - cost * length / 100
            if value > best and (says[last] or last == first):
                best, chosen = value, (first, last)
    return chosen


def _with_list(text: str, spans: list[tuple[int, int]], first: int, last: int) -> tuple[int, int]:
    """Take an item of a list with the words that lead to it, and those with their items."""
    start = first
    while start and text[spans[start - 1][1] - 1] in _ITEM_ENDS:
        start -= 1
    if start and text[spans[start - 1][1] - 1] in _LEADS:
        start -= 1
        if spans[last][1] - spans[start][0] <= _ROOM:
            first = start
    while (
        last + 1 < len(spans)
        and text[spans[last][1] - 1] in (_LEADS if last == first else _ITEM_ENDS | _LEADS)
        and spans[last + 1][1] - spans[first][0] <= _ROOM
    ):
        last += 1
    return first, last


_LEADS = frozenset("：:")
_ITEM_ENDS = frozenset("；;")


def _whole(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join what a mark inside brackets, or after an initial, has torn apart."""
    whole: list[tuple[int, int]] = []
    for start, end in spans:
        if whole:
            before, stop = whole[-1]
            head = text[before:stop]
            torn = end - before <= _ROOM and _unclosed(head)
            torn = torn or (head.endswith(".") and _INITIAL.search(head) is not None)
            if torn and "\n" not in text[stop:start]:
                whole[-1] = before, end
                continue
        whole.append((start, end))
    return whole


_INITIAL = re.compile(r"(?:^|[^A-Za-z])(?:[A-Za-z]|Dr|Mr|Mrs|Jr|St|No|vs)\.$")
_OPENING, _CLOSED = re.compile("[（(「『“《]"), re.compile("[）)」』”》]")


def _unclosed(text: str) -> bool:
    opened = len(_OPENING.findall(text))
    return opened > 0 and opened > len(_CLOSED.findall(text))
