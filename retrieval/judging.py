"""Does the archive answer the question at all: the verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from retrieval.background import coverage
from retrieval.reranking import terms_in
from retrieval.searching import Hit, Query
from retrieval.store import StoredPassage

ANSWERED = 0.5
"""Confidence from which a question counts as answered."""

# Logistic regression on questions that an archive answers and questions asked of the wrong one.
# Own words or nearness in meaning: either will do, both together add little.
_BIAS, _COVERAGE, _COSINE, _BOTH = -10.4, 23.9, 19.1, -30.3


@dataclass(frozen=True, slots=True)
class Verdict:
    """How likely the first passage answers, and what that rests on."""

    confidence: float
    """0 to 1."""
    coverage: float
    """Share of what the question is about that the first passage speaks of, 0 to 1."""
    cosine: float
    """Largest similarity of any passage found, -1 to 1."""


def judge(query: Query, hits: Sequence[Hit], stored: Mapping[int, StoredPassage]) -> Verdict:
    """Judge ranked hits; `stored` holds at least the passage of the first."""
    if not hits or not query.telling:
        return Verdict(0.0, 0.0, 0.0)
    first = stored[hits[0].row]
    covered = coverage(query.telling, terms_in(first, query.telling))
    cosine = max(hit.cosine for hit in hits)
    near = max(0.0, cosine)
    value = _BIAS + _COVERAGE * covered + _COSINE * near + _BOTH * covered * near
    return Verdict(1 / (1 + math.exp(-value)), covered, cosine)
