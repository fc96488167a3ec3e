"""Make the character model that repair chooses with: `python -m corpus.repair_training --data DIR`.

Interpolated Kneser-Ney counts of orders 1 to 4 (Chen and Goodman 1998, one discount an order),
pruned by weighted difference (Seymore and Rosenfeld 1996) to the size that may be shipped. The
folder holds `laws/`, `news/` and `qa_pairs.jsonl`; the news of `--hold-out` years are left out,
so that measuring on them is honest.
"""

from __future__ import annotations

import argparse
import json
import logging
import lzma
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corpus.charmodel import BREAK, MAGIC, MODEL, ORDERS, STEP, UNKNOWN, spelling
from corpus.fold_table import TABLE as FORMS

logger = logging.getLogger(__name__)

Keys = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_BITS = 14
_DAMPED = 0.7
"""Power of a word's frequency it counts with: the list is of another kind of text."""
_MARKUP = re.compile(r"<!--.*?-->|^[#>*\-\s]+|\*\*", re.M | re.S)


def read_texts(data: Path, hold_out: frozenset[str]) -> Iterator[str]:
    """Yield the training texts of a data folder."""
    for path in sorted(data.glob("laws/**/*.md")):
        yield _MARKUP.sub("", path.read_text(encoding="utf-8"))
    for path in sorted(data.glob("news/*.md")):
        if path.name[:4] not in hold_out:
            yield _MARKUP.sub("", path.read_text(encoding="utf-8"))
    pairs = data / "qa_pairs.jsonl"
    if pairs.exists():
        with pairs.open(encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)["answer"]


def read_forms() -> dict[str, str]:
    """Return the Simplified form of every character that has another."""
    classes = FORMS.read_text(encoding="utf-8").split()
    return {other: members[0] for members in classes for other in members[1:]}


def count(
    data: Path, hold_out: frozenset[str], words: Path | None, forms: Mapping[str, str]
) -> tuple[str, list[Keys]]:
    """Return the vocabulary and, per order, sorted keys with counts as two rows."""
    stream = "\n".join(read_texts(data, hold_out))
    codes = np.frombuffer(stream.encode("utf-32-le"), dtype=np.uint32)
    seen = np.unique(codes)
    spelt = {int(code): spelling(chr(int(code)), forms) for code in seen}
    tally: Counter[str] = Counter()
    for code, times in zip(seen.tolist(), np.bincount(codes)[seen].tolist(), strict=True):
        tally[spelt[code]] += times
    if words is not None:
        tally.update(spelling(character, forms) for character in words.read_text(encoding="utf-8"))
    kept = [symbol for symbol, times in tally.most_common() if times > 1 and symbol != "\n"]
    vocabulary = "".join(kept[: (1 << _BITS) - 2])
    numbers = {symbol: number for number, symbol in enumerate(vocabulary, 2)} | {"\n": BREAK}
    table = np.zeros(int(seen[-1]) + 1, dtype=np.int64)
    for code, symbol in spelt.items():
        table[code] = numbers.get(symbol, UNKNOWN)
    ids = table[codes]
    ids = ids[~((ids == BREAK) & (np.roll(ids, 1) == BREAK))]
    orders = [_unique(_windows(ids, order)) for order in range(1, ORDERS + 1)]
    if words is not None:
        orders = _add_words(orders, _read_words(words, forms), numbers)
    return vocabulary, orders


def _windows(ids: Keys, order: int) -> Keys:
    size = len(ids) - order + 1
    keys = np.zeros(size, dtype=np.int64)
    for place in range(order):
        keys = (keys << _BITS) | ids[place : place + size]
    return keys


def _unique(keys: Keys) -> Keys:
    found, times = np.unique(keys, return_counts=True)
    return np.stack([found, times.astype(np.int64)])


def _read_words(path: Path, forms: Mapping[str, str]) -> Iterator[tuple[list[str], int]]:
    """Yield the characters of each word of a list `word frequency …`, and its damped count."""
    for line in path.read_text(encoding="utf-8").splitlines():
        word, frequency = line.split()[:2]
        yield [spelling(c, forms) for c in word], max(1, round(int(frequency) ** _DAMPED))


