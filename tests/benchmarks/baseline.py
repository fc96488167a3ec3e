"""What search reached when the baseline was saved, and whether it has dropped since.

The file holds figures of each question (whether the right passage came first, the confidence), and
no question. A later run is compared question by question: the differences are resampled (a paired
bootstrap: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993; for retrieval: Sakai,
"Evaluating Evaluation Metrics based on the Bootstrap", 2006), and a figure has dropped if 97.5 %
of the resampled differences lie below zero.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from retrieval.datasets import Dataset
from retrieval.evaluation import Evaluation
from retrieval.judging import ANSWERED
from retrieval.measures import area_under_curve, refused_at
from retrieval.suites import by_question

FILE = Path(__file__).with_name("baseline.json")

RESAMPLES = 1000
LEVEL = 0.975
GATED = ("R@1", "R@10", "MRR@10")
"""Measures of a ranking that may not drop."""

_DIGITS = 3
_SIGNS = "0123456789abcdefghijklmnopqrstuvwxyz"

Floats: TypeAlias = npt.NDArray[np.float64]
Columns: TypeAlias = dict[str, tuple[float, ...]]
"""Figures of each question, by the name of the suite and of the figure."""


class BaselineError(Exception):
    """The baseline cannot be compared with."""


@dataclass(frozen=True, slots=True)
class Reached:
    """What one data set gave."""

    questions: str
    """Checksum of the questions and of the seed: others cannot be compared."""
    columns: Columns


@dataclass(frozen=True, slots=True)
class Change:
    """One figure, then and now."""

    measure: str
    before: float
    after: float
    low: float
    """Interval of the difference."""
    high: float

    @property
    def dropped(self) -> bool:
        return self.high < 0


def reached(data: Dataset, found: Evaluation, seed: int) -> Reached:
    """Take from an evaluation what is compared later."""
    digest = sha256(json.dumps([data.queries, data.qrels, seed]).encode()).hexdigest()[:16]
    ranked = by_question(data, found.rankings)
    columns = {name: ranked[name] for name in GATED}
    for suite, outcome in found.suites.items():
        for name, values in outcome.by_question.items():
            if name in (*GATED, "same", "answerable", "unanswerable"):
                columns[f"{suite} {name}"] = values
    rounded = {
        name: tuple(round(value, _DIGITS) for value in values) for name, values in columns.items()
    }
    return Reached(digest, rounded)


def compare(before: Reached, after: Reached, *, seed: int = 1) -> list[Change]:
    """Compare each figure both have, question by question.

    Raises:
        BaselineError: they are not of the same questions.
    """
    if before.questions != after.questions:
        raise BaselineError("the baseline is of other questions; make it anew with --save")
    changes = []
    for name, values in before.columns.items():
        if name not in after.columns:
            raise BaselineError(f"the baseline has {name}, this run has not; was a suite left out?")
        if name.endswith("unanswerable"):
            continue
        then, now = np.array([values, after.columns[name]])
        if not name.endswith("answerable"):
            changes.append(_change(name, np.mean, ([then], [now]), seed))
            continue
        suite = name.removesuffix("answerable")
        rest = f"{suite}unanswerable"
        pair = [then, np.array(before.columns[rest])], [now, np.array(after.columns[rest])]
        for figure, statistic in _REFUSAL.items():
            changes.append(_change(suite + figure, statistic, pair, seed))
    return changes


_REFUSAL: Mapping[str, Callable[..., Any]] = {
    "AUC": area_under_curve,
    "refused at 5 %": refused_at,
    "answered": lambda answerable, _: np.mean(answerable >= ANSWERED),
    "refused": lambda _, unanswerable: np.mean(unanswerable < ANSWERED),
}


def _change(
    name: str,
    statistic: Callable[..., Any],
    pair: tuple[Sequence[Floats], Sequence[Floats]],
    seed: int,
) -> Change:
    """Resample the questions of each kind, the same for both sides."""
    then, now = pair
    dice = np.random.default_rng(seed)
    differences = np.empty(RESAMPLES)
    for number in range(RESAMPLES):
        drawn = [dice.integers(len(kind), size=len(kind)) for kind in then]
        differences[number] = statistic(
            *(kind[rows] for kind, rows in zip(now, drawn, strict=True))
        ) - statistic(*(kind[rows] for kind, rows in zip(then, drawn, strict=True)))
    low, high = np.quantile(differences, [1 - LEVEL, LEVEL])
    return Change(name, float(statistic(*then)), float(statistic(*now)), float(low), float(high))


def read_baseline(path: Path) -> dict[str, Reached]:
    """Return what each data set had reached; nothing where there is no baseline.

    Raises:
        BaselineError: the file is none.
    """
    if not path.exists():
        return {}
    try:
        saved = json.loads(path.read_text(encoding="utf-8"))
        return {
            name: Reached(
                one["questions"],
                {column: _unpacked(*packed) for column, packed in one["columns"].items()},
            )
            for name, one in saved.items()
        }
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise BaselineError(f"{path} is no baseline ({error}); make it anew with --save") from error


def write_baseline(path: Path, sets: Mapping[str, Reached]) -> None:
    """Write what each data set reached."""
    content = {
        name: {
            "questions": one.questions,
            "means": {
                column: round(float(np.mean(values)), 4)
                for column, values in one.columns.items()
                if values
            },
            "columns": {column: _packed(values) for column, values in one.columns.items()},
        }
        for name, one in sorted(sets.items())
    }
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _packed(values: Sequence[float]) -> tuple[list[float], str]:
    """Return the different values, and two signs for each that say which it is; one if few are."""
    different = sorted(set(values))
    places = {value: number for number, value in enumerate(different)}
    size = len(_SIGNS)
    if len(different) <= size:
        return different, "".join(_SIGNS[places[value]] for value in values)
    return different, "".join(
        _SIGNS[places[value] // size] + _SIGNS[places[value] % size] for value in values
    )


def _unpacked(different: list[float], signs: str) -> tuple[float, ...]:
    width = 1 if len(different) <= len(_SIGNS) else 2
    return tuple(
        different[int(signs[at : at + width], len(_SIGNS))] for at in range(0, len(signs), width)
    )
