"""What the repair reaches: `python -m tests.benchmarks.bench_repair` (needs ../shared).

The rows `kept` and `deleted` split the damaged ones by what became of private-use characters.

Prints the character error rate by kind of text, how many paragraphs are exact, whether clean
text is left alone, and speeds. Both sides are compared after NFKC, white space aside.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import tarfile
import time
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from corpus.damage import Page, annotate, damage, to_half_width, to_traditional
from corpus.folding import fold
from corpus.readings import reading_of
from corpus.repair import repair

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
_ANNOTATION = re.compile(r"([\u4e00-\u9fff])\([a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü]{1,6}\)")


def distance(first: str, second: str) -> int:
    """Return the edit distance; common head and tail are cheap."""
    while first and second and first[0] == second[0]:
        first, second = first[1:], second[1:]
    while first and second and first[-1] == second[-1]:
        first, second = first[:-1], second[:-1]
    row = list(range(len(second) + 1))
    for number, left in enumerate(first, 1):
        new = [number]
        for place, right in enumerate(second, 1):
            new.append(min(row[place] + 1, new[-1] + 1, row[place - 1] + (left != right)))
        row = new
    return row[-1]


def key(text: str) -> str:
    """Return a text as it is compared."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


@cache
def seen_characters() -> tuple[str, ...]:
    """Return the characters annotated on the three real pages."""
    found: set[str] = set()
    for path in sorted((SHARED / "articles").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        found |= {m[1] for m in _ANNOTATION.finditer(text) if reading_of(m[1])}
    return tuple(sorted(found))


@cache
def other_characters() -> tuple[str, ...]:
    """Return further common characters whose Traditional form differs."""
    common: dict[str, int] = {}
    for text in drcd():
        for character in to_traditional(text):
            if "\u4e00" <= character <= "\u9fff" and fold(character) != character:
                common[character] = common.get(character, 0) + 1
    ranked = sorted(common, key=lambda c: (-common[c], c))[:600]
    return tuple(c for c in ranked if c not in seen_characters())


def make_page(chance: random.Random) -> Page:
    """Draw a page: 60 to 150 characters, seven in ten of them seen on real pages."""
    size = chance.randint(60, 150)
    seen = min(len(seen_characters()), round(size * 0.7))
    table = chance.sample(seen_characters(), seen)
    table += chance.sample(other_characters(), size - seen)
    chance.shuffle(table)
    readings = {character: reading_of(character) or "" for character in table}
    return Page(
        tuple(table), readings, keep_private=chance.random() < 0.5, seed=chance.getrandbits(30)
    )


@cache
def drcd() -> tuple[str, ...]:
    """Return encyclopedia paragraphs in Traditional Chinese."""
    path = SHARED / "data/eval/drcd_dev/corpus.jsonl"
    with path.open(encoding="utf-8") as lines:
        return tuple(json.loads(line)["text"] for line in lines)


@cache
def news(years: str = "2025") -> tuple[str, ...]:
    """Return news paragraphs of years the model has not seen."""
    paragraphs: list[str] = []
    with tarfile.open(SHARED / "data/news.tar.xz") as archive:
        for member in archive:
            if member.isfile() and Path(member.name).name.startswith(years):
                file = archive.extractfile(member)
                text = file.read().decode("utf-8") if file else ""
                parts = re.split(r"\n|</?p>|</?strong>", text)
                paragraphs += [p for p in parts if len(p) >= 80 and not re.search("[#<>&]", p)]
    return tuple(dict.fromkeys(paragraphs))


@cache
def laws() -> tuple[str, ...]:
    """Return paragraphs of laws."""
    paragraphs: list[str] = []
    with tarfile.open(SHARED / "data/laws.tar.xz") as archive:
        for number, member in enumerate(archive):
            if member.isfile() and number % 40 == 0 and member.name.endswith(".md"):
                file = archive.extractfile(member)
                text = file.read().decode("utf-8") if file else ""
                paragraphs += [p for p in text.split("\n") if len(p) >= 60 and "#" not in p]
    return tuple(paragraphs)


_NUMERALS = "一二三四五六七八九十"


def numbered(chance: random.Random) -> str:
    """Return a list as page footers have it: clauses of news, numbered, wide blanks between."""
    clauses: list[str] = []
    while len(clauses) < 8:
        clause = re.split("[。；]", chance.choice(news()))[0]
        if 15 <= len(clause) <= 60:
            clauses.append(clause)
    start = chance.choice((1, 1, 4, 9))
    items = []
    for number, clause in enumerate(clauses, start):
        name = _NUMERALS[number - 1] if number <= 10 else "十" + _NUMERALS[number - 11]
        items.append(f"（{name}）{clause}")
    return "；　　".join(items) + "。"


def rows(count: int, seed: int) -> Iterator[tuple[str, str, str, str]]:
    """Yield kind, private-use characters kept or deleted, clean and damaged text."""
    chance = random.Random(seed)
    makers: dict[str, Callable[[], str]] = {
        "drcd": lambda: to_traditional(chance.choice(drcd())),
        "news": lambda: to_traditional(chance.choice(news())),
        "list": lambda: to_traditional(numbered(chance)),
        "aligned": lambda: to_traditional(chance.choice(news() + drcd())),
    }
    kinds = ("drcd", "news", "drcd", "news", "drcd", "news", "list", "aligned")
    for number in range(count):
        kind = kinds[number % len(kinds)]
        clean = makers[kind]()
        page = make_page(chance)
        if kind == "aligned":
            yield kind, "", clean, annotate(clean, page)
        else:
            private = "kept" if page.keep_private else "deleted"
            yield kind, private, clean, damage(clean, page)


def measure(count: int, seed: int, show: int) -> None:
    """Print the table of error rates, and the first `show` differences."""
    sums: dict[str, list[int]] = {}
    spent = 0.0
    size = 0
    for kind, private, clean, broken in rows(count, seed):
        began = time.perf_counter()
        result = repair(broken)
        spent += time.perf_counter() - began
        size += len(broken.encode())
        wanted, got = key(clean), key(result.text)
        errors = distance(wanted, got)
        for name in filter(None, (kind, private, "all")):
            entry = sums.setdefault(name, [0, 0, 0, 0, 0])
            entry[0] += 1
            entry[1] += len(wanted)
            entry[2] += errors
            entry[3] += errors == 0
            entry[4] += len(result.unrepaired)
        if errors and show > 0:
            show -= 1
            print_difference(kind, clean, broken, result.text)
    print("kind        rows  characters  errors   CER %  exact  marked")
    for name, (number, length, errors, exact, marked) in sums.items():
        print(
            f"{name:10}{number:6}{length:12}{errors:8}{100 * errors / length:8.3f}"
            f"{exact:7}{marked:8}"
        )
    print(f"speed: {size / spent / 1000:.0f} kB/s of damaged text ({size} bytes)")


def check_clean(count: int, seed: int) -> None:
    """Print how many clean paragraphs, and texts with every character annotated, change."""
    chance = random.Random(seed)
    sources = {"news": news(), "laws": laws(), "drcd": drcd()}
    changed: dict[str, list[int]] = {}
    spent = 0.0
    size = 0
    for number in range(count):
        name = ("news", "laws", "drcd")[number % 3]
        text = chance.choice(sources[name])
        if number % 2:
            name, text = f"{name}, converted", to_traditional(text)
        learners = "".join(f"{c}({r})" if (r := reading_of(c)) else c for c in text[:200])
        for kind, sample in ((name, text), ("learners", learners)):
            began = time.perf_counter()
            result = repair(sample)
            spent += time.perf_counter() - began
            size += len(sample.encode())
            entry = changed.setdefault(kind, [0, 0])
            entry[0] += 1
            entry[1] += result.text != sample or bool(result.repairs)
    for kind, (total, different) in changed.items():
        print(f"{kind:18}{total:6} paragraphs {different:4} changed")
    print(f"speed: {size / spent / 1e6:.1f} MB/s of clean and annotated paragraphs")


def print_difference(kind: str, clean: str, broken: str, got: str) -> None:
    """Print where the first difference is, with the damaged text around it."""
    wanted, got = to_half_width(clean), to_half_width(got)
    at = next((n for n, (a, b) in enumerate(zip(wanted, got, strict=False)) if a != b), len(got))
    head = wanted[max(0, at - 4) : at]
    place = max(0, int(len(broken) * at / max(1, len(wanted))) - 50)
    print(f"[{kind}] {head}|{wanted[at : at + 12]}| got |{got[at : at + 12]}|")
    print("      ", broken[place : place + 110].replace("\n", "⏎"))


def main() -> None:
    """Run the measurement asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=640)
    parser.add_argument("--clean", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=0)
    options = parser.parse_args()
    if not SHARED.is_dir():
        sys.exit(f"{SHARED} is missing; the measurement needs the project's shared data")
    if options.rows:
        measure(options.rows, options.seed, options.show)
    if options.clean:
        check_clean(options.clean, options.seed)


if __name__ == "__main__":
    main()
