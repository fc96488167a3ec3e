"""Lay questions with the articles of law that answer them, beyond the judged ones.

Two sources: answers of lawyers and of exam keys that cite an article by law and number, and the
questions we wrote ourselves (`embeddings/pairs/*.jsonl`: question, law, article).
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from embeddings.training_texts import Benchmark, Fold, Pair

WRITTEN = Path(__file__).with_name("pairs")
"""Questions written for this project, in our own words."""

_CIVIL_CODE = "民法典"
_BOOKS = ("总则", "物权编", "合同编", "人格权编", "婚姻家庭编", "继承编", "侵权责任编")
"""The civil code is numbered through; the pool holds it book by book."""

_NUMBER = r"第[〇零一二三四五六七八九十百千]+条(?:之[一二三四五六七八九十]+)?"
_CITATION = re.compile(
    rf"《(?:中华人民共和国)?(?P<law>[^》]{{2,30}})》[^。;《》]{{0,12}}?(?P<first>{_NUMBER})"
    rf"(?:[^。;《》]{{0,8}}?[、和及](?P<second>{_NUMBER}))?"
)
_REMARK = re.compile(r"[（(].*?[）)]")
_LONGEST_QUESTION = 200
_MOST_ARTICLES = 3


@dataclass(frozen=True, slots=True)
class Cited:
    """A question and the positions, in the benchmark's passages, of what answers it."""

    question: str
    answers: tuple[int, ...]


class ArticleIndex:
    """Finds an article of law among a benchmark's passages by its law and number."""

    def __init__(self, benchmark: Benchmark) -> None:
        self._places: dict[str, dict[str, int]] = defaultdict(dict)
        for place, passage in enumerate(benchmark.passages):
            title, _, body = passage.partition("\n")
            if number := re.match(_NUMBER, body):
                self._places[title].setdefault(number[0], place)

    def find(self, law: str, number: str) -> int | None:
        """Return the position of an article, or None. Both arguments are folded."""
        law = _REMARK.sub("", law).strip()
        for title in _BOOKS if law == _CIVIL_CODE else (law,):
            place = self._places.get(title, {}).get(number)
            if place is not None:
                return place
        return None


def read_cited(pairs: Sequence[Pair], index: ArticleIndex) -> list[Cited]:
    """Take the questions whose answer cites an article that is there."""
    found = []
    for pair in pairs:
        places: list[int] = []
        for match in _CITATION.finditer(pair.answer):
            for number in filter(None, (match["first"], match["second"])):
                place = index.find(match["law"], number)
                if place is not None and place not in places:
                    places.append(place)
        if places and len(pair.question) <= _LONGEST_QUESTION:
            found.append(Cited(pair.question, tuple(places[:_MOST_ARTICLES])))
    return found


def read_written(folder: Path, index: ArticleIndex, fold: Fold) -> list[Cited]:
    """Read the questions we wrote; one that rests on several articles stands on several lines.

    Raises:
        ValueError: a line names an article that is not there.
    """
    found: dict[str, list[int]] = defaultdict(list)
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            record = json.loads(line)
            place = index.find(fold(record["law"]), fold(record["article"]))
            if place is None:
                raise ValueError(f"{path}:{number}: no {record['law']} {record['article']}")
            found[fold(record["question"])].append(place)
    return [Cited(question, tuple(places)) for question, places in found.items()]


def read_asked(
    path: Path, index: ArticleIndex, fold: Fold
) -> tuple[dict[str, str], dict[str, list[int]]]:
    """Read test questions: texts by id, and by id the places of what answers them.

    Raises:
        ValueError: a line names an article that is not there.
    """
    queries: dict[str, str] = {}
    relevant: dict[str, list[int]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        queries[record["id"]] = fold(record["question"])
        for answer in record["answers"]:
            place = index.find(fold(answer["law"]), fold(answer["article"]))
            if place is None:
                raise ValueError(f"{path}: no {answer['law']} {answer['article']}")
            relevant.setdefault(record["id"], []).append(place)
    return queries, relevant


def spread(cited: Iterable[Cited], most: int, seed: int) -> list[Cited]:
    """Keep at most about `most` questions an article, so that divorce does not drown the rest."""
    shuffled = list(cited)
    random.Random(seed).shuffle(shuffled)
    counts: Counter[int] = Counter()
    kept = []
    for one in shuffled:
        if min(counts[place] for place in one.answers) < most:
            kept.append(one)
            counts.update(one.answers)
    return kept
