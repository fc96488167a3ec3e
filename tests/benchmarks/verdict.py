"""How well the verdict tells questions an archive answers from those it does not.

    python -m tests.benchmarks.verdict [--fit] [WORK]

Prints for each archive the share of its questions that are answered, the share of others that are
refused, and what would be refused if the threshold refused one in twenty of its own. `--fit`
chooses the numbers of `retrieval.judging` anew and prints them, with what they are worth on the
kind of archive that was left out of the choice; they are not written anywhere. WORK is the folder
of the models that `python -m embeddings.training --measure` leaves behind: with it STARD's
questions are those of fold 0, asked of the encoder that never saw them. About four minutes.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt

from embeddings import Encoder, load_encoder
from embeddings.bundled import BundledEncoder
from embeddings.training_evaluation import make_folds
from retrieval import Searcher, build_index, judging
from retrieval.datasets import Dataset
from retrieval.filters import Filters
from retrieval.judging import Calibration, Evidence, asks, evidence

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "tests" / "cases"
SHARED = ROOT.parent / "shared"
EVAL = SHARED / "data" / "eval"
FEW = (3, 5, 8, 12, 20, 30)
"""Articles of the small archives, taken from CMRC and DRCD in turn."""
LIMIT = 5
Matrix = npt.NDArray[np.float64]
Groups = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Trial:
    """An archive, questions it answers and questions it does not, each kind with a name."""

    name: str
    family: str
    """Archives of one family are left out together."""
    corpus: Path
    encoder: Encoder
    own: Groups
    other: Groups
    weight: float = 1.0


@dataclass(frozen=True)
class Outcome:
    """What was found for a trial's questions."""

    trial: Trial
    calibration: Calibration
    own: Mapping[str, list[Evidence]]
    other: Mapping[str, list[Evidence]]

    def features(self, found: Sequence[Evidence]) -> Matrix:
        """Own words above those of strangers, meaning, and 1 for the bias: (questions, 3)."""
        base = self.calibration.words
        rows = [((x.words - base) / (1 - base), self.calibration.meaning(x.cosine)) for x in found]
        return np.array([(*row, 1.0) for row in rows]).reshape(-1, 3)


def ask(trial: Trial, folder: Path) -> Outcome:
    """Build the archive and gather the evidence for every question."""
    build_index([trial.corpus], folder, trial.encoder)
    with Searcher.open(folder, trial.encoder) as searcher:

        def look(question: str) -> Evidence:
            found = searcher._finder.find(question, Filters(), wanted=10)
            if not found.hits or not asks(found.query.folded):
                return Evidence(0.0, 0.0, 0.0)
            return evidence(found.query, found.hits, list(found.stored.values()))

        gather = {
            side: {name: [look(text) for text in texts] for name, texts in groups.items()}
            for side, groups in (("own", trial.own), ("other", trial.other))
        }
        numbers = Calibration(**searcher.manifest.calibration)
    return Outcome(trial, numbers, gather["own"], gather["other"])


def examples(outcomes: Sequence[Outcome]) -> tuple[Matrix, Matrix, Matrix]:
    """Return features, labels and weights; both sides of every archive weigh the same."""
    rows, labels, weights = [], [], []
    for outcome in outcomes:
        for label, groups in ((1.0, outcome.own), (0.0, outcome.other)):
            for found in groups.values():
                told = outcome.features([one for one in found if one.words > 0])
                rows.append(told)
                labels += [label] * len(told)
                share = outcome.trial.weight / len(groups) / max(1, len(told))
                weights += [share] * len(told)
    total = np.array(weights)
    return np.concatenate(rows), np.array(labels), total * len(total) / total.sum()


def fit(rows: Matrix, labels: Matrix, weights: Matrix) -> Matrix:
    """Return the coefficients of a logistic regression, by Newton's method."""
    chosen = np.zeros(rows.shape[1])
    for _ in range(50):
        likely = 1 / (1 + np.exp(-rows @ chosen))
        slope = rows.T @ (weights * (labels - likely)) - 1e-3 * chosen
        bend = (rows * (weights * likely * (1 - likely))[:, None]).T @ rows
        chosen = chosen + np.linalg.solve(bend + 1e-3 * np.eye(len(chosen)), slope)
    return np.asarray(chosen)


def confidences(outcome: Outcome, found: Sequence[Evidence], numbers: Matrix) -> Matrix:
    """Return the confidence of each, as `retrieval.judging` would with other numbers."""
    likely = 1 / (1 + np.exp(-outcome.features(found) @ numbers))
    likely[[not one.words for one in found]] = 0.0
    return np.where([one.verbatim for one in found], judging.VERBATIM, likely)


def report(outcome: Outcome, numbers: Matrix) -> str:
    """Return one line of the table."""
    own = {name: confidences(outcome, x, numbers) for name, x in outcome.own.items()}
    other = {name: confidences(outcome, x, numbers) for name, x in outcome.other.items()}
    answered = [f"{name} {np.mean(x >= judging.ANSWERED):.3f}" for name, x in own.items()]
    refused = [f"{name} {np.mean(x < judging.ANSWERED):.3f}" for name, x in other.items()]
    first = next(iter(own.values()))
    strict = [f"{name} {np.mean(x < np.quantile(first, 0.05)):.3f}" for name, x in other.items()]
    cells = outcome.trial.name, ", ".join(answered), ", ".join(refused), ", ".join(strict)
    return f"| {' | '.join(cells)} |"


