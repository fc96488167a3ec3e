"""The join: articles and vectors to an index, a question to cited passages."""

from retrieval.answering import Searcher
from retrieval.building import BuildReport, build_index
from retrieval.checking import Finding, check_index
from retrieval.errors import (
    DatasetError,
    IndexBusy,
    IndexDamaged,
    IndexMismatch,
    IndexMissing,
    NothingToIndex,
    RetrievalError,
)
from retrieval.evaluation import Evaluation, evaluate
from retrieval.generation import roll_back
from retrieval.progress import Progress
from retrieval.records import Answer, Damage, Exchange, FoundPassage, Quote, Source
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
