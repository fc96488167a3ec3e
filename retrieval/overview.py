"""The health of an archive in figures and examples: what `xunzhang report` shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heappush, heappushpop
from pathlib import Path

from corpus.cleaning import is_damage
from corpus.records import Article
from retrieval.generation import STORE, Manifest, current_generation
from retrieval.rows import ShownArticle
from retrieval.store import Store

MOST_EXAMPLES = 30
MOST_LISTED = 100


@dataclass(slots=True)
class Tally:
    """How often something was done, in how many articles, to how many characters."""

    times: int = 0
    articles: int = 0
    characters: int = 0


@dataclass(slots=True)
class Group:
    """Articles that share a text."""

    shown: Article
    others: list[Article] = field(default_factory=list)
    """Without their texts, and at most `MOST_LISTED`."""
    count: int = 0
    """How many others there are."""


@dataclass(slots=True)
class Overview:
    """Everything the report tells of one index."""

    generation: str
    created: str
    encoder: str
    passages: int
    articles: int = 0
    characters: int = 0
    clean: int = 0
    """Articles nothing was done to."""
    repaired: int = 0
    """Articles with damage put right, and none left."""
    damaged: int = 0
    """Articles with damage still visible."""
    trimmed: int = 0
    """Articles that were whole, but lost something that was no part of them."""
    repairs: dict[str, Tally] = field(default_factory=dict)
    drops: dict[str, Tally] = field(default_factory=dict)
    unrepaired: int = 0
    encodings: Counter[str] = field(default_factory=Counter)
    sites: Counter[str] = field(default_factory=Counter)
    years: Counter[str] = field(default_factory=Counter)
    examples: list[Article] = field(default_factory=list)
    """Those with the most done to them, worst first."""
    families: list[Group] = field(default_factory=list)
    blocks: list[Group] = field(default_factory=list)


def look_over(index: Path) -> Overview:
    """Look over the live generation of an index, one article at a time.

    Raises:
        IndexMissing, IndexDamaged, IndexMismatch: it cannot be read.
    """
    generation = current_generation(index)
    manifest = Manifest.read(generation)
    overview = Overview(
        generation=generation.name,
        created=manifest.created,
        encoder=str(manifest.encoder["name"]),
        passages=manifest.passages,
    )
    store = Store(generation / STORE)
    try:
        _Looking(overview, store).run()
    finally:
        store.close()
    return overview


class _Looking:
    def __init__(self, overview: Overview, store: Store) -> None:
        self._overview = overview
        self._store = store
        self._worst: list[tuple[tuple[int, int, int], int, Article]] = []

    def run(self) -> None:
        """Fill the overview."""
        overview = self._overview
        relations = self._store.relations()
        wanted = {*relations.members, *relations.holders}
        for row, shown in enumerate(self._store.shown_articles()):
            if shown.article.id in wanted:
                self._group(row, shown, relations.members, relations.holders)
            if not shown.block:
                self._count(row, shown)
        overview.examples = [one for _, _, one in sorted(self._worst, key=lambda one: one[0])][::-1]
        overview.families.sort(key=lambda group: -group.count)
        overview.blocks.sort(key=lambda group: -group.count)

    def _group(
        self,
        row: int,
        shown: ShownArticle,
        members: dict[str, list[str]],
        holders: dict[str, list[str]],
    ) -> None:
        for ids, groups in (
            (members.get(shown.article.id), self._overview.families),
            (holders.get(shown.article.id), self._overview.blocks),
        ):
            if ids:
                others = [
                    Article(one.id, one.title, "", one.path or "", one.url, one.published, one.site)
                    for one in self._store.sources_of(ids[:MOST_LISTED])
                ]
                groups.append(Group(shown.article, others, len(ids)))

    def _count(self, row: int, shown: ShownArticle) -> None:
        overview, article = self._overview, shown.article
        overview.articles += 1
        overview.characters += len(article.text)
        overview.encodings[article.encoding] += 1
        overview.sites[article.site or ""] += 1
        overview.years[(article.published or "")[:4]] += 1
        overview.unrepaired += len(article.unrepaired)
        damage = sum(map(is_damage, shown.repairs))
        if article.unrepaired:
            overview.damaged += 1
        elif damage:
            overview.repaired += 1
        elif shown.repairs or article.dropped:
            overview.trimmed += 1
        else:
            overview.clean += 1
        _tally(overview.repairs, ((one.kind, len(one.after)) for one in shown.repairs))
        _tally(overview.drops, ((one.kind, len(one.text)) for one in article.dropped))
        if article.repairs or article.dropped or article.unrepaired:
            weight = (len(article.unrepaired), damage, len(shown.repairs) + len(article.dropped))
            entry = weight, -row, article
            if len(self._worst) < MOST_EXAMPLES:
                heappush(self._worst, entry)
            else:
                heappushpop(self._worst, entry)


def _tally(tallies: dict[str, Tally], found: Iterator[tuple[str, int]]) -> None:
    seen = set()
    for kind, characters in found:
        tally = tallies.setdefault(kind, Tally())
        tally.times += 1
        tally.characters += characters
        tally.articles += kind not in seen
        seen.add(kind)
