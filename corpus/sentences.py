"""Where sentences end in Chinese text with some Latin in it."""

from __future__ import annotations

import re

from corpus.structure import paragraphs

CLOSING = "”’』」）》〉】〕］｝)]}"
"""Marks that belong to the sentence they close."""

_END = re.compile(rf"[。！？；…｡.!?;]+[{re.escape(CLOSING)}]*[\"']?")
_HAN_MARKS = frozenset("。！？；…｡")


def sentences(text: str) -> list[tuple[int, int]]:
    r"""Return the sentences of a text as (start, end) pairs, in order and trimmed of white space.

    A line end closes a sentence, unless the line was only wrapped (see `corpus.structure`).

    >>> text = "能退。“七天內？”可以\n另見3.14節"
    >>> [text[start:end] for start, end in sentences(text)]
    ['能退。', '“七天內？”', '可以', '另見3.14節']
    """
    return [
        span
        for paragraph in paragraphs(text)
        for span in sentence_spans(text, paragraph.start, paragraph.end)
    ]


def sentence_spans(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the sentences inside one paragraph; only white space lies between them."""
    spans = []
    seen, open_quote = start, False
    for match in _END.finditer(text, start, end):
        stop = match.end()
        last = text[stop - 1]
        if last in "\"'":
            # A straight quote closes what an earlier one opened; else it opens the next sentence.
            odd = (text.count(last, seen, stop - 1) % 2 == 1) != open_quote
            seen, open_quote = stop, False
            if not odd:
                stop, open_quote = stop - 1, True
        if text[match.start()] not in _HAN_MARKS and not _ends_latin(
            text, match.start(), stop, end
        ):
            continue
        if stop < end:
            spans.append((start, stop))
            start = stop
            while start < end and text[start].isspace():
                start += 1
    if start < end:
        spans.append((start, end))
    return spans


def _ends_latin(text: str, mark: int, stop: int, end: int) -> bool:
    """Tell whether an ASCII mark ends a sentence; not in 3.14, 12315.cn, or a damaged 潛?力."""
    before = text[mark - 1] if mark else " "
    if text[mark] == ";":
        # Old pages turned ； into ; by its bytes. Entities and code have ASCII before it.
        return not before.isascii()
    if stop < end and not text[stop].isspace():
        return any(character in _HAN_MARKS for character in text[mark:stop])
    if text[mark] == "." and not before.isascii():
        return False
    # Digits and a full stop at the start of a line number what follows.
    return not before.isdigit() or (mark >= 3 and text[mark - 3 : mark].isdigit())
