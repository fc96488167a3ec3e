"""One ranking from both legs: what each says of a candidate, and how far to trust the vectors.

A sum of scores rather than of ranks (Bruch, Gai and Ingber, "An Analysis of Fusion Functions for
Hybrid Retrieval", 2023), of what the words say and of the cosine. What the words say is a weighted
mean of these, each about 0 to 1:

- coverage: BM25 over the question's mass;
- how much of what the question is about the passage holds with its title and heading, two
  neighbouring sentences of it (focus), and one sentence alone. BM25 does not care where terms
  stand; a passage that answers has them together;
- titled: whether the question names the article, by its title without what is in brackets.

It counts squared, and less the further it lies behind the best candidate's: a passage that holds
most of a question is likely to answer it, which of many holds a third or a quarter of one is
chance. So behind the few that stand out the vectors order what is left.

The cosine counts by as much as the vectors are to be trusted with this question: little where some
passage says it nearly in the question's own words and more of them than the next, or where nothing
comes near in meaning either, as the index was calibrated; most where no passage stands out by its
words and some vector is close.

What holds the question word for word comes before everything that does not.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from heapq import nlargest

import numpy as np

from corpus import fold
from retrieval.presence import Presence, portions, terms_of
from retrieval.searching import Hit, Query, Said
from retrieval.store import StoredPassage
from retrieval.weighing import asks

RERANKED, SOUGHT = 16, 48
"""How many candidates are read of a question, and of what may be a sentence of the archive."""

# Fitted on DRCD dev, CMRC trial, both pooled with laws and news, STARD (encoders that had not seen
# its questions) and our everyday questions, five folds of each; see docs/search.md.
_COVERAGE = 0.3
_WHOLE, _FOCUS, _SENTENCE = 0.4, 0.3, 0.1
_TITLED = 0.05
_POWER, _BEHIND = 2, 5
_LEAST_COSINE, _MOST_COSINE = 0.1, 4.0
_LEAD = 3.5
"""What the best candidate's lead over the next counts beside its focus."""
_OWN_WORDS, _OWN_WORDS_SLOPE = 1.1, 0.1
_NEAR, _NEAR_SLOPE = 3.0, 0.8

folded = lru_cache(maxsize=8192)(fold)
"""`fold`, remembering what it was asked lately: a passage is looked at more than once."""

_AROUND = " \n。!?;,.:、\"'“”‘’「」『』()《》"
_LEAST_SAID = 6

sentences_in = re.compile(r"[^。!?;\n]+").findall
"""Returns the sentences of a folded text."""


def rerank(
    query: Query, hits: Sequence[Hit], stored: Mapping[int, StoredPassage], *, meaning: float
) -> list[Hit]:
    """Give candidates their score and order them, best first, equal scores by row.

    Candidates whose passage is not in `stored` are scored as if their text said nothing. `meaning`
    is what the largest cosine says for an answer, see `judging.Calibration`.
    """
    places = [place for place, hit in enumerate(hits) if hit.row in stored]
    read_of = read(query, [stored[hits[place].row] for place in places])
    said_of = dict(zip(places, read_of, strict=True))
    total = _COVERAGE + _WHOLE + _FOCUS + _SENTENCE + _TITLED
    words = np.array([_COVERAGE / total * hit.coverage for hit in hits])
    for place, said in said_of.items():
        own = _WHOLE * said.whole + _FOCUS * said.focus + _SENTENCE * said.sentence
        words[place] += (own + _TITLED * said.titled) / total
    first, second = nlargest(2, [0.0, 0.0, *words.tolist()])
    focus = max((one.focus for one in read_of), default=0.0)
    trust = trust_in_vectors(focus + _LEAD * (first - second), meaning)
    power, best = _POWER + _BEHIND, first**_BEHIND or 1.0
    cosines = np.array([hit.cosine for hit in hits])
    scores = np.sqrt(np.clip((words**power / best + trust * cosines) / (1 + trust), 0.0, 1.0))
    if any(one.verbatim for one in read_of):
        # So that none of less is before one of more.
        scores[places] += [2 * one.verbatim for one in read_of]
        scores /= 3
    for hit, score in zip(hits, scores.tolist(), strict=True):
        hit.score = score
    for place, said in said_of.items():
        hits[place].said = said
    order = np.lexsort((np.array([hit.row for hit in hits]), -scores))
    return [hits[place] for place in order.tolist()]


