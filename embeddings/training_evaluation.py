"""How good a model is: recall and rank on folders in BEIR layout, alone and beside BM25."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from embeddings.centring import centred
from embeddings.encoder import Encoder
from embeddings.training_bm25 import Keywords
from embeddings.training_texts import Benchmark
from embeddings.training_vocabulary import Limits, build_vocabulary

DEPTH = 100
NEARLY = 0.6
"""Bigram Jaccard from which two questions count as one."""

Ranking: TypeAlias = npt.NDArray[np.int64]
"""Positions of the best passages, best first."""


@dataclass(frozen=True, slots=True)
class Measures:
    """Means over questions; recall is the share of a question's passages that were found."""

    r1: float
    r5: float
    r10: float
    r100: float
    mrr10: float

    def __str__(self) -> str:
        return " | ".join(f"{value:.3f}" for value in asdict(self).values())


class Evaluator:
    """A benchmark with its keyword scores, which no model changes."""

    def __init__(self, benchmark: Benchmark, keywords: Keywords | None = None) -> None:
        """Index the passages by keyword, unless `keywords` holds them already."""
        self.benchmark = benchmark
        if keywords is None:
            every = Limits(tokens=1 << 40, characters=1 << 16, words=1 << 40, least=1)
            keywords = Keywords(
                benchmark.passages, build_vocabulary([(1.0, benchmark.passages)], every)[0]
            )
        self._keywords = keywords
        self._coverage = {}
        self.lexical: dict[str, Ranking] = {}
        for query, text in benchmark.queries.items():
            scores = keywords.scores(text)
            self.lexical[query] = best_of(scores, DEPTH)
            # As in retrieval: the share of the question's weight that a passage covers.
            kept = scores[self.lexical[query]] / (keywords.mass(text) or 1.0)
            self._coverage[query] = kept

    def asked(self, queries: dict[str, str], relevant: dict[str, list[int]]) -> Evaluator:
        """Give an evaluator of other questions on the same passages."""
        return Evaluator(
            replace(self.benchmark, queries=queries, relevant=relevant), self._keywords
        )

    def best(self, question: str) -> Ranking:
        """Rank passages by keyword for any question."""
        return best_of(self._keywords.scores(question), DEPTH)

    def both(
        self, encoder: Encoder, queries: Sequence[str]
    ) -> tuple[dict[str, Ranking], dict[str, Ranking]]:
        """Rank by the model alone, and by half of each score: plainer than retrieval does."""
        dense, hybrid = {}, {}
        for query, cosines in self._cosines(encoder, queries):
            dense[query] = best_of(cosines, DEPTH)
            coverage = np.full(len(cosines), 0.5 * float(self._coverage[query].min()))
            coverage[self.lexical[query]] = self._coverage[query]
            found = np.union1d(dense[query], self.lexical[query])
            order = best_of((coverage + cosines)[found].astype(np.float32), len(found))
            hybrid[query] = found[order]
        return dense, hybrid

    def measure(self, rankings: Mapping[str, Ranking]) -> Measures:
        """Average over the questions that were ranked."""
        rows = [self._row(query, ranking.tolist()) for query, ranking in rankings.items()]
        return Measures(*(float(value) for value in np.mean(rows, axis=0)))

    def _cosines(
        self, encoder: Encoder, queries: Sequence[str]
    ) -> Iterator[tuple[str, npt.NDArray[np.float32]]]:
        # As retrieval compares them: without what all passages have in common.
        passages = encoder.encode_passages(self.benchmark.passages)
        common = passages.mean(axis=0)
        passages = centred(passages, common)
        asked = encoder.encode_questions([self.benchmark.queries[query] for query in queries])
        vectors = centred(asked, common)
        for query, vector in zip(queries, vectors, strict=True):
            yield query, passages @ vector

    def _row(self, query: str, ranking: Sequence[int]) -> list[float]:
        relevant = set(self.benchmark.relevant[query])
        recalls = [len(relevant & set(ranking[:k])) / len(relevant) for k in (1, 5, 10, 100)]
        first = next((place for place, one in enumerate(ranking[:10], 1) if one in relevant), 0)
        return [*recalls, 1 / first if first else 0.0]


def best_of(scores: npt.NDArray[np.float32], limit: int) -> Ranking:
    """Give the positions of the highest scores, best first, equal ones by position.

    Which of several equal ones are the last within the limit is open.
    """
    limit = min(limit, len(scores))
    found = np.argpartition(-scores, limit - 1)[:limit]
    return found[np.lexsort((found, -scores[found]))]


def mean_of(measures: Sequence[Measures], weights: Sequence[int]) -> Measures:
    """Average measures of folds, each by its number of questions."""
    values = np.array([[getattr(one, field.name) for field in fields(one)] for one in measures])
    return Measures(*(float(value) for value in np.average(values, axis=0, weights=weights)))


def make_folds(queries: Sequence[str], count: int, seed: int) -> list[list[str]]:
    """Split questions at random into parts that differ by one at most."""
    shuffled = sorted(queries)
    random.Random(seed).shuffle(shuffled)
    return [shuffled[start::count] for start in range(count)]


def nearly_same(questions: Sequence[str], others: Sequence[str]) -> set[int]:
    """Give the positions in `questions` of those that nearly are one of `others`."""
    holders: dict[str, list[int]] = defaultdict(list)
    sizes = []
    for number, other in enumerate(others):
        bigrams = _bigrams(other)
        sizes.append(len(bigrams))
        for bigram in bigrams:
            holders[bigram].append(number)
    found = set()
    for place, question in enumerate(questions):
        bigrams = _bigrams(question)
        shared = Counter(number for bigram in bigrams for number in holders.get(bigram, ()))
        if any(
            count >= NEARLY * (len(bigrams) + sizes[number] - count)
            for number, count in shared.items()
        ):
            found.add(place)
    return found


def _bigrams(text: str) -> set[str]:
    return {text[start : start + 2] for start in range(len(text) - 1)}
