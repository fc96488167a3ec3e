"""A question to ranked rows: both legs, then one score per candidate."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np

from corpus import fold
from embeddings import Encoder, FloatMatrix
from retrieval.dense import DenseIndex
from retrieval.generation import DENSE, LEXICAL
from retrieval.lexical import LexicalIndex
from retrieval.presence import Presence
from retrieval.rows import RowMask
from retrieval.synonyms import Thesaurus
from retrieval.tokens import terms
from retrieval.weighing import shares, weigh

Mode: TypeAlias = Literal["hybrid", "lexical", "dense"]

LEG_DEPTH = 100
"""How many rows each leg contributes at least."""

HOLDING = 100
"""How many rows that hold every term of a question are looked through for the whole of it."""

MAX_QUESTION = 500
"""Characters of a question that are read; the rest is ignored."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A question in the encoder's eyes."""

    vector: FloatMatrix
    """(1, dim); zeros where the encoder knows nothing of the question."""
    milliseconds: float = 0.0
    """What it took."""

    @classmethod
    def known(cls, vector: FloatMatrix) -> Future[Encoded]:
        """Return what a `Query` holds where the vector is there already."""
        done = Future[Encoded]()
        done.set_result(cls(vector))
        return done


@dataclass(frozen=True, slots=True)
class Query:
    """A question as both legs see it."""

    folded: str
    terms: dict[str, float]
    """How much each term that some row holds counts, see `retrieval.weighing`."""
    synonyms: dict[str, tuple[str, ...]]
    """Everyday words of the question, and the official ones searched for beside them.

    For an everyday word that no row holds its first official one counts as asked for, here and in
    `weights` and `telling`.
    """
    weights: dict[str, float]
    """Inverse document frequency of each known term, times how much it counts."""
    mass: float
    """The weight of all terms together, those included that no row holds."""
    telling: dict[str, float]
    """How telling each term is in Chinese at large, times how much it counts."""
    encoding: Future[Encoded]
    """Under way beside the rest: who asks for the vector waits for it."""

    @property
    def vector(self) -> FloatMatrix:
        """(1, dim); zeros where the encoder knows nothing of the question."""
        return self.encoding.result().vector

    @property
    def encode_ms(self) -> float:
        """The milliseconds the encoder took."""
        return self.encoding.result().milliseconds


@dataclass(frozen=True, slots=True)
class Said:
    """What the text of a candidate says to a question. Shares are 0 to 1."""

    whole: float
    """Share of the question that the passage covers with its title and heading."""
    focus: float
    """Largest share that two neighbouring sentences cover."""
    sentence: float
    """Largest share that one sentence covers."""
    titled: bool
    """Whether the question names the article."""
    verbatim: float
    """1 where the question stands in the passage as it is, 0.5 but for the marks around it."""
    held: Presence | None = field(default=None, compare=False)
    """(1, terms): which terms of `Query.telling` the passage holds with its title and heading."""


@dataclass(slots=True)
class Hit:
    """One candidate row and the evidence for it; ranking it adds what its text says.

    Not frozen: two hundred are made a question, and that takes four times as long.
    """

    row: int
    score: float
    """0 to 1, larger is better."""
    coverage: float
    """BM25 score over the query's mass: about 1 where every term occurs once."""
    cosine: float
    lexical_rank: int | None
    """1 for the best of its leg; None where the leg did not find it."""
    dense_rank: int | None
    said: Said | None = None
    """What its text says to the question; None where nobody read it."""
    crossed: float | None = None
    """What the reranker says, 0 to 1; None where there is none or it did not read the passage."""


