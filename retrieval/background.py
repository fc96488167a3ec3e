"""How telling a term is in Chinese at large, whatever the archive.

In an archive of thirty articles 怎么 may be as rare as 召回, and frequencies there cannot tell
what a question is about. So ranking, verdict and quote weigh terms by their inverse document
frequency in some 88,000 stretches of law, news, questions and answers; `python -m
retrieval.background DATA` counts them anew and writes `background.txt`. DATA holds `laws` and
`news`, unpacked, and `qa_pairs.jsonl`.
"""

from __future__ import annotations

import json
import math
import random
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

from corpus import fold
from retrieval.tokens import terms, units

TABLE = Path(__file__).with_name("background.txt")

_RARE = 40
"""Terms in fewer stretches are left out of the table: all are about equally telling."""
_STRETCH = 300
_SINGLE = 0.5
"""What a single character counts beside a pair: it is found in many a sentence."""


@cache
def _table() -> tuple[float, dict[str, float]]:
    """Return the weight of a term that is not in the table, and the weights of those that are."""
    first, *lines = TABLE.read_text(encoding="utf-8").splitlines()
    weights = {}
    for line in lines:
        weight, *members = line.split(" ")
        weights.update(dict.fromkeys(members, float(weight)))
    return float(first), weights


def telling(term: str) -> float:
    """Return the weight of a term: about 8 for a rare one, near 0 for 的.

    >>> telling("召回") > telling("怎么") > telling("的")
    True
    """
    rare, weights = _table()
    weight = weights.get(term, rare)
    return weight if len(term) > 1 or term.isdigit() else _SINGLE * weight


@lru_cache(maxsize=1 << 14)
def of_parts(term: str) -> float:
    """Return the weight of a term's units together, which bounds that of a pair.

    A pair rarer than that is no word but two that met by chance.
    """
    return math.fsum(
        telling(unit) if unit.isdigit() else telling(unit) / _SINGLE for unit in units(term)[0]
    )


def main(data: Path) -> None:
    """Count terms over laws, news, questions and answers, and write the table."""
    counts: Counter[str] = Counter()
    stretches = 0
    for text in _stretches(data):
        counts.update(set(terms(fold(text))))
        stretches += 1

    def idf(count: int) -> str:
        return f"{math.log(1 + (stretches - count + 0.5) / (count + 0.5)):.1f}"

    groups: dict[str, list[str]] = {}
    for term, count in sorted(counts.items()):
        if count >= _RARE:
            groups.setdefault(idf(count), []).append(term)
    lines = [" ".join([weight, *groups[weight]]) for weight in sorted(groups, key=float)]
    TABLE.write_text("\n".join([idf(_RARE // 2), *lines]) + "\n", encoding="utf-8")


def _stretches(data: Path) -> Iterator[str]:
    laws = sorted((data / "laws").rglob("*.md"))
    random.Random(1).shuffle(laws)
    for path in [*laws[:800], *sorted((data / "news").glob("*.md"))[::5]]:
        text = path.read_text(encoding="utf-8")
        yield from (text[at : at + _STRETCH] for at in range(0, len(text), _STRETCH))
    with (data / "qa_pairs.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            yield record["question"][:_STRETCH]
            yield record["answer"][:_STRETCH]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
