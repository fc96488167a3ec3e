"""What can go wrong while a model is found, loaded or asked for vectors.

EmbeddingsError
 ├── ModelNotFound    no such model, or its files are damaged
 └── ExtraMissing     the model needs the extra `models`
"""

from __future__ import annotations


class EmbeddingsError(Exception):
    """Root of everything `embeddings` raises on bad input; the message is one line for people."""


class ModelNotFound(EmbeddingsError):
    """A model cannot be found or loaded under the given name."""


class ExtraMissing(EmbeddingsError):
    """The model needs sentence-transformers, which is not installed."""
