"""A question and a passage read together: slower than vectors, and better at telling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from embeddings.sentence import load_cross_encoder


class Reranker(Protocol):
    """Says how well each of a few passages answers a question."""

    @property
    def name(self) -> str:
        """The name it was asked for."""
        ...

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return a score for each text, 0 to 1, larger is better; both folded."""
        ...


class CrossEncoderReranker:
    """A cross-encoder of sentence-transformers, by its name on the hub or its folder on disk."""

    def __init__(self, name: str, *, batch_size: int = 32, device: str | None = None) -> None:
        """Load the model; `device` None takes a GPU where there is one.

        Raises:
            ExtraMissing: sentence-transformers is not installed.
            ModelNotFound: no such model, or the hub cannot be reached.
        """
        self._model = load_cross_encoder(name, device)
        self._name = name
        self._batch_size = batch_size

    @property
    def name(self) -> str:
        """The name or folder it was asked for."""
        return self._name

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return the model's score for each text; a bare logit is brought to 0 to 1."""
        if not texts:
            return []
        found = self._model.predict(
            [(question, text) for text in texts],
            batch_size=self._batch_size,
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        values = np.asarray(found, dtype=np.float64).reshape(len(texts), -1)[:, -1]
        if type(self._model.activation_fn).__name__ == "Identity":
            values = 1 / (1 + np.exp(-np.clip(values, -30, 30)))
        return [float(value) for value in np.clip(values, 0.0, 1.0)]
