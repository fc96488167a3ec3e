"""Retrieval measures over one ranking: recall, reciprocal rank, nDCG.

As in Manning, Raghavan and Schütze, "Introduction to Information Retrieval" (2008), chapter 8,
and Järvelin and Kekäläinen (2002) for nDCG; the tests compare them with ir-measures, which
brings 143 MB of scipy and so is no dependency of ours.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

MEASURES = ("R@1", "R@5", "R@10", "R@100", "MRR@10", "nDCG@10")
"""What `measure` returns, in the order it is shown."""


def measure(ranking: Sequence[str], relevant: Mapping[str, int]) -> dict[str, float]:
    """Measure one ranking of ids, best first, against graded judgements (0 and less: not).

    A question without any relevant id scores 0 throughout.
    """
    gains = {key: grade for key, grade in relevant.items() if grade > 0}
    return {
        **{f"R@{depth}": recall(ranking, gains, depth) for depth in (1, 5, 10, 100)},
        "MRR@10": reciprocal_rank(ranking, gains, 10),
        "nDCG@10": ndcg(ranking, gains, 10),
    }


def recall(ranking: Sequence[str], gains: Mapping[str, int], depth: int) -> float:
    """Return the share of relevant ids among the first `depth`."""
    return sum(key in gains for key in ranking[:depth]) / len(gains) if gains else 0.0


def reciprocal_rank(ranking: Sequence[str], gains: Mapping[str, int], depth: int) -> float:
    """Return 1 over the rank of the first relevant id, 0 if none is among the first `depth`."""
    for rank, key in enumerate(ranking[:depth], start=1):
        if key in gains:
            return 1 / rank
    return 0.0


def ndcg(ranking: Sequence[str], gains: Mapping[str, int], depth: int) -> float:
    """Return the discounted gain (grade over log2 of rank + 1) as a share of the best possible."""
    ideal = _discounted(sorted(gains.values(), reverse=True)[:depth])
    return _discounted([gains.get(key, 0) for key in ranking[:depth]]) / ideal if ideal else 0.0


def _discounted(grades: Sequence[int]) -> float:
    return sum(grade / math.log2(rank + 1) for rank, grade in enumerate(grades, start=1))
