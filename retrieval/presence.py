"""Which terms stand in which texts, for many of both at once.

Terms are nearly all one or two characters. So the texts become one array of code points, a table
tells which of them terms are made of, and another which pairs of neighbours are terms. Looking for
each term in each text takes Python ten times as long.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Presence: TypeAlias = npt.NDArray[np.bool_]
"""(texts, terms): whether a term stands in a text."""

_UNIT = 2.0**32


class Terms:
    """Terms to be looked for, none of which holds a line end."""

    def __init__(self, terms: Iterable[str]) -> None:
        self._terms = tuple(terms)
        short = [(column, term) for column, term in enumerate(self._terms) if len(term) <= 2]
        self._long = [(column, term) for column, term in enumerate(self._terms) if len(term) > 2]
        characters = {character for _, term in short for character in term}
        number = {character: place for place, character in enumerate(characters, start=1)}
        # The last of each table stands for all others; so does the column behind the last term.
        self._numbers = np.zeros(max(map(ord, characters), default=0) + 2, dtype=np.int16)
        self._single = np.full(len(number) + 1, len(self._terms), dtype=np.int32)
        self._pair = np.full((len(number) + 1,) * 2, len(self._terms), dtype=np.int32)
        for character, place in number.items():
            self._numbers[ord(character)] = place
        for column, term in short:
            if len(term) == 1:
                self._single[number[term]] = column
            else:
                self._pair[number[term[0]], number[term[1]]] = column

    def found_in(self, texts: Sequence[str]) -> Presence:
        """Return which terms stand in which texts."""
        found = np.zeros((len(texts), len(self._terms) + 1), dtype=np.bool_)
        whole = "\n".join(texts).encode("utf-32-le", "surrogatepass")
        codes = np.frombuffer(whole, dtype=np.uint32)
        numbers = self._numbers[np.minimum(codes, len(self._numbers) - 1)]
        at = np.flatnonzero(numbers)
        kinds = numbers[at]
        text = np.repeat(np.arange(len(texts)), [len(one) + 1 for one in texts])[at]
        found[text, self._single[kinds]] = True
        followed = np.flatnonzero(at[1:] - at[:-1] == 1)
        found[text[followed], self._pair[kinds[followed], kinds[followed + 1]]] = True
        for column, term in self._long:
            found[:, column] = [term in one for one in texts]
        return found[:, :-1]


terms_of = lru_cache(maxsize=16)(Terms)
"""`Terms` of a tuple: a question's are looked for in what is ranked, judged and shown."""


def portions(found: Presence, weights: Iterable[float]) -> npt.NDArray[np.float64]:
    """Return the portion of all weights that falls on the terms of each text, 0 to 1.

    One weight a term, none of them negative. Texts with the same terms have the same portion to
    the last bit: what is added are whole numbers, so that the order does not count.
    """
    whole = np.rint(np.fromiter(weights, dtype=np.float64) * _UNIT)
    shares: npt.NDArray[np.float64] = (found @ whole) / max(whole.sum(), 1.0)
    return shares
