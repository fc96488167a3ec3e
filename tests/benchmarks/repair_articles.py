"""Check the repair of real pages by damaging the result again: does the page come back?

`python -m tests.benchmarks.repair_articles [FILE...]` lists every stretch that was out of step,
what became of it, and whether the forward model of corpus/damage.py, run on the repaired text,
gives the page as it is on disk, character for character. Which characters the page annotates is
read off the page; orders of replacement and cuts, which the page does not show, are tried.
"""

from __future__ import annotations

import argparse
import itertools
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from corpus.damage import to_half_width
from corpus.gbk import characters, decode, encode
from corpus.readings import reading_of
from corpus.records import Repair
from corpus.repair import repair
from corpus.repair_ledger import Repaired, undone

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
_NEAR = 24
_FULL_WIDTH = str.maketrans(",:;()?! ", "，：；（）？！\u3000")
_SPELT = re.compile(r"\?([a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü]+)\)")
_MARKS = re.compile(b"(?=\xa1\xa3|\xa3\xac|\xa3\xbf)")
_PRIVATE_USE = re.compile("[\ue000-\uf8ff]")


def windows(result: Repaired) -> Iterator[tuple[int, int, list[Repair]]]:
    """Yield stretches of repaired text with the shifted runs in them, near ones together."""
    runs = [change for change in result.repairs if change.kind != "annotation"]
    group: list[Repair] = []
    for change in runs:
        if group and change.start - (group[-1].start + len(group[-1].after)) > _NEAR:
            yield _around(result, group)
            group = []
        group.append(change)
    if group:
        yield _around(result, group)


def _around(result: Repaired, group: list[Repair]) -> tuple[int, int, list[Repair]]:
    last = group[-1]
    start, end = max(0, group[0].start - 10), last.start + len(last.after) + 4
    start = (
        result.text.rfind("\n", 0, group[0].start) + 1
        if "\n" in result.text[start : group[0].start].strip("\n")
        else start
    )
    return start, min(end, len(result.text)), group


def piece(result: Repaired, start: int, end: int) -> str:
    """Return what stood on the page where the repaired text has `start:end`."""
    inside = tuple(
        Repair(change.kind, change.before, change.after, change.start - start)
        for change in result.repairs
        if start <= change.start and change.start + len(change.after) <= end
    )
    return undone(Repaired(result.text[start:end], inside))


def reproduces(clean: str, page: str, table: frozenset[str]) -> bool:
    """Tell whether some order of replacement and some cuts turn `clean` into `page`."""
    data = encode(clean.translate(_FULL_WIDTH))
    readings = {character: reading_of(character) or "" for character in table}
    for spelt in _SPELT.findall(page):
        for at in range(len(data) - 1):
            character = characters()[data[at] << 8 | data[at + 1]]
            if character and reading_of(character) == spelt:
                readings[character] = spelt
    hit = [character for character in readings if encode(character) in data]
    orders: list[tuple[str, ...]]
    if len(hit) <= 5:
        orders = list(itertools.permutations(hit))
    else:
        chance = random.Random(0)
        orders = [tuple(chance.sample(hit, len(hit))) for _ in range(600)]
    wanted = re.sub(r"\s+", " ", page)
    return any(wanted in _outcomes(data, order, readings) for order in orders)


def _outcomes(data: bytes, order: tuple[str, ...], readings: dict[str, str]) -> set[str]:
    for character in order:
        pair = encode(character)
        data = data.replace(pair, pair + encode(f"({readings[character]})"))
    data = encode(decode(data))
    places = [match.start() for match in _MARKS.finditer(data)]
    found: set[str] = set()
    for cuts in itertools.product((False, True), repeat=min(len(places), 6)):
        pieces, start = [], 0
        for place, cut in zip(places, cuts, strict=False):
            if cut:
                pieces.append(decode(data[start:place]))
                start = place
        text = "".join(pieces) + decode(data[start:])
        for version in (text, _PRIVATE_USE.sub("", text)):
            found.add(re.sub(r"\s+", " ", to_half_width(version)))
    return found


def check(path: Path) -> tuple[int, int]:
    """Print the runs of one page; return how many there are and how many come back."""
    text = path.read_text(encoding="utf-8")
    result = repair(text)
    table = frozenset(change.after for change in result.repairs if change.kind == "annotation")
    total = good = 0
    print(f"{path.name}: {len(result.repairs)} changes, {len(result.unrepaired)} unrepaired")
    for start, end, group in windows(result):
        back = reproduces(result.text[start:end], piece(result, start, end), table)
        for change in group:
            total += 1
            good += back
            around = result.text[change.start - 4 : change.start]
            print(f"  {'ok ' if back else 'NO '} {around!r} {change.before!r} -> {change.after!r}")
    print(f"  {good} of {total} stretches come back when damaged again")
    return total, good


def main() -> None:
    """Check the pages named, or the three shared ones."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="*", type=Path)
    options = parser.parse_args()
    paths = options.paths or sorted((SHARED / "articles").glob("*.txt"))
    if not paths:
        sys.exit(f"{SHARED / 'articles'} is missing; name the pages to check")
    for path in paths:
        check(path)


if __name__ == "__main__":
    main()
