"""Retrieval measures over one ranking: recall, reciprocal rank, nDCG; and refusal.

As in Manning, Raghavan and Schütze, "Introduction to Information Retrieval" (2008), chapter 8,
and Järvelin and Kekäläinen (2002) for nDCG; the tests compare them with ir-measures, which
brings 143 MB of scipy and so is no dependency of ours. And how well confidences tell questions an
archive answers from those it does not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

MEASURES = ("R@1", "R@5", "R@10", "R@100", "MRR@10", "nDCG@10")
"""What `measure` returns, in the order it is shown."""


_SIDES: tuple[Literal["left"], Literal["right"]] = ("left", "right")


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


def area_under_curve(answerable: Sequence[float], unanswerable: Sequence[float]) -> float:
    """Return how often an answerable question is more confident than one that is not.

    The area under the ROC curve: over all pairs of both kinds, equal ones counting half.

    >>> area_under_curve([0.9, 0.5], [0.5, 0.1])
    0.875
    """
    ordered = np.sort(unanswerable)
    wins = sum(np.searchsorted(ordered, answerable, side) for side in _SIDES)
    return float(np.sum(wins)) / (2 * len(answerable) * len(ordered))


def refused_at(
    answerable: Sequence[float], unanswerable: Sequence[float], share: float = 0.05
) -> float:
    """Return the share of unanswerable questions refused where `share` of the others are.

    The threshold is the highest that refuses no more than that of the answerable.

    >>> refused_at([0.2, 0.6, 0.7, 0.9], [0.1, 0.3, 0.65], share=0.25)
    0.6666666666666666
    """
    threshold = np.sort(answerable)[int(share * len(answerable))]
    return float(np.mean(np.asarray(unanswerable) < threshold))
