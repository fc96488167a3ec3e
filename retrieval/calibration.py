"""What an index says to questions it cannot answer, measured when it is built.

Two kinds of such questions: those of `strangers.txt`, written by us on a hundred matters of which
no archive treats more than a few, and clauses of the archive itself, asked as if the article they
stand in were not there (and left out where another article says the same). The same clauses with
their article show how near the encoder brings a passage to what is asked of it. All of it is
deterministic: the clauses are taken at even distances.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from statistics import fmean, median, pstdev

from corpus import fold
from embeddings import Encoder, FloatMatrix
from retrieval.errors import IndexDamaged
from retrieval.generation import MANIFEST, Manifest
from retrieval.judging import Calibration, Evidence, evidence
from retrieval.lexical import Rows
from retrieval.reranking import RERANKED
from retrieval.searching import Encoded, Hit, Query, SearchLegs
from retrieval.store import Store

CALIBRATION_VERSION = "3"
"""Changes whenever an index could be given other numbers; written in its manifest."""

STRANGERS = Path(__file__).with_name("strangers.txt")
_TABLES = Path(__file__).parent

_CLAUSES = 80
_CLAUSE = re.compile(r"(?<!\w)\w{8,30}(?!\w)")
_SAID_ELSEWHERE = 0.4
"""Own words from which another article is taken to say what a clause says."""
_DEPTH = 2 * RERANKED
"""What each leg finds; no more is read, and where a clause's own article takes half there is as
much again."""
_LEAST_SPREAD = 0.03
_DIGITS = 4


def tables_digest(folder: Path = _TABLES) -> str:
    """Return a digest of our tables: strangers, how rare terms are, words that ask, synonyms.

    What an index says to questions rests on them beside the archive.
    """
    digest = sha256()
    for path in sorted(folder.glob("*.txt")):
        digest.update(f"{path.name}\n".encode() + sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def calibrate(
    store: Path, folder: Path, encoder: Encoder, *, rows: Rows | None = None
) -> Calibration:
    """Measure the two indexes in a folder; `store` names that of their passages.

    Where they are of some of its passages only, `rows` says of which.
    """
    with closing(Store(store)) as passages, closing(SearchLegs(folder, encoder)) as legs:
        asking = _Asking(legs, passages, rows)
        own = list(_clauses(asking, len(asking.legs.lexical)))
        strange = [fold(line) for line in STRANGERS.read_text(encoding="utf-8").splitlines()]
        vectors = encoder.encode_questions([*strange, *(clause.text for clause in own)])
        unanswered, near = [], []
        for number, question in enumerate(strange):
            query, hits = asking.search(question, vectors[number : number + 1])
            unanswered.append(asking.evidence(query, hits))
        for number, clause in enumerate(own, start=len(strange)):
            query, hits = asking.search(clause.text, vectors[number : number + 1])
            near.append(max((hit.cosine for hit in hits), default=0.0))
            places = passages.places(hit.row for hit in hits)
            elsewhere = [hit for hit in hits if places[hit.row][0] != clause.article]
            found = asking.evidence(query, elsewhere)
            if elsewhere and found.words < _SAID_ELSEWHERE:
                unanswered.append(found)
    return _summary(unanswered, near)


def read_calibration(manifest: Manifest, generation: Path) -> Calibration:
    """Return what `calibrate` wrote in a manifest.

    Raises:
        IndexDamaged: it is not there.
    """
    try:
        return Calibration(**manifest.calibration)
    except TypeError as error:
        raise IndexDamaged(
            f"{generation / MANIFEST} holds no calibration; rebuild the index"
        ) from error


@dataclass(frozen=True, slots=True)
class _Clause:
    text: str
    """Folded."""
    article: str
    """Id of the article it stands in."""


class _Asking:
    def __init__(self, legs: SearchLegs, store: Store, rows: Rows | None) -> None:
        self.legs = legs
        self.store = store
        self._rows = rows

    def row(self, number: int) -> int:
        """Return the row of a passage by its number in the indexes."""
        return number if self._rows is None else int(self._rows[number])

    def search(self, folded: str, vector: FloatMatrix) -> tuple[Query, list[Hit]]:
        query = replace(self.legs.query(folded, mode="lexical"), encoding=Encoded.known(vector))
        hits = self.legs.search(query, depth=_DEPTH)
        if self._rows is not None:
            hits = [replace(hit, row=self.row(hit.row)) for hit in hits]
        return query, hits

    def evidence(self, query: Query, hits: Sequence[Hit]) -> Evidence:
        read = hits[:RERANKED]
        stored = self.store.passages(hit.row for hit in read)
        return evidence(query, hits, [stored[hit.row] for hit in read])


def _clauses(asking: _Asking, passages: int) -> Iterator[_Clause]:
    """Yield clauses at even distances: a few of each passage where passages are few."""
    places = sorted({number * passages // _CLAUSES for number in range(_CLAUSES)})
    chosen = list(map(asking.row, places))
    stored = asking.store.passages(chosen)
    each = -(-_CLAUSES // len(chosen))
    for row in chosen:
        found = _CLAUSE.findall(fold(stored[row].text))
        for number in sorted(
            {number * len(found) // each for number in range(each)} if found else ()
        ):
            yield _Clause(found[number], stored[row].source.id)


def _summary(unanswered: Sequence[Evidence], near: Sequence[float]) -> Calibration:
    far = [one.cosine for one in unanswered]
    # Without a clause of its own nothing is known of how near this archive's questions come.
    close = near or far
    numbers = (
        median(one.words for one in unanswered),
        fmean(far),
        max(_LEAST_SPREAD, pstdev(far)),
        fmean(close),
        max(_LEAST_SPREAD, pstdev(close)),
    )
    return Calibration(*(round(number, _DIGITS) for number in numbers))
