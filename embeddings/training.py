"""Train the bundled model: `python -m embeddings.training --data DIR --out DIR`.

Data -> vocabulary -> contrastive training -> int8 -> evaluation -> model card. Seeded: the same
data, versions and thread count give the same weights. Resumable: what is finished lies in --work
and is not done again. Needs the extra `models` (torch); the result needs numpy alone.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch

from embeddings.bundled import MODEL_DIR, BundledEncoder, save
from embeddings.tokens import Vocabulary
from embeddings.training_bm25 import Keywords
from embeddings.training_card import write_card
from embeddings.training_evaluation import (
    Evaluator,
    Measures,
    make_folds,
    mean_of,
    nearly_same,
)
from embeddings.training_model import Recipe, initial_weights, quantise, train
from embeddings.training_pairs import Judged, Sources
from embeddings.training_texts import (
    FOLD_FILE,
    Pair,
    Text,
    make_fold,
    read_benchmark,
    read_laws,
    read_news,
    read_pairs,
)
from embeddings.training_vocabulary import Counts, Limits, build_vocabulary

FOLDS = 5
_FOLD_SEED = 1
_MISLEADING_DEPTH = 50
JUDGED = "stard_train"
GENERAL = ("drcd_dev", "cmrc_trial")


@dataclass(frozen=True, slots=True)
class Material:
    """Everything read from disk, folded, with the vocabulary made from it."""

    laws: list[Text]
    news: list[Text]
    pairs: list[Pair]
    vocabulary: Vocabulary
    shares: Counts
    evaluators: dict[str, Evaluator]

    @property
    def questions(self) -> dict[str, str]:
        """The judged questions by id."""
        return self.evaluators[JUDGED].benchmark.queries

    def judged(self, queries: Sequence[str]) -> list[Judged]:
        """Give judged questions with the passages BM25 takes for answers and that are none."""
        evaluator = self.evaluators[JUDGED]
        passages = evaluator.benchmark.passages
        found = []
        for query in queries:
            right = evaluator.benchmark.relevant[query]
            wrong = set(evaluator.lexical[query][:_MISLEADING_DEPTH].tolist()) - set(right)
            found.append(
                Judged(
                    self.questions[query],
                    tuple(passages[place] for place in right),
                    tuple(passages[place] for place in sorted(wrong)),
                )
            )
        return found

    def facts(self) -> dict[str, int]:
        """Count what is trained on."""
        return {
            "articles of law": len(self.laws),
            "news paragraphs": len(self.news),
            "question-answer pairs": len(self.pairs),
            "judged questions": len(self.questions),
        }


def read_material(data: Path, fold_file: Path, limits: Limits) -> Material:
    """Read and fold the data, choose the vocabulary, score the benchmarks by keyword."""
    fold = make_fold(fold_file)
    laws, news, pairs = read_laws(data, fold), read_news(data, fold), read_pairs(data, fold)
    groups = [
        (1.0, [text.whole for text in laws]),
        (1.0, [text.whole for text in news]),
        (1.0, [part for pair in pairs for part in (pair.question, pair.answer)]),
    ]
    vocabulary, shares = build_vocabulary(groups, limits)
    evaluators = {}
    for name in (JUDGED, *GENERAL):
        benchmark = read_benchmark(data / "eval" / name, fold)
        evaluators[name] = Evaluator(benchmark, Keywords(benchmark.passages, vocabulary))
    return Material(laws, news, pairs, vocabulary, shares, evaluators)


class Laboratory:
    """Trains and measures, keeping what is finished in a folder."""

    def __init__(self, material: Material, recipe: Recipe, work: Path) -> None:
        self._material = material
        self._recipe = recipe
        facts = [asdict(recipe), material.facts(), len(material.vocabulary)]
        self._work = work / sha256(json.dumps(facts).encode()).hexdigest()[:12]
        self._work.mkdir(parents=True, exist_ok=True)

    def train(self, name: str, queries: Sequence[str], pairs: Sequence[Pair]) -> BundledEncoder:
        """Train on everything but the judged questions and pairs that are not named."""
        material, recipe = self._material, self._recipe
        sources = Sources(material.laws, material.news, pairs, material.judged(queries))
        print(f"{name}: {len(queries)} judged questions, {len(pairs)} pairs", flush=True)
        weights = train(
            material.vocabulary,
            initial_weights(material.shares, recipe),
            sources,
            recipe,
            checkpoint=self._work / f"{name}.npz",
            report=lambda line: print(f"{name}: {line}", flush=True),
        )
        return BundledEncoder(material.vocabulary, *quantise(weights))

    def cross_validate(self) -> dict[str, Any]:
        """Measure on each fifth of the judged questions a model trained without it."""
        folds = make_folds(list(self._material.questions), FOLDS, _FOLD_SEED)
        results = [self._finished(f"fold{n}", folds[n], folds[n]) for n in range(FOLDS)]
        sizes = [len(fold) for fold in folds]
        return {
            leg: asdict(mean_of([Measures(**result[leg]) for result in results], sizes))
            for leg in ("lexical", "dense", "hybrid")
        }

    def without_judged(self) -> dict[str, Any]:
        """Measure a model that has seen no judged question at all."""
        every = list(self._material.questions)
        return self._finished("zero", every, every)

    def _finished(self, name: str, out: Sequence[str], queries: Sequence[str]) -> dict[str, Any]:
        """Train without `out` and all that resembles it, and measure on `queries`."""
        path = self._work / f"{name}.json"
        if not path.exists():
            questions = self._material.questions
            rest = [query for query in questions if query not in set(out)]
            asked = [questions[query] for query in out]
            near = nearly_same([questions[query] for query in rest], asked)
            rest = [query for place, query in enumerate(rest) if place not in near]
            pairs = self._material.pairs
            near = nearly_same([pair.question for pair in pairs], asked)
            kept = [pair for place, pair in enumerate(pairs) if place not in near]
            result = self.measure(self.train(name, rest, kept), JUDGED, queries)
            path.write_text(json.dumps(result), encoding="utf-8")
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
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


def run(arguments: argparse.Namespace) -> None:
    """Do the whole recipe."""
    started = time.monotonic()
    recipe = Recipe(steps=arguments.steps, seed=arguments.seed, threads=arguments.threads)
    material = read_material(arguments.data, arguments.fold, Limits(tokens=arguments.tokens))
    print(f"read {material.facts()} in {time.monotonic() - started:.0f} s", flush=True)
    laboratory = Laboratory(material, recipe, arguments.work)
    measures: dict[str, Any] = {}
    if arguments.measure:
        measures["5-fold"] = laboratory.cross_validate()
        measures["zero-shot"] = laboratory.without_judged()
    encoder = laboratory.train("final", list(material.questions), material.pairs)
    for name in GENERAL:
        measures[name] = laboratory.measure(encoder, name)
    facts = {
        "recipe": asdict(recipe),
        "data": material.facts(),
        "measures": measures,
        "versions": {"torch": torch.__version__, "numpy": np.__version__},
        "minutes": round((time.monotonic() - started) / 60, 1),
    }
    saved = save(arguments.out, encoder.vocabulary, encoder.weights, encoder.scales, facts)
    write_card(arguments.out)
    print((arguments.out / "README.md").read_text(encoding="utf-8"))
    print(f"{saved.identity} written to {arguments.out}")


def main(argv: Sequence[str] | None = None) -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(prog="python -m embeddings.training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="laws/ news/ train/ eval/")
    parser.add_argument("--out", type=Path, default=MODEL_DIR, help="where the model goes")
    parser.add_argument("--work", type=Path, default=Path("var/training"), help="for resuming")
    parser.add_argument("--fold", type=Path, default=FOLD_FILE, help="classes of equal characters")
    parser.add_argument("--measure", action="store_true", help="5 folds and zero-shot first")
    parser.add_argument("--steps", type=int, default=Recipe().steps)
    parser.add_argument("--tokens", type=int, default=Limits().tokens)
    parser.add_argument("--seed", type=int, default=Recipe().seed)
    parser.add_argument("--threads", type=int, default=Recipe().threads)
    run(parser.parse_args(argv))


if __name__ == "__main__":
    main()
