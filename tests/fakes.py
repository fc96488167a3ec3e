"""Stand-ins for the slow and the large: used instead of patches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from itertools import pairwise

import numpy as np
import numpy.typing as npt


class HashEncoder:
    """Character bigrams hashed to a few dimensions: deterministic, and similar text is similar."""

    worth_caching = False

    def __init__(self, dim: int = 64, name: str = "hash") -> None:
        self.dim = dim
        self.name = name
        self.identity = f"{name}:{dim}"
        self.encoded: list[str] = []
        """Every passage that was encoded, in order."""
        self.asked = 0
        """How many texts were encoded, questions and passages."""

    def encode_passages(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> npt.NDArray[np.float32]:
        self.encoded += texts
        if progress:
            progress(len(texts))
        return self.encode_questions(texts)

    def encode_questions(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        self.asked += len(texts)
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in enumerate(texts):
            for first, second in pairwise(text):
                digest = sha256((first + second).encode("utf-8", "surrogatepass")).digest()
                vectors[row, digest[0] % self.dim] += 1 if digest[1] % 2 else -1
            length = np.linalg.norm(vectors[row])
            vectors[row] /= length if length else 1
        return vectors
