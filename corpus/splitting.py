"""Articles cut into passages, at sentence ends and where a reader would turn the page.

Where to cut is decided for the article as a whole: of all ways to cut it, take the cheapest, where
a passage costs the more the further its length is from the target, and a cut costs the more the
closer it binds what it separates (dynamic programming over the sentences, as Knuth and Plass
break lines: Software: Practice and Experience 11, 1981).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from corpus.records import Article, Passage
from corpus.sentences import sentence_spans
from corpus.structure import Kind, Paragraph, paragraphs

SPLITTER_VERSION = "2"
"""Changes whenever any article could be split differently; written in the manifest."""

TARGET_CHARS = 300
MAX_CHARS = 500
SENTENCE_CHARS = 1500
"""A longer sentence is cut at clause marks; one between the two limits stands alone."""

_SMALL_CHARS = 24
_LOOKBACK = 64
_HEADING_LENGTH = 60
_LEAD_CHARS = 36
"""A longer line that ends in a colon says something itself."""

# The price of a cut before a paragraph of this kind, and of leaving it inside a passage.
_CUT = {Kind.ARTICLE: 0.0, Kind.ITEM: 0.2, Kind.PLAIN: 0.1}
_KEEP = {Kind.ARTICLE: 0.3}
_CUT_SENTENCE = 0.4
_CUT_AFTER_LEAD = 4.0
_CUT_HEADING = 0.0
_KEEP_HEADING = 1.2
# The price of a passage that begins before a numbered article and ends inside it.
_TORN = 0.8
_LENGTH_PRICE = [
    2 * ((length - TARGET_CHARS) / TARGET_CHARS) ** 2 for length in range(MAX_CHARS + 1)
]


@dataclass(slots=True)
class _Piece:
    """The smallest stretch that is never cut: a sentence, or a few tiny ones."""

    start: int
    end: int
    cut: float
    """The price of a cut before it."""
    keep: float
    """The price of having it inside a passage, not at its start."""
    heading: str
    """What stands above it, should a passage begin here."""
    law: int
    """The number of the first piece of its numbered article of law, or -1."""


def split(article: Article) -> list[Passage]:
    """Return the passages of an article, in order; nothing but white space lies between them.

    Each has about 300 characters and at most 500, one longer sentence alone excepted.
    """
    text = article.text
    builder = _Builder(text, (article.title or "").strip())
    for paragraph in paragraphs(text):
        builder.add(paragraph)
    pieces = builder.pieces
    passages = []
    for first, last in _cheapest(pieces):
        start, end = pieces[first].start, pieces[last].end
        passages.append(Passage(start, end, text[start:end], pieces[first].heading or None))
    return passages


class _Builder:
    """Collects the pieces of a text, paragraph by paragraph."""

    def __init__(self, text: str, title: str) -> None:
        self.pieces: list[_Piece] = []
        self._text = text
        self._title = title
        self._headings: list[tuple[Kind, str]] = []
        self._context = ""
        self._law = -1
        self._after_lead = False
        """Whether what comes next belongs to the line before: a heading, or who says it."""

    def add(self, paragraph: Paragraph) -> None:
        """Add the sentences of a paragraph."""
        kind = paragraph.kind
        is_heading = kind < Kind.ARTICLE
        if is_heading:
            while self._headings and self._headings[-1][0] >= kind:
                self._headings.pop()
            self._enter("")
            self._law = -1
        elif kind is Kind.ARTICLE:
            self._enter("")
            self._law = len(self.pieces)
        cut, keep = _CUT.get(kind, _CUT_HEADING), _KEEP.get(kind, 0.0)
        if self._after_lead:
            cut, keep = _CUT_AFTER_LEAD, 0.0
        elif is_heading:
            keep = _KEEP_HEADING
        joinable = kind > Kind.ARTICLE and not self._after_lead
        self._add_sentences(paragraph, cut, keep, joinable)
        if is_heading:
            line = self._text[paragraph.start : paragraph.end][:_HEADING_LENGTH]
            if line != self._title:
                self._headings.append((kind, " ".join(line.split())))
            self._enter("")
        self._after_lead = is_heading or (
            self._text[paragraph.end - 1] in "：:"
            and paragraph.end - paragraph.start <= _LEAD_CHARS
        )

    def _enter(self, label: str) -> None:
        self._context = " ".join([*(line for _, line in self._headings), label]).strip()

    def _add_sentences(self, paragraph: Paragraph, cut: float, keep: float, joinable: bool) -> None:
        text, pieces = self._text, self.pieces
        for sentence in sentence_spans(text, paragraph.start, paragraph.end):
            for start, end in _clauses(text, *sentence):
                small = pieces and pieces[-1].end - pieces[-1].start < _SMALL_CHARS
                if small and joinable and end - pieces[-1].start <= TARGET_CHARS:
                    pieces[-1].end = end
                else:
                    pieces.append(_Piece(start, end, cut, keep, self._context, self._law))
                if cut != _CUT_SENTENCE:
                    cut, keep, joinable = _CUT_SENTENCE, 0.0, True
                    if paragraph.label:
                        # From its second sentence on an article goes along with its number.
                        self._enter("".join(paragraph.label.split()))


def _clauses(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Cut a sentence beyond all measure at clause marks, and hard where there are none."""
    if end - start <= SENTENCE_CHARS:
        return [(start, end)]
    spans = []
    while end - start > MAX_CHARS:
        low, high = start + MAX_CHARS // 2, start + MAX_CHARS
        mark = max(text.rfind(mark, low, high) for mark in "，、：,;: \n")
        stop = mark + 1 if mark >= 0 else high
        spans.append((start, stop))
        start = stop
    return [*spans, (start, end)]


def _cheapest(pieces: list[_Piece]) -> list[tuple[int, int]]:
    """Return the cheapest way to group pieces, as (first, last) numbers of each group."""
    starts = [piece.start for piece in pieces]
    kept = [0.0]
    for piece in pieces:
        kept.append(kept[-1] + piece.keep)
    # What is before a group: the cheapest grouping so far, its cut, less what is kept before it.
    before = [piece.cut - kept[number + 1] for number, piece in enumerate(pieces)]
    choice = []
    total = 0.0
    # Where an article of law goes on behind a piece, the number of its first piece.
    torn = [piece.law if piece.law == after.law else -1 for piece, after in pairwise(pieces)] + [-1]
    for last, piece in enumerate(pieces):
        before[last] += total
        end = piece.end
        length = end - starts[last]
        best, first = before[last] + (_LENGTH_PRICE[length] if length <= MAX_CHARS else 0.0), last
        for candidate in range(last - 1, max(-1, last - _LOOKBACK), -1):
            length = end - starts[candidate]
            if length > MAX_CHARS:
                break
            price = before[candidate] + _LENGTH_PRICE[length]
            if candidate < torn[last]:
                price += _TORN
            if price < best:
                best, first = price, candidate
        total = best + kept[last + 1]
        choice.append(first)
    groups = []
    last = len(pieces) - 1
    while last >= 0:
        groups.append((choice[last], last))
        last = choice[last] - 1
    groups.reverse()
    return groups
