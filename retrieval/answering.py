"""A question to an `Answer`: passages found, the sentence that answers, the verdict."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from corpus import detect_script
from embeddings import Encoder, load_encoder
from retrieval.errors import IndexMismatch
from retrieval.generation import STORE, Manifest, current_generation, verify
from retrieval.judging import ANSWERED, judge
from retrieval.planning import VERSIONS
from retrieval.quoting import best_sentence
from retrieval.records import Answer, FoundPassage
from retrieval.reranking import RERANKED, rerank, terms_in
from retrieval.rows import Relations
from retrieval.searching import LEG_DEPTH, Hit, Mode, Query, SearchLegs
from retrieval.store import Store, StoredArticle, StoredPassage

NEAREST_TITLES = 5

MAX_ALSO_IN = 100
"""Articles named that carry the same text; a footer may stand under a million."""


class Searcher:
    """One generation of an index, open for questions.

    Not to be shared between threads without a lock.
    """

    def __init__(self, generation: Path, encoder: Encoder | None = None) -> None:
        """Open a generation folder; `open` finds the live one.

        Raises:
            IndexDamaged: a file is missing, cut or unreadable.
            IndexMismatch: the index was built with another model or by another version.
            EmbeddingsError: the model the index was built with cannot be loaded.
        """
        self.manifest = Manifest.read(generation)
        self.generation = generation.name
        verify(generation, self.manifest, contents=False)
        if encoder is None:
            encoder = load_encoder(self.manifest.encoder["name"])
        check_fit(self.manifest, encoder, generation)
        self._legs = SearchLegs(generation, encoder)
        self._store = Store(generation / STORE)

    @classmethod
    def open(cls, index: Path, encoder: Encoder | None = None) -> Searcher:
        """Open the live generation of an index, by default with the encoder it was built with.

        Raises:
            IndexMissing: none has been published; else see `Searcher`.
        """
        return cls(current_generation(index), encoder)

    @property
    def encoder_name(self) -> str:
        """Name of the model the index was built with."""
        return str(self.manifest.encoder["name"])

    def close(self) -> None:
        """Close the files."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def article(self, article_id: str) -> StoredArticle | None:
        """Return a whole article by its id, or None."""
        return self._store.article(article_id)

    @cached_property
    def _relations(self) -> Relations:
        return self._store.relations()

    def rank_articles(self, question: str, *, limit: int, mode: Mode = "hybrid") -> list[Ranked]:
        """Rank articles by their best passage, best first; for evaluation.

        Goes as deep as it takes to fill `limit`, and leaves nothing out.
        """
        query, _ = self._legs.query(question, mode=mode)
        depth = max(limit, LEG_DEPTH)
        while True:
            best: dict[str, float] = {}
            hits = self._rank(query, depth=depth, mode=mode)
            places = self._store.places(hit.row for hit in hits)
            for hit in sorted(hits, key=lambda hit: (-hit.score, places[hit.row])):
                best.setdefault(places[hit.row][0], hit.score)
            best = self._relations.expand(best)
            if len(best) >= limit or depth >= self.manifest.passages or not hits:
                return [Ranked(key, score) for key, score in list(best.items())[:limit]]
            depth *= 4

    def answer(self, question: str, *, limit: int = 5) -> Answer:
        """Answer a question with the most relevant passages, best first.

        Raises:
            ValueError: `limit` is below 1.
        """
        if limit < 1:
            raise ValueError(f"limit must be at least 1, not {limit}")
        started = time.perf_counter()
        query, encode_ms = self._legs.query(question)
        ranked = self._rank(query)[: limit + NEAREST_TITLES]
        stored = self._store.passages(hit.row for hit in ranked)
        hits = sorted(
            ranked,
            key=lambda hit: (-hit.score, stored[hit.row].source.id, stored[hit.row].start),
        )
        verdict = judge(query, hits, stored)
        passages = tuple(
            self._found(rank, hit, stored[hit.row], query)
            for rank, hit in enumerate(hits[:limit], start=1)
        )
        titles = dict.fromkeys(
            title for hit in hits if (title := stored[hit.row].source.title) is not None
        )
        total_ms = 1000 * (time.perf_counter() - started)
        return Answer(
            question=question,
            status="answered" if verdict.confidence >= ANSWERED else "not_found",
            confidence=verdict.confidence,
            script=detect_script(question) or "hans",
            passages=passages,
            nearest_titles=tuple(titles)[:NEAREST_TITLES],
            generation=self.generation,
            index_passages=self.manifest.passages,
            encoder=self.encoder_name,
            timing_ms={
                "encode": encode_ms,
                "search": total_ms - encode_ms,
                "total": total_ms,
            },
            explanation={
                "threshold": ANSWERED,
                "confidence": verdict.confidence,
                "coverage": verdict.coverage,
                "cosine": verdict.cosine,
                "folded": query.folded,
            },
        )

    def _rank(self, query: Query, *, depth: int = LEG_DEPTH, mode: Mode = "hybrid") -> list[Hit]:
        """Search, read the first passages and rerank them: the one path to every ranking."""
        hits = self._legs.search(query, depth=depth, mode=mode)
        if mode != "hybrid":
            return hits
        return rerank(query, hits, self._store.passages(hit.row for hit in hits[:RERANKED]))

    def _found(self, rank: int, hit: Hit, stored: StoredPassage, query: Query) -> FoundPassage:
        return FoundPassage(
            rank=rank,
            score=hit.score,
            text=stored.text,
            heading=stored.heading,
            start=stored.start,
            quote=best_sentence(stored.text, query.telling),
            article=stored.source,
            also_in=tuple(self._store.also_in(stored.article, limit=MAX_ALSO_IN)),
            damage=stored.damage,
            evidence=_evidence(hit, stored, query),
        )


@dataclass(frozen=True, slots=True)
class Ranked:
    """An article and the score of its best passage."""

    article_id: str
    score: float


def check_fit(manifest: Manifest, encoder: Encoder, generation: Path) -> None:
    """Check that an index can be searched with this encoder by this version of the program.

    Raises:
        IndexMismatch: naming both sides of the first difference.
    """
    built = manifest.encoder
    if (built["identity"], built["dim"]) != (encoder.identity, encoder.dim):
        raise IndexMismatch(
            f"index {generation} was built with model {built['name']} ({built['identity']}, "
            f"{built['dim']} wide), but {encoder.name} ({encoder.identity}, {encoder.dim} wide) is "
            "to be used; rebuild the index or name that model"
        )
    for part in ("fold", "terms"):
        if manifest.versions.get(part) != VERSIONS[part]:
            raise IndexMismatch(
                f"index {generation} was built with version {manifest.versions.get(part)} of the "
                f"{part}, this program has {VERSIONS[part]}; rebuild the index"
            )


def _evidence(hit: Hit, stored: StoredPassage, query: Query) -> dict[str, Any]:
    matched = terms_in(stored, query.weights)
    return {
        "lexical_rank": hit.lexical_rank,
        "dense_rank": hit.dense_rank,
        "coverage": hit.coverage,
        "cosine": hit.cosine,
        "focus": hit.focus,
        "matched": sorted(matched, key=lambda term: (-query.weights[term], term)),
    }