def lines(name: str) -> list[str]:
    """Return the lines of a file of cases."""
    return (CASES / name).read_text(encoding="utf-8").splitlines()


def trials(scratch: Path, work: Path | None) -> Iterator[Trial]:
    """Yield every archive; those of the project's shared data where it is here."""
    dice, encoder = random.Random(3), load_encoder()
    none = lines("no_questions.txt")
    samples = [json.loads(line) for line in lines("sample_questions.jsonl")]
    missing = [case["question"] for case in samples if not case["article"]]
    sets = {name: Dataset.read(EVAL / name) for name in ("drcd_dev", "cmrc_trial", "stard_train")}
    drcd = dice.sample(list(sets["drcd_dev"].queries.values()), 600)
    cmrc = dice.sample(list(sets["cmrc_trial"].queries.values()), 300)
    everyday = [json.loads(line)["question"] for line in lines("everyday_questions.jsonl")]
    law = sets["stard_train"].queries
    fold = make_folds(list(law), 5, 1)[0]
    stard = [law[key] for key in fold]

    others = {"null": missing, "drcd": drcd[:150], "cmrc": cmrc[:100], "none": none}
    own = [case["question"] for case in samples if case["article"]]
    yield Trial("samples", "s", ROOT / "corpus" / "sample", encoder, {"own": own}, others)
    own = [json.loads(line)["question"] for line in lines("shared_article_questions.jsonl")]
    yield Trial("shared", "s", SHARED / "articles", encoder, {"own": own}, others)

    def part(
        name: str, seed: int, count: Callable[[int], int]
    ) -> tuple[Path, list[str], list[str]]:
        path, data = scratch / f"{name}{seed}.jsonl", sets[name]
        with data.corpus.open(encoding="utf-8") as corpus:
            records = [json.loads(line) for line in corpus]
        titles = sorted({record["title"] for record in records})
        kept = set(random.Random(seed).sample(titles, count(len(titles))))
        present = [record for record in records if record["title"] in kept]
        text = "".join(json.dumps({**one, "id": one["_id"]}) + "\n" for one in present)
        path.write_text(text, encoding="utf-8")
        ids = {record["_id"] for record in present}
        told = {key: any(one in ids for one in data.qrels[key]) for key in data.queries}
        own, absent = (
            [data.queries[key] for key in told if told[key] is side] for side in (True, False)
        )
        dice = random.Random(seed)
        return (
            path,
            dice.sample(own, min(600, len(own))),
            dice.sample(absent, min(600, len(absent))),
        )

    for seed in (1, 2):
        path, own, absent = part("cmrc_trial", seed, lambda titles: titles // 2)
        others = {"absent": absent, "stard": stard, "null": missing, "none": none}
        yield Trial(f"cmrc half {seed}", "cmrc", path, encoder, {"own": own}, others)
    path, own, absent = part("drcd_dev", 1, lambda titles: titles // 2)
    others = {"absent": absent, "stard": stard, "null": missing, "none": none}
    yield Trial("drcd half", "drcd", path, encoder, {"own": own}, others)
    for seed, few in enumerate(FEW, start=10):
        name = ("cmrc_trial", "drcd_dev")[seed % 2]
        path, own, absent = part(name, seed, lambda titles, few=few: few)  # type: ignore[misc]
        others = {"absent": absent, "stard": stard[:60], "null": missing, "none": none}
        yield Trial(f"{few} articles", name[:4], path, encoder, {"own": own}, others, 0.3)
    if work is not None and isinstance(encoder, BundledEncoder):
        encoder = BundledEncoder.load(work / "fold0")
    asked = {"stard": stard, "everyday": everyday}
    others = {"drcd": drcd, "cmrc": cmrc, "none": none}
    yield Trial("laws", "law", sets["stard_train"].corpus, encoder, asked, others)


def main() -> int:
    arguments = sys.argv[1:]
    fitting = "--fit" in arguments
    named = [Path(one) for one in arguments if one != "--fit"]
    if not EVAL.is_dir() or len(named) > 1:
        print(__doc__ if EVAL.is_dir() else f"nothing to measure with: {EVAL} is not here")
        return 1
    shipped = np.array([judging._WORDS, judging._MEANING, judging._BIAS])
    outcomes = []
    print("| archive | answered | refused | refused at 5 % of its own refused |\n|---|---|---|---|")
    with TemporaryDirectory(prefix="xunzhang-verdict-") as temporary:
        scratch = Path(temporary)
        for number, trial in enumerate(trials(scratch, named[0] if named else None)):
            outcomes.append(ask(trial, scratch / f"index{number}"))
            print(report(outcomes[-1], shipped), flush=True)
    if fitting:
        numbers = fit(*examples(outcomes))
        print(f"\nfitted: words {numbers[0]:.2f}, meaning {numbers[1]:.3f}, bias {numbers[2]:.2f}")
        for family in dict.fromkeys(one.trial.family for one in outcomes):
            kept = [one for one in outcomes if one.trial.family != family]
            numbers = fit(*examples(kept))
            for one in outcomes:
                if one.trial.family == family:
                    print(report(one, numbers))
    return 0


if __name__ == "__main__":
    sys.exit(main())
