"""Harder questions made from any data set: the other script, a damaged corpus, nothing to find.

- `cross-script`: each question in the other script, by one of OpenCC's tables for it; how many
  rankings and verdicts stay the very same.
- `mixed-script`: every other character that can be converted is.
- `damaged`: the texts of the corpus damaged as a family of news sites does (`corpus.damage`), each
  with a page table of its own, then indexed as usual.
- `refusal`: half of the corpus is taken away, by articles (documents of one title). Questions it
  still answers against those it no longer does; `against`: the questions of the data set against
  those of another one, both asked of the whole corpus.

What is drawn at random depends on the seed and on ids alone, so a suite is the same each time.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from corpus import detect_script
from corpus.damage import annotatable, damage, draw_page, to_traditional
from corpus.folding import fold_characters
from embeddings import Encoder
from retrieval.answering import Searcher
from retrieval.datasets import Dataset, write_articles
from retrieval.errors import FilterError
from retrieval.evaluation import Evaluation, Outcome, ask_all, searcher_of
from retrieval.judging import ANSWERED
from retrieval.measures import area_under_curve, measure, refused_at
from retrieval.progress import Progress
from retrieval.searching import Mode

if TYPE_CHECKING:
    import opencc

Suite: TypeAlias = Literal["cross-script", "mixed-script", "damaged", "refusal"]
SUITES: tuple[Suite, ...] = get_args(Suite)

MOST_JUDGED = 1000
"""Questions of a kind that are put to the verdict; of more, so many are drawn."""

# Text of the mainland as three places write it, and back.
_TABLES = {"hans": ("s2t", "s2tw", "s2hk"), "hant": ("t2s", "tw2s", "hk2s")}


@dataclass(frozen=True, slots=True)
class Plan:
    """Which suites to run."""

    suites: Sequence[Suite]
    against: Path | None = None
    """A data set whose questions this one's corpus does not answer."""
    seed: int = 1


