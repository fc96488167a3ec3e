"""Train the bundled model: `python -m embeddings.training --data DIR --out DIR`.

Data -> vocabulary -> co-occurrence -> contrastive training -> four bits -> memory of questions ->
evaluation -> model card.
Seeded: the same data, versions and thread count give the same weights. Resumable: what is trained
lies in --work, in a folder named after recipe and data, and is not trained again; after a change of
the code of training, name another. Needs the extra `models`; the result needs numpy alone.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch

from embeddings.bundled import MODEL_DIR, BundledEncoder, Layout, save
from embeddings.encoder import FloatMatrix
from embeddings.nibbles import quantise
from embeddings.training_card import write_card
from embeddings.training_citations import WRITTEN, spread
from embeddings.training_evaluation import Measures, make_folds, mean_of, nearly_same
from embeddings.training_labels import LABELS
from embeddings.training_material import JUDGED, Material, read_material
from embeddings.training_memory import make_memory
from embeddings.training_model import Recipe, train
from embeddings.training_pairs import Sources
from embeddings.training_start import cooccurrence_rows, starting_weights
from embeddings.training_texts import FOLD, find_fold
from embeddings.training_vocabulary import Limits

Item = TypeVar("Item")

FOLDS = 5
_FOLD_SEED = 1
EVERYDAY_FILE = Path(__file__).parents[1] / "tests" / "cases" / "everyday_questions.jsonl"
"""Questions we wrote to test with, never to train on."""


class Laboratory:
    """Trains and measures, keeping what is finished in a folder."""

    def __init__(self, material: Material, recipe: Recipe, work: Path) -> None:
        self._material = material
        self._recipe = recipe
        facts = [asdict(recipe), material.digest(), len(material.vocabulary)]
        self._work = work / sha256(json.dumps(facts).encode()).hexdigest()[:12]
        self._work.mkdir(parents=True, exist_ok=True)
        self._start = starting_weights(
            self._directions(), material.shares, length=recipe.initial, frequent=recipe.frequent
        )

    def _directions(self) -> FloatMatrix:
        """Factor tokens by texts, or take that from an earlier run."""
        path = self._work / "directions.npy"
        if not path.exists():
            material, recipe = self._material, self._recipe
            torch.set_num_threads(recipe.threads)
            rows = cooccurrence_rows(
                material.vocabulary,
                material.meeting(),
                dim=recipe.dim,
                power=recipe.power,
                seed=recipe.seed,
            )
            np.save(path, rows)
        return np.asarray(np.load(path, allow_pickle=False), dtype=np.float32)

    def train(self, name: str, out: Sequence[str] = ()) -> BundledEncoder:
        """Train on everything but the judged questions `out` and all that resembles them."""
        material, recipe = self._material, self._recipe
        unseen = [material.questions[query] for query in out]

        def kept(items: Sequence[Item], question: Callable[[Item], str]) -> list[Item]:
            near = nearly_same([question(item) for item in items], unseen)
            return [item for place, item in enumerate(items) if place not in near]

        judged = material.judged([query for query in material.questions if query not in set(out)])
        if len(out) == len(material.questions):
            judged = []
        judged = kept(judged, lambda one: one.question)
        written = kept(material.written, lambda one: one.question)
        labelled = kept(material.labelled, lambda one: one.question)
        asked = [
            *recipe.judged_times * judged,
            *recipe.written_times * written,
            *recipe.labelled_times * labelled,
            *spread(kept(material.cited, lambda one: one.question), recipe.cited_most, recipe.seed),
        ]
        pairs = kept(material.pairs, lambda pair: pair.question)
        sources = Sources(material.laws, material.news, pairs, material.with_misleading(asked))
        print(f"{name}: {len(asked)} questions on law, {len(pairs)} pairs", flush=True)
        rows = quantise(self._averaged(name, sources))
        passages = material.evaluators[JUDGED].benchmark.passages
        bare = BundledEncoder(material.vocabulary, *rows)
        # Of the cited articles some do not answer: they train, but are not remembered.
        memory = make_memory(bare, passages, [*judged, *written, *labelled])
        return BundledEncoder(material.vocabulary, *rows, memory=memory)

    def _averaged(self, name: str, sources: Sources) -> FloatMatrix:
        """Train as often as the recipe says; the mean of the weights."""
        total = np.zeros_like(self._start)
        for run in range(self._recipe.runs):
            label = f"{name}-{run}"
            total += train(
                self._material.vocabulary,
                self._start,
                sources,
                replace(self._recipe, seed=self._recipe.seed + run),
                checkpoint=self._work / f"{label}.npz",
                report=partial(_tell, label),
            )
        return np.asarray(total / self._recipe.runs, dtype=np.float32)

    def cross_validate(self) -> dict[str, Any]:
        """Measure on each fifth of the judged questions a model trained without it."""
        folds = make_folds(list(self._material.questions), FOLDS, _FOLD_SEED)
        results = [self._finished(f"fold{n}", folds[n]) for n in range(FOLDS)]
        sizes = [len(fold) for fold in folds]
        return {
            leg: asdict(mean_of([Measures(**result[leg]) for result in results], sizes))
            for leg in ("lexical", "dense", "hybrid")
        }

    def without_judged(self) -> dict[str, Any]:
        """Measure a model that has seen no judged question at all."""
        return self._finished("zero", list(self._material.questions))

    def _finished(self, name: str, out: Sequence[str]) -> dict[str, Any]:
        """Measure on `out` a model trained without it, or found trained from an earlier run."""
        # Kept as well for whoever wants to measure it otherwise: tests.benchmarks.cross_validation.
        folder = self._work / name
        if Layout(folder).config.exists():
            encoder = BundledEncoder.load(folder)
        else:
            encoder = write(folder, self.train(name, out), {"without": len(out)})
        found = self.measure(encoder, JUDGED, out)
        print(f"{name}: {found}", flush=True)
        return found

    def measure(
        self, encoder: BundledEncoder, name: str, queries: Sequence[str] | None = None
    ) -> dict[str, Any]:
        """Measure keywords alone, the model alone, and both together."""
        evaluator = self._material.evaluators[name]
        queries = list(evaluator.benchmark.queries) if queries is None else queries
        dense, hybrid = evaluator.both(encoder, queries)
        lexical = {query: evaluator.lexical[query] for query in queries}
        legs = {"lexical": lexical, "dense": dense, "hybrid": hybrid}
        return {leg: asdict(evaluator.measure(ranking)) for leg, ranking in legs.items()}


def _tell(label: str, line: str) -> None:
    print(f"{label}: {line}", flush=True)


def write(folder: Path, encoder: BundledEncoder, facts: dict[str, Any]) -> BundledEncoder:
    """Save an encoder, with what there is to know of it."""
    parts = encoder.vocabulary, encoder.weights, encoder.scales
    return save(folder, *parts, facts, memory=encoder.memory)


def run(arguments: argparse.Namespace) -> None:
    """Do the whole recipe."""
    started = time.monotonic()
    recipe = Recipe(
        dim=arguments.dim, steps=arguments.steps, seed=arguments.seed, threads=arguments.threads
    )
    limits = Limits(tokens=arguments.tokens)
    material = read_material(
        arguments.data,
        find_fold(arguments.fold),
        limits,
        written=arguments.written,
        labels=arguments.labels,
        everyday=arguments.everyday if arguments.everyday.exists() else None,
    )
    print(f"read {material.facts()} in {time.monotonic() - started:.0f} s", flush=True)
    laboratory = Laboratory(material, recipe, arguments.work)
    encoder = laboratory.train("final")
    measures: dict[str, Any] = {
        name: laboratory.measure(encoder, name) for name in material.evaluators if name != JUDGED
    }
    facts = {
        "recipe": asdict(recipe),
        "data": material.facts(),
        "measures": measures,
        "versions": {"torch": torch.__version__, "numpy": np.__version__},
    }
    # The model is there before the folds, which take six times as long.
    saved = write(arguments.out, encoder, facts)
    write_card(arguments.out)
    print(f"{saved.identity} written to {arguments.out}", flush=True)
    if arguments.measure:
        measures["5-fold"] = laboratory.cross_validate()
        measures["zero-shot"] = laboratory.without_judged()
        write(arguments.out, encoder, facts)
        write_card(arguments.out)
    print((arguments.out / "README.md").read_text(encoding="utf-8"))


def main(argv: Sequence[str] | None = None) -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(prog="python -m embeddings.training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="laws/ news/ train/ eval/")
    parser.add_argument("--out", type=Path, default=MODEL_DIR, help="where the model goes")
    parser.add_argument("--work", type=Path, default=Path("var/training"), help="for resuming")
    parser.add_argument("--fold", default=FOLD, help="module:function that folds texts")
    parser.add_argument("--written", type=Path, default=WRITTEN, help="our training questions")
    parser.add_argument("--labels", type=Path, default=LABELS, help="our labels of questions")
    parser.add_argument("--everyday", type=Path, default=EVERYDAY_FILE, help="our test questions")
    parser.add_argument("--measure", action="store_true", help="5 folds and zero-shot as well")
    parser.add_argument("--steps", type=int, default=Recipe().steps)
    parser.add_argument("--dim", type=int, default=Recipe().dim)
    parser.add_argument("--tokens", type=int, default=Limits().tokens)
    parser.add_argument("--seed", type=int, default=Recipe().seed)
    parser.add_argument("--threads", type=int, default=Recipe().threads)
    run(parser.parse_args(argv))


if __name__ == "__main__":
    main()
