"""Where rows start: from which tokens stand in the same texts (latent semantic analysis).

Tokens by texts is factored by a randomised singular value decomposition (Halko, Martinsson and
Tropp 2011, algorithm 4.4), so that words used in the same places begin as neighbours and the
contrastive training only has to bend them.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch

from embeddings.tokens import Vocabulary
from embeddings.training_vocabulary import Counts

_EXTRA = 20
_ROUNDS = 3


def cooccurrence_rows(
    vocabulary: Vocabulary, texts: Sequence[str], *, dim: int, power: float, seed: int
) -> npt.NDArray[np.float32]:
    """Give each token a direction, (tokens, dim), rows of length 1 (zeros where it is in no text).

    `power` is the part of the singular values kept: at 1 the few broadest topics decide, at 0
    all directions count alike.
    """
    matrix = _token_by_text(vocabulary, texts)
    flipped = matrix.t().to_sparse_csr()
    noise = np.random.default_rng(seed).standard_normal((len(texts), dim + _EXTRA))
    basis = torch.linalg.qr(matrix @ torch.from_numpy(noise.astype(np.float32)))[0]
    for _ in range(_ROUNDS):
        basis = torch.linalg.qr(matrix @ (flipped @ basis))[0]
    # The small matrix basis.T @ matrix has the same singular values as the whole.
    small = (flipped @ basis).T
    values, left = torch.linalg.eigh(small @ small.T)
    values, left = values.flip(0)[:dim].clamp(min=0).sqrt(), left.flip(1)[:, :dim]
    rows = (basis @ left) * values**power
    return np.asarray(torch.nn.functional.normalize(rows).numpy(), dtype=np.float32)


def _token_by_text(vocabulary: Vocabulary, texts: Sequence[str]) -> torch.Tensor:
    """Weigh tokens by rarity and damped counts, each text scaled to length 1; sparse CSR."""
    tokens, numbers, counts = [], [], []
    for number, text in enumerate(texts):
        found, often = np.unique(vocabulary.rows(text), return_counts=True)
        tokens.append(found.astype(np.int32))
        numbers.append(np.full(found.size, number, dtype=np.int32))
        counts.append(often.astype(np.float32))
    token, text_number = np.concatenate(tokens), np.concatenate(numbers)
    holders = np.bincount(token, minlength=len(vocabulary))
    rarity = np.log(len(texts) / np.maximum(holders, 1)).astype(np.float32)
    weight = (1 + np.log(np.concatenate(counts))) * rarity[token]
    squares = np.bincount(text_number, weights=weight**2, minlength=len(texts))
    weight /= np.sqrt(np.maximum(squares, 1e-9)).astype(np.float32)[text_number]
    order = np.argsort(token, kind="stable")
    starts = np.concatenate([[0], np.cumsum(holders)])
    with warnings.catch_warnings():
        # Torch calls its compressed rows beta; products with dense matrices are all we ask of it.
        warnings.simplefilter("ignore", UserWarning)
        return torch.sparse_csr_tensor(
            torch.from_numpy(starts),
            torch.from_numpy(text_number[order].astype(np.int64)),
            torch.from_numpy(weight[order].astype(np.float32)),
            size=(len(vocabulary), len(texts)),
            check_invariants=True,
        )


def starting_weights(
    directions: npt.NDArray[np.float32], shares: Counts, *, length: float, frequent: float
) -> npt.NDArray[np.float32]:
    """Give directions their lengths: shorter for frequent tokens (as in SIF, Arora et al. 2017)."""
    lengths = length * np.sqrt(frequent / (frequent + shares))
    return (directions * lengths[:, None]).astype(np.float32)
