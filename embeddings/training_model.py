"""The trainable twin of the bundled encoder and its contrastive training."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from embeddings.tokens import Vocabulary
from embeddings.training_pairs import Example, Mixture, Sources, make_batch

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Recipe:
    """Every number of the training."""

    dim: int = 256
    steps: int = 1200
    batch: int = 384
    rate: float = 3e-3
    temperature: float = 1 / 20
    initial: float = 0.5
    """Length that the row of a rare token starts with."""
    frequent: float = 1e-4
    """Share of all tokens at which a row starts with 0.7 of that length."""
    power: float = 0.5
    """Part of the singular values in the directions that rows start with."""
    dropout: float = 0.2
    """Share of each text's tokens that a step leaves out."""
    judged_times: int = 8
    written_times: int = 2
    labelled_times: int = 2
    """How often a judged question, one we wrote, and one of the data's for which we named the
    articles stands among the questions on law."""
    cited_most: int = 15
    """How many questions that cite an article are kept for each article, about."""
    seed: int = 7
    runs: int = 2
    """Trainings from one start, each with dice of its own (seed, seed + 1 ...); their mean, row by
    row, is the model: a model soup (Wortsman et al. 2022)."""
    threads: int = 1
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


def train(
    vocabulary: Vocabulary,
    weights: npt.NDArray[np.float32],
    sources: Sources,
    recipe: Recipe,
    *,
    checkpoint: Path | None = None,
    save_every: int = 100,
    report: Report = print,
) -> npt.NDArray[np.float32]:
    """Train rows by telling each question's passage from all others of its batch.

    Every `save_every` steps, and at the end, the loss is reported. With a `checkpoint`, a training
    that was cut short goes on where that file was last written, to the same result as without the
    cut.
    """
    torch.set_num_threads(recipe.threads)
    model = StaticModel(weights.copy())
    optimizer = torch.optim.SparseAdam(model.parameters(), lr=recipe.rate)
    begin = _resume(checkpoint, model, optimizer) if checkpoint else 0
    started, losses = time.monotonic(), list[float]()
    for step in range(begin, recipe.steps):
        part = step / recipe.steps
        # Each step rolls dice of its own, so that a resumed training draws the same batches.
        dice = random.Random(f"{recipe.seed}:{step}")
        for group in optimizer.param_groups:
            group["lr"] = recipe.rate * min(1.0, (step + 1) / 20) * (1 - part)
        batch = make_batch(sources, recipe.batch, recipe.mixture, part, dice)
        loss = _loss(model, batch, vocabulary, recipe, np.random.default_rng(dice.getrandbits(64)))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()  # type: ignore[no-untyped-call]
        losses.append(loss.item())
        if (step + 1) % save_every == 0 or step + 1 == recipe.steps:
            if checkpoint:
                _save(checkpoint, model, optimizer, step + 1)
            spent = time.monotonic() - started
            report(f"step {step + 1}: loss {np.mean(losses[-save_every:]):.3f}, {spent:.0f} s")
    return np.asarray(model.bag.weight.detach().numpy(), dtype=np.float32)


def _save(path: Path, model: StaticModel, optimizer: torch.optim.Optimizer, step: int) -> None:
    state = optimizer.state[model.bag.weight]
    beside = path.with_name(path.name + ".tmp")
    with beside.open("wb") as out:
        np.savez(
            out,
            step=np.array(step),
            weights=model.bag.weight.detach().numpy(),
            first=state["exp_avg"].numpy(),
            second=state["exp_avg_sq"].numpy(),
        )
    beside.replace(path)


def _resume(path: Path, model: StaticModel, optimizer: torch.optim.Optimizer) -> int:
    """Take up the state of a checkpoint, if there is one; returns the steps already made."""
    if not path.exists():
        return 0
    with np.load(path, allow_pickle=False) as saved:
        step = int(saved["step"])
        with torch.no_grad():
            model.bag.weight.copy_(torch.from_numpy(saved["weights"]))
        optimizer.state[model.bag.weight] = {
            "step": step,
            "exp_avg": torch.from_numpy(saved["first"]),
            "exp_avg_sq": torch.from_numpy(saved["second"]),
        }
    return step


def _loss(
    model: StaticModel,
    batch: Sequence[Example],
    vocabulary: Vocabulary,
    recipe: Recipe,
    noise: np.random.Generator,
) -> torch.Tensor:
    questions = [example.question for example in batch]
    passages = [example.passage for example in batch]
    passages += [text for example in batch for text in example.misleading]
    texts = [vocabulary.rows(text) for text in (*questions, *passages)]
    if recipe.dropout:
        texts = [rows[noise.random(len(rows)) >= recipe.dropout] for rows in texts]
    encoded = model(texts)
    scores = encoded[: len(batch)] @ encoded[len(batch) :].T / recipe.temperature
    targets = torch.arange(len(batch))
    scores = scores.masked_fill(_also_right(batch, passages), float("-inf"))
    return torch.nn.functional.cross_entropy(scores, targets)


def _also_right(batch: Sequence[Example], passages: Sequence[str]) -> torch.Tensor:
    """Mark passages that are right for a question besides the one it is drawn with."""
    places: dict[str, list[int]] = {}
    for number, text in enumerate(passages):
        places.setdefault(text, []).append(number)
    mask = np.zeros((len(batch), len(passages)), dtype=np.bool_)
    for number, example in enumerate(batch):
        for text in {example.passage, *example.also_right}:
            for place in places.get(text, ()):
                mask[number, place] = place != number
    return torch.from_numpy(mask)
