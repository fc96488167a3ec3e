"""A question to what was found for it: searched, ranked, judged, and followed up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from corpus import fold
from embeddings import Reranker
from retrieval.choosing import NEAR_TIE, choose
from retrieval.conversation import Reading, understand
from retrieval.filters import Filters
from retrieval.following import Found, favour, prefer, weighed
from retrieval.judging import Calibration, judge
from retrieval.narrowing import Shelf
from retrieval.records import Exchange
from retrieval.reordering import reorder
from retrieval.reranking import RERANKED, folded, holds, may_be_sentence, rerank, to_read
from retrieval.rows import RowMask
from retrieval.searching import LEG_DEPTH, Hit, Mode, Query, SearchLegs
from retrieval.store import Store, StoredPassage

JUDGED = 10
"""How many passages a verdict rests on."""


class Finder:
    """The one path from a question to ranked and judged passages of one generation."""

    def __init__(
        self,
        legs: SearchLegs,
        store: Store,
        calibration: Calibration,
        reranker: Reranker | None = None,
    ) -> None:
        self._legs = legs
        self._store = store
        self._calibration = calibration
        self._reranker = reranker
        self._shelf = Shelf(store)

    def follow(
        self, question: str, alone: Found, filters: Filters, previous: Exchange | None
    ) -> tuple[Found, Reading | None]:
        """Search once more for a question as it was meant, where it leans on another.

        `alone` is what was found for it as it stands.
        """
        reading = understand(question, previous, narrowed=bool(filters))
        if previous is None or reading is None:
            return alone, None
        kept = filters.or_else(previous.filters)
        completed = self.find(reading.text, kept, wanted=alone.wanted, reading=reading)
        return (completed, reading) if prefer(reading, completed, alone) else (alone, None)

    def find(
        self, question: str, filters: Filters, *, wanted: int, reading: Reading | None = None
    ) -> Found:
        """Search, rank and judge; `reading` is how a follow-up was understood."""
        query = self._legs.query(question)
        narrowed = self._shelf.narrow(filters) if filters else None
        within = narrowed.within if narrowed else None
        rows: list[int] = []
        if reading is None:
            ranked = self.rank(query, within=within)
        else:
            query = weighed(query, reading)
            rows = self._store.rows_of(reading.articles)
            ranked = self._rank_following(query, reading, rows, within)
        if self._reranker is not None:
            ranked = reorder(self._reranker, query, ranked, self._store)
        # A follow-up's scores weigh the article cited before; dates have no say in them.
        chosen = partial(
            choose,
            ranked,
            store=self._store,
            near_tie=NEAR_TIE if reading is None else 0.0,
            narrowed=narrowed is not None,
        )
        hits, stored = chosen(JUDGED)
        verdict = judge(query, hits, stored, self._calibration)
        # How many are wanted must not decide whether there is an answer.
        if wanted > JUDGED:
            hits, stored = chosen(wanted)
        found = Found(query, hits[:wanted], stored, verdict, query.encode_ms, narrowed, wanted)
        if reading is None:
            return found
        found = replace(found, detail=fold(reading.detail), length=len(rows))
        if not found.is_of(reading):
            return found
        about = replace(self._legs.query(reading.detail), telling=dict(reading.own))
        near = self._legs.look_at(about, [hits[0].row])
        detail = judge(about, near, stored, self._calibration, added=True)
        return found.judged(reading, detail, about.encode_ms)

    def _rank_following(
        self, query: Query, reading: Reading, rows: list[int], within: RowMask | None
    ) -> list[Hit]:
        """Rank for a follow-up, the `rows` of the article cited before among the candidates."""
        hits = self._legs.search(query, within=within)
        known = {hit.row for hit in hits}
        cited = [row for row in rows if within is None or within[row]]
        hits += self._legs.look_at(query, [row for row in cited if row not in known])
        looked = {hit.row for hit in hits[:RERANKED]} | {hit.row for hit in hits} & set(cited)
        stored = self._store.passages(looked)
        ranked = rerank(query, hits, stored, meaning=self._meaning(hits))
        return favour(reading, ranked, stored)

    def rank(
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
        stored = self._store.passages(hit.row for hit in hits[: to_read(query)])
        if holders := self._holders(query, stored, within):
            stored |= holders
            known = {hit.row for hit in hits}
            hits += self._legs.look_at(query, [row for row in holders if row not in known])
        return rerank(query, hits, stored, meaning=self._meaning(hits))

    def _holders(
        self, query: Query, stored: Mapping[int, StoredPassage], within: RowMask | None
    ) -> dict[int, StoredPassage]:
        """Return passages that hold a question word for word, by row, if none of `stored` does.

        Those that lack the marks around it only if all of `stored` lack more.

        Of what may be a sentence of the archive: a stock phrase (拒不改正的，处二百元以上一千元以下
        罚款) has its words in more passages than are read, and stands in few as it is.
        """

        def held(passage: StoredPassage) -> float:
            return holds(folded(passage.text), query.folded)

        if not may_be_sentence(query):
            return {}
        most = max(map(held, stored.values()), default=0.0)
        if most == 1:
            return {}
        rows = [row for row in self._legs.holding(query, within=within) if row not in stored]
        found = self._store.passages(rows)
        return {row: found[row] for row in rows if held(found[row]) > most}

    def _meaning(self, hits: Sequence[Hit]) -> float:
        return self._calibration.meaning(max((hit.cosine for hit in hits), default=0.0))
