"""Search quality, and whether it has dropped: `make eval`.

    python -m tests.benchmarks.quality [--big] [--modes] [--save] [--seed N] [DATASET...]

Measures DRCD dev and CMRC trial, our everyday questions over STARD's articles of law, and our
questions on the sample articles, with every suite that suits them (`xunzhang eval --suite`), and
compares each figure with `baseline.json`: exit 1 if one has dropped beyond chance, naming it.
`--save` makes this run the baseline of the sets it measured. `--modes` shows either leg alone as
well; `--big` adds STARD and the first two sets among 70,000 passages of laws and news. Named
data sets are measured instead of all these.

STARD's questions were trained on: figures of it say whether something broke, not how good the
encoder is. The cross-validated ones stand in the model card.
"""

from __future__ import annotations

import argparse
import json
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from corpus import Article, find_files, read_articles
from embeddings import load_encoder
from retrieval import Evaluation, evaluate
from retrieval.datasets import Dataset, write_articles
from retrieval.searching import Mode
from retrieval.suites import SUITES, Plan, Suite, evaluate_suites
from tests.benchmarks.ablation import everyday
from tests.benchmarks.baseline import (
    FILE,
    BaselineError,
    Reached,
    compare,
    reached,
    read_baseline,
    write_baseline,
)

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "data"
CASES = ROOT / "tests" / "cases"
SCRIPTS: tuple[Suite, ...] = ("cross-script", "mixed-script")
LEGS: tuple[Mode, ...] = ("lexical", "dense")


@dataclass(frozen=True, slots=True)
class Set:
    """A data set and what is asked of it."""

    folder: Path
    suites: tuple[Suite, ...]
    against: Path | None = None


def sets(scratch: Path, *, big: bool) -> Iterator[Set]:
    """Yield what is measured; what needs the project's shared data only where that is here."""
    yield samples(scratch)
    if not SHARED.is_dir():
        print(f"{SHARED} is not here: nothing but the samples is measured")
        return
    drcd, cmrc, stard = (
        SHARED / "eval" / name for name in ("drcd_dev", "cmrc_trial", "stard_train")
    )
    yield Set(cmrc, SUITES)
    yield Set(drcd, SUITES)
    yield Set(write_set(scratch / "everyday", everyday(stard)), SCRIPTS, against=drcd)
    if big:
        yield Set(stard, SCRIPTS, against=drcd)
        for folder in (drcd, cmrc):
            yield Set(pooled(folder, scratch), SCRIPTS)


