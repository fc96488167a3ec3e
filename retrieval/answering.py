"""A question to an `Answer`: passages found, the sentence that answers, the verdict."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import compress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from corpus import detect_script
from embeddings import Encoder, Reranker, load_encoder
from retrieval.calibration import read_calibration
from retrieval.errors import IndexMismatch
from retrieval.finding import Finder
from retrieval.following import Found, exchange_after, reading_facts
from retrieval.generation import STORE, Manifest, current_generation, verify
from retrieval.judging import ANSWERED
from retrieval.planning import VERSIONS
from retrieval.quoting import Question, quotes
from retrieval.reading_filters import read_filters
from retrieval.records import Answer, Exchange, FoundPassage, Quote
from retrieval.reranking import folded, terms_held
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

    def __init__(
        self,
        generation: Path,
        encoder: Encoder | None = None,
        *,
        today: Callable[[], date] = date.today,
        synonyms: Path | None = None,
        reranker: Reranker | None = None,
    ) -> None:
        """Open a generation folder; `open` finds the live one.

        `today` says what 去年 means; `synonyms` names a file of a person's own, see
        `retrieval.synonyms`; `reranker` orders the first candidates of an answer anew.

        Raises:
            SynonymsError: that file cannot be read, or a line of it is no entry.
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
        calibration = read_calibration(self.manifest, generation)
        self._legs = SearchLegs(generation, encoder, synonyms)
        self._store = Store(generation / STORE)
        self._finder = Finder(self._legs, self._store, calibration, reranker)
        self._today = today

    @classmethod
    def open(
        cls,
        index: Path,
        encoder: Encoder | None = None,
        *,
        today: Callable[[], date] = date.today,
        synonyms: Path | None = None,
        reranker: Reranker | None = None,
    ) -> Searcher:
        """Open the live generation of an index, by default with the encoder it was built with.

        Raises:
            IndexMissing: none has been published; else see `Searcher`.
        """
        generation = current_generation(index)
        return cls(generation, encoder, today=today, synonyms=synonyms, reranker=reranker)

    @property
    def encoder_name(self) -> str:
        """Name of the model the index was built with."""
        return str(self.manifest.encoder["name"])

    def close(self) -> None:
        """Close the files, and end the thread that searches them."""
        self._legs.close()
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
        query = self._legs.query(question, mode=mode)
        depth = max(limit, LEG_DEPTH)
        while True:
            best: dict[str, float] = {}
            hits = self._finder.rank(query, depth=depth, mode=mode)
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
        alone = self._finder.find(asked, filters, wanted=limit + NEAREST_TITLES)
        found, reading = self._finder.follow(asked, alone, filters, previous)
        query, verdict, encode_ms = found.query, found.verdict, found.encode_ms
        passages = self._shown(found, limit)
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
                **({"synonyms": query.synonyms} if query.synonyms else {}),
                **(reading_facts(reading, alone) if reading else {}),
                **(narrowed.narrowing.counts() if narrowed else {}),
            },
            understood=reading.text if reading else None,
            exchange=exchange_after(asked, reading, previous, found),
            narrowing=narrowed.narrowing if narrowed else None,
        )

    def _shown(self, found: Found, limit: int) -> tuple[FoundPassage, ...]:
        hits = found.hits[:limit]
        stored = [found.stored[hit.row] for hit in hits]
        titles = [folded(one.source.title or "") for one in stored]
        quoted = quotes(Question(*found.to_quote), [one.text for one in stored], titles)
        said = zip(hits, quoted, _matched(found.query, hits, found.stored), strict=True)
        return tuple(self._passage(rank, found, *each) for rank, each in enumerate(said, start=1))

    def _passage(
        self, rank: int, found: Found, hit: Hit, quote: Quote | None, matched: list[str]
    ) -> FoundPassage:
        stored = found.stored[hit.row]
        source, start = stored.source, stored.start
        also_in = self._store.also_in(stored.article, limit=MAX_ALSO_IN)
        if found.narrowed and (member := found.narrowed.cited.get(stored.article)):
            if member.id != source.id:
                also_in = [source, *(one for one in also_in if one.id != member.id)]
                whole = self._store.article(member.id)
                at = whole.text.find(stored.text) if whole else -1
                start = at if at >= 0 else start
            source = member
        return FoundPassage(
            rank=rank,
            score=hit.score,
            text=stored.text,
            heading=stored.heading,
            start=start,
            quote=quote,
            article=source,
            also_in=tuple(also_in),
            damage=stored.damage,
            evidence=_evidence(hit, matched),
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
    if not manifest.is_made_by(encoder):
        built = manifest.encoder
        remedy = "rebuild the index or name that model"
        if built["name"] == encoder.name:
            remedy = "these are two versions of one model: rebuild the index"
        raise IndexMismatch(
            f"index {generation} was built with model {built['name']} ({built['identity']}, "
            f"{built['dim']} wide), but {encoder.name} ({encoder.identity}, {encoder.dim} wide) is "
            f"to be used; {remedy}"
        )
    for part in ("fold", "terms", "calibration", "dense"):
        if manifest.versions.get(part) != VERSIONS[part]:
            raise IndexMismatch(
                f"index {generation} was built with version {manifest.versions.get(part)} of the "
                f"{part}, this program has {VERSIONS[part]}; rebuild the index"
            )


def _matched(
    query: Query, hits: Sequence[Hit], stored: Mapping[int, StoredPassage]
) -> list[list[str]]:
    """Return which terms of the question each passage holds, the rarest first."""
    asked = sorted(query.weights, key=lambda term: (-query.weights[term], term))
    place = {term: column for column, term in enumerate(query.telling)}
    held = terms_held(query, hits, stored)[:, [place[term] for term in asked]]
    return [list(compress(asked, own)) for own in held.tolist()]


_SAID = ("whole", "focus", "sentence", "titled", "verbatim")


def _evidence(hit: Hit, matched: list[str]) -> dict[str, Any]:
    return {
        "lexical_rank": hit.lexical_rank,
        "dense_rank": hit.dense_rank,
        "coverage": hit.coverage,
        "cosine": hit.cosine,
        **({name: getattr(hit.said, name) for name in _SAID} if hit.said else {}),
        **({} if hit.crossed is None else {"reranker": hit.crossed}),
        "matched": matched,
    }
