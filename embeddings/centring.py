"""What all texts have in common, taken out of their vectors."""

from __future__ import annotations

import numpy as np

from embeddings.encoder import FloatMatrix, FloatVector


def centred(vectors: FloatMatrix, common: FloatVector) -> FloatMatrix:
    """Subtract `common`, (dim,), from rows and scale them to length 1 again.

    A row of zeros (a text of which nothing is known) stays one.
    """
    moved = vectors - common
    lengths = np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)
    lengths[~vectors.any(axis=1)] = np.inf
    moved /= lengths
    return np.ascontiguousarray(moved, dtype=np.float32)


def centred_one(vector: FloatVector, common: FloatVector) -> FloatVector:
    """Do as `centred` with a single vector, (dim,), not of zeros, in a third of the time."""
    moved = vector - common
    moved /= max(float(np.sqrt(moved @ moved)), 1e-9)
    return moved
