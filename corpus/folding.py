"""The one fold used for matching, applied to the archive and to questions alike.

A folded text is a key, not something to read: widths, case and scripts are merged, and so are
characters that some converter between 简 and 繁 takes for one another (著 and 着 both become 着).
What people see is always the source's own text.
"""

from __future__ import annotations

import unicodedata
from functools import cache

from corpus.fold_table import TABLE
from corpus.numerals import unify_numerals

FOLD_VERSION = "1"
"""Changes whenever any folded text could; written in the manifest."""

# Zero-width and bidi controls, the soft hyphen, the byte order mark: they split words unseen.
_INVISIBLE = dict.fromkeys(
    (
        *(0x00AD, 0x034F, 0x061C, 0x180E, 0xFEFF),
        *range(0x200B, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2070),
        *range(0xFE00, 0xFE10),
        *range(0xE0100, 0xE01F0),
    )
)


@cache
def _table() -> dict[int, str | None]:
    classes = TABLE.read_text(encoding="utf-8").split()
    return _INVISIBLE | {ord(other): members[0] for members in classes for other in members[1:]}


def fold(text: str) -> str:
    """Fold a text for matching: NFKC, no case, no invisible characters, one script, one numeral.

    Idempotent. Not length preserving (NFKC turns … into three dots).

    >>> fold("網購７天無理由退貨ＯＫ")
    '网购七天无理由退货ok'
    >>> fold("看著") == fold("看着"), fold("乾淨") == fold("干净")
    (True, True)
    """
    if text.isascii():
        return unify_numerals(text.casefold())
    text = unicodedata.normalize("NFKC", text.translate(_INVISIBLE))
    # Casefolding may undo NFKC for a few letters, so it stands between two of them (Unicode
    # Standard, section 3.13, definition of NFKC_Casefold).
    text = unicodedata.normalize("NFKC", text.casefold())
    return unify_numerals(text.translate(_table()))
