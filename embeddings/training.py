"""Train the bundled model: `python -m embeddings.training --data DIR --out DIR`.

Data -> vocabulary -> co-occurrence -> contrastive training -> int8 -> evaluation -> model card.
Seeded: the same data, versions and thread count give the same weights. Resumable: what is finished
lies in --work and is not done again. Needs the extra `models`; the result needs numpy alone.
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
from embeddings.encoder import FloatMatrix
from embeddings.tokens import Vocabulary
from embeddings.training_card import write_card
from embeddings.training_evaluation import (
    Evaluator,
    Measures,
    make_folds,
    mean_of,
    nearly_same,
)
from embeddings.training_model import Recipe, quantise, train
from embeddings.training_pairs import Judged, Sources
from embeddings.training_start import cooccurrence_rows, starting_weights
from embeddings.training_texts import (
    FOLD,
    Fold,
    Pair,
    Text,
    find_fold,
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


def read_material(data: Path, fold: Fold, limits: Limits) -> Material:
    """Read and fold the data, choose the vocabulary, score the benchmarks by keyword."""
    laws, news, pairs = read_laws(data, fold), read_news(data, fold), read_pairs(data, fold)
    groups = [
        (1.0, [text.whole for text in laws]),
        (1.0, [text.whole for text in news]),
        (1.0, [part for pair in pairs for part in (pair.question, pair.answer)]),
    ]
    vocabulary, shares = build_vocabulary(groups, limits)
    evaluators = {}
    for name in (JUDGED, *GENERAL):
        evaluators[name] = Evaluator(read_benchmark(data / "eval" / name, fold))
    return Material(laws, news, pairs, vocabulary, shares, evaluators)


class Laboratory:
    """Trains and measures, keeping what is finished in a folder."""

    def __init__(self, material: Material, recipe: Recipe, work: Path) -> None:
        self._material = material
        self._recipe = recipe
        facts = [asdict(recipe), material.facts(), len(material.vocabulary)]
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
            near = nearly_same(
                [pair.question for pair in material.pairs], list(material.questions.values())
            )
            # A question and its answer are one text, so that everyday and official words meet;
            # not where the question nearly is a judged one, whose folds must not know it.
            texts = [text.whole for text in (*material.laws, *material.news)]
            texts += [
                f"{pair.question}\n{pair.answer}"
                for place, pair in enumerate(material.pairs)
                if place not in near
            ]
            torch.set_num_threads(recipe.threads)
            rows = cooccurrence_rows(
                material.vocabulary, texts, dim=recipe.dim, power=recipe.power, seed=recipe.seed
            )
            np.save(path, rows)
        return np.asarray(np.load(path, allow_pickle=False), dtype=np.float32)

    def train(self, name: str, queries: Sequence[str], pairs: Sequence[Pair]) -> BundledEncoder:
        """Train on everything but the judged questions and pairs that are not named."""
        material, recipe = self._material, self._recipe
        sources = Sources(material.laws, material.news, pairs, material.judged(queries))
        print(f"{name}: {len(queries)} judged questions, {len(pairs)} pairs", flush=True)
        weights = train(
            material.vocabulary,
            self._start,
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
    recipe = Recipe(
        dim=arguments.dim, steps=arguments.steps, seed=arguments.seed, threads=arguments.threads
    )
    limits = Limits(tokens=arguments.tokens)
    material = read_material(arguments.data, find_fold(arguments.fold), limits)
    print(f"read {material.facts()} in {time.monotonic() - started:.0f} s", flush=True)
    laboratory = Laboratory(material, recipe, arguments.work)
    encoder = laboratory.train("final", list(material.questions), material.pairs)
    measures: dict[str, Any] = {name: laboratory.measure(encoder, name) for name in GENERAL}
    facts = {
        "recipe": asdict(recipe),
        "data": material.facts(),
        "measures": measures,
        "versions": {"torch": torch.__version__, "numpy": np.__version__},
    }
    # The model is there before the folds, which take six times as long.
    saved = save(arguments.out, encoder.vocabulary, encoder.weights, encoder.scales, facts)
    write_card(arguments.out)
    print(f"{saved.identity} written to {arguments.out}", flush=True)
    if arguments.measure:
        measures["5-fold"] = laboratory.cross_validate()
        measures["zero-shot"] = laboratory.without_judged()
        save(arguments.out, encoder.vocabulary, encoder.weights, encoder.scales, facts)
        write_card(arguments.out)
    print((arguments.out / "README.md").read_text(encoding="utf-8"))


def main(argv: Sequence[str] | None = None) -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(prog="python -m embeddings.training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="laws/ news/ train/ eval/")
    parser.add_argument("--out", type=Path, default=MODEL_DIR, help="where the model goes")
    parser.add_argument("--work", type=Path, default=Path("var/training"), help="for resuming")
    parser.add_argument("--fold", default=FOLD, help="module:function that folds texts")
    parser.add_argument("--measure", action="store_true", help="5 folds and zero-shot as well")
    parser.add_argument("--steps", type=int, default=Recipe().steps)
    parser.add_argument("--dim", type=int, default=Recipe().dim)
    parser.add_argument("--tokens", type=int, default=Limits().tokens)
    parser.add_argument("--seed", type=int, default=Recipe().seed)
    parser.add_argument("--threads", type=int, default=Recipe().threads)
    run(parser.parse_args(argv))


if __name__ == "__main__":
    main()
