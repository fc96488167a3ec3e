"""One ranking from both legs: what each says of a candidate, and how far to trust the vectors.

The score is a weighted mean of what stands below, each about 0 to 1 (a sum of scores rather than of
ranks: Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", 2023):

- coverage: BM25 over the question's mass;
- focus: how much of what the question is about two neighbouring sentences hold, and how much one
  sentence alone. BM25 does not care where terms stand; a passage that answers has them together;
- titled: whether the question names the article, by its title without what is in brackets;
- cosine, by as much as the vectors are to be trusted with this question: little where some passage
  says it nearly in the question's own words, or where nothing comes near in meaning either; most
  where the words of the question stand nowhere together and some vector is close.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from corpus import fold
from retrieval.searching import Hit, Query
from retrieval.store import StoredPassage

RERANKED = 16
"""How many candidates are read."""

# Fitted on DRCD dev (five folds), checked on CMRC trial, both pooled with laws and news, and our
# everyday questions; see docs/search.md.
_COVERAGE = 0.4
_FOCUS, _SENTENCE = 0.4, 0.3
_TITLED = 0.1
_LEAST_COSINE, _MOST_COSINE = 0.05, 2.0
_OWN_WORDS, _OWN_WORDS_SLOPE = 0.4, 0.05
_NEAR, _NEAR_SLOPE = 0.5, 0.05

folded = lru_cache(maxsize=4096)(fold)
"""`fold`, remembering what it was asked lately: a passage is looked at more than once."""

_SENTENCE_RUN = re.compile(r"[^。!?;\n]+")


@dataclass(frozen=True, slots=True)
class Reading:
    """What the text of a candidate says to a question."""

    focus: float
    """Largest share of the question that two neighbouring sentences cover, 0 to 1."""
    sentence: float
    """Largest share that one sentence covers."""
    titled: bool
    """Whether the question names the article."""


def rerank(query: Query, hits: Sequence[Hit], stored: Mapping[int, StoredPassage]) -> list[Hit]:
    """Score candidates and order them, best first, equal scores by row.

    Candidates whose passage is not in `stored` are scored as if their text said nothing.
    """
    readings = {hit.row: read(query, stored[hit.row]) for hit in hits if hit.row in stored}
    trust = trust_in_vectors(
        max((one.focus for one in readings.values()), default=0.0),
        max((hit.cosine for hit in hits), default=0.0),
    )
    total = _COVERAGE + _FOCUS + _SENTENCE + _TITLED + trust
    scored = []
    for hit in hits:
        score = _COVERAGE * hit.coverage + trust * hit.cosine
        focus = sentence = titled = None
        if (reading := readings.get(hit.row)) is not None:
            focus, sentence, titled = reading.focus, reading.sentence, reading.titled
            score += _FOCUS * focus + _SENTENCE * sentence + _TITLED * titled
        scored.append(
            # Two hundred of these a question: `dataclasses.replace` takes four times as long.
            Hit(
                hit.row,
                min(1.0, max(0.0, score / total)),
                hit.coverage,
                hit.cosine,
                hit.lexical_rank,
                hit.dense_rank,
                focus,
                sentence,
                titled,
            )
        )
    return sorted(scored, key=lambda hit: (-hit.score, hit.row))


def terms_in(passage: StoredPassage, asked: Iterable[str]) -> set[str]:
    """Return which terms a passage holds, its title and heading included."""
    parts = [folded(part) for part in (passage.source.title, passage.heading, passage.text) if part]
    # A term is a run of adjacent units, so it stands in the text as it is written.
    return {term for term in asked if any(term in part for part in parts)}


def trust_in_vectors(best_focus: float, best_cosine: float) -> float:
    """Return the weight of the cosine for a question, from the best focus and cosine found.

    >>> trust_in_vectors(0.9, 0.6) < 0.1 < 1 < trust_in_vectors(0.1, 0.7)
    True
    """
    other_words = _logistic((_OWN_WORDS - best_focus) / _OWN_WORDS_SLOPE)
    near = _logistic((best_cosine - _NEAR) / _NEAR_SLOPE)
    return _LEAST_COSINE + (_MOST_COSINE - _LEAST_COSINE) * other_words * near


def read(query: Query, passage: StoredPassage) -> Reading:
    """Read a candidate for what of the question stands together in it."""
    text = folded(passage.text)
    present = [(term, weight) for term, weight in query.telling.items() if term in text]
    total = math.fsum(query.telling.values())
    focus, sentence, before = 0.0, 0.0, list[tuple[str, float]]()
    for run in _SENTENCE_RUN.findall(text):
        here = [pair for pair in present if pair[0] in run]
        alone = math.fsum(weight for _, weight in here)
        sentence = max(sentence, alone)
        # Only where both together could be more than the best so far is their union taken.
        if alone + math.fsum(weight for _, weight in before) > focus:
            focus = max(focus, math.fsum(dict(before + here).values()))
        before = here
    if not total:
        return Reading(0.0, 0.0, names(query.folded, passage.source.title))
    return Reading(focus / total, sentence / total, names(query.folded, passage.source.title))


def names(question: str, title: str | None) -> bool:
    """Tell whether a folded question holds a title, or what of it stands before a bracket.

    >>> names("云南省面积多大", "雲南省_(中華民國)"), names("哪个省最大", "雲南省")
    (True, False)
    """
    name = folded(title or "").partition("(")[0].strip(" _")
    return len(name) > 1 and name in question


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value))
