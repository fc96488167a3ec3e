"""A second look at the best candidates: do the question's terms stand close together in them.

BM25 does not care where terms stand. A passage that answers has most of what the question is
about within two neighbouring sentences.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from corpus import fold
from retrieval.background import coverage
from retrieval.searching import Hit, Query, base_score
from retrieval.store import StoredPassage

RERANKED = 10
"""How many candidates get the second look."""

# Fitted by pairwise logistic regression on DRCD dev, CMRC trial and our own everyday questions,
# each left out in turn; the three sets agree within a tenth. See docs/search.md.
_FOCUS = 0.47

_SENTENCE = re.compile(r"[^。!?;\n]+")


def rerank(query: Query, hits: Sequence[Hit], stored: Mapping[int, StoredPassage]) -> list[Hit]:
    """Score hits again by how closely they cover the question; `stored` may lack the later ones.

    A hit whose passage is not in `stored` keeps only the part of the score that needs no text,
    so it never overtakes a hit that had a better one.
    """
    rated = []
    for hit in hits:
        passage = stored.get(hit.row)
        close = focus(query, fold(passage.text)) if passage else 0.0
        score = (1 - _FOCUS) * base_score(hit.coverage, hit.cosine) + _FOCUS * close
        rated.append(replace(hit, score=score, focus=close))
    return rated


def focus(query: Query, folded: str) -> float:
    """Return the largest share of the question that two neighbouring sentences cover, 0 to 1."""
    best, before = 0.0, set[str]()
    for sentence in _SENTENCE.findall(folded):
        # A term is a run of adjacent units, so it stands in the text as it is written.
        present = {term for term in query.telling if term in sentence}
        if present:
            best = max(best, coverage(query.telling, before | present))
        before = present
    return best
