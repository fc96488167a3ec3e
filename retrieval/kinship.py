"""What the articles of a build have to do with one another, and what of each is indexed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import numpy as np

from corpus import Article
from corpus.blocks import Block
from corpus.cutting import excerpt, without
from corpus.families import families
from corpus.repeats import Survey
from corpus.segments import SEGMENT
from retrieval.preparing import Job, read_row
from retrieval.writing import StoreWriter


class Kinship:
    """Finds the blocks articles share and the reprints among them, and writes both down."""

    def __init__(self, folder: Path, store: StoreWriter) -> None:
        """Work in an existing folder; what is left there afterwards is only the store's."""
        self.shared = 0
        self.reprints = 0
        self._survey = Survey(folder)
        self._store = store
        self._head: dict[int, int] = {}
        self._names: set[str] = set()
        self._head_text = lru_cache(16)(store.text)

    def add(self, segments: bytes) -> None:
        """Add the segments of the next article."""
        self._survey.add(np.frombuffer(segments, SEGMENT))

    def compare(self, used: Container[str]) -> None:
        """Find blocks, cut them out, give each an article; then find reprints. `used`: ids."""
        self._survey.finish()
        store = self._store
        shared = self._survey.shared(store.text, lambda row: store.facts(row).unrepaired)
        for row, spans in shared.cuts.items():
            store.cut(row, without(store.article(row), spans))
        self._head_text.cache_clear()
        found = families(self._survey, store.text, store.facts)
        for family in found:
            store.fold_under(family.head, family.members)
            self._head |= dict.fromkeys(family.members, family.head)
        for block in shared.blocks:
            self._add_block(block, used)
        self.reprints = len(self._head)
        self._survey.close()

    def job(self, row: int) -> Job:
        """Return what is to be done with an article."""
        article = self._store.article(row, cut=True)
        head = self._head.get(row)
        return Job(row, article, head=None if head is None else self._head_text(head))

    def _add_block(self, block: Block, used: Container[str]) -> None:
        if block.whole:
            # An article that says nothing else stands for the block.
            shown = self._head.get(block.row, block.row)
            self._store.add_holders(shown, block.holders)
            return
        origin = self._store.article(block.row)
        article = excerpt(origin, block.start, block.end)
        sites = [self._store.article(row).site for row in block.holders[:100]]
        identity = block.id
        while identity in used or identity in self._names:
            identity = "block-" + sha256(identity.encode()).hexdigest()[:12]
        self._names.add(identity)
        article = replace(
            article,
            id=identity,
            path=self._store.article(block.holders[0]).path,
            site=_common(sites),
        )
        self._store.add_holders(self._add_article(article), block.holders)
        self.shared += 1

    def _add_article(self, article: Article) -> int:
        return self._store.add_article(read_row(article), block=True)


def _common(values: Sequence[str | None]) -> str | None:
    """Return the value most holders agree on, if most do."""
    (value, times), *_ = Counter(values).most_common(1) or [(None, 0)]
    return value if 2 * times > len(values) else None
