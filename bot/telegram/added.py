"""What an admin is told of articles he added: what was done to them, what they became.

Everything the cleaner did is told in numbers, and in a few examples where it took something out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from bot.report_wording import kind_word
from bot.telegram.markup import Span, Spans, shorten
from bot.telegram.wording import tell
from bot.wording import Language, say
from corpus.records import Article, Drop, Repair
from retrieval.standing import Standing

_SHOWN = 5
_EXAMPLES = 3
_TITLE_UNITS, _EXAMPLE_UNITS = 80, 60


def added_spans(
    articles: Sequence[Article], standings: Sequence[Standing], language: Language
) -> Spans:
    """Return a paragraph on each of the first articles; `standings` is empty without an index."""
    known = standings if len(standings) == len(articles) else [None] * len(articles)
    parts: list[Span] = []
    for article, standing in list(zip(articles, known, strict=True))[:_SHOWN]:
        title = article.title or say("untitled", language)
        parts.append(Span(shorten(title, _TITLE_UNITS), bold=True))
        told = [*_facts(article, language), *_done(article, language)]
        if standing is not None:
            told += _became(standing, language)
        parts.append(Span("".join(f"\n{line}" for line in told) + "\n\n"))
    if len(articles) > _SHOWN:
        parts.append(Span(tell("added_more", language, count=len(articles) - _SHOWN) + "\n\n"))
    return tuple(parts)


def _facts(article: Article, language: Language) -> Iterator[str]:
    facts = [
        tell("added_length", language, length=f"{len(article.text):,}"),
        tell("added_encoding", language, encoding=article.encoding),
        tell("added_date", language, date=article.published)
        if article.published
        else tell("added_no_date", language),
    ]
    facts += [part for part in (article.site, article.url) if part]
    yield " · ".join(shorten(fact, 2 * _TITLE_UNITS) for fact in facts)
    if not article.title:
        yield tell("added_no_title", language)


def _done(article: Article, language: Language) -> Iterator[str]:
    if not (article.repairs or article.dropped or article.unrepaired):
        yield tell("added_clean", language)
    if article.repairs:
        kinds = _kinds(article.repairs, language)
        yield tell("added_repairs", language, count=len(article.repairs), kinds=kinds)
    if article.dropped:
        count = sum(len(drop.text) for drop in article.dropped)
        kinds = _kinds(article.dropped, language)
        yield tell("added_dropped", language, count=f"{count:,}", kinds=kinds)
        for drop in article.dropped[:_EXAMPLES]:
            yield f"− {shorten(' '.join(drop.text.split()), _EXAMPLE_UNITS)}"
    if article.unrepaired:
        yield tell("added_left", language, count=len(article.unrepaired))


def _became(standing: Standing, language: Language) -> Iterator[str]:
    yield tell("added_passages", language, count=standing.passages)
    if standing.head is not None:
        title = standing.head.title or standing.head.id
        yield tell("added_reprint", language, title=shorten(title, _TITLE_UNITS))
    if standing.copies:
        yield tell("added_copies", language, count=standing.copies)
    for text in standing.blocks[:_EXAMPLES]:
        yield tell("added_shared", language, text=shorten(text, _EXAMPLE_UNITS))


def _kinds(done: Sequence[Repair | Drop], language: Language) -> str:
    """Return what was done and how often, the most frequent first."""
    counts = Counter(one.kind for one in done)
    return " · ".join(f"{kind_word(kind, language)} {n:,}" for kind, n in counts.most_common())
