"""Speed and memory on the unpacked laws: `make bench`.

Needs `laws.tar.xz` of the project's shared data; pass another folder of articles to measure
that: `python -m tests.benchmarks FOLDER`.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.measuring import Run, percentile, run

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def main() -> int:
    with TemporaryDirectory(prefix="xunzhang-bench-") as temporary:
        scratch = Path(temporary)
        if len(sys.argv) > 1:
            articles = Path(sys.argv[1])
        elif (SHARED / "laws.tar.xz").is_file():
            with tarfile.open(SHARED / "laws.tar.xz") as archive:
                archive.extractall(scratch / "laws", filter="data")
            articles = scratch / "laws"
        else:
            print(f"nothing to measure with: {SHARED} is not here; name a folder of articles")
            return 1
        print(f"Python {platform.python_version()}, {len(os.sched_getaffinity(0))} cores")
        bench_building(articles, scratch / "index")
        bench_adding(articles, scratch / "added", scratch / "index")
        if scratch in articles.parents:
            bench_changing(articles, scratch / "added", scratch / "index")
        bench_answering(scratch / "index")
    return 0


def bench_building(articles: Path, index: Path) -> None:
    arguments = ["rebuild", str(articles), "--index", str(index), "--json"]
    first = run(arguments)
    report = json.loads(first.output)
    print(f"articles {report['articles']}, passages {report['passages']}")
    print(f"rebuild from nothing   {first.seconds:8.1f} s   peak {first.peak_mb:.0f} MB")
    second = run(arguments)
    print(f"rebuild, none changed  {second.seconds:8.1f} s   peak {second.peak_mb:.0f} MB")
    size = sum(path.stat().st_size for path in index.rglob("*") if path.is_file()) / 2**20
    print(f"index on disk          {size:8.0f} MB")


def bench_adding(articles: Path, added: Path, index: Path) -> None:
    """One article more in a folder named last, as `/add` puts it; then another."""
    added.mkdir()
    for number, name in enumerate(("first", "second")):
        text = f"第{number}號召回公告\n\n經營者決定召回{number}號電動滑板車，消費者可以憑發票退貨。"
        (added / f"{number}.txt").write_text(text, encoding="utf-8")
        made = rebuild_again([articles, added], index)
        print(f"rebuild, {name} added {made.seconds:10.1f} s   peak {made.peak_mb:.0f} MB")


def bench_changing(articles: Path, added: Path, index: Path) -> None:
    """One file of the archive changed: a third of the keyword index is written anew."""
    path = max(sorted(articles.rglob("*.md")), key=lambda path: path.stat().st_size)
    with path.open("a", encoding="utf-8") as file:
        file.write("\n\n這一行是測量時加上的。\n")
    made = rebuild_again([articles, added], index)
    print(f"rebuild, one changed   {made.seconds:8.1f} s   peak {made.peak_mb:.0f} MB")


def rebuild_again(roots: list[Path], index: Path) -> Run:
    """Rebuild, and see that exactly one article is new or changed."""
    made = run(["rebuild", *map(str, roots), "--index", str(index), "--json"])
    report = json.loads(made.output)
    if report["new"] + report["changed"] != 1:
        raise SystemExit(f"one article was new or changed, the report says otherwise: {report}")
    return made


def bench_answering(index: Path) -> None:
    questions = load_questions()
    ask = ["ask", "--json", "--stdin", "--index", str(index)]
    run(ask, questions=questions[0])  # compiles bytecode, fills the page cache
    starts = [run(ask, questions=question).seconds for question in questions[:7]]
    print(f"start to first answer  {statistics.median(starts):8.2f} s   (median of 7)")
    served = run(ask, questions="\n".join(questions))
    times = [json.loads(line)["timing_ms"]["total"] for line in served.output.splitlines()]
    print(
        f"answering, {len(times)} questions: p50 {percentile(times, 0.5):.1f} ms, "
        f"p95 {percentile(times, 0.95):.1f} ms, peak {served.peak_mb:.0f} MB"
    )


def load_questions() -> list[str]:
    """Return lay questions on law from the shared data, else a few of our own, repeated."""
    path = SHARED / "eval" / "stard_train" / "queries.jsonl"
    if path.is_file():
        with path.open(encoding="utf-8") as file:
            return [json.loads(line)["text"] for line in file]
    return ["网购的衣服不喜欢能退吗", "買到假貨可以要求賠多少", "预付卡商家跑路怎么办"] * 100


if __name__ == "__main__":
    sys.exit(main())
