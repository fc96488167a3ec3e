"""Articles of law that we named for lay questions of the training data.

The questions themselves are other people's and are not kept here: a line of `labels.jsonl` holds
the digest of one and the articles that answer it. Many answers that came with these questions cite
an article beside the point, or none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from embeddings.training_citations import ArticleIndex, Cited
from embeddings.training_texts import Fold

LABELS = Path(__file__).with_name("labels.jsonl")

_DIGITS = 16


def digest(question: str) -> str:
    """Return what stands for a question, as the data has it, in the file of labels."""
    return sha256(question.strip().encode()).hexdigest()[:_DIGITS]


def read_labels(
    path: Path, questions: Iterable[str], index: ArticleIndex, fold: Fold
) -> list[Cited]:
    """Find the labelled ones among `questions`, which are as the data has them.

    A question that no article answers is given with no answers. One that was taken out of the
    data is left out.

    Raises:
        ValueError: a line names an article that is not there.
    """
    answers: dict[str, tuple[int, ...]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        record = json.loads(line)
        places = []
        for law, article in record["articles"]:
            place = index.find(fold(law), fold(article))
            if place is None:
                raise ValueError(f"{path}:{number}: no {law} {article}")
            places.append(place)
        answers[record["question"]] = tuple(places)
    found: dict[str, tuple[int, ...]] = {}
    for question in questions:
        if (places_of := answers.get(digest(question))) is not None:
            found[fold(question).strip()] = places_of
    return [Cited(question, places_of) for question, places_of in found.items()]
