"""Put right text that was damaged on its way through old encodings: the inverse of the process.

Some sites turned Simplified pages into Traditional ones and put the pinyin of certain characters
in brackets behind them, replacing bytes without regard to where characters begin. Aligned hits
read 創(chuàng)新; others tear the text apart: 發(fā)展?jié)摿?,. See docs/repair.md.
"""

from __future__ import annotations

import re

from corpus.mojibake import repair_mojibake
from corpus.readings import HAN, LETTERS
from corpus.repair_ledger import Repaired, composed

__all__ = ["REPAIR_VERSION", "Repaired", "repair"]

REPAIR_VERSION = "1"
"""Changes whenever the repaired text of any article could."""

_GATE = re.compile(rf"(?<=[{HAN}])\([{LETTERS}]{{1,6}}\)|\?[{LETTERS}]{{1,6}}\)")


def repair(text: str) -> Repaired:
    """Undo the damage in an article; a text without any comes back as it was.

    Idempotent, and never longer than the input. Half-width punctuation must be as it is on
    disk: it shows where the bytes were shifted.

    >>> repair("創(chuàng)新驅(qū)動發(fā)展,質(zhì)量強國(guó)。").text
    '創新驅動發展,質量強國。'
    """
    first = repair_mojibake(text)
    if not _GATE.search(first.text):
        return first
    # The model is read only for a text that may need it.
    from corpus.repair_pass import repair_page

    return composed(first, repair_page(first.text))
