"""An article without what it shares with others, and what they share as an article of its own."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from corpus.metadata import title_of
from corpus.records import Article, Drop
from corpus.repeats import Survey
from corpus.segments import segments

SHARED = "shared"
"""The kind of what was dropped because other articles hold it too."""

_TITLE_LINES = 12
_TITLE_CHARS = 30
_CLAUSE_MARKS = "，,。；;：:！？!?"


def without(article: Article, spans: Sequence[tuple[int, int]]) -> Article:
    """Take spans out of an article, in order and apart; its ledger follows the text.

    What goes is listed as dropped and shared. No blank is left at either end of the text.
    """
    text = article.text
    spans = _trimmed(text, spans)
    kept, position = [], 0
    for first, last in spans:
        kept.append(text[position:first])
        position = last
    kept.append(text[position:])
    gone = [0]
    for first, last in spans:
        gone.append(gone[-1] + last - first)
    starts, ends = [first for first, _ in spans], [last for _, last in spans]

    def moved(offset: int) -> int | None:
        passed = bisect_right(starts, offset)
        if passed and offset < ends[passed - 1]:
            return None
        return offset - gone[passed]

    repairs = [
        replace(one, start=start)
        for one in article.repairs
        if (start := moved(one.start)) is not None
        and moved(one.start + max(len(one.after) - 1, 0)) is not None
    ]
    pieces = [Drop(SHARED, text[first:last].strip(), shared=True) for first, last in spans]
    return replace(
        article,
        text="".join(kept),
        repairs=tuple(repairs),
        dropped=(*article.dropped, *pieces),
        unrepaired=tuple(at for old in article.unrepaired if (at := moved(old)) is not None),
    )


def excerpt(article: Article, start: int, end: int) -> Article:
    """Return a stretch of an article as an article, named by its first heading or first words."""
    text = article.text
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    repairs = tuple(
        replace(one, start=one.start - start)
        for one in article.repairs
        if start <= one.start and one.start + len(one.after) <= end
    )
    low, high = bisect_left(article.unrepaired, start), bisect_left(article.unrepaired, end)
    return replace(
        article,
        title=_title(text[start:end]),
        text=text[start:end],
        url=None,
        published=None,
        repairs=repairs,
        dropped=(),
        unrepaired=tuple(at - start for at in article.unrepaired[low:high]),
    )


def _trimmed(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Let the spans at the edges of the text take the blanks beside them along."""
    result = list(spans)
    if result:
        start, end = result[-1]
        if not text[end:].strip():
            result[-1] = len(text[:start].rstrip()), len(text)
        start, end = result[0]
        if not text[:start].strip():
            result[0] = 0, end + len(text[end:]) - len(text[end:].lstrip())
    return result


def _title(text: str) -> str | None:
    lines = [line.strip() for line in text.split("\n", _TITLE_LINES)[:_TITLE_LINES]]
    for line in lines:
        if line and (title := title_of(line)):
            return title
    first = next((line for line in lines if line), "")
    cuts = [place for mark in _CLAUSE_MARKS if 2 < (place := first.find(mark)) <= _TITLE_CHARS]
    return first[: min(cuts)] if cuts else first[:_TITLE_CHARS] or None


def with_shared_listed(articles: Sequence[Article]) -> list[Article]:
    """Return articles whose blocks in common are listed as dropped, and still in their text."""
    with TemporaryDirectory(prefix="xunzhang-") as folder:
        survey = Survey(Path(folder))
        for article in articles:
            survey.add(segments(article.text))
        survey.finish()
        shared = survey.shared(
            lambda row: articles[row].text, lambda row: len(articles[row].unrepaired)
        )
        survey.close()
    listed = list(articles)
    for row, spans in shared.cuts.items():
        listed[row] = replace(articles[row], dropped=without(articles[row], spans).dropped)
    return listed