def _add_words(
    orders: list[Keys], words: Iterable[tuple[list[str], int]], numbers: Mapping[str, int]
) -> list[Keys]:
    """Add the n-grams inside words to the counts."""
    extra: list[Counter[int]] = [Counter() for _ in orders]
    for word, times in words:
        ids = [numbers.get(symbol, UNKNOWN) for symbol in word]
        for order in range(2, min(ORDERS, len(ids)) + 1):
            for start in range(len(ids) - order + 1):
                gram = ids[start : start + order]
                if UNKNOWN not in gram:
                    extra[order - 1][_key(gram)] += times
    merged = [orders[0]]
    for old, new in zip(orders[1:], extra[1:], strict=True):
        keys = np.concatenate([old[0], np.fromiter(new.keys(), np.int64, len(new))])
        tallies = np.concatenate([old[1], np.fromiter(new.values(), np.int64, len(new))])
        together, inverse = np.unique(keys, return_inverse=True)
        sums = np.bincount(inverse, weights=tallies).astype(np.int64)
        merged.append(np.stack([together, sums]))
    return merged


def _key(gram: list[int]) -> int:
    key = 0
    for symbol in gram:
        key = key << _BITS | symbol
    return key


def _continuations(longer: Keys, order: int) -> Keys:
    """Return, for each n-gram of `order`, before how many different symbols it stands."""
    mask = (1 << (_BITS * order)) - 1
    return _unique(np.sort(longer[0] & mask))


def estimate(orders: list[Keys], size: int) -> list[tuple[Keys, Floats]]:
    """Return, per order, sorted keys and interpolated Kneser-Ney log probabilities.

    `size` is the number of symbols, the two special ones included.
    """
    counts = [_continuations(orders[n], n) for n in range(1, ORDERS)] + [orders[-1]]
    single = np.zeros(size)
    single[counts[0][0]] = counts[0][1]
    probability = (single + 0.1) / (single + 0.1).sum()
    result = [(np.arange(size, dtype=np.int64), probability)]
    for order in range(2, ORDERS + 1):
        keys, times = counts[order - 1]
        once, twice = int((times == 1).sum()), int((times == 2).sum())
        discount = once / (once + 2 * twice)
        _, group = np.unique(keys >> _BITS, return_inverse=True)
        total = np.bincount(group, weights=times)
        kinds = np.bincount(group)
        lower_keys, lower = result[-1]
        shorter = keys & ((1 << (_BITS * (order - 1))) - 1)
        place = np.searchsorted(lower_keys, shorter)
        place = np.minimum(place, len(lower_keys) - 1)
        below = np.where(lower_keys[place] == shorter, lower[place], 1e-9)
        share = np.maximum(times - discount, 0) / total[group]
        result.append((keys, share + discount * kinds[group] / total[group] * below))
    return result


def prune(
    model: list[tuple[Keys, Floats]], orders: list[Keys], budgets: tuple[int, int, int]
) -> list[Keys]:
    """Choose the n-grams to keep, `budgets` of each order above 1, the most useful first."""
    kept: list[Keys] = []
    needed = np.empty(0, dtype=np.int64)
    for order in range(ORDERS, 1, -1):
        keys, probability = model[order - 1]
        lower_keys, lower = model[order - 2]
        shorter = keys & ((1 << (_BITS * (order - 1))) - 1)
        place = np.minimum(np.searchsorted(lower_keys, shorter), len(lower_keys) - 1)
        below = np.where(lower_keys[place] == shorter, lower[place], 1e-9)
        joint, times = orders[order - 1]
        weight = times[np.minimum(np.searchsorted(joint, keys), len(joint) - 1)]
        gain = weight * (np.log(probability) - np.log(below))
        gain[np.isin(keys, needed)] = np.inf
        budget = max(budgets[order - 2], len(needed))
        if len(keys) > budget:
            keys = np.sort(keys[np.argpartition(-gain, budget)[:budget]])
        kept.append(keys)
        needed = np.unique(keys >> _BITS)
    return kept[::-1]


def _levels(logs: Floats) -> npt.NDArray[np.uint8]:
    return np.clip(np.rint(-logs / STEP), 0, 255).astype(np.uint8)


