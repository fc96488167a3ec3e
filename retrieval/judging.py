"""Does the archive answer the question at all: the verdict.

Two things speak for it: that some passage holds the question's own words, and that some passage is
near in meaning. What either is worth depends on the archive and on the encoder: among 70,000
passages some hold half of any question, and one encoder's 0.4 is another's 0.7. So both are
measured against what the index says to questions it does not answer and to clauses of its own,
found when it is built (`retrieval.calibration`) and kept in its manifest; from there on a few
numbers serve every index. `python -m tests.benchmarks.verdict --fit` chooses them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from retrieval.asking_words import any_of
from retrieval.background import of_parts
from retrieval.conversation import is_small_talk
from retrieval.presence import portions
from retrieval.reranking import folded, terms_held
from retrieval.searching import Hit, Query
from retrieval.store import StoredPassage
from retrieval.tokens import units

ANSWERED = 0.5
"""Confidence from which a question counts as answered."""

# Logistic regression over the sets of docs/search.md, "The verdict".
_BIAS, _WORDS, _MEANING = -1.9, 14.0, 1.0

_ENOUGH = 12.0
"""Weight at which a question counts half: one rare word and a half. 你好 found is little found."""
_LEAST_MEANING, _MOST_MEANING = -3.0, 6.0

VERBATIM = 0.99
"""Least confidence for a question that stands in a passage as it is."""
_LETTERS = 10
"""Letters from which that is no chance."""
_MARKS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Calibration:
    """What an index says to questions it does not answer, and to clauses of its own."""

    words: float
    """Median of `own_words` over questions it does not answer."""
    far: float
    """Mean of their largest cosines, and the standard deviation."""
    far_spread: float
    near: float
    """Mean of the largest cosines of its own clauses, and the standard deviation."""
    near_spread: float

    def meaning(self, cosine: float) -> float:
        """Return by how much a largest cosine speaks for an answer: a log-likelihood ratio.

        Both cosines are taken to be normal. Beyond either mean nothing is added: the tails of the
        two curves say nothing.
        """
        if self.near <= self.far:
            return 0.0
        value = min(max(cosine, self.far), self.near)
        far = (value - self.far) / self.far_spread
        near = (value - self.near) / self.near_spread
        ratio = (far**2 - near**2) / 2 + math.log(self.far_spread / self.near_spread)
        return min(_MOST_MEANING, max(_LEAST_MEANING, ratio))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for an answer, before an index is asked what it is worth."""

    coverage: float
    """Largest share of what the question is about that one passage speaks of, 0 to 1."""
    words: float
    """The same, less where the question is about little, 0 to below 1."""
    cosine: float
    """Largest similarity of any passage found, -1 to 1."""
    verbatim: bool = False
    """Whether the question stands in a passage as it is."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How likely the archive answers, and what that rests on."""

    confidence: float
    """0 to 1."""
    coverage: float
    """Largest share of what the question is about that one passage speaks of, 0 to 1."""
    cosine: float
    """Largest similarity of any passage found, -1 to 1."""


def judge(
    query: Query,
    hits: Sequence[Hit],
    stored: Mapping[int, StoredPassage],
    calibration: Calibration,
    *,
    added: bool = False,
) -> Verdict:
    """Judge what was found; `stored` holds the passages that are read.

    `added` says that this is what a follow-up adds: that the passage is on the subject was found
    before, so that little is enough (赔多少).
    """
    if not hits or not (added or asks(query.folded)):
        return Verdict(0.0, 0.0, 0.0)
    passages = [stored[hit.row] for hit in hits if hit.row in stored]
    found = evidence(query, hits, passages, enough=0.0 if added else _ENOUGH)
    return Verdict(confidence(found, calibration), found.coverage, found.cosine)


def asks(folded: str) -> bool:
    """Tell whether a question is about anything: 你好, 怎么办 or one character are not.

    >>> asks("怎么办"), asks("谢谢"), asks("药"), asks("怎么退货")
    (False, False, False, True)
    """
    # Of more than one unit, or of one that is long, `content` would make a piece longer than one.
    told = units(any_of("asking", "function").sub(" ", folded))
    return any(len("".join(run)) > 1 for run in told) and not is_small_talk(folded)


def evidence(
    query: Query,
    hits: Sequence[Hit],
    passages: Sequence[StoredPassage],
    *,
    enough: float = _ENOUGH,
) -> Evidence:
    """Return what speaks for an answer in `passages` of some hits, and in the cosines of all.

    `enough` is the weight at which a question counts half.
    """
    weights = {term: min(weight, of_parts(term)) for term, weight in query.telling.items()}
    total = math.fsum(weights.values())
    stored = {one.row: one for one in passages}
    held = terms_held(query, [hit for hit in hits if hit.row in stored], stored)
    covered = portions(held, weights.values())
    share = float(covered.max(initial=0.0))
    words = share * total / (total + enough) if total else 0.0
    asked = _MARKS.sub("", query.folded)
    texts = [folded(one.text) for one in passages] if len(asked) >= _LETTERS else []
    # Few hold every letter of it; only of those the marks are taken out.
    near = [text for text in texts if all(map(text.__contains__, asked))]
    verbatim = any(asked in _MARKS.sub("", text) for text in near)
    return Evidence(share, words, max((hit.cosine for hit in hits), default=0.0), verbatim)


def confidence(found: Evidence, calibration: Calibration) -> float:
    """Return how likely an index answers, 0 to 1; without one of the question's words 0."""
    if not found.words:
        return 0.0
    words = (found.words - calibration.words) / (1 - calibration.words)
    value = _BIAS + _WORDS * words + _MEANING * calibration.meaning(found.cosine)
    likely = 1 / (1 + math.exp(-value))
    return max(likely, VERBATIM) if found.verbatim else likely
