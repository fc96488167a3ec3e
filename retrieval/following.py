"""What was found for a follow-up, and whether it was meant as it was completed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import fsum
from typing import Any

from retrieval.conversation import Reading, is_small_talk, times
from retrieval.filters import Filters
from retrieval.judging import ANSWERED, Verdict
from retrieval.narrowing import Narrowed
from retrieval.records import Exchange
from retrieval.reranking import folded, sentences_in
from retrieval.searching import Hit, Query
from retrieval.store import StoredPassage

# Chosen on sets 1 to 3 of tests/cases/follow_ups.jsonl; _AS_SAID also on questions of the law that
# are asked one after the other and do not lean.
_OWN_WORDS, _AS_MUCH, _AS_SAID = 0.25, 0.6, 0.4
_SCORE, _OWN, _SAID, _CITED, _SAME = 0.5, 0.4, 0.4, 0.3, 0.6
_BEFORE, _MENTION = 0.5, 0.3
_LONG, _SOME_WORDS, _SURE = 30, 0.15, 0.8


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for a question, or for one way to understand it."""

    query: Query
    hits: list[Hit]
    stored: dict[int, StoredPassage]
    verdict: Verdict
    encode_ms: float
    narrowed: Narrowed | None = None
    """What filters left to search; None without any."""
    wanted: int = 0
    """How many passages were wanted."""
    detail: str = ""
    """What a follow-up adds to the question before it, folded."""
    length: int = 0
    """How many passages the article has that was cited before a follow-up."""

    @property
    def filters(self) -> Filters:
        """The filters it was searched with."""
        return self.narrowed.narrowing.filters if self.narrowed else Filters()

    @property
    def answered(self) -> bool:
        """Whether the first passage answers."""
        return self.verdict.confidence >= ANSWERED

    @property
    def cited(self) -> tuple[str, int] | None:
        """Article id and start of the passage that answers."""
        if not self.answered:
            return None
        first = self.stored[self.hits[0].row]
        return first.source.id, first.start

    @property
    def to_quote(self) -> tuple[str, Mapping[str, float]]:
        """The folded question a quote is to answer, and how telling its terms are.

        Of a follow-up that is what it adds; the subject's terms still count, by less.
        """
        return self.detail or self.query.folded, self.query.telling

    def echo(self, reading: Reading) -> tuple[float, float]:
        """Return how much the first passage speaks of a follow-up, and how much one sentence says.

        See `spoken_of` and `said_in`.
        """
        if not self.hits:
            return 0.0, 0.0
        body = body_of(self.stored[self.hits[0].row])
        return spoken_of(reading.own, body), said_in(reading.said, body)

    def is_of(self, reading: Reading) -> bool:
        """Tell whether the first passage is of the article just cited, and more is asked of it."""
        if not (self.hits and reading.detail and reading.names):
            return False
        return self.stored[self.hits[0].row].source.id in reading.articles

    def judged(self, reading: Reading, detail: Verdict, encode_ms: float) -> Found:
        """Return the same, judged by what the follow-up adds as well.

        That the article speaks of the subject was found before, so the `detail` alone may carry
        the verdict; it must where the passage has nearly none of the follow-up's own words.
        """
        whole = self.verdict if max(self.echo(reading)) >= _SOME_WORDS else detail
        better = max(whole, detail, key=lambda verdict: verdict.confidence)
        return replace(self, verdict=better, encode_ms=self.encode_ms + encode_ms)


def reading_facts(reading: Reading, alone: Found) -> dict[str, Any]:
    """Return why a question was not taken as it stands: for `/why` and `--explain`."""
    return {"understood": reading.text, "alone": alone.verdict.confidence}