def evaluate_suites(
    dataset: Path,
    encoder: Encoder,
    plan: Plan,
    *,
    directory: Path | None = None,
    mode: Mode = "hybrid",
    run: Path | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Evaluate as `retrieval.evaluate` does, then run the suites of a plan.

    Indexes of a changed corpus are temporary. The verdict is always that of both legs.

    Raises:
        DatasetError: a folder is not in BEIR layout, or an article cannot be read.
    """
    data = Dataset.read(dataset)
    other = Dataset.read(plan.against) if plan.against else None
    with searcher_of(data.corpus, encoder, directory=directory, progress=progress) as searcher:
        found = ask_all(data, searcher, mode=mode, run=run, progress=progress)
        work = _Work(data, found, searcher, encoder, mode, plan.seed, progress)
        outcomes: dict[str, Outcome] = {
            name: _RUNNERS[name](work) for name in SUITES if name in plan.suites
        }
        if other:
            outcomes["against"] = work.refuse(
                searcher, list(data.queries.values()), list(other.queries.values())
            )
    return replace(found, suites=outcomes)


def in_other_script(question: str, chance: random.Random) -> str:
    """Return a question as somebody writes it who uses the other script."""
    return str(_converter(question, chance).convert(question))


def in_mixed_script(question: str, chance: random.Random) -> str:
    """Return a question with every other character converted, of those that can be."""
    converter = _converter(question, chance)
    turn = chance.random() < 0.5
    characters = []
    for character in question:
        other = converter.convert(character)
        turn ^= other != character
        characters.append(other if turn else character)
    return "".join(characters)


def damaged(data: Dataset, seed: int) -> Iterator[dict[str, Any]]:
    """Yield the articles of a corpus, their texts damaged and their titles as they are."""
    characters = annotatable(one["text"] for one in data.articles())
    for one in data.articles():
        page = draw_page(characters, f"{seed}:{one['_id']}")
        yield {**one, "text": damage(to_traditional(one["text"]), page)}


def half(data: Dataset, seed: int) -> set[str]:
    """Return the ids of half of the articles; documents that share a title are one article."""
    articles: dict[str, list[str]] = {}
    for one in data.articles():
        articles.setdefault(str(one.get("title") or f"\0{one['_id']}"), []).append(one["_id"])
    kept = random.Random(seed).sample(sorted(articles), (len(articles) + 1) // 2)
    return {key for name in kept for key in articles[name]}


class _Work:
    """One data set, indexed and asked, and what the suites share."""

    def __init__(
        self,
        data: Dataset,
        found: Evaluation,
        searcher: Searcher,
        encoder: Encoder,
        mode: Mode,
        seed: int,
        progress: Progress | None,
    ) -> None:
        self._data = data
        self._found = found
        self._searcher = searcher
        self._encoder = encoder
        self._mode = mode
        self._seed = seed
        self._progress = progress

    def ask_otherwise(self, convert: Callable[[str, random.Random], str]) -> Outcome:
        """Ask every question in other characters."""
        queries = {
            key: convert(text, random.Random(f"{self._seed}:{key}"))
            for key, text in self._data.queries.items()
        }
        other = replace(self._data, queries=queries)
        asked = ask_all(other, self._searcher, mode=self._mode, progress=self._progress)
        same = tuple(
            float(asked.rankings[key] == ranking) for key, ranking in self._found.rankings.items()
        )
        judged = self._draw(list(queries))
        verdicts = [
            self._confidence(self._searcher, queries[key])
            == self._confidence(self._searcher, self._data.queries[key])
            for key in judged
        ]
        figures = {"same": _mean(same), "same verdict": _mean(verdicts), **asked.measures}
        return Outcome(figures, {"same": same})

    def ask_of_damaged(self) -> Outcome:
        """Ask every question of the damaged corpus."""
        with TemporaryDirectory(prefix="xunzhang-eval-") as temporary:
            corpus = Path(temporary) / "corpus.jsonl"
            write_articles(damaged(self._data, self._seed), corpus)
            with searcher_of(corpus, self._encoder, progress=self._progress) as searcher:
                data = replace(self._data, corpus=corpus)
                asked = ask_all(data, searcher, mode=self._mode, progress=self._progress)
        return Outcome(asked.measures, by_question(self._data, asked.rankings))

    def ask_of_half(self) -> Outcome:
        """Ask every question of half of the corpus."""
        kept = half(self._data, self._seed)
        present, absent = list[str](), list[str]()
        for key, text in self._data.queries.items():
            answered = any(one in kept for one in self._data.relevant(key))
            (present if answered else absent).append(text)
        with TemporaryDirectory(prefix="xunzhang-eval-") as temporary:
            corpus = Path(temporary) / "corpus.jsonl"
            write_articles((one for one in self._data.articles() if one["_id"] in kept), corpus)
            with searcher_of(corpus, self._encoder, progress=self._progress) as searcher:
                return self.refuse(searcher, present, absent)

    def refuse(
        self, searcher: Searcher, answerable: Sequence[str], unanswerable: Sequence[str]
    ) -> Outcome:
        """Put questions of both kinds to the verdict."""
        present, absent = (
            tuple(self._confidence(searcher, text) for text in self._draw(kind))
            for kind in (answerable, unanswerable)
        )
        figures = {"answerable": float(len(present)), "unanswerable": float(len(absent))}
        if present and absent:
            figures |= {
                "AUC": area_under_curve(present, absent),
                "refused at 5 %": refused_at(present, absent),
                "answered": _mean([one >= ANSWERED for one in present]),
                "refused": _mean([one < ANSWERED for one in absent]),
            }
        return Outcome(figures, {"answerable": present, "unanswerable": absent})

    def _draw(self, kind: Sequence[str]) -> list[str]:
        return random.Random(self._seed).sample(kind, min(MOST_JUDGED, len(kind)))

    def _confidence(self, searcher: Searcher, question: str) -> float:
        try:
            return searcher.answer(question, limit=1).confidence
        except FilterError:
            # Nobody is there to be asked what since:abc was to mean: they are words like others.
            words = fold_characters(question).replace(":", " ")
            return searcher.answer(words, limit=1).confidence


_RUNNERS: Mapping[Suite, Callable[[_Work], Outcome]] = {
    "cross-script": lambda work: work.ask_otherwise(in_other_script),
    "mixed-script": lambda work: work.ask_otherwise(in_mixed_script),
    "damaged": _Work.ask_of_damaged,
    "refusal": _Work.ask_of_half,
}


def by_question(
    data: Dataset, rankings: Mapping[str, Sequence[str]]
) -> dict[str, tuple[float, ...]]:
    """Return the measures of each question, for paired comparison."""
    measured = [measure(rankings[key], data.qrels[key]) for key in data.queries]
    return {name: tuple(one[name] for one in measured) for name in measured[0]}


def _converter(question: str, chance: random.Random) -> opencc.OpenCC:
    return _opencc(chance.choice(_TABLES[detect_script(question) or "hans"]))


@cache
def _opencc(table: str) -> opencc.OpenCC:
    import opencc

    return opencc.OpenCC(table)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
