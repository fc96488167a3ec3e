"""Which tokens the bundled model gets: the most useful characters, pairs, words, numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from embeddings.tokens import WORD, Vocabulary

_HAN = (
    (0x3007, 0x3008),
    (0x3400, 0x4DC0),
    (0x4E00, 0xA000),
    (0xF900, 0xFB00),
    (0x20000, 0x323B0),
)
_CHUNK = 2000

Token = TypeVar("Token", int, str)
Counts = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Limits:
    """How many tokens of each kind."""

    tokens: int = 90_000
    characters: int = 7_000
    words: int = 2_000
    least: int = 2
    """Times a token must stand in a group to count for it."""


def is_han(codes: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    """Tell which code points are Han characters."""
    han: npt.NDArray[np.bool_] = np.zeros(codes.shape, dtype=np.bool_)
    for first, end in _HAN:
        han |= (codes >= first) & (codes < end)
    return han


def build_vocabulary(
    groups: Sequence[tuple[float, Iterable[str]]], limits: Limits
) -> tuple[Vocabulary, Counts]:
    """Choose the most frequent tokens over groups of texts, each with its weight.

    A token counts with its share of its group, so that a few megabytes of everyday questions
    weigh as much as fifty of law. Returns the vocabulary and each row's share of all tokens.
    """
    characters, pairs, words = Counter[int](), Counter[int](), Counter[str]()
    shares: tuple[Counter[int], Counter[int], Counter[str]]
    for weight, texts in groups:
        shares = (Counter(), Counter(), Counter())
        for chunk in _chunks(texts):
            _count(chunk, *shares)
        scale = weight / max(1, shares[0].total())
        for total, share in zip((characters, pairs, words), shares, strict=True):
            for token, count in share.items():  # type: ignore[attr-defined]
                if count >= limits.least:
                    total[token] += count * scale  # type: ignore[index]
    best_characters = _best(characters, limits.characters)
    row_of = {code: row for row, code in enumerate(best_characters)}
    best_words = _best(words, limits.words)
    room = limits.tokens - len(best_characters) - len(best_words)
    known = {
        row_of[pair >> 32] << 16 | row_of[pair & 0xFFFFFFFF]: share
        for pair, share in pairs.items()
        if pair >> 32 in row_of and pair & 0xFFFFFFFF in row_of
    }
    best_pairs = sorted(_best(Counter(known), room))
    vocabulary = Vocabulary(
        np.array(best_characters, dtype=np.uint32),
        np.array(best_pairs, dtype=np.uint32),
        best_words,
    )
    found = [characters[c] for c in best_characters] + [known[p] for p in best_pairs]
    shares_of_rows = np.array(found + [words[w] for w in best_words], dtype=np.float64)
    return vocabulary, shares_of_rows / shares_of_rows.sum()


def _count(text: str, characters: Counter[int], pairs: Counter[int], words: Counter[str]) -> None:
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    han = is_han(codes)
    _add(characters, codes[han])
    together = np.flatnonzero(han[1:] & han[:-1])
    keys = codes[together].astype(np.uint64) << np.uint64(32) | codes[together + 1]
    _add(pairs, keys)
    words.update(WORD.findall(text))


def _add(counter: Counter[int], values: npt.NDArray[np.generic]) -> None:
    tokens, counts = np.unique(values, return_counts=True)
    for token, count in zip(tokens.tolist(), counts.tolist(), strict=True):
        counter[token] += count


def _chunks(texts: Iterable[str]) -> Iterator[str]:
    block = list[str]()
    for text in texts:
        block.append(text)
        if len(block) == _CHUNK:
            yield "\n".join(block)
            block = []
    yield "\n".join(block)


def _best(counter: Counter[Token], limit: int) -> list[Token]:
    """Give the most frequent tokens; equal ones in their own order, so runs repeat."""
    ranked = sorted(counter.items(), key=lambda item: (-item[1], item[0]))
    return [token for token, _ in ranked[:limit]]
