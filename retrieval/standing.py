"""What became of a file in an index: how much of each of its articles is found, and as what."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from retrieval.generation import STORE, current_generation
from retrieval.records import Source
from retrieval.store import Store


@dataclass(frozen=True, slots=True)
class Standing:
    """An article's place among the others."""

    article: str
    """Its id in the index."""
    passages: int
    """Those found under it; a reprint has only what the article shown for it does not say."""
    head: Source | None = None
    """The article shown for it, where it is a reprint."""
    copies: int = 0
    """Reprints it is shown for."""
    blocks: tuple[str, ...] = ()
    """What it shares with others and is found once for all of them: how each begins."""


def standings(index: Path, path: Path) -> list[Standing]:
    """Return what became of the articles of one file in the live generation, in order.

    Raises:
        IndexMissing, IndexDamaged: there is no index, or it cannot be read.
    """
    store = Store(current_generation(index) / STORE)
    try:
        return [
            Standing(article, passages, head, copies, tuple(blocks))
            for article, passages, head, copies, blocks in store.standings(str(path.absolute()))
        ]
    finally:
        store.close()
