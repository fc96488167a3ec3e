"""A small character language model: how likely a character is after the three before it.

An n-gram model with backoff (orders 1 to 4) over Simplified characters, so that one model serves
both scripts; the forms it takes for one another are kept in its file. Trained and pruned by
`corpus.repair_training`.
"""

from __future__ import annotations

import json
import lzma
import unicodedata
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

MODEL = Path(__file__).with_name("data") / "charmodel.bin"
MAGIC = b"XZCM1\n"
ORDERS = 4
STEP = 1 / 16
"""Log probabilities are stored as multiples of this many nats."""
UNKNOWN, BREAK = 0, 1
"""Symbols: a character the model does not know; a line break or the edge of the text."""

_MAX_CACHED = 60_000
Successors = dict[int, int]
"""Node of each symbol that was seen after a context."""
Level = tuple[Successors, bytes, float]
"""One order of n-grams after a context: nodes, their scores, and what backing off costs."""


def spelling(character: str, forms: Mapping[str, str]) -> str:
    """Return the model's spelling of a character: one width, one form, digits and letters merged.

    `forms` gives the Simplified form of characters that have another.
    """
    if character in "\n\r":
        return "\n"
    plain = unicodedata.normalize("NFKC", character)
    if len(plain) != 1:
        return character
    if plain.isdigit() and plain.isascii():
        return "0"
    if plain.isascii() and plain.isalpha():
        return "a"
    return " " if plain.isspace() else forms.get(plain, plain)


class CharModel:
    """The trained model. Contexts are tuples of the last three symbols, oldest first."""

    def __init__(
        self, vocabulary: str, forms: Mapping[str, str], arrays: dict[str, npt.NDArray[np.generic]]
    ) -> None:
        self._forms = forms
        self._symbols = {character: number for number, character in enumerate(vocabulary, 2)}
        self._symbols["\n"] = BREAK
        self._known: dict[str, int] = {}
        self._logs = [-STEP * level for level in range(256)]
        self._successors = [arrays[f"next{order}"].astype(np.uint16) for order in (2, 3, 4)]
        self._scores = [arrays[f"score{order}"].tobytes() for order in (1, 2, 3, 4)]
        self._backoffs = [arrays[f"backoff{order}"].tobytes() for order in (1, 2, 3)]
        self._starts = [
            np.concatenate(([0], np.cumsum(arrays[f"children{order}"], dtype=np.int64)))
            for order in (1, 2, 3)
        ]
        self._cached: list[dict[int, Successors]] = [{}, {}, {}]

    @classmethod
    def load(cls, path: Path = MODEL) -> CharModel:
        """Read a model file; raise ValueError if it is not one."""
        data = path.read_bytes()
        if not data.startswith(MAGIC):
            raise ValueError(
                f"{path} is not a character model; run python -m corpus.repair_training"
            )
        body = lzma.decompress(data[len(MAGIC) :])
        head, _, blob = body.partition(b"\n")
        header = json.loads(head)
        arrays: dict[str, npt.NDArray[np.generic]] = {}
        at = 0
        for name, dtype, size in header["arrays"]:
            arrays[name] = np.frombuffer(blob, dtype=dtype, count=size, offset=at)
            at += arrays[name].nbytes
        return cls(header["vocabulary"], header["forms"], arrays)

    @property
    def size(self) -> int:
        """Number of symbols, the two special ones included."""
        return len(self._scores[0])

    def symbol(self, character: str) -> int:
        """Return the model's number for a character."""
        number = self._known.get(character)
        if number is None:
            number = self._symbols.get(spelling(character, self._forms), UNKNOWN)
            self._known[character] = number
        return number

    def differs(self, character: str) -> bool:
        """Tell whether a character is another one in Simplified Chinese."""
        return character in self._forms

    def rarity(self, symbol: int) -> float:
        """Return the log probability of a symbol anywhere."""
        return self._logs[self._scores[0][symbol]]

    def _children(self, order: int, node: int) -> Successors:
        cached = self._cached[order - 1]
        found = cached.get(node)
        if found is None:
            if len(cached) > _MAX_CACHED:
                cached.clear()
            starts = self._starts[order - 1]
            start, end = int(starts[node]), int(starts[node + 1])
            found = dict(
                zip(
                    self._successors[order - 1][start:end].tolist(),
                    range(start, end),
                    strict=True,
                )
            )
            cached[node] = found
        return found

    def likely(self, symbol: int, limit: int) -> list[int]:
        """Return what most often follows a symbol, most likely first."""
        children = self._children(1, symbol)
        return sorted(children, key=lambda after: self._scores[1][children[after]])[:limit]

    def context(self, third: int, second: int, last: int) -> Context:
        """Return what follows these three symbols, `last` being the nearest."""
        logs = self._logs
        levels: list[Level] = []
        pair = self._children(1, second).get(last)
        if pair is not None:
            opening = self._children(1, third).get(second)
            if opening is not None:
                triple = self._children(2, opening).get(last)
                if triple is not None and (children := self._children(3, triple)):
                    backoff = logs[self._backoffs[2][triple]]
                    levels.append((children, self._scores[3], backoff))
            if children := self._children(2, pair):
                levels.append((children, self._scores[2], logs[self._backoffs[1][pair]]))
        backoff = logs[self._backoffs[0][last]]
        levels.append((self._children(1, last), self._scores[1], backoff))
        return Context(tuple(levels), self._scores[0], logs)

    def score(self, text: str) -> float:
        """Return the log probability of a text, a line of its own, in nats."""
        history = [BREAK, BREAK, BREAK]
        total = 0.0
        for character in text:
            number = self.symbol(character)
            total += self.context(*history).score(number)
            history = [*history[1:], number]
        return total


class Context:
    """The model after one fixed context."""

    __slots__ = ("_levels", "_logs", "_singles")

    def __init__(self, levels: tuple[Level, ...], singles: bytes, logs: list[float]) -> None:
        self._levels = levels
        self._singles = singles
        self._logs = logs

    def score(self, symbol: int) -> float:
        """Return the log probability of one symbol here, in nats."""
        total = 0.0
        for children, scores, backoff in self._levels:
            node = children.get(symbol)
            if node is not None:
                return total + self._logs[scores[node]]
            total += backoff
        return total + self._logs[self._singles[symbol]]