def terms_held(query: Query, hits: Sequence[Hit], stored: Mapping[int, StoredPassage]) -> Presence:
    """Return which terms of `query.telling` the passages of hits hold, title and heading included.

    What was read to rank it is not read again.
    """
    known = {hit.row: hit.said.held for hit in hits if hit.said and hit.said.held is not None}
    if unread := [stored[hit.row] for hit in hits if hit.row not in known]:
        texts = [
            "\n".join(map(folded, filter(None, (one.source.title, one.heading, one.text))))
            for one in unread
        ]
        found = terms_of(tuple(query.telling)).found_in(texts)
        known.update(zip((one.row for one in unread), found, strict=True))
    return np.array([known[hit.row] for hit in hits]).reshape(len(hits), len(query.telling))


def trust_in_vectors(own_words: float, meaning: float) -> float:
    """Return the weight of the cosine for a question.

    `own_words` says how much some passage says it in the question's own words, `meaning` how
    likely the nearest vector belongs to an answer, -3 to 6.

    >>> trust_in_vectors(2.0, 4.0) < 0.11 < 3 < trust_in_vectors(0.4, 4.0)
    True
    """
    other_words = _logistic((_OWN_WORDS - own_words) / _OWN_WORDS_SLOPE)
    near = _logistic((meaning - _NEAR) / _NEAR_SLOPE)
    return _LEAST_COSINE + (_MOST_COSINE - _LEAST_COSINE) * other_words * near


def read(query: Query, passages: Sequence[StoredPassage]) -> list[Said]:
    """Read candidates for what of the question stands in each, and what of that together."""
    if not passages:
        return []
    texts = [folded(one.text) for one in passages]
    titles = [folded(one.source.title or "") for one in passages]
    lines, starts = list[str](), list[int]()
    for one, text, title in zip(passages, texts, titles, strict=True):
        starts.append(len(lines))
        lines += [f"{title}\n{folded(one.heading or '')}", *sentences_in(text)]
    found = terms_of(tuple(query.telling)).found_in(lines)
    weights = list(query.telling.values())
    held = np.logical_or.reduceat(found, starts)
    whole = portions(held, weights)
    # Titles and headings are no sentences; without terms they lie between those of two passages.
    found[starts] = False
    sentence = np.maximum.reduceat(portions(found, weights), starts)
    found[:-1] |= found[1:]
    focus = np.maximum.reduceat(portions(found, weights), starts)
    shares = zip(whole.tolist(), focus.tolist(), sentence.tolist(), strict=True)
    return [
        Said(*share, names(query.folded, title), holds(text, query.folded), own)
        for share, title, text, own in zip(shares, titles, texts, held, strict=True)
    ]


def names(question: str, title: str) -> bool:
    """Tell whether a question holds a title, or what of it stands before a bracket; both folded.

    >>> names("云南省面积多大", "云南省_(中华民国)"), names("哪个省最大", "云南省")
    (True, False)
    """
    name = title.partition("(")[0].strip(" _")
    return len(name) > 1 and name in question


def holds(text: str, question: str) -> float:
    """Return whether a text holds a question word for word; both folded, a name is too short.

    1 with the marks around the question, 0.5 without them. How wide a blank is does not count.

    >>> holds("灯塔每天点灯两次。", "每天点灯两次。"), holds("每天点灯两次", "每天点灯两次。")
    (1.0, 0.5)
    >>> holds("灯塔每天点灯两次。", "灯塔"), holds("第二章  点   灯", "第二章 点 灯")
    (0.0, 1.0)
    """
    parts = question.split()
    question = " ".join(parts)
    if len(parts) > 1:
        # Without a blank in the question those of the text stand between its words as they are.
        text = " ".join(text.split())
    said = question.strip(_AROUND)
    if len(said) < _LEAST_SAID or said not in text:
        return 0.0
    return 1.0 if question in text else 0.5


def to_read(query: Query) -> int:
    """Return how many candidates are worth reading: more where nothing is asked.

    A sentence of law may stand in fifty laws with a word changed, and only one has it as it was
    typed.
    """
    return SOUGHT if may_be_sentence(query) else RERANKED


def may_be_sentence(query: Query) -> bool:
    """Tell whether a question asks nothing and is long enough for a sentence of the archive."""
    return len(query.folded) >= _LEAST_SAID and not asks(query.folded)


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value))
