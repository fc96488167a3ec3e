"""How fast the bundled encoder is: `python tests/benchmarks/bench_encoder.py`. One core.

The passages are the sample articles, cut and shuffled to 300 characters; prints one JSON object.
"""

from __future__ import annotations

import json
import os

# Before numpy is imported: a figure per core needs one thread.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from corpus import fold
from embeddings import BundledEncoder, VectorCache
from embeddings.bundled import MODEL_DIR, Layout

ROOT = Path(__file__).resolve().parents[2]
PASSAGES = 4000
LENGTH = 300


def make_passages() -> list[str]:
    """Cut the samples into sentences and deal them anew, so that no two passages are equal."""
    dice = random.Random(1)
    files = sorted((ROOT / "corpus" / "sample").glob("*.md"))
    sentences = "".join(fold(path.read_text(encoding="utf-8")) for path in files).split("。")
    return ["。".join(dice.sample(sentences, len(sentences)))[:LENGTH] for _ in range(PASSAGES)]


def best_of_three(statement: str) -> float:
    """Run Python statements in a fresh process that prints milliseconds; give the least."""
    runs = [
        subprocess.run([sys.executable, "-c", statement], cwd=ROOT, check=True, capture_output=True)
        for _ in range(3)
    ]
    return min(float(run.stdout) for run in runs)


def measure() -> dict[str, float]:
    """Take every figure of issue 5 that is about speed and size."""
    encoder = BundledEncoder.load()
    passages = make_passages()
    encoder.encode_passages(passages[:100])
    started = time.perf_counter()
    encoder.encode_passages(passages)
    encoding = time.perf_counter() - started
    questions = [passage[:20] for passage in passages]
    times = []
    for question in questions:
        started = time.perf_counter()
        encoder.encode_questions([question])
        times.append(time.perf_counter() - started)
    with tempfile.TemporaryDirectory() as folder:
        cache = VectorCache(Path(folder) / "vectors.sqlite")
        cache.encode(encoder, passages)
        started = time.perf_counter()
        cache.encode(encoder, passages)
        looking_up = time.perf_counter() - started
        cache.close()
    return {
        "weights_mb": sum(path.stat().st_size for path in Layout(MODEL_DIR).data) / 1e6,
        "load_ms": best_of_three(
            "import time, numpy; from embeddings.bundled import BundledEncoder;"
            "t = time.perf_counter(); BundledEncoder.load(); print(1e3 * (time.perf_counter() - t))"
        ),
        "import_and_load_ms": best_of_three(
            "import time; t = time.perf_counter(); import embeddings;"
            "embeddings.load_encoder(); print(1e3 * (time.perf_counter() - t))"
        ),
        "passages_per_second": len(passages) / encoding,
        "cached_passages_per_second": len(passages) / looking_up,
        "question_ms_p50": 1e3 * float(np.percentile(times, 50)),
        "question_ms_p95": 1e3 * float(np.percentile(times, 95)),
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
    }


if __name__ == "__main__":
    json.dump({name: round(value, 4) for name, value in measure().items()}, sys.stdout, indent=1)
    sys.stdout.write("\n")
