"""From questions with known answers to the memory that the bundled model carries."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from embeddings.bundled import BundledEncoder
from embeddings.memory import QuestionMemory
from embeddings.training_citations import Cited


def make_memory(
    encoder: BundledEncoder, passages: Sequence[str], asked: Sequence[Cited]
) -> QuestionMemory:
    """Remember `asked`, each question once, by the mean vector of the passages that answer it."""
    distinct = list({one.question: one for one in asked}.values())
    vectors = encoder.encode_passages(passages)
    rows: dict[tuple[int, ...], int] = {}
    leads_to = [rows.setdefault(one.answers, len(rows)) for one in distinct]
    answers = np.array([vectors[list(places)].mean(axis=0) for places in rows], dtype=np.float32)
    return QuestionMemory.of(
        encoder.encode_passages([one.question for one in distinct]),
        answers.reshape(len(rows), encoder.dim),
        np.array(leads_to, dtype=np.int32),
        vectors.mean(axis=0),
    )
