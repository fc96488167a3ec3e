"""How often the quote holds the gold answer, and how often what is picked out of it is right.

    python -m tests.benchmarks.quotes [DATASET...]

By default DRCD dev and CMRC trial of the project's shared data; a data set is a folder in BEIR
layout whose queries have `answers`. Asked are the questions whose first passage is of the right
article. The shares are of those whose first passage holds the answer at all: a long article is cut
into passages, and the one found may not be the one that answers. An answer is held if its folded
text stands in the folded quote.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from corpus import fold, sentences
from embeddings import load_encoder
from retrieval import FoundPassage, Searcher, build_index
from retrieval.datasets import Dataset
from retrieval.kinds import Kind, asked

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "eval"
PICKED = (Kind.NUMBER, Kind.DATE)


@dataclass(frozen=True, slots=True)
class Case:
    """A question, its gold answers, and the first passage found."""

    question: str
    answers: tuple[str, ...]
    passage: FoundPassage

    @property
    def answerable(self) -> bool:
        return holds(self.answers, self.passage.text)


def holds(answers: Iterable[str], text: str) -> bool:
    """Tell whether any of the answers stands in a text, both folded."""
    folded = fold(text)
    return any(fold(answer) in folded for answer in answers)


def ask_all(folder: Path, searcher: Searcher) -> list[Case]:
    """Ask all questions of a data set; return those whose first passage is of the right article."""
    data, cases = Dataset.read(folder), []
    answers = {}
    with (folder / "queries.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            answers[str(record["_id"])] = tuple(record.get("answers", ()))
    for key, question in data.queries.items():
        passages = searcher.answer(question, limit=1).passages
        if passages and data.qrels[key].get(passages[0].article.id, 0) > 0 and answers[key]:
            cases.append(Case(question, answers[key], passages[0]))
    return cases


def ceiling(case: Case, most: int) -> bool:
    """Tell whether any run of at most `most` sentences holds the answer."""
    text = case.passage.text
    spans = sentences(text)
    return any(
        holds(case.answers, text[start : spans[min(first + most, len(spans)) - 1][1]])
        for first, (start, _) in enumerate(spans)
    )


def report(name: str, cases: list[Case]) -> None:
    able = [case for case in cases if case.answerable]
    quotes = [(case, case.passage.quote.text if case.passage.quote else "") for case in able]
    held = sum(holds(case.answers, text) for case, text in quotes)
    print(f"{name}: {len(cases)} with the right article first, {len(able)} whose passage answers")
    print(f"  quote holds the answer {held / len(able):.3f}, of all {held / len(cases):.3f}")
    lengths = sorted(len(text) for _, text in quotes)
    whole = sum(len(case.passage.text) for case in able) / len(able)
    print(
        f"  characters of a quote: mean {sum(lengths) / len(able):.0f}, half of them up to "
        f"{lengths[len(able) // 2]}, the longest {lengths[-1]}; of a passage: mean {whole:.0f}"
    )
    found = [sum(ceiling(case, most) for case in able) / len(able) for most in (1, 2, 4)]
    print("  at most, by one, two, four sentences:", ", ".join(f"{share:.3f}" for share in found))
    counts: dict[Kind, Counter[str]] = defaultdict(Counter)
    for case, _ in quotes:
        kind, quote = asked(fold(case.question)).kind, case.passage.quote
        counts[kind]["asked"] += 1
        if quote is None or quote.answer is None:
            continue
        text = case.passage.text[slice(*quote.answer)]
        counts[kind]["picked"] += 1
        counts[kind]["holds"] += holds(case.answers, text)
        counts[kind]["right"] += holds(case.answers, text) or any(
            holds((text,), answer) for answer in case.answers
        )
    for kind in PICKED:
        count = counts[kind]
        picked = count["picked"] or 1
        print(
            f"  {kind.value}: asked {count['asked']}, picked {count['picked']}; holds the answer "
            f"{count['holds'] / picked:.2f}, or stands in it {count['right'] / picked:.2f}"
        )


def main() -> int:
    named = [Path(name) for name in sys.argv[1:]]
    folders = named or [
        path for path in (SHARED / "drcd_dev", SHARED / "cmrc_trial") if path.is_dir()
    ]
    if not folders:
        print(f"nothing to measure with: {SHARED} is not here; name a folder in BEIR layout")
        return 1
    encoder = load_encoder()
    with TemporaryDirectory(prefix="xunzhang-quotes-") as temporary:
        for folder in folders:
            index = Path(temporary) / folder.name
            build_index([folder / "corpus.jsonl"], index, encoder)
            with Searcher.open(index, encoder) as searcher:
                report(folder.name, ask_all(folder, searcher))
    return 0


if __name__ == "__main__":
    sys.exit(main())
