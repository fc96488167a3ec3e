"""One ranking from both legs: what each says of a candidate, and how far to trust the vectors.

The score is a weighted mean of three things, each about 0 to 1 (a sum of scores rather than of
ranks: Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", 2023):

- coverage: BM25 over the question's mass;
- focus: how much of what the question is about two neighbouring sentences hold. BM25 does not care
  where terms stand; a passage that answers has them close together;
- cosine, by as much as the vectors are to be trusted with this question: little where some passage
  says it nearly in the question's own words, or where nothing comes near in meaning either; most
  where the words of the question stand nowhere together and some vector is close.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from corpus import fold
from retrieval.background import coverage
from retrieval.searching import Hit, Query
from retrieval.store import StoredPassage

RERANKED = 12
"""How many candidates are read to find their focus."""

# Chosen on DRCD dev, CMRC trial, our everyday questions and one fold of STARD; see docs/search.md.
_COVERAGE = 0.4
_FOCUS = 0.8
_LEAST_COSINE, _MOST_COSINE = 0.05, 1.6
_OWN_WORDS, _OWN_WORDS_SLOPE = 0.5, 0.07
_NEAR, _NEAR_SLOPE = 0.5, 0.05

folded = lru_cache(maxsize=4096)(fold)
"""`fold`, remembering what it was asked lately: a passage is looked at more than once."""

_SENTENCE = re.compile(r"[^。!?;\n]+")


def rerank(query: Query, hits: Sequence[Hit], stored: Mapping[int, StoredPassage]) -> list[Hit]:
    """Score candidates and order them, best first, equal scores by row.

    Candidates whose passage is not in `stored` are scored without their focus.
    """
    focused = {
        hit.row: focus(query, folded(stored[hit.row].text)) for hit in hits if hit.row in stored
    }
    trust = trust_in_vectors(
        max(focused.values(), default=0.0), max((hit.cosine for hit in hits), default=0.0)
    )
    total = _COVERAGE + _FOCUS + trust
    scored = []
    for hit in hits:
        close = focused.get(hit.row)
        score = _COVERAGE * hit.coverage + _FOCUS * (close or 0.0) + trust * hit.cosine
        scored.append(
            # Two hundred of these a question: `dataclasses.replace` takes four times as long.
            Hit(
                hit.row,
                min(1.0, max(0.0, score / total)),
                hit.coverage,
                hit.cosine,
                hit.lexical_rank,
                hit.dense_rank,
                close,
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


def focus(query: Query, text: str) -> float:
    """Return the largest share of the question that two neighbouring sentences cover, 0 to 1."""
    best, before = 0.0, set[str]()
    for sentence in _SENTENCE.findall(text):
        present = {term for term in query.telling if term in sentence}
        if present:
            best = max(best, coverage(query.telling, before | present))
        before = present
    return best


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value))
