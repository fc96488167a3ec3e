"""How well an archive is searched, measured on a data set in BEIR layout.

The layout (Thakur et al., "BEIR", 2021): `corpus.jsonl` with _id, title, text; `queries.jsonl`
with _id, text; `qrels.tsv` (or `qrels/test.tsv`) with query-id, corpus-id, score.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from embeddings import Encoder
from retrieval.answering import Searcher
from retrieval.assembling import Progress
from retrieval.building import build_index
from retrieval.errors import DatasetError
from retrieval.measures import MEASURES, measure
from retrieval.searching import Mode

DEPTH = 100
"""Articles ranked for each question."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """Questions with the articles that answer them."""

    corpus: Path
    queries: dict[str, str]
    """Text by query id, in file order; only those that are judged."""
    qrels: dict[str, dict[str, int]]
    """Grade by corpus id, by query id."""

    @classmethod
    def read(cls, folder: Path) -> Dataset:
        """Read a data set folder.

        Raises:
            DatasetError: a file is missing, or a line of one is not what it should be.
        """
        corpus = folder / "corpus.jsonl"
        if not corpus.is_file():
            raise DatasetError(f"{corpus} is missing; a data set has corpus, queries and qrels")
        qrels: dict[str, dict[str, int]] = {}
        judged = folder / "qrels.tsv"
        if not judged.is_file():
            judged = folder / "qrels" / "test.tsv"
        for number, line in _lines(judged):
            fields = line.split("\t")
            if number == 1 and fields[0] == "query-id":
                continue
            try:
                query, document, grade = fields
                qrels.setdefault(query, {})[document] = int(grade)
            except ValueError:
                raise DatasetError(
                    f"{judged}:{number} is not query-id, corpus-id and score between tabs"
                ) from None
        queries: dict[str, str] = {}
        for number, line in _lines(folder / "queries.jsonl"):
            try:
                record = json.loads(line)
                queries[str(record["_id"])] = str(record["text"])
            except (ValueError, KeyError, TypeError):
                raise DatasetError(
                    f"{folder / 'queries.jsonl'}:{number} is not an object with _id and text"
                ) from None
        lost = qrels.keys() - queries.keys()
        if lost:
            raise DatasetError(f"{judged} judges {min(lost)}, which queries.jsonl does not hold")
        if not qrels:
            raise DatasetError(f"{judged} holds no judgement")
        return cls(corpus, {key: text for key, text in queries.items() if key in qrels}, qrels)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Measures averaged over all questions, and what a question took."""

    queries: int
    measures: dict[str, float]
    timing_ms: dict[str, float]
    """`p50` and `p95`, milliseconds a question."""

    def to_json(self) -> dict[str, Any]:
        """The object `eval --json` prints; its keys are a contract."""
        return {
            "queries": self.queries,
            "measures": {name: round(value, 4) for name, value in self.measures.items()},
            "timing_ms": {name: round(value, 3) for name, value in self.timing_ms.items()},
        }


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
    """
    data = Dataset.read(dataset)
    with TemporaryDirectory(prefix="xunzhang-eval-") as temporary:
        index = directory or Path(temporary) / "index"
        report = build_index([data.corpus], index, encoder, progress=progress)
        if report.failed:
            first = report.failed[0]
            raise DatasetError(f"{first.path}: {first.reason}; measuring needs the whole corpus")
        with Searcher.open(index, encoder) as searcher:
            return _ask_all(data, searcher, mode, run, progress)


def _ask_all(
    data: Dataset, searcher: Searcher, mode: Mode, run: Path | None, progress: Progress | None
) -> Evaluation:
    sums = dict.fromkeys(MEASURES, 0.0)
    times, lines = [], []
    for done, (query, text) in enumerate(data.queries.items(), start=1):
        started = time.perf_counter()
        ranked = searcher.rank_articles(text, limit=DEPTH, mode=mode)
        times.append(1000 * (time.perf_counter() - started))
        for name, value in measure([one.article_id for one in ranked], data.qrels[query]).items():
            sums[name] += value
        lines += [
            f"{query} Q0 {one.article_id} {rank} {one.score:.6f} xunzhang-{mode}\n"
            for rank, one in enumerate(ranked, start=1)
        ]
        if progress:
            progress("asking", done, len(data.queries))
    if run:
        run.write_text("".join(lines), encoding="utf-8")
    times.sort()
    return Evaluation(
        queries=len(times),
        measures={name: value / len(times) for name, value in sums.items()},
        timing_ms={
            "p50": times[len(times) // 2],
            "p95": times[min(len(times) - 1, int(0.95 * len(times)))],
        },
    )


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, line.rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path} cannot be read ({error})") from error
