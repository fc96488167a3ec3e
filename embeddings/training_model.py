"""The trainable twin of the bundled encoder and its contrastive training."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch

from embeddings.tokens import Vocabulary
from embeddings.training_pairs import Example, Mixture, Sources, make_batch
from embeddings.training_vocabulary import Counts

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Recipe:
    """Every number of the training."""

    dim: int = 256
    steps: int = 900
    batch: int = 384
    rate: float = 3e-3
    temperature: float = 1 / 20
    frequent: float = 1e-4
    """Share of all tokens at which a row starts with 0.7 of the length of a rare one."""
    seed: int = 7
    threads: int = 2
    mixture: Mixture = field(default_factory=Mixture)


class StaticModel(torch.nn.Module):
    """Rows for tokens; a text is the sum of its rows, scaled to length 1."""

    def __init__(self, weights: npt.NDArray[np.float32]) -> None:
        super().__init__()
        self.bag = torch.nn.EmbeddingBag.from_pretrained(
            torch.from_numpy(weights), mode="sum", sparse=True, freeze=False
        )

    def forward(self, texts: Sequence[npt.NDArray[np.int64]]) -> torch.Tensor:
        """Encode texts given as rows: (len(texts), dim)."""
        offsets = np.cumsum([0, *map(len, texts[:-1])])
        rows = torch.from_numpy(np.concatenate(texts))
        return torch.nn.functional.normalize(self.bag(rows, torch.from_numpy(offsets)))


def initial_weights(shares: Counts, recipe: Recipe) -> npt.NDArray[np.float32]:
    """Draw rows at random, shorter for frequent tokens (as in SIF, Arora et al. 2017)."""
    noise = np.random.default_rng(recipe.seed).standard_normal((len(shares), recipe.dim))
    length = np.sqrt(recipe.frequent / (recipe.frequent + shares))
    rows: npt.NDArray[np.float32] = noise * length[:, None] / np.sqrt(recipe.dim)
    return rows.astype(np.float32)


def train(
    vocabulary: Vocabulary,
    weights: npt.NDArray[np.float32],
    sources: Sources,
    recipe: Recipe,
    report: Report = print,
) -> npt.NDArray[np.float32]:
    """Train rows by telling each question's passage from all others of its batch."""
    torch.set_num_threads(recipe.threads)
    torch.manual_seed(recipe.seed)
    dice = random.Random(recipe.seed)
    model = StaticModel(weights.copy())
    optimizer = torch.optim.SparseAdam(model.parameters(), lr=recipe.rate)
    started, losses = time.monotonic(), list[float]()
    for step in range(recipe.steps):
        part = step / recipe.steps
        for group in optimizer.param_groups:
            group["lr"] = recipe.rate * min(1.0, (step + 1) / 20) * (1 - part)
        batch = make_batch(sources, recipe.batch, recipe.mixture, part, dice)
        loss = _loss(model, batch, vocabulary, recipe.temperature)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()  # type: ignore[no-untyped-call]
        losses.append(loss.item())
        if (step + 1) % 50 == 0:
            spent = time.monotonic() - started
            report(f"step {step + 1}: loss {np.mean(losses[-50:]):.3f}, {spent:.0f} s")
    return np.asarray(model.bag.weight.detach().numpy(), dtype=np.float32)


def _loss(
    model: StaticModel, batch: Sequence[Example], vocabulary: Vocabulary, temperature: float
) -> torch.Tensor:
    questions = [example.question for example in batch]
    passages = [example.passage for example in batch]
    passages += [text for example in batch for text in example.misleading]
    encoded = model([vocabulary.rows(text) for text in (*questions, *passages)])
    scores = encoded[: len(batch)] @ encoded[len(batch) :].T / temperature
    targets = torch.arange(len(batch))
    scores = scores.masked_fill(_also_right(batch, passages), float("-inf"))
    return torch.nn.functional.cross_entropy(scores, targets)


def _also_right(batch: Sequence[Example], passages: Sequence[str]) -> torch.Tensor:
    """Mark passages that are right for a question besides the one it is drawn with."""
    places: dict[str, list[int]] = {}
    for number, text in enumerate(passages):
        places.setdefault(text, []).append(number)
    mask = torch.zeros(len(batch), len(passages), dtype=torch.bool)
    for number, example in enumerate(batch):
        for text in {example.passage, *example.also_right}:
            for place in places.get(text, ()):
                mask[number, place] = place != number
    return mask


def quantise(
    weights: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Round each row to int8 with a scale of its own; the scale is kept in half precision."""
    largest = np.abs(weights).max(axis=1)
    scales = (np.maximum(largest, 1e-4) / 127).astype(np.float16).astype(np.float32)
    rounded = np.clip(np.rint(weights / scales[:, None]), -127, 127)
    return rounded.astype(np.int8), scales
