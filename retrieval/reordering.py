"""The first candidates in the order of a reranker, where a person has named one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from embeddings import Reranker
from retrieval.reranking import folded
from retrieval.searching import Hit, Query
from retrieval.store import Store, StoredPassage

REORDERED = 20
"""How many candidates the reranker reads."""


def reorder(reranker: Reranker, query: Query, ranked: Sequence[Hit], store: Store) -> list[Hit]:
    """Return ranked hits with the first of them as the reranker orders them, equal ones by rank.

    Their scores become the reranker's, laid over those of the hits it has not read. What holds
    the question word for word stays before what does not.
    """
    first, rest = ranked[:REORDERED], ranked[REORDERED:]
    stored = store.passages(hit.row for hit in first)
    scores = reranker.scores(query.folded, [_text(stored[hit.row]) for hit in first])
    verbatim = any(hit.said and hit.said.verbatim for hit in first)
    low = rest[0].score if rest else 0.0
    read = []
    for hit, crossed in zip(first, scores, strict=True):
        score = crossed
        if verbatim:
            score = (crossed + (hit.said.verbatim if hit.said else 0.0)) / 2
        read.append(replace(hit, score=low + (1 - low) * score, crossed=crossed))
    return [*sorted(read, key=lambda hit: -hit.score), *rest]


def _text(passage: StoredPassage) -> str:
    parts = (passage.source.title, passage.heading, passage.text)
    return folded("\n".join(part for part in parts if part))
