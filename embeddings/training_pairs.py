"""Batches for contrastive training: questions, their passages, passages made to mislead."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from embeddings.training_texts import Pair, Text

_CLAUSE = re.compile(r"[,。;:!?\n]+")
_SENTENCE = re.compile(r"[^。!?\n]+[。!?]?\n?")
_LAW_PREFIX = re.compile(r"^中华人民共和国")
_QUESTION = 200
_ANSWER = 450


@dataclass(frozen=True, slots=True)
class Judged:
    """A question, passages that answer it, and passages that only look so."""

    question: str
    answers: tuple[str, ...]
    misleading: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """One row of a batch."""

    question: str
    passage: str
    misleading: tuple[str, ...] = ()
    also_right: frozenset[str] = frozenset()
    """Passages that must not count as wrong for this question."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything examples are made from."""

    laws: Sequence[Text]
    news: Sequence[Text]
    pairs: Sequence[Pair]
    judged: Sequence[Judged]


@dataclass(frozen=True, slots=True)
class Mixture:
    """Shares of a batch; what is left are clauses of laws."""

    pairs: float = 1 / 3
    news: float = 1 / 6
    judged: float = 0.5
    judged_from: float = 0.2
    """Part of the steps before which judged questions are not used."""
    misleading: int = 1
    """Misleading passages that each judged question brings along."""
    removed: float = 0.5
    """Share of clauses of law that are taken out of the article they ask for."""


def make_batch(
    sources: Sources, size: int, mixture: Mixture, part: float, dice: random.Random
) -> list[Example]:
    """Draw the examples of one step; `part` is how much of the training lies behind, 0 to 1."""
    judged = round(size * mixture.judged) if part >= mixture.judged_from and sources.judged else 0
    pairs = round((size - judged) * mixture.pairs) if sources.pairs else 0
    news = round((size - judged) * mixture.news) if sources.news else 0
    laws = (size - judged - pairs - news) if sources.laws else 0
    return [
        *(_of_judged(dice.choice(sources.judged), mixture, dice) for _ in range(judged)),
        *(_of_pair(dice.choice(sources.pairs)) for _ in range(pairs)),
        *(_of_news(dice.choice(sources.news), dice) for _ in range(news)),
        *(_of_law(dice.choice(sources.laws), mixture, dice) for _ in range(laws)),
    ]


def _of_judged(judged: Judged, mixture: Mixture, dice: random.Random) -> Example:
    wanted = min(mixture.misleading, len(judged.misleading))
    return Example(
        judged.question,
        dice.choice(judged.answers)[:_ANSWER],
        tuple(text[:_ANSWER] for text in dice.sample(judged.misleading, wanted)),
        frozenset(text[:_ANSWER] for text in judged.answers),
    )


def _of_pair(pair: Pair) -> Example:
    return Example(pair.question[:_QUESTION], pair.answer[:_ANSWER])


def _of_law(text: Text, mixture: Mixture, dice: random.Random) -> Example:
    clauses = [clause for clause in _CLAUSE.split(text.body) if len(clause) >= 4]
    start = dice.randrange(max(1, len(clauses)))
    chosen = clauses[start : start + dice.choice((1, 1, 2))]
    question, body = ",".join(chosen) or text.body[:60], text.body
    if len(clauses) > 2 and dice.random() < mixture.removed:
        for clause in chosen:
            body = body.replace(clause, "")
    return Example(question[:_QUESTION], _dressed(text, body, dice))


def _of_news(text: Text, dice: random.Random) -> Example:
    sentences = _SENTENCE.findall(text.body)
    if dice.random() < 0.5 or len(sentences) < 2:
        return Example(text.title, text.body[:_ANSWER])
    # A sentence of the paragraph asks for the rest of it, or for the whole of it.
    place = dice.randrange(len(sentences))
    question = sentences[place].strip()
    if dice.random() < 0.5:
        sentences[place] = ""
    return Example(question[:_QUESTION], _dressed(text, "".join(sentences), dice))


def _dressed(text: Text, body: str, dice: random.Random) -> str:
    """Put title and heading before a body as retrieval does, or leave some of it away."""
    choice = dice.random()
    if choice < 0.2:
        return body[:_ANSWER]
    title = _LAW_PREFIX.sub("", text.title) if choice < 0.6 else text.title
    heading = text.heading if choice > 0.8 else ""
    return Text(title, heading, body).whole[:_ANSWER]
