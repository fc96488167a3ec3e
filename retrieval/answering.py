"""A question to an `Answer`: passages found, the sentence that answers, the verdict."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from corpus import detect_script
from embeddings import Encoder, load_encoder
from retrieval.conversation import Reading, readings
from retrieval.errors import IndexMismatch
from retrieval.filters import Filters
from retrieval.following import Found, exchange_after, favour, in_context, prefer, weighed
from retrieval.generation import STORE, Manifest, current_generation, verify
from retrieval.judging import ANSWERED, judge
from retrieval.narrowing import Shelf
from retrieval.planning import VERSIONS
from retrieval.quoting import best_sentence
from retrieval.reading_filters import read_filters
from retrieval.records import Answer, Exchange, FoundPassage
from retrieval.reranking import RERANKED, rerank, terms_in
from retrieval.rows import Relations, RowMask
from retrieval.searching import LEG_DEPTH, Hit, Mode, Query, SearchLegs
from retrieval.store import Store, StoredArticle, StoredPassage

NEAREST_TITLES = 5

MAX_ALSO_IN = 100
"""Articles named that carry the same text; a footer may stand under a million."""


class Searcher:
    """One generation of an index, open for questions.

    Not to be shared between threads without a lock.
    """

    def __init__(
        self,
        generation: Path,
        encoder: Encoder | None = None,
        *,
        today: Callable[[], date] = date.today,
    ) -> None:
        """Open a generation folder; `open` finds the live one. `today` says what 去年 means.

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
        self._shelf = Shelf(self._store)
        self._today = today

    @classmethod
    def open(
        cls,
        index: Path,
        encoder: Encoder | None = None,
        *,
        today: Callable[[], date] = date.today,
    ) -> Searcher:
        """Open the live generation of an index, by default with the encoder it was built with.

        Raises:
            IndexMissing: none has been published; else see `Searcher`.
        """
        return cls(current_generation(index), encoder, today=today)

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

    def answer(self, question: str, *, limit: int = 5, previous: Exchange | None = None) -> Answer:
        """Answer a question with the most relevant passages, best first.

        `previous` is what came before it, where something did: a question that leans on it
        (那蘇州呢？) is completed from it, one that stands on its own is answered as ever.
        Filters in the question (`retrieval.reading_filters`) narrow what is searched.

        Raises:
            ValueError: `limit` is below 1.
            FilterError: a filter cannot be read.
        """
        if limit < 1:
            raise ValueError(f"limit must be at least 1, not {limit}")
        started = time.perf_counter()
        asked, filters = read_filters(question, self._today())
        found, reading = self._understand(asked, filters, previous, limit + NEAREST_TITLES)
        query, verdict, encode_ms = found.query, found.verdict, found.encode_ms
        passages = tuple(
            self._found(rank, hit, found) for rank, hit in enumerate(found.hits[:limit], start=1)
        )
        titles = dict.fromkeys(
            title for hit in found.hits if (title := found.stored[hit.row].source.title) is not None
        )
        narrowed = found.narrowed
        if narrowed and not asked.strip() and reading is None:
            titles = dict.fromkeys(narrowed.newest)
        total_ms = 1000 * (time.perf_counter() - started)
        return Answer(
            question=question,
            status="answered" if found.answered else "not_found",
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
                **(narrowed.narrowing.counts() if narrowed else {}),
            },
            understood=reading.text if reading else None,
            exchange=exchange_after(asked, reading, previous, found),
            narrowing=narrowed.narrowing if narrowed else None,
        )

    def _understand(
        self, question: str, filters: Filters, previous: Exchange | None, wanted: int
    ) -> tuple[Found, Reading | None]:
        """Search for a question as it stands and, where it leans on another, as it was meant."""
        alone = self._look(question, wanted, filters)
        found, reading = alone, None
        for one in readings(question, previous):
            kept = filters.or_else(previous.filters) if previous else filters
            completed = self._look(one.text, wanted, kept, one)
            if prefer(one, completed, alone):
                found, reading = completed, one
                if found.answered:
                    break
        return found, reading

    def _look(
        self, question: str, wanted: int, filters: Filters, reading: Reading | None = None
    ) -> Found:
        """Search, rank and judge; `reading` is how a follow-up was understood."""
        query, encode_ms = self._legs.query(question)
        narrowed = self._shelf.narrow(filters) if filters else None
        within = narrowed.within if narrowed else None
        if reading is None:
            ranked = self._rank(query, within=within)
        else:
            query = weighed(query, reading)
            ranked = self._rank_following(query, reading, within)
        ranked = ranked[:wanted]
        stored = self._store.passages(hit.row for hit in ranked)
        hits = sorted(
            ranked,
            key=lambda hit: (-hit.score, stored[hit.row].source.id, stored[hit.row].start),
        )
        verdict = judge(query, hits, stored)
        if reading is not None and hits and in_context(reading, stored[hits[0].row]):
            about, more_ms = self._legs.query(reading.detail)
            about, encode_ms = replace(about, telling=dict(reading.own)), encode_ms + more_ms
            verdict = judge(about, self._legs.look_at(about, [hits[0].row]), stored)
        return Found(query, hits, stored, verdict, encode_ms, narrowed)

    def _rank_following(self, query: Query, reading: Reading, within: RowMask | None) -> list[Hit]:
        """Rank for a follow-up: the article cited before is looked through as well."""
        hits = self._legs.search(query, within=within)
        known = {hit.row for hit in hits}
        rows = self._store.rows_of(reading.articles)
        cited = [row for row in rows if within is None or within[row]]
        hits += self._legs.look_at(query, [row for row in cited if row not in known])
        looked = {hit.row for hit in hits[:RERANKED]} | {hit.row for hit in hits} & set(cited)
        stored = self._store.passages(looked)
        return favour(reading, rerank(query, hits, stored), stored)

    def _rank(
        self,
        query: Query,
        *,
        depth: int = LEG_DEPTH,
        mode: Mode = "hybrid",
        within: RowMask | None = None,
    ) -> list[Hit]:
        """Search, read the first passages and rerank them: the one path to every ranking."""
        hits = self._legs.search(query, depth=depth, mode=mode, within=within)
        if mode != "hybrid":
            return hits
        return rerank(query, hits, self._store.passages(hit.row for hit in hits[:RERANKED]))

    def _found(self, rank: int, hit: Hit, found: Found) -> FoundPassage:
        stored, query = found.stored[hit.row], found.query
        source, start = stored.source, stored.start
        also_in = self._store.also_in(stored.article, limit=MAX_ALSO_IN)
        if found.narrowed and (member := found.narrowed.cited.get(stored.article)):
            if member.id != source.id:
                also_in = [source, *(one for one in also_in if one.id != member.id)]
                whole = self._store.article(member.id)
                start = max(0, whole.text.find(stored.text)) if whole else 0
            source = member
        return FoundPassage(
            rank=rank,
            score=hit.score,
            text=stored.text,
            heading=stored.heading,
            start=start,
            quote=best_sentence(stored.text, query.telling),
            article=source,
            also_in=tuple(also_in),
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
