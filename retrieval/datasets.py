"""Data sets in BEIR layout: a corpus, questions, and which articles answer them.

The layout (Thakur et al., "BEIR", 2021): `corpus.jsonl` with _id, title, text; `queries.jsonl`
with _id, text; `qrels.tsv` (or `qrels/test.tsv`) with query-id, corpus-id, score.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.errors import DatasetError


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
        queries = {
            record["_id"]: record["text"] for record in _records(folder / "queries.jsonl", "text")
        }
        lost = qrels.keys() - queries.keys()
        if lost:
            raise DatasetError(f"{judged} judges {min(lost)}, which queries.jsonl does not hold")
        if not qrels:
            raise DatasetError(f"{judged} holds no judgement")
        return cls(corpus, {key: text for key, text in queries.items() if key in qrels}, qrels)

    def relevant(self, query: str) -> list[str]:
        """Return the ids of the articles that answer a question."""
        return [key for key, grade in self.qrels[query].items() if grade > 0]

    def articles(self) -> Iterator[dict[str, Any]]:
        """Yield the lines of the corpus, `_id` and `text` as strings.

        Raises:
            DatasetError: a line is not an object with both.
        """
        return _records(self.corpus, "text")


def write_articles(articles: Iterator[dict[str, Any]], path: Path) -> None:
    """Write a corpus of that layout."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(one, ensure_ascii=False) + "\n" for one in articles)


def _records(path: Path, *wanted: str) -> Iterator[dict[str, Any]]:
    for number, line in _lines(path):
        try:
            record = dict(json.loads(line))
            record |= {name: str(record[name]) for name in ("_id", *wanted)}
            # JSON may hold half of a character beyond the first 65,536 (\ud800), UTF-8 cannot.
            json.dumps(record, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise DatasetError(f"{path}:{number} holds half of a surrogate pair") from None
        except (ValueError, KeyError, TypeError):
            raise DatasetError(
                f"{path}:{number} is not an object with {' and '.join(('_id', *wanted))}"
            ) from None
        yield record


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, line.rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path} cannot be read ({error})") from error
