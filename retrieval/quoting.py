"""The sentence of a passage that answers, by exact offsets."""

from __future__ import annotations

from collections.abc import Mapping

from corpus import fold, sentences
from retrieval.records import Quote


def best_sentence(text: str, weights: Mapping[str, float]) -> Quote | None:
    """Return the sentence of `text` that covers most of the question, or None if none does any.

    `weights` says how telling each of the question's terms is. A heading or a question names the
    subject and seldom answers. Of equal sentences the first is taken.
    """
    best: tuple[float, int, int] | None = None
    for start, end in sentences(text):
        sentence = fold(text[start:end])
        covered = sum(weight for term, weight in weights.items() if term in sentence)
        # A sentence twice as long holds more terms by chance.
        value = covered / (1 + len(sentence) / _LENGTH)
        if not _is_statement(text[start:end]):
            value *= _NO_STATEMENT
        if value and (best is None or value > best[0]):
            best = value, start, end
    return None if best is None else Quote(text[best[1] : best[2]], best[1], best[2])


_LENGTH = 1000.0
_NO_STATEMENT = 0.4

_CLOSING = "”’』」）》)]\"'"
_STATEMENT_ENDS = frozenset("。！；…，、：;:,!.")


def _is_statement(sentence: str) -> bool:
    """Tell a sentence that says something from a heading (no mark at its end) and a question."""
    return sentence.rstrip(_CLOSING)[-1:] in _STATEMENT_ENDS
