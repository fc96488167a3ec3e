"""Filters to the rows of an index: which passages may be searched, and whom they are cited from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from heapq import nlargest

import numpy as np
import numpy.typing as npt

from corpus.families import shingles
from corpus.segments import key_text
from retrieval.filters import Filters, Narrowing
from retrieval.preparing import is_held
from retrieval.records import Source
from retrieval.rows import RowMask
from retrieval.store import Store

NEWEST, SITES = 5, 5
_KEPT = 8


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What filters leave of an archive."""

    narrowing: Narrowing
    within: RowMask
    """The passages that may be searched."""
    cited: Mapping[int, Source]
    """By row of an article that itself does not match, what to cite in its place: of its reprints
    the earliest that does; for a block itself, published where its earliest such holder was."""
    newest: tuple[str, ...]
    """Titles of the matching articles that were published last."""


class Shelf:
    """The articles of an index, to be narrowed; the last few filters are remembered."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.narrow = lru_cache(_KEPT)(self._narrow)
        """`narrow(filters)` returns what they leave."""

    @cached_property
    def _article_of(self) -> npt.NDArray[np.int64]:
        return np.asarray(self._store.articles_of_passages(), dtype=np.int64)

    def _narrow(self, filters: Filters) -> Narrowed:
        held = self._store.blocks_by_holder()
        blocks: dict[int, Source] = {}
        matching: dict[int, Source] = {}
        instead: dict[int, Source] = {}
        undated = 0
        dates: list[str] = []
        sites: Counter[str] = Counter()
        for row, head, block, source in self._store.catalogue():
            if block:
                blocks[row] = source
                continue
            dates += [source.published] if source.published else []
            sites.update([source.site] if source.site else [])
            if not filters.allow_site(source.site, source.url):
                continue
            if not filters.allow_title(source.title):
                continue
            if not filters.allow_date(source.published):
                undated += source.published is None
                continue
            matching[row] = source
            for shown in (*held.get(row, ()), *(() if head is None else (head,))):
                instead.setdefault(shown, source)
        cited = {
            row: replace(source, id=blocks[row].id, title=blocks[row].title)
            if row in blocks
            else source
            for row, source in instead.items()
            if row not in matching
        }
        within: RowMask = np.isin(self._article_of, [*matching, *cited])
        for row, source in cited.items():
            if row not in blocks:
                within[self._beyond(row, source)] = False
        newest = nlargest(NEWEST, matching.values(), key=lambda one: one.published or "")
        return Narrowed(
            Narrowing(
                filters,
                articles=len(matching),
                undated=undated,
                earliest=min(dates, default=None),
                latest=max(dates, default=None),
                sites=tuple(site for site, _ in sites.most_common(SITES)),
            ),
            within,
            cited,
            tuple(one.title for one in newest if one.title),
        )

    def _beyond(self, head: int, member: Source) -> list[int]:
        """Return the passages of an article that the reprint cited for it does not hold."""
        stored = self._store.passages(np.flatnonzero(self._article_of == head).tolist())
        found = self._store.article(member.id)
        text = found.text if found else ""
        apart = [row for row, passage in stored.items() if passage.text not in text]
        said = shingles(key_text(text if apart else ""))
        return [row for row in apart if not is_held(stored[row].text, said)]
