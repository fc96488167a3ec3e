"""The sentence of a passage that answers, by exact offsets."""

from __future__ import annotations

from collections.abc import Mapping

from corpus import fold, sentences
from retrieval.records import Quote
from retrieval.tokens import terms


def best_sentence(text: str, weights: Mapping[str, float]) -> Quote | None:
    """Return the sentence of `text` that covers most of the question, or None if none does any.

    `weights` gives the question's terms their weight. A single character counts half of a pair:
    it is found in many a sentence. A heading or a question names the subject and seldom answers.
    Of equal sentences the first is taken.
    """
    best: tuple[float, int, int] | None = None
    for start, end in sentences(text):
        found = set(terms(fold(text[start:end])))
        covered = sum(
            weight * (1.0 if len(term) > 1 else _SINGLE)
            for term, weight in weights.items()
            if term in found
        )
        # A sentence twice as long holds more terms by chance.
        value = covered / (1 + len(found) / _LENGTH)
        if not _is_statement(text[start:end]):
            value *= _NO_STATEMENT
        if value and (best is None or value > best[0]):
            best = value, start, end
    return None if best is None else Quote(text[best[1] : best[2]], best[1], best[2])


_SINGLE = 0.5
_LENGTH = 2000.0
_NO_STATEMENT = 0.6

_CLOSING = "”’』」）》)]\"'"
_STATEMENT_ENDS = frozenset("。！；…，、：;:,!.")


def _is_statement(sentence: str) -> bool:
    """Tell a sentence that says something from a heading (no mark at its end) and a question."""
    return sentence.rstrip(_CLOSING)[-1:] in _STATEMENT_ENDS