def prefer(reading: Reading, completed: Found, alone: Found) -> bool:
    """Tell whether a follow-up was meant as it was completed rather than as it stands.

    One that leans is, unless only the question as it stands finds an answer; one with next to no
    content (誰說的) would find any. One that may lean is where the article just cited answers it in
    its own words: in some, where nothing else does; in about as many, where another surely does.
    """
    if reading.leaning == "leans":
        return completed.answered or not alone.answered or not reading.names
    if completed.cited is None or completed.cited[0] not in reading.articles:
        return False
    own, said = completed.echo(reading)
    if alone.cited is None:
        return max(own, said) >= _SOME_WORDS
    own_alone, said_alone = alone.echo(reading)
    if alone.cited[0] in reading.articles:
        # It found its place by itself.
        return reading.named and own >= own_alone
    if completed.length > _LONG:
        # A long law holds the words of many a question.
        return False
    if alone.verdict.confidence < min(_SURE, completed.verdict.confidence):
        return own >= _OWN_WORDS
    return own >= max(_OWN_WORDS, _AS_MUCH * own_alone) and said >= _AS_SAID * said_alone


def weighed(query: Query, reading: Reading) -> Query:
    """Return a completed question with the follow-up's own words counting most."""
    factor = _BEFORE if reading.detail else 1.0
    own = reading.own.keys() & query.telling.keys()
    weights = {
        term: weight if term in own else factor * weight for term, weight in query.telling.items()
    }
    return replace(query, telling=weights)


def favour(reading: Reading, hits: Sequence[Hit], stored: Mapping[int, StoredPassage]) -> list[Hit]:
    """Put first what stands in the article just cited and speaks in the follow-up's own words.

    That this article is about the subject is known, so half of what speaks for its best passage
    speaks for all of them: the one shown before is not the answer to everything. Passages that
    are not wanted again are left out.
    """
    of_cited = _CITED if reading.names else _SAME
    most = _SCORE + _OWN + _SAID + of_cited
    cited = {row for row, passage in stored.items() if passage.source.id in reading.articles}
    best = max((hit.score for hit in hits if hit.row in cited), default=0.0)
    favoured = []
    for hit in hits:
        score = _SCORE * hit.score
        passage = stored.get(hit.row)
        if passage is not None:
            if (passage.source.id, passage.start) in reading.passed:
                continue
            if hit.row in cited:
                score += of_cited + (_SCORE * (best - hit.score) / 2 if reading.said else 0.0)
            body = body_of(passage)
            if hit.row not in cited:
                # All passages of the article cited share its title; another's tells what it is on.
                body = f"{folded(passage.source.title or '')}\n{body}"
            score += _OWN * spoken_of(reading.own, body) + _SAID * said_in(reading.said, body)
        favoured.append(replace(hit, score=score / most))
    return sorted(favoured, key=lambda hit: (-hit.score, hit.row))


def body_of(passage: StoredPassage) -> str:
    """Return the folded text of a passage with its heading, without the title of its article."""
    text = folded(f"{passage.heading or ''}\n{passage.text}").removeprefix("\n")
    return text.removeprefix(folded(passage.source.title or ""))


def spoken_of(pieces: Mapping[str, float], body: str) -> float:
    """Return how much a folded text speaks of what a follow-up is about, 0 to 1.

    What is said twice counts more than what is mentioned.

    >>> spoken_of({"十五天": 1.0}, "第二十五天"), spoken_of({"十五天": 1.0}, "满十五天的")
    (0.0, 0.7)
    """
    total = fsum(pieces.values())
    found = fsum(weight * (1 - _MENTION ** times(piece, body)) for piece, weight in pieces.items())
    return found / total if total else 0.0


def said_in(said: Mapping[str, float], body: str) -> float:
    """Return how much of a follow-up one sentence or heading of a folded text says, 0 to 1.

    Most where it stands there as it was asked, which pieces alone do not tell (没保价, 退多少).
    """
    total = fsum(said.values())
    here = [(term, weight) for term, weight in said.items() if term in body]
    sentences = sentences_in(body) if here else ()
    most = max(
        (fsum(weight for term, weight in here if term in one) for one in sentences), default=0.0
    )
    return most / total if total else 0.0


def exchange_after(
    question: str, reading: Reading | None, previous: Exchange | None, found: Found
) -> Exchange | None:
    """Return what the next question may lean on; small talk and bare filters leave it as it was."""
    if reading is None and is_small_talk(question):
        return previous
    cited, filters = found.cited, found.filters
    seen = () if cited is None else (cited,)
    articles = () if cited is None else (cited[0],)
    if reading is None:
        return Exchange(question, articles, seen, filters)
    passed = (*reading.passed, *seen)
    return Exchange(reading.subject, articles or reading.articles, passed, filters)
