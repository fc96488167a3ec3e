"""From questions with known answers to the memory that the bundled model carries."""

from __future__ import annotations

from collections.abc import Sequence

from embeddings.bundled import BundledEncoder
from embeddings.memory import QuestionMemory
from embeddings.training_citations import Cited


def make_memory(
    encoder: BundledEncoder, passages: Sequence[str], asked: Sequence[Cited]
) -> QuestionMemory:
    """Remember `asked`, each question once, with the vectors of the passages that answer it."""
    answers_of: dict[str, dict[int, None]] = {}
    for one in asked:
        answers_of.setdefault(one.question, {}).update(dict.fromkeys(one.answers))
    vectors = encoder.encode_passages(passages)
    places = list(dict.fromkeys(place for found in answers_of.values() for place in found))
    row_of = {place: row for row, place in enumerate(places)}
    return QuestionMemory.of(
        encoder.encode_passages(list(answers_of)),
        vectors[places],
        [[row_of[place] for place in found] for found in answers_of.values()],
        vectors.mean(axis=0),
    )
