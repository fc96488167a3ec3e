"""How much two stretches of text say the same, damage and small edits aside."""

from __future__ import annotations

from itertools import pairwise

from corpus.segments import key_text, segment_spans


class Reading:
    """A text and its segments, each with its key text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.spans = segment_spans(text)

    def key(self, number: int) -> str:
        """Return the key text of a segment."""
        start, end = self.spans[number]
        return key_text(self.text[start:end])

    def is_like(self, number: int, other: Reading, theirs: int) -> bool:
        """Tell whether a segment says what one of another text says."""
        if not (0 <= number < len(self.spans) and 0 <= theirs < len(other.spans)):
            return False
        mine, key = self.key(number), other.key(theirs)
        if mine == key:
            return True
        return len(mine) >= 6 and held(mine, pairs_of(key)) >= 0.7 and len(key) < 1.5 * len(mine)

    def size(self, first: int, last: int) -> int:
        """Return the characters in the keys of some segments."""
        return sum(len(self.key(number)) for number in range(first, last + 1))

    def pairs(self, first: int, last: int) -> set[str]:
        """Return the pairs of neighbouring characters of some segments."""
        found: set[str] = set()
        for number in range(first, last + 1):
            found |= pairs_of(self.key(number))
        return found


def pairs_of(key: str) -> set[str]:
    """Return the pairs of neighbouring characters of a key text."""
    return {first + second for first, second in pairwise(key)}


def held(key: str, known: set[str]) -> float:
    """Return the share of a key's pairs that are known."""
    own = pairs_of(key)
    return len(own & known) / len(own) if own else 1.0
