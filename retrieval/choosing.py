"""Which of the ranked passages are shown: not five of one article, of equals the newest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from retrieval.searching import Hit
from retrieval.store import Store, StoredPassage

NEAR_TIE = 0.002
"""Passages whose scores differ by no more are ordered by date."""

FIRST = 5
"""How many passages share their places fairly."""

PER_ARTICLE = 2
"""How many of the first may be of one article."""

LONG_ARTICLE = 5000
"""Characters beyond which an article may have more."""


def choose(
    ranked: Sequence[Hit],
    wanted: int,
    store: Store,
    *,
    near_tie: float = NEAR_TIE,
    narrowed: bool = False,
) -> tuple[list[Hit], dict[int, StoredPassage]]:
    """Return at most `wanted` of the ranked hits in the order they are shown, and their passages.

    Fewer where the archive has too few articles to share the first places, unless the question
    was `narrowed` by filters: who names an article wants all of it. `near_tie` is how far apart
    two scores may lie to be ordered by date.
    """

    @cache
    def is_long(article: int) -> bool:
        return store.reach(article) > LONG_ARTICLE

    read = wanted
    while True:
        some = ranked[:read]
        stored = store.passages(hit.row for hit in some)
        hits = newest_first(some, stored, near_tie)
        if not narrowed:
            hits = share(hits, stored, is_long)
        if len(hits) >= min(wanted, FIRST) or read >= len(ranked):
            return hits[:wanted], stored
        read *= 4


def newest_first(
    hits: Sequence[Hit], stored: Mapping[int, StoredPassage], near_tie: float = NEAR_TIE
) -> list[Hit]:
    """Order hits by score, equal ones by article and place, and near ties by date.

    A near tie is at most `near_tie` below the best of its group. An article without a date counts
    as the oldest. What holds the whole question in one sentence stays before what does not.
    """

    def place(hit: Hit) -> tuple[float, str, int]:
        passage = stored[hit.row]
        return -hit.score, passage.source.id, passage.start

    def date(hit: Hit) -> tuple[bool, str]:
        verbatim = hit.said is not None and hit.said.sentence >= _WORD_FOR_WORD
        return verbatim, stored[hit.row].source.published or ""

    ordered: list[Hit] = []
    group: list[Hit] = []
    for hit in sorted(hits, key=place):
        if group and hit.score < group[0].score - near_tie:
            ordered += sorted(group, key=date, reverse=True)
            group = []
        group.append(hit)
    return ordered + sorted(group, key=date, reverse=True)


def share(
    hits: Sequence[Hit],
    stored: Mapping[int, StoredPassage],
    is_long: Callable[[int], bool],
) -> list[Hit]:
    """Let one article have at most `PER_ARTICLE` of the first places, unless its row `is_long`.

    What has to wait comes right behind the first, or not at all where nobody else fills those.
    """
    shown: list[Hit] = []
    waiting: list[Hit] = []
    places: Counter[int] = Counter()
    for hit in hits:
        article = stored[hit.row].article
        full = len(shown) < FIRST and places[article] >= PER_ARTICLE
        if full and not is_long(article):
            waiting.append(hit)
            continue
        places[article] += 1
        shown.append(hit)
    return shown if len(shown) < FIRST else [*shown[:FIRST], *waiting, *shown[FIRST:]]


_WORD_FOR_WORD = 0.999
