"""What each part of the ranking is worth: right article first and among the first ten, without it.

    python -m tests.benchmarks.ablation [DATASET...]

By default DRCD dev, CMRC trial and our own everyday questions over STARD's pool of law, of the
project's shared data. STARD's own questions were trained on and are left out.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

from embeddings import load_encoder
from retrieval import Searcher, build_index, reranking, searching
from retrieval.datasets import Dataset
from retrieval.measures import measure
from retrieval.searching import Mode
from retrieval.synonyms import Synonyms
from retrieval.tokens import terms

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "eval"
EVERYDAY = Path(__file__).resolve().parents[1] / "cases" / "everyday_questions.jsonl"


@contextmanager
def changed(name: str, value: object, module: ModuleType = reranking) -> Iterator[None]:
    """Set a number or a function of a module for a while."""
    before = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)


def everyday(pool: Path) -> Dataset:
    """Our everyday questions, judged over the passages of STARD."""
    numbered: dict[str, list[tuple[str, str]]] = {}
    with (pool / "corpus.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            numbered.setdefault(record["title"], []).append((record["text"], record["_id"]))
    queries, qrels = {}, {}
    for line in EVERYDAY.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        queries[record["id"]] = record["question"]
        qrels[record["id"]] = {
            key: 1
            for answer in record["answers"]
            for text, key in numbered[answer["law"]]
            if text.startswith(answer["article"])
            and not text.removeprefix(answer["article"]).startswith("之")
        }
    return Dataset(pool / "corpus.jsonl", queries, qrels)


def main() -> int:
    named = [Path(name) for name in sys.argv[1:]]
    sets = {path.name: Dataset.read(path) for path in named}
    if not named and SHARED.is_dir():
        sets = {name: Dataset.read(SHARED / name) for name in ("drcd_dev", "cmrc_trial")}
        sets["everyday"] = everyday(SHARED / "stard_train")
    if not sets:
        print(f"nothing to measure with: {SHARED} is not here; name a folder in BEIR layout")
        return 1
    encoder = load_encoder()
    with TemporaryDirectory(prefix="xunzhang-ablation-") as temporary:
        for name, data in sets.items():
            index = Path(temporary) / name
            build_index([data.corpus], index, encoder)
            with Searcher.open(index, encoder) as searcher:
                measure_all(name, data, searcher)
    return 0


def measure_all(name: str, data: Dataset, searcher: Searcher) -> None:
    def ask(mode: Mode = "hybrid") -> str:
        sums = {"R@1": 0.0, "R@10": 0.0}
        for key, text in data.queries.items():
            ranked = searcher.rank_articles(text, limit=10, mode=mode)
            found = measure([one.article_id for one in ranked], data.qrels[key])
            sums = {depth: total + found[depth] for depth, total in sums.items()}
        return " | ".join(f"{total / len(data.queries):.3f}" for total in sums.values())

    def without(
        constant: str, value: object = 0.0, module: ModuleType = reranking
    ) -> Callable[[], str]:
        def run() -> str:
            with changed(constant, value, module):
                return ask()

        return run

    def without_synonyms() -> str:
        held = searcher._legs._thesaurus
        held._synonyms, kept = Synonyms({}), held._synonyms
        try:
            return ask()
        finally:
            held._synonyms = kept

    variants: dict[str, Callable[[], str]] = {
        "all of it": ask,
        "keywords alone": lambda: ask("lexical"),
        "vectors alone": lambda: ask("dense"),
        "all terms alike": without(
            "shares", lambda folded: dict.fromkeys(terms(folded), 1.0), searching
        ),
        "without whole": without("_WHOLE"),
        "without focus": without("_FOCUS"),
        "without sentence": without("_SENTENCE"),
        "without titled": without("_TITLED"),
        "vectors trusted alike (0.5)": without("trust_in_vectors", lambda *_: 0.5),
        "words not squared": without("_POWER", 1),
        "words not less far behind": without("_BEHIND", 0),
        "without synonyms": without_synonyms,
    }
    for label, run in variants.items():
        print(f"| {name} | {label} | {run()} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
