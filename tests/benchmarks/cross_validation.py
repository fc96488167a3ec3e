"""STARD's training questions through the whole search, each asked of an encoder that never saw it.

    python -m embeddings.training --data ../shared/data --out /tmp/model --work /tmp/work --measure
    python -m tests.benchmarks.cross_validation /tmp/work/*/

The first command trains the models of the five folds, the shipped one and one without any judged
question, each twice: fourteen trainings of nine to sixteen minutes where they were made. This one
indexes STARD's 62,152 articles of law with each fold's and asks the fold's questions.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

from embeddings.bundled import BundledEncoder
from embeddings.training_evaluation import make_folds
from retrieval import Searcher, build_index
from retrieval.datasets import Dataset
from retrieval.evaluation import DEPTH
from retrieval.measures import MEASURES, measure
from retrieval.searching import Mode

POOL = Path(__file__).resolve().parents[3] / "shared" / "data" / "eval" / "stard_train"
FOLDS, SEED = 5, 1


def main() -> int:
    if len(sys.argv) != 2 or not POOL.is_dir():
        print(__doc__)
        return 2
    work = Path(sys.argv[1])
    data = Dataset.read(POOL)
    modes: tuple[Mode, ...] = get_args(Mode)
    sums = {mode: dict.fromkeys(MEASURES, 0.0) for mode in modes}
    with TemporaryDirectory(prefix="xunzhang-folds-") as temporary:
        for number, fold in enumerate(make_folds(list(data.queries), FOLDS, SEED)):
            encoder = BundledEncoder.load(work / f"fold{number}")
            build_index([data.corpus], Path(temporary), encoder)
            with Searcher.open(Path(temporary), encoder) as searcher:
                for query in fold:
                    for mode, total in sums.items():
                        ranked = searcher.rank_articles(data.queries[query], limit=DEPTH, mode=mode)
                        found = measure([one.article_id for one in ranked], data.qrels[query])
                        for name in MEASURES:
                            total[name] += found[name] / len(data.queries)
    for mode, total in sums.items():
        print("|", " | ".join([mode, *(f"{value:.3f}" for value in total.values())]), "|")
    return 0


if __name__ == "__main__":
    sys.exit(main())
