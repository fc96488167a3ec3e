"""How many of the follow-ups in tests/cases are understood: python -m tests.benchmarks.follow_ups.

Right is an answer whose first passage is of the article named and holds the string named. Those on
the project's shared articles are asked where that folder is here. Of the changes of topic is
counted what is answered as if nothing had been asked before.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from embeddings import BUNDLED, load_encoder
from retrieval import Answer, Exchange, Searcher, build_index

TESTS = Path(__file__).resolve().parents[1]
SAMPLE = TESTS.parent / "corpus" / "sample"
SHARED = TESTS.parents[1] / "shared" / "articles"


def cases(name: str = "follow_ups") -> list[dict[str, Any]]:
    """Return the cases of a file: `turns` asked one after the other, the last one judged."""
    lines = (TESTS / "cases" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def on_samples(case: dict[str, Any]) -> bool:
    """Tell whether a case is about an article that comes with the program."""
    return (SAMPLE / str(case["article"])).exists()


def talk(searcher: Searcher, turns: list[str]) -> Answer:
    """Return the answer to the last of several questions asked one after the other."""
    previous: Exchange | None = None
    for turn in turns:
        answer = searcher.answer(turn, previous=previous)
        previous = answer.exchange
    return answer


def is_right(answer: Answer, case: dict[str, Any]) -> bool:
    """Tell whether the first passage answers a case."""
    first = answer.passages[0]
    there = Path(first.article.path or "").name == str(case["article"])
    return answer.status == "answered" and there and str(case["contains"]) in first.text


def is_unharmed(searcher: Searcher, turns: list[str]) -> bool:
    """Tell whether the last question is answered as if it were the first."""
    after, fresh = talk(searcher, turns), searcher.answer(turns[-1])
    return (after.passages, after.confidence) == (fresh.passages, fresh.confidence)


def main() -> None:
    """Print how many are right in each set, in conversation and asked alone."""
    encoder = load_encoder(BUNDLED)
    switches = cases("topic_switches")
    unharmed = 0
    asked: Counter[int] = Counter()
    right: Counter[int] = Counter()
    alone: Counter[int] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for ours in (True, False):
            if not ours and not SHARED.is_dir():
                continue
            index = Path(folder) / ("sample" if ours else "both")
            build_index([SAMPLE] if ours else [SAMPLE, SHARED], index, encoder)
            with Searcher.open(index, encoder) as searcher:
                for case in cases():
                    if on_samples(case) != ours:
                        continue
                    asked[case["set"]] += 1
                    right[case["set"]] += is_right(talk(searcher, case["turns"]), case)
                    alone[case["set"]] += is_right(searcher.answer(case["turns"][-1]), case)
                if ours:
                    unharmed = sum(is_unharmed(searcher, case["turns"]) for case in switches)
    for number in sorted(asked):
        print(
            f"set {number}: {right[number]} of {asked[number]} right, asked alone {alone[number]}"
        )
    print(f"changes of topic: {unharmed} of {len(switches)} unharmed")


if __name__ == "__main__":
    main()
