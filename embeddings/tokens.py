"""Folded text to rows of the bundled model: Han characters, pairs of them, words, numbers.

No loop over characters: a text becomes an array of code points, a table gives each Han
character its row, and a pair is one number, looked up in a sorted array.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]
"""Row numbers of the weights, one a token, with repetitions."""

WORD = re.compile(r"[a-zß-ɏ]+|[0-9]+")
"""Words and numbers of folded text: Latin letters, or digits."""

_UNKNOWN = -1
_PAIR_SHIFT = 16


class Vocabulary:
    """The tokens a model knows, in the order of its rows: characters, pairs, words."""

    def __init__(
        self,
        characters: npt.NDArray[np.uint32],
        pairs: npt.NDArray[np.uint32],
        words: Sequence[str],
    ) -> None:
        """Build the tables.

        `characters` holds distinct code points; `pairs`, ascending, holds
        `first << 16 | second` with both as positions in `characters`.

        Raises:
            ValueError: pairs are not ascending, or a pair names no character.
        """
        count = len(characters)
        if not 0 < count <= 1 << _PAIR_SHIFT:
            raise ValueError(f"a vocabulary has 1 to {1 << _PAIR_SHIFT} characters, not {count}")
        if len(pairs) and (
            bool(np.any(pairs[1:] <= pairs[:-1]))
            or int(pairs[-1]) >> _PAIR_SHIFT >= count
            or int(np.max(pairs & np.uint32(0xFFFF))) >= count
        ):
            raise ValueError("the pairs are not ascending, or name characters that are not there")
        self.characters = characters
        self.pairs = pairs
        self.words = tuple(words)
        # One entry past the largest code point stands for every unknown character.
        self._row_of = np.full(int(characters.max()) + 2, _UNKNOWN, dtype=np.int32)
        self._row_of[characters] = np.arange(count, dtype=np.int32)
        self._row_of[-1] = _UNKNOWN
        self._first_pair = count
        first_word = count + len(pairs)
        self._word_rows = {word: first_word + place for place, word in enumerate(self.words)}

    def __len__(self) -> int:
        return len(self.characters) + len(self.pairs) + len(self.words)

    def rows(self, folded: str) -> Rows:
        """Give the row of every known token: characters, then pairs, then words.

        Within each kind in the order of the text, repetitions kept; unknown tokens are left out.
        """
        codes = np.frombuffer(folded.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        if not codes.size:
            return np.empty(0, dtype=np.int64)
        characters = self._row_of[np.minimum(codes, len(self._row_of) - 1)]
        known = characters != _UNKNOWN
        together = np.flatnonzero(known[1:] & known[:-1])
        keys = (characters[together] << _PAIR_SHIFT | characters[together + 1]).view(np.uint32)
        parts = [characters[known], self._pair_rows(keys)]
        if words := self._words(folded):
            parts.append(np.array(words, dtype=np.int32))
        return np.concatenate(parts).astype(np.int64)

    def _pair_rows(self, keys: npt.NDArray[np.uint32]) -> npt.NDArray[np.int32]:
        if not len(self.pairs) or not keys.size:
            return np.empty(0, dtype=np.int32)
        places = np.minimum(np.searchsorted(self.pairs, keys), len(self.pairs) - 1)
        found = places[self.pairs[places] == keys]
        rows: npt.NDArray[np.int32] = (found + self._first_pair).astype(np.int32)
        return rows

    def _words(self, folded: str) -> list[int]:
        row_of = self._word_rows
        return [row_of[word] for word in WORD.findall(folded) if word in row_of]
