"""The one fold used for matching, applied to the archive and to questions alike.

A folded text is a key, not something to read: widths, case and scripts are merged, and so are
characters that some converter between 简 and 繁 takes for one another (著 and 着 both become 着),
numbers written in digits or in characters, and words that differ by region (行動電源 and 充电宝).
What people see is always the source's own text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path

from corpus.fold_table import TABLE
from corpus.numerals import unify_numerals

REGIONAL = Path(__file__).with_name("regional.txt")
"""Words of Taiwan, Hong Kong and Macau, and the mainland's for the same thing, a pair a line."""

FOLD_VERSION = "1"
"""Changes whenever any folded text could; written in the manifest."""

# Zero-width and bidi controls, the soft hyphen, the byte order mark: they split words unseen.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\ufeff\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f"
    "\U000e0100-\U000e01ef]+"
)

# Characters that fold alike whatever stands beside them: nearly all text there is.
_PLAIN = (
    *((0x01, 0x7F), (0xA0, 0xA0), (0xB7, 0xB7), (0x2014, 0x2014), (0x2018, 0x2019)),
    *((0x201C, 0x201D), (0x2460, 0x2473), (0x3000, 0x3029), (0x3400, 0x4DBF)),
    *((0x4E00, 0x9FFF), (0xFF01, 0xFF5E)),
)
_HAN = range(0x3400, 0xA000)


@cache
def _quick() -> Callable[[str], str]:
    """Return what folds plain characters that become one, and leaves a NUL for every other.

    One look-up for a whole text takes a quarter of what walking over its characters does.
    """
    # Here, because what only needs a name of this package should not wait for it.
    import numpy as np

    table = np.zeros(1 << 16, dtype=np.uint16)
    for first, last in _PLAIN:
        codes = range(first, last + 1)
        table[first : last + 1] = (
            codes if first in _HAN else [_one_unit(_fold_with_care(chr(code))) for code in codes]
        )
    for code, folded in _table().items():
        if code in _HAN:
            table[code] = _one_unit(folded)

    def look_up(text: str) -> str:
        units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), dtype=np.uint16)
        return table[units].tobytes().decode("utf-16-le")

    return look_up


def _one_unit(folded: str) -> int:
    return ord(folded) if len(folded) == 1 and folded <= "\uffff" else 0


@cache
def _table() -> dict[int, str]:
    classes = TABLE.read_text(encoding="utf-8").split()
    return {ord(other): members[0] for members in classes for other in members[1:]}


@cache
def _regional() -> tuple[re.Pattern[str], dict[str, str]]:
    words = dict(
        line.split()
        for line in REGIONAL.read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    )
    # The longest first: 网路购物 before 网路.
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))), words


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
    # Plain as well, but for becoming three.
    text = text.replace("…", "...")
    quick = _quick()(text)
    text = _fold_with_care(text) if "\0" in quick else quick
    pattern, words = _regional()
    return unify_numerals(pattern.sub(lambda match: words[match[0]], text))


def _fold_with_care(text: str) -> str:
    """Fold characters where one may join the one before it, or is not to be seen."""
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    caseless = text.casefold()
    if caseless != text:
        # Casefolding may undo NFKC for a few letters, so it stands between two of them (Unicode
        # Standard, section 3.13, definition of NFKC_Casefold).
        text = unicodedata.normalize("NFKC", caseless)
    return text.translate(_table())


def fold_characters(text: str) -> str:
    """Fold each character by itself, width, case and script: what stands where stays there.

    >>> fold_characters("ＳＩＴＥ：２０１９年以後")
    'site:2019年以后'
    """
    return "".join(map(_fold_character, text))


@lru_cache(maxsize=8192)
def _fold_character(character: str) -> str:
    folded = unicodedata.normalize("NFKC", character).casefold().translate(_table())
    return folded if len(folded) == 1 else character
