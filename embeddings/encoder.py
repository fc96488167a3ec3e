"""The encoder protocol and the way from a model's name to an encoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

FloatMatrix: TypeAlias = npt.NDArray[np.float32]
"""(rows, dim), float32."""

FloatVector: TypeAlias = npt.NDArray[np.float32]
"""(dim,), float32."""

Progress: TypeAlias = Callable[[int], None]
"""Called with the number of texts finished since the last call."""

BUNDLED = "bundled"
"""The name of the model that ships with the package."""


class Encoder(Protocol):
    """Turns text into unit vectors whose dot product is their similarity.

    Texts arrive folded (see `corpus.fold`): NFKC, lower case, Simplified characters. A fake
    needs no inheritance, only these members.
    """

    @property
    def worth_caching(self) -> bool:
        """Whether looking a vector up is cheaper than encoding the text again."""

    @property
    def name(self) -> str:
        """What the user calls the model: `bundled`, a hub name or a folder."""

    @property
    def identity(self) -> str:
        """Changes whenever any vector could: model, revision, prompts, width, normalisation."""

    @property
    def dim(self) -> int:
        """Width of the vectors."""

    def encode_passages(
        self, texts: Sequence[str], *, progress: Progress | None = None
    ) -> FloatMatrix:
        """Encode texts to be found: (len(texts), dim), rows of length 1.

        A text without any known token gives a row of zeros, similar to nothing.
        """

    def encode_questions(self, texts: Sequence[str]) -> FloatMatrix:
        """Encode questions: (len(texts), dim), rows of length 1 (zeros if nothing is known)."""


def load_encoder(
    name: str = BUNDLED,
    *,
    batch_size: int = 32,
    threads: int | None = None,
    device: str | None = None,
) -> Encoder:
    """Load a model by name: `bundled`, or any sentence-transformers model or folder.

    The bundled model needs numpy alone; the three options concern the others.

    Raises:
        ModelNotFound: no model of that name, or its files are damaged.
        ExtraMissing: the model needs the extra `models`.
    """
    if name == BUNDLED:
        from embeddings.bundled import BundledEncoder

        return BundledEncoder.load()
    from embeddings.sentence import SentenceTransformerEncoder

    return SentenceTransformerEncoder(name, batch_size=batch_size, threads=threads, device=device)