def samples(scratch: Path) -> Set:
    """Return our questions on the sample articles, against those these do not answer."""
    corpus = scratch / "samples.jsonl"
    found = find_files([ROOT / "corpus" / "sample"])
    articles = [one for file in found.files for one in read_articles(file)]
    write_articles(
        (
            {"_id": Path(one.path).name, "title": one.title, "text": one.text}
            for one in articles
            if isinstance(one, Article)
        ),
        corpus,
    )
    cases = [
        json.loads(line)
        for line in (CASES / "sample_questions.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    kinds: dict[bool, Dataset] = {}
    for answered in (True, False):
        chosen = [one for one in cases if bool(one["article"]) is answered]
        keys = [f"q{number}" for number in range(len(chosen))]
        kinds[answered] = Dataset(
            corpus,
            {key: one["question"] for key, one in zip(keys, chosen, strict=True)},
            {key: {one["article"] or "": 1} for key, one in zip(keys, chosen, strict=True)},
        )
    against = write_set(scratch / "samples-none", kinds[False])
    return Set(write_set(scratch / "samples", kinds[True]), SUITES, against)


def pooled(folder: Path, scratch: Path) -> Path:
    """Return a data set with the laws and news of the shared data added to its corpus."""
    data, corpus = Dataset.read(folder), scratch / f"{folder.name}-pooled.jsonl"

    def articles() -> Iterator[dict[str, Any]]:
        yield from data.articles()
        for name in ("laws", "news"):
            if not (scratch / name).is_dir():
                with tarfile.open(SHARED / f"{name}.tar.xz") as archive:
                    archive.extractall(scratch / name, filter="data")
            for file in find_files([scratch / name]).files:
                for one in read_articles(file):
                    if isinstance(one, Article):
                        yield {"_id": f"{name}/{file.name}", "title": one.title, "text": one.text}

    write_articles(articles(), corpus)
    return write_set(scratch / f"{folder.name}-pooled", Dataset(corpus, data.queries, data.qrels))


def write_set(folder: Path, data: Dataset) -> Path:
    """Write a data set in BEIR layout; the corpus is linked."""
    folder.mkdir()
    (folder / "corpus.jsonl").symlink_to(data.corpus)
    write_articles(
        ({"_id": key, "text": text} for key, text in data.queries.items()),
        folder / "queries.jsonl",
    )
    lines = [
        f"{query}\t{document}\t{grade}\n"
        for query, judged in data.qrels.items()
        for document, grade in judged.items()
    ]
    (folder / "qrels.tsv").write_text("".join(lines), encoding="utf-8")
    return folder


def show(name: str, mode: str, found: Evaluation) -> None:
    """Print a line of the table, and one for each suite."""
    values = [f"{value:.3f}" for value in found.measures.values()]
    times = [f"{value:.1f}" for value in found.timing_ms.values()]
    print("|", " | ".join([name, mode, *values, *times]), "|", flush=True)
    for suite, outcome in found.suites.items():
        figures = ", ".join(f"{key} {value:.4g}" for key, value in outcome.figures.items())
        print(f"  {suite}: {figures}", flush=True)


def judged(name: str, before: Reached, after: Reached) -> bool:
    """Print what has changed; tell whether anything has dropped."""
    changes = compare(before, after)
    for change in changes:
        if change.before != change.after:
            print(
                f"  {name}: {change.measure} {change.before:.4f} -> {change.after:.4f} "
                f"[{change.low:+.4f}, {change.high:+.4f}]{' DROPPED' if change.dropped else ''}"
            )
    return any(change.dropped for change in changes)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("datasets", nargs="*", type=Path)
    parser.add_argument("--big", action="store_true")
    parser.add_argument("--modes", action="store_true")
    parser.add_argument("--save", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--baseline", type=Path, default=FILE)
    options = parser.parse_args()
    try:
        return run(options)
    except BaselineError as error:
        print(f"quality: {error}", file=sys.stderr)
        return 1


def run(options: argparse.Namespace) -> int:
    """Measure, compare, save."""
    known = read_baseline(options.baseline)
    encoder, dropped, fresh = load_encoder(), [], {}
    print("| set | mode | R@1 | R@5 | R@10 | R@100 | MRR@10 | nDCG@10 | p50 ms | p95 ms |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    with TemporaryDirectory(prefix="xunzhang-eval-") as temporary:
        scratch = Path(temporary)
        named = [Set(path, SUITES) for path in options.datasets]
        for one in named or sets(scratch, big=options.big):
            name, index = one.folder.name, scratch / "index" / one.folder.name
            plan = Plan(one.suites, one.against, options.seed)
            found = evaluate_suites(one.folder, encoder, plan, directory=index)
            show(name, "hybrid", found)
            for mode in LEGS if options.modes else ():
                show(name, mode, evaluate(one.folder, encoder, directory=index, mode=mode))
            fresh[name] = reached(Dataset.read(one.folder), found, options.seed)
            if options.save:
                continue
            if name not in known:
                print(f"  {name}: no baseline")
            elif judged(name, known[name], fresh[name]):
                dropped.append(name)
    if options.save:
        write_baseline(options.baseline, known | fresh)
        print(f"saved {', '.join(fresh)} in {options.baseline}")
    if dropped:
        print(f"quality: dropped beyond chance, see above: {', '.join(dropped)}", file=sys.stderr)
    return 1 if dropped else 0


if __name__ == "__main__":
    sys.exit(main())
