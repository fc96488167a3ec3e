"""A text as a row of segments, each with a key that survives script, width and damage.

Segments are sentences and their larger parts, whatever the lines are: the same paragraph stands
on one line here and on twenty there. What several articles share is found by these keys.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from corpus.folding import fold

SEGMENT: np.dtype[Any] = np.dtype([("key", "<u8"), ("size", "<u2"), ("flags", "u1")])
"""`key` is 0 for a segment too short to say anything; `size` counts characters of the key."""
SENTENCE, LAW = 1, 2
"""Flags: it ends like a sentence; it stands in the numbered articles of a law."""

Segments: TypeAlias = npt.NDArray[Any]
"""Of dtype `SEGMENT`, in the order of the text."""

_SEGMENT = re.compile(r"[^\n。！？；;!?]*[\n。！？；;!?”’」』）)\s]*")
_READING = re.compile(r"[(（][a-zA-Zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü]{1,6}[)）]")
_NO_WORD = re.compile(r"[\W_]+")
_APART = "\x1e"
_NO_WORD_INSIDE = re.compile(rf"[^\w{_APART}]+|_+")
_END = re.compile(r"[。！？!?]")
_LAW = re.compile(r"^\s*第\s?[一二三四五六七八九十百千零〇0-9０-９]{1,9}\s?[条條]", re.M)
_KEYED_CHARS = 8
_LAW_ARTICLES = 3


def segment_spans(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of each segment; together they are the whole text."""
    return [match.span() for match in _SEGMENT.finditer(text) if match.end() > match.start()]


def key_text(text: str) -> str:
    """Return the letters, digits and Han of a text, folded, readings in brackets left out.

    >>> key_text("創(chuàng)新，興會； （一）")
    '创新兴会一'
    """
    return _NO_WORD.sub("", fold(_READING.sub("", text)))


def segments(text: str) -> Segments:
    """Return the segments of a text, in order."""
    return read_segments(text)[0]


def read_segments(text: str) -> tuple[Segments, str]:
    """Return the segments of a text, in order, and their key texts in one."""
    pieces = keyed_pieces(text)
    result = np.zeros(len(pieces), SEGMENT)
    law_start, law_end = _law_zone(text)
    start = 0
    for number, (piece, key) in enumerate(pieces):
        flags = SENTENCE if len(key) >= _KEYED_CHARS and _END.search(piece) else 0
        if law_start <= start < law_end:
            flags |= LAW
        result[number] = (_hash(key), min(len(key), 0xFFFF), flags)
        start += len(piece)
    return result, "".join(key for _, key in pieces)


def keyed_pieces(text: str) -> list[tuple[str, str]]:
    """Return each segment's own text and its key text.

    Folded together, which is several times as fast.
    """
    pieces = [text[start:end] for start, end in segment_spans(text)]
    joined = _READING.sub("", _APART.join(pieces))
    keys = _NO_WORD_INSIDE.sub("", fold(joined)).split(_APART)
    if len(keys) != len(pieces):
        keys = list(map(key_text, pieces))
    return list(zip(pieces, keys, strict=True))


def _hash(key: str) -> int:
    if len(key) < _KEYED_CHARS:
        return 0
    digest = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") or 1


def _law_zone(text: str) -> tuple[int, int]:
    """Return where a law stands: from the start to the last line of its numbered articles.

    Laws repeat one another word for word, and each is cited by itself.
    """
    if "第" not in text:
        return 0, 0
    marks = [match.start() for match in _LAW.finditer(text)]
    if len(marks) < _LAW_ARTICLES:
        return 0, 0
    end = text.find("\n", marks[-1] + 1)
    return 0, len(text) if end < 0 else end
