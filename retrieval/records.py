"""The nouns of an answer. Offsets count code points of the passage's text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from retrieval.filters import NO_FILTERS, Filters, Narrowing

Status = Literal["answered", "not_found"]
Script = Literal["hans", "hant"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a passage comes from: what a citation needs."""

    id: str
    title: str | None
    path: str | None
    url: str | None
    published: str | None
    site: str | None


@dataclass(frozen=True, slots=True)
class Quote:
    """The sentence of a passage that answers; `text` is `passage.text[start:end]`."""

    text: str
    start: int
    end: int
    answer: tuple[int, int] | None = None
    """Where in the passage's text the number or date stands that was asked for, if it is told."""


@dataclass(frozen=True, slots=True)
class Damage:
    """How much of a passage's article was put right, and how much could not be."""

    repaired: int = 0
    unrepaired: int = 0


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """One passage of an answer, in the source's own script."""

    rank: int
    """1 for the best."""
    score: float
    """0 to 1, larger is better."""
    text: str
    heading: str | None
    """The nearest heading above the passage; not part of `text`."""
    start: int
    """Where the passage starts in its article's cleaned text."""
    quote: Quote | None
    article: Source
    also_in: tuple[Source, ...] = ()
    """Other articles that carry the same text."""
    damage: Damage = Damage()
    evidence: dict[str, Any] = field(default_factory=dict)
    """Why it is here: ranks in each leg, matched terms. For `/why`; not part of `--json`."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a follow-up needs to know of the question before it, and of its answer."""

    subject: str
    """The last question that stood on its own."""
    articles: tuple[str, ...] = ()
    """Ids of the articles cited, the first one first; none where there was no answer."""
    seen: tuple[tuple[str, int], ...] = ()
    """Passages (article id, start) that were shown first, for this subject."""
    filters: Filters = NO_FILTERS
    """What narrowed the question; a follow-up keeps to it until it says otherwise."""

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` makes an exchange of again."""
        return {
            "subject": self.subject,
            "articles": self.articles,
            "seen": self.seen,
            "filters": self.filters.to_json(),
        }

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> Exchange:
        """Return an exchange that was kept.

        Raises:
            KeyError, TypeError, ValueError: it was written by another version.
        """
        return cls(
            str(record["subject"]),
            tuple(map(str, record["articles"])),
            tuple((str(key), int(start)) for key, start in record["seen"]),
            Filters(**record["filters"]),
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What the archive says to a question. `passages` is filled for `not_found` too."""

    question: str
    status: Status
    confidence: float
    """0 to 1: how likely the first passage answers the question."""
    script: Script
    passages: tuple[FoundPassage, ...]
    nearest_titles: tuple[str, ...]
    generation: str
    index_passages: int
    encoder: str
    timing_ms: dict[str, float]
    """`encode`, `search` and `total`, milliseconds. The first two overlap (words are searched for
    while the question is encoded), so `search` is what the total is more than `encode`."""
    explanation: dict[str, Any] = field(default_factory=dict)
    """What decided the verdict. For `/why` and `--explain`."""
    understood: str | None = None
    """The question as it was completed from the one before; None where it stood on its own."""
    exchange: Exchange | None = None
    """What a follow-up to this one needs; not part of `--json`."""
    narrowing: Narrowing | None = None
    """The filters that were read, and what they leave of the archive; None without any."""

    def to_json(self) -> dict[str, Any]:
        """The object `ask --json` prints; its keys are a contract."""
        return {
            "question": self.question,
            "understood": self.understood,
            "filters": self.narrowing and self.narrowing.to_json(),
            "status": self.status,
            "confidence": round(self.confidence, 4),
            "script": self.script,
            "passages": [_passage_json(passage) for passage in self.passages],
            "nearest_titles": list(self.nearest_titles),
            "index": {
                "generation": self.generation,
                "passages": self.index_passages,
                "encoder": self.encoder,
            },
            "timing_ms": {name: round(value, 3) for name, value in self.timing_ms.items()},
        }


def _passage_json(passage: FoundPassage) -> dict[str, Any]:
    quote = passage.quote
    return {
        "rank": passage.rank,
        "score": round(passage.score, 4),
        "text": passage.text,
        "quote": None if quote is None else _quote_json(quote, passage.text),
        "article": _source_json(passage.article),
        "also_in": [_source_json(source) for source in passage.also_in],
        "damage": {
            "repaired": passage.damage.repaired,
            "unrepaired": passage.damage.unrepaired,
        },
    }


def _quote_json(quote: Quote, text: str) -> dict[str, Any]:
    answer = None
    if quote.answer is not None:
        start, end = quote.answer
        answer = {"text": text[start:end], "start": start, "end": end}
    return {"text": quote.text, "start": quote.start, "end": quote.end, "answer": answer}


def _source_json(source: Source) -> dict[str, str | None]:
    return {
        "id": source.id,
        "title": source.title,
        "path": source.path,
        "url": source.url,
        "published": source.published,
        "site": source.site,
    }