def pack(model: list[tuple[Keys, Floats]], kept: list[Keys]) -> dict[str, npt.NDArray[np.generic]]:
    """Lay the kept n-grams out as a trie, with the backoff weights that make them sum to 1."""
    arrays: dict[str, npt.NDArray[np.generic]] = {}
    contexts = model[0][0]
    logs = np.log(model[0][1])
    arrays["score1"] = _levels(logs)
    values = [dict(zip(contexts.tolist(), logs.tolist(), strict=True))]
    weights: list[Floats] = []
    for order in range(2, ORDERS + 1):
        keys = kept[order - 2]
        full_keys, full = model[order - 1]
        probability = full[np.searchsorted(full_keys, keys)]
        mask = (1 << (_BITS * (order - 1))) - 1
        below = np.exp(np.array([_backed_off(values, kept, weights, int(k)) for k in keys & mask]))
        owner = np.searchsorted(contexts, keys >> _BITS)
        taken = np.bincount(owner, weights=probability, minlength=len(contexts))
        given = np.bincount(owner, weights=below, minlength=len(contexts))
        left = np.maximum(1 - taken, 1e-4) / np.maximum(1 - given, 1e-4)
        weights.append(np.log(np.minimum(left, 1.0)))
        arrays[f"children{order - 1}"] = np.bincount(owner, minlength=len(contexts)).astype(
            np.uint16
        )
        arrays[f"backoff{order - 1}"] = _levels(weights[-1])
        arrays[f"next{order}"] = (keys & ((1 << _BITS) - 1)).astype(np.uint16)
        arrays[f"score{order}"] = _levels(np.log(probability))
        values.append(dict(zip(keys.tolist(), np.log(probability).tolist(), strict=True)))
        contexts = keys
    return arrays


def _backed_off(
    values: list[dict[int, float]], kept: list[Keys], weights: list[Floats], key: int
) -> float:
    """Return the log probability that the model so far gives to an n-gram."""
    total = 0.0
    for order in range(len(values), 0, -1):
        part = key & ((1 << (_BITS * order)) - 1)
        found = values[order - 1].get(part)
        if found is not None:
            return total + found
        context = part >> _BITS
        if order == 2:
            total += float(weights[0][context])
        elif order > 2:
            place = int(np.searchsorted(kept[order - 3], context))
            if place < len(kept[order - 3]) and kept[order - 3][place] == context:
                total += float(weights[order - 2][place])
    return total + values[0][UNKNOWN]


def save(
    path: Path,
    vocabulary: str,
    forms: Mapping[str, str],
    arrays: Mapping[str, npt.NDArray[np.generic]],
) -> None:
    """Write a model file."""
    header = {
        "vocabulary": vocabulary,
        "forms": {other: form for other, form in forms.items() if form in vocabulary},
        "arrays": [[name, array.dtype.str, array.size] for name, array in arrays.items()],
    }
    body = json.dumps(header, ensure_ascii=False).encode() + b"\n"
    body += b"".join(array.tobytes() for array in arrays.values())
    path.write_bytes(MAGIC + lzma.compress(body, preset=9))


def main() -> None:
    """Train, prune and write the model."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--words", type=Path, help="word list: word and frequency a line")
    parser.add_argument("--hold-out", default="2025", help="years of news to leave out")
    parser.add_argument("--keep", default="800000,900000,300000", help="n-grams of order 2,3,4")
    parser.add_argument("--out", type=Path, default=MODEL)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    forms = read_forms()
    held_out = frozenset(options.hold_out.split(","))
    vocabulary, orders = count(options.data, held_out, options.words, forms)
    logger.info("counted: %s", [order.shape[1] for order in orders])
    model = estimate(orders, len(vocabulary) + 2)
    first, second, third = (int(number) for number in options.keep.split(","))
    kept = prune(model, orders, (first, second, third))
    logger.info("kept: %s", [len(keys) for keys in kept])
    save(options.out, vocabulary, forms, pack(model, kept))
    logger.info("wrote %s, %d bytes", options.out, options.out.stat().st_size)


if __name__ == "__main__":
    main()
