"""The terms of passages as the texts the keyword index reads, made with numpy, many at once.

The same terms as `retrieval.tokens.terms` gives, as often, in another order: the index counts them
and forgets where they stood. Nearly all units are Han characters, each by itself, and pairs of them
are neighbours in the text; so both are taken from an array of code points, and only runs that hold
something else are gone through in Python.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from retrieval.tokens import HAN, mixed_runs

Codes = npt.NDArray[np.uint32]

_BLANK = ord(" ")


def term_texts(folded: Sequence[str]) -> list[str]:
    """Return the terms of each folded text, joined by blanks.

    >>> term_texts(["退货 7天", "!"])
    ['退 货 天 退货 7 7天', '']
    """
    # A line end between them is part of no pair.
    whole = "\n".join(folded)
    codes = np.frombuffer(whole.encode("utf-32-le", "surrogatepass"), np.uint32)
    table = _han()
    is_han = table[np.minimum(codes, len(table) - 1)]
    both = is_han[:-1] & is_han[1:]
    ends = np.cumsum([len(one) + 1 for one in folded], dtype=np.int64)
    singles, single_ends = _cells(is_han, ends, codes)
    pairs, pair_ends = _cells(both, ends, codes[:-1], codes[1:])
    result, single, pair = [], 0, 0
    for text, single_end, pair_end in zip(folded, single_ends, pair_ends, strict=True):
        terms = singles[single:single_end] + pairs[pair:pair_end]
        result.append((terms + " ".join(_others(text))).rstrip(" "))
        single, pair = single_end, pair_end
    return result


def _cells(
    chosen: npt.NDArray[np.bool_], ends: npt.NDArray[np.int64], *characters: Codes
) -> tuple[str, list[int]]:
    """Return the terms at the chosen places, a blank behind each, and where each text's end."""
    width = len(characters) + 1
    counts = np.concatenate([[0], np.cumsum(chosen)])
    cells = np.full((int(counts[-1]), width), _BLANK, np.uint32)
    for column, one in enumerate(characters):
        cells[:, column] = one[chosen]
    text_ends: list[int] = (width * counts[np.minimum(ends, len(chosen))]).tolist()
    return cells.tobytes().decode("utf-32-le"), text_ends


def _others(folded: str) -> list[str]:
    """Return the terms that are not of Han characters alone."""
    found = []
    for run in mixed_runs(folded):
        others = [HAN.match(unit) is None for unit in run]
        found += [unit for unit, other in zip(run, others, strict=True) if other]
        found += [
            first + second
            for (first, second), beside in zip(pairwise(run), pairwise(others), strict=True)
            if any(beside)
        ]
    return found


@cache
def _han() -> npt.NDArray[np.bool_]:
    """Return which code points are Han characters; the last, which is none, stands for the rest."""
    table = np.zeros(0x32400, np.bool_)
    known = "".join(map(chr, (*range(0x3000, 0xD800), *range(0xE000, len(table) - 1))))
    # A code point that is not assigned is no part of a word.
    table[[ord(one) for one in HAN.findall(known) if one.isalnum()]] = True
    return table