class SearchLegs:
    """The two indexes of one generation, and how their evidence becomes one score.

    The legs run side by side: tantivy, numpy and FAISS let go of the interpreter while they
    compute, so the keyword leg searches on the thread that asks while another encodes the question
    and searches the vectors.
    """

    def __init__(self, generation: Path, encoder: Encoder, synonyms: Path | None = None) -> None:
        """Open both indexes; `synonyms` names a file of a person's own."""
        self.lexical = LexicalIndex(generation / LEXICAL)
        self.dense = DenseIndex(generation / DENSE)
        self._encoder = encoder
        self._thesaurus = Thesaurus(synonyms)
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="vectors")

    def close(self) -> None:
        """End the thread of the vectors."""
        self._beside.shutdown()

    def query(self, question: str, *, mode: Mode = "hybrid") -> Query:
        """Fold a question and begin to encode it; without vectors for the keyword leg alone."""
        folded = fold(question[:MAX_QUESTION])
        if mode == "lexical":
            encoding = Encoded.known(np.zeros((1, self.dense.dim), dtype=np.float32))
        else:
            encoding = self._beside.submit(self._encode, folded)
        synonyms = self._thesaurus.synonyms().found_in(folded)
        asked = shares(self._in_its_words(folded, synonyms))
        rows = len(self.lexical)
        weights, mass = {}, 0.0
        for term, share in asked.items():
            frequency = self.lexical.document_frequency(term)
            weight = share * _idf(frequency, rows)
            mass += weight
            if frequency:
                weights[term] = weight
        counts = {
            term: asked[term]
            for term, weight in weights.items()
            if weight >= _TOO_COMMON * asked[term]
        } or {term: asked[term] for term in weights}
        for official in synonyms.values():
            for term in terms(" ".join(official)):
                if len(term) > 1 and self.lexical.document_frequency(term):
                    counts.setdefault(term, _SYNONYM)
        return Query(folded, counts, synonyms, weights, mass, weigh(asked), encoding)

    def _in_its_words(self, folded: str, synonyms: Mapping[str, Sequence[str]]) -> str:
        """Put an official word for each everyday one that the archive has not, the first it has.

        Else every passage would lack what is asked for, and the verdict with it.
        """
        for everyday, official in synonyms.items():
            if not self._may_hold(everyday):
                known = next(filter(self._may_hold, official), None)
                folded = folded.replace(everyday, f" {known} ") if known else folded
        return folded

    def _may_hold(self, word: str) -> bool:
        return all(map(self.lexical.document_frequency, terms(word)))

    def _encode(self, folded: str) -> Encoded:
        started = time.perf_counter()
        vector = self._encoder.encode_questions([folded])
        return Encoded(vector, 1000 * (time.perf_counter() - started))

    def search(
        self,
        query: Query,
        *,
        depth: int = LEG_DEPTH,
        mode: Mode = "hybrid",
        within: RowMask | None = None,
    ) -> list[Hit]:
        """Find rows for a query, at least `depth` where the archive has them.

        `within` restricts both legs: what they find is what they would find first of those rows.

        One leg alone gives a ranking, best first. Both together give candidates, those first that
        either leg ranks high: `retrieval.reranking` makes one ranking of them.
        """
        near, lexical = None, list[tuple[int, float]]()
        if mode != "lexical":
            near = self._beside.submit(self._nearest, query, depth, within)
        if mode != "dense":
            lexical = self.lexical.search(query.terms, limit=depth, within=within)
        dense = near.result() if near else []
        coverage = {row: score / (query.mass or 1.0) for row, score in lexical}
        cosine = dict(dense)
        if mode == "hybrid":
            unseen = [row for row in coverage if row not in cosine]
            cosine.update(zip(unseen, self.dense.similarity(query.vector, unseen), strict=True))
        # A row outside a full keyword list scores no more than its last.
        floor = 0.5 * min(coverage.values()) if len(lexical) >= depth else 0.0
        lexical_rank = {row: rank for rank, row in enumerate(coverage, start=1)}
        dense_rank = {row: rank for rank, (row, _) in enumerate(dense, start=1)}
        # In turns, by the better rank, then by row: each deserves a second look.
        turns = sorted(
            (rank, row) for ranks in (lexical_rank, dense_rank) for row, rank in ranks.items()
        )
        hits = [
            Hit(
                row,
                0.0,
                coverage.get(row, floor),
                cosine.get(row, 0.0),
                lexical_rank.get(row),
                dense_rank.get(row),
            )
            for row in dict.fromkeys([row for _, row in turns])
        ]
        if mode == "hybrid":
            return hits
        for hit in hits:
            hit.score = hit.coverage / _MOST_COVERAGE if mode == "lexical" else max(0.0, hit.cosine)
        return sorted(hits, key=_by_score)

    def _nearest(self, query: Query, depth: int, within: RowMask | None) -> list[tuple[int, float]]:
        return self.dense.search(query.vector, limit=depth, within=within)

    def holding(self, query: Query, *, within: RowMask | None = None) -> list[int]:
        """Return rows that hold every term of a question, at most `HOLDING`."""
        if not self._may_hold(query.folded):
            return []
        asked = dict.fromkeys(terms(query.folded), 1.0)
        found = self.lexical.search(asked, limit=HOLDING, within=within, every=True)
        return [row for row, _ in found]

    def look_at(self, query: Query, rows: Sequence[int]) -> list[Hit]:
        """Return the nearest in meaning of these rows, which neither leg has found; best first."""
        near = zip(rows, self.dense.similarity(query.vector, list(rows)), strict=True)
        hits = [Hit(row, max(0.0, cosine), 0.0, cosine, None, None) for row, cosine in near]
        return sorted(hits, key=_by_score)[:_LOOKED_AT]


def _by_score(hit: Hit) -> tuple[float, int]:
    return -hit.score, hit.row


_LOOKED_AT = 12
_SYNONYM = 0.4
# Terms that four rows in ten hold are not searched for: walking their lists took 0.9 of 5.8 ms on
# 72,000 passages and moved no measure by more than 0.001.
_TOO_COMMON = 0.9
# k1 + 1: what BM25 gives a term that fills a short row, over what it gives one that occurs once.
_MOST_COVERAGE = 2.2


def _idf(frequency: int, rows: int) -> float:
    return math.log(1 + (rows - frequency + 0.5) / (frequency + 0.5))
