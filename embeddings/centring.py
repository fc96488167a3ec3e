"""What all texts have in common, taken out of their vectors."""

from __future__ import annotations

import numpy as np

from embeddings.encoder import FloatMatrix, FloatVector


def centred(vectors: FloatMatrix, common: FloatVector) -> FloatMatrix:
    """Subtract `common`, (dim,), from rows and scale them to length 1 again.

    A row of zeros (a text of which nothing is known) stays one.
    """
    known = vectors.any(axis=1, keepdims=True)
    moved = np.where(known, vectors - common, 0.0)
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    return np.ascontiguousarray(moved / np.maximum(lengths, 1e-9), dtype=np.float32)
