"""Search quality on data sets in BEIR layout: `make eval`.

    python -m tests.benchmarks.quality [DATASET...]

By default the sets of the project's shared data. `stard_train` holds the questions the bundled
encoder was trained on, so its hybrid and dense figures here say nothing about new questions; the
cross-validated ones stand in the model card.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.measuring import run

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "eval"
SEEN = ("stard_train",)


def main() -> int:
    datasets = [Path(name) for name in sys.argv[1:]] or sorted(SHARED.glob("*/"))
    if not datasets:
        print(f"nothing to measure with: {SHARED} is not here; name a folder in BEIR layout")
        return 1
    print("| set | mode | R@1 | R@5 | R@10 | R@100 | MRR@10 | nDCG@10 | p50 ms | p95 ms |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    with TemporaryDirectory(prefix="xunzhang-eval-") as temporary:
        for dataset in datasets:
            for mode in ("lexical", "dense", "hybrid"):
                if dataset.name in SEEN and mode != "lexical":
                    continue
                index = Path(temporary) / dataset.name
                arguments = ["eval", str(dataset), "--index", str(index), "--mode", mode, "--json"]
                result = json.loads(run(arguments).output)
                values = [f"{value:.3f}" for value in result["measures"].values()]
                times = [f"{value:.1f}" for value in result["timing_ms"].values()]
                print("|", " | ".join([dataset.name, mode, *values, *times]), "|", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
