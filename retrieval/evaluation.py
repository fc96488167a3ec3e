"""How well an archive is searched, measured on a data set in BEIR layout."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from embeddings import Encoder
from retrieval.answering import Searcher
from retrieval.building import build_index
from retrieval.datasets import Dataset
from retrieval.errors import DatasetError, RetrievalError
from retrieval.measures import MEASURES, measure
from retrieval.progress import Progress
from retrieval.searching import Mode

DEPTH = 100
"""Articles ranked for each question."""

# 去年 must mean the same whenever a measurement is repeated.
_TODAY = date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one suite found."""

    figures: dict[str, float]
    by_question: dict[str, tuple[float, ...]] = field(default_factory=dict, repr=False)
    """Figures of each question, in the order of the questions, for paired comparison."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Measures averaged over all questions, and what a question took."""

    queries: int
    measures: dict[str, float]
    timing_ms: dict[str, float]
    """`p50` and `p95`, milliseconds a question."""
    rankings: Mapping[str, Sequence[str]] = field(default_factory=dict, repr=False)
    """Ids of articles, best first, by query id."""
    suites: Mapping[str, Outcome] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The object `eval --json` prints; its keys are a contract."""
        found: dict[str, Any] = {
            "queries": self.queries,
            "measures": _rounded(self.measures),
            "timing_ms": _rounded(self.timing_ms, 3),
        }
        if self.suites:
            found["suites"] = {name: _rounded(one.figures) for name, one in self.suites.items()}
        return found


def evaluate(
    dataset: Path,
    encoder: Encoder,
    *,
    directory: Path | None = None,
    mode: Mode = "hybrid",
    run: Path | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Index a data set's corpus, ask all its questions, and measure the rankings.

    An index in `directory` is brought up to date first (nothing is done if it fits already);
    without one the index is temporary. `run` is written in TREC format.

    Raises:
        DatasetError: the folder is not in BEIR layout, or an article of it cannot be read.
        RetrievalError: the `run` file cannot be written.
    """
    data = Dataset.read(dataset)
    with searcher_of(data.corpus, encoder, directory=directory, progress=progress) as searcher:
        return ask_all(data, searcher, mode=mode, run=run, progress=progress)


@contextmanager
def searcher_of(
    corpus: Path,
    encoder: Encoder,
    *,
    directory: Path | None = None,
    progress: Progress | None = None,
) -> Iterator[Searcher]:
    """Index a corpus, for the while or in a `directory`, and open it.

    Raises:
        DatasetError: an article of it cannot be read.
    """
    with TemporaryDirectory(prefix="xunzhang-eval-") as temporary:
        index = directory or Path(temporary) / "index"
        report = build_index([corpus], index, encoder, progress=progress)
        if report.failed:
            first = report.failed[0]
            raise DatasetError(f"{first.path}: {first.reason}; measuring needs the whole corpus")
        with Searcher.open(index, encoder, today=lambda: _TODAY) as searcher:
            yield searcher


def ask_all(
    data: Dataset,
    searcher: Searcher,
    *,
    mode: Mode = "hybrid",
    run: Path | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Ask every question of a data set of an index of its corpus.

    Raises:
        RetrievalError: the `run` file cannot be written; said before a question is asked.
    """
    if run:
        _write_run(run, [])
    sums = dict.fromkeys(MEASURES, 0.0)
    times, lines = [], []
    rankings: dict[str, tuple[str, ...]] = {}
    for done, (query, text) in enumerate(data.queries.items(), start=1):
        started = time.perf_counter()
        ranked = searcher.rank_articles(text, limit=DEPTH, mode=mode)
        times.append(1000 * (time.perf_counter() - started))
        rankings[query] = tuple(one.article_id for one in ranked)
        for name, value in measure(rankings[query], data.qrels[query]).items():
            sums[name] += value
        if run:
            lines += [
                f"{query} Q0 {one.article_id} {rank} {one.score:.6f} xunzhang-{mode}\n"
                for rank, one in enumerate(ranked, start=1)
            ]
        if progress:
            progress("asking", done, len(data.queries))
    if run:
        _write_run(run, lines)
    times.sort()
    return Evaluation(
        queries=len(times),
        measures={name: value / len(times) for name, value in sums.items()},
        timing_ms={
            "p50": times[len(times) // 2],
            "p95": times[min(len(times) - 1, int(0.95 * len(times)))],
        },
        rankings=rankings,
    )


def _write_run(run: Path, lines: Sequence[str]) -> None:
    try:
        run.write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        reason = error.strerror or error
        raise RetrievalError(
            f"{run} cannot be written ({reason}); give another place with --run FILE"
        ) from error


def _rounded(values: Mapping[str, float], digits: int = 4) -> dict[str, float]:
    return {name: round(value, digits) for name, value in values.items()}
