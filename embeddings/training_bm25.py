"""BM25 over our tokens, in numpy: finds hard negatives and gives the reference figure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from embeddings.tokens import Vocabulary

_K1 = 1.2
_B = 0.75


class Keywords:
    """An inverted index of passages, for training only."""

    def __init__(self, passages: Sequence[str], vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._count = len(passages)
        rows, texts, frequencies = [], [], []
        lengths = np.zeros(self._count)
        for number, passage in enumerate(passages):
            found = vocabulary.rows(passage)
            lengths[number] = found.size
            tokens, counts = np.unique(found, return_counts=True)
            rows.append(tokens)
            texts.append(np.full(tokens.size, number, dtype=np.int32))
            frequencies.append(counts)
        row, text = np.concatenate(rows), np.concatenate(texts)
        frequency = np.concatenate(frequencies).astype(np.float64)
        holders = np.bincount(row, minlength=len(vocabulary))
        rarity = np.log1p((self._count - holders + 0.5) / (holders + 0.5))
        damping = _K1 * (1 - _B + _B * lengths / max(1.0, float(lengths.mean())))
        score = rarity[row] * frequency * (_K1 + 1) / (frequency + damping[text])
        order = np.argsort(row, kind="stable")
        self._texts = text[order]
        self._scores = score[order].astype(np.float32)
        self._ends = np.cumsum(holders)
        self._rarity = np.where(holders > 0, rarity, 0.0)

    def scores(self, question: str) -> npt.NDArray[np.float32]:
        """Give the score of every passage, (passages,)."""
        total = np.zeros(self._count, dtype=np.float32)
        for row in self._vocabulary.rows(question).tolist():
            start, end = (int(self._ends[row - 1]) if row else 0), int(self._ends[row])
            # A passage stands at most once in a token's list, so plain addition is safe.
            total[self._texts[start:end]] += self._scores[start:end]
        return total

    def mass(self, question: str) -> float:
        """Give the weight of all the question's known tokens together."""
        return float(self._rarity[self._vocabulary.rows(question)].sum())
