"""The join: articles and vectors to an index, a question to cited passages.

What builds and what answers is loaded when it is first asked for: a worker process of a build needs
a part of the one and nothing of the other, which takes three times as long to load.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from retrieval.errors import (
    DatasetError,
    IndexBusy,
    IndexDamaged,
    IndexMismatch,
    IndexMissing,
    IndexUnwritable,
    NothingToIndex,
    RetrievalError,
)
from retrieval.progress import Progress
from retrieval.records import Answer, Damage, Exchange, FoundPassage, Quote, Source

if TYPE_CHECKING:
    from retrieval.answering import Searcher
    from retrieval.building import BuildReport, build_index
    from retrieval.checking import Finding, check_index
    from retrieval.evaluation import Evaluation, evaluate
    from retrieval.generation import roll_back
    from retrieval.standing import Standing, standings
    from retrieval.store import StoredArticle

__all__ = [
    "Answer",
    "BuildReport",
    "Damage",
    "DatasetError",
    "Evaluation",
    "Exchange",
    "Finding",
    "FoundPassage",
    "IndexBusy",
    "IndexDamaged",
    "IndexMismatch",
    "IndexMissing",
    "IndexUnwritable",
    "NothingToIndex",
    "Progress",
    "Quote",
    "RetrievalError",
    "Searcher",
    "Source",
    "Standing",
    "StoredArticle",
    "build_index",
    "check_index",
    "evaluate",
    "roll_back",
    "standings",
]

_PLACES = {
    "BuildReport": "building",
    "Evaluation": "evaluation",
    "Finding": "checking",
    "Searcher": "answering",
    "Standing": "standing",
    "StoredArticle": "store",
    "build_index": "building",
    "check_index": "checking",
    "evaluate": "evaluation",
    "roll_back": "generation",
    "standings": "standing",
}


def __getattr__(name: str) -> object:
    """Load what was asked for."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
