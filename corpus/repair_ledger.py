"""A repaired text with the account of what was changed in it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from itertools import accumulate

from corpus.records import Repair


@dataclass(frozen=True, slots=True)
class Repaired:
    """A text put right, with every change made to it.

    The changes are in order and do not overlap: putting every `before` back in the place of
    its `after` gives the damaged text again.
    """

    text: str
    repairs: tuple[Repair, ...] = ()
    unrepaired: tuple[int, ...] = ()
    """Offsets into `text` where damage is still visible."""


def undone(result: Repaired) -> str:
    """Return the text as it was before the repair."""
    pieces: list[str] = []
    at = 0
    for change in result.repairs:
        pieces += (result.text[at : change.start], change.before)
        at = change.start + len(change.after)
    return "".join(pieces) + result.text[at:]


def composed(first: Repaired, second: Repaired) -> Repaired:
    """Return two repairs, the second made on the text of the first, as one.

    A change of the first inside a change of the second is left out of the account.
    """
    if not first.repairs and not first.unrepaired:
        return second
    growths = [len(change.after) - len(change.before) for change in second.repairs]
    moves = [0, *accumulate(growths)]
    starts = [change.start - move for change, move in zip(second.repairs, moves, strict=False)]
    ends = [
        start + len(change.before) for start, change in zip(starts, second.repairs, strict=True)
    ]

    def moved(start: int, size: int) -> int | None:
        passed = bisect_right(ends, start)
        if passed < len(starts) and starts[passed] < start + size:
            return None
        return start + moves[passed]

    repairs = list(second.repairs)
    for change in first.repairs:
        start = moved(change.start, len(change.after))
        if start is not None:
            repairs.append(replace(change, start=start))
    unrepaired = set(second.unrepaired)
    unrepaired |= {at for old in first.unrepaired if (at := moved(old, 1)) is not None}
    return Repaired(
        second.text,
        tuple(sorted(repairs, key=lambda change: change.start)),
        tuple(sorted(unrepaired)),
    )
