"""The parts of the keyword index: which article is in which, and which have to be written anew.

An article's part is told from its id and path alone, so a change of one article changes one part.
The other parts are copied from the last build. Whoever builds from nothing gets the same parts with
the same documents in the same order, hence the same scores to the last bit, and the same order of
equals. (Adding to what is there instead would sum a row's score in another order, and leave what
was removed in the statistics.)
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from zlib import crc32

import numpy as np
import numpy.typing as npt

from retrieval.lexical import Part, PartWriter, Rows, join_parts, parts_of, rows_in
from retrieval.pool import Task, run_tasks
from retrieval.preparing import search_text
from retrieval.rows import DIGEST_BYTES, Keys, Shown
from retrieval.store import Store
from retrieval.term_text import term_texts

PARTS = 3
"""Parts by id; what was named last, where several folders are, is one more, unless it is more than
its share: articles that come by chat stand there, and are to be found in seconds. More parts would
make each change cheaper, and each question dearer: eight take half as long again as one to find the
best hundred of 72,000."""
FEW_ROWS = 16_384
"""An index of fewer passages is made in one part: it takes two seconds."""
_SETTLED = 16
"""Up to one passage in so many may have been added by chat and not be asked for calibration."""
_SPAWN_ROWS = 4096
_READ_ROWS = 512

Spans = npt.NDArray[np.int64]
"""(rows, 2): where a row's folded text stands in the file of them; (-1, 0): it is not there."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What the parts are made from, in an unfinished generation."""

    store: Path
    """Finished."""
    folded: Path
    """The folded texts of this build, as UTF-8."""
    spans: Spans


def write_parts(
    draft: Draft,
    lexical: Path,
    keys: Keys,
    rows_of: Sequence[Rows],
    known: Sequence[Part],
    *,
    workers: int,
) -> list[Part]:
    """Write the keyword index of an unfinished generation.

    `keys` tell of every row, `rows_of` which are in each part; `known` are the parts of the last
    build, taken where they are the same.
    """
    digests = np.frombuffer(keys.digests, f"V{DIGEST_BYTES}")
    wanted = [sha256(digests[rows].tobytes()).hexdigest() for rows in rows_of]
    parts: list[Part | None] = [None] * len(rows_of)
    # With the first article by chat there is one part more, and the others are as they were.
    for number, (part, digest) in enumerate(zip(known, wanted, strict=False)):
        parts[number] = part if part.digest == digest else None
    missing = [number for number, part in enumerate(parts) if part is None]
    pending = sum(len(rows_of[number]) for number in missing)
    several = workers if len(missing) > 1 and pending >= _SPAWN_ROWS else 0
    for number, part in run_tasks(
        _tasks(draft, lexical, rows_of, wanted, missing), workers=several
    ):
        parts[number] = part
    made = [part for part in parts if part is not None]
    join_parts(made, rows_of, lexical)
    for number in missing:
        shutil.rmtree(_own_folder(lexical, number))
    return made


def rows_of_parts(keys: Keys, last: str | None, few: int) -> list[Rows]:
    """Return the rows of each part, ascending; fewer than `few` are one part.

    What lies below the path `last` is a part of its own while it is no larger than a fair share.
    """
    total = sum(one.passages for one in keys.articles)
    if total < few:
        return [np.arange(total, dtype=np.int32)]

    def is_last(one: Shown) -> bool:
        return last is not None and (one.path == last or one.path.startswith(f"{last}/"))

    apart = sum(one.passages for one in keys.articles if is_last(one))
    count = PARTS if last is None or (PARTS + 1) * apart > total else PARTS + 1

    def part(one: Shown) -> int:
        if count > PARTS and is_last(one):
            return PARTS
        return crc32(one.id.encode("utf-8", "surrogatepass")) % PARTS

    numbers = np.repeat(
        np.fromiter(map(part, keys.articles), np.int64, len(keys.articles)),
        [one.passages for one in keys.articles],
    )
    return [np.flatnonzero(numbers == part).astype(np.int32) for part in range(count)]


def settled_rows(rows_of: Sequence[Rows]) -> Rows | None:
    """Return the rows that were not added by chat, where those that were are few beside them.

    What they have in common and what they say to questions is then taken for that of the whole
    archive, so that an article more changes neither. None where all are to be asked.
    """
    total = sum(map(len, rows_of))
    if len(rows_of) <= PARTS or not 0 < _SETTLED * len(rows_of[PARTS]) <= total:
        return None
    return np.sort(np.concatenate(rows_of[:PARTS]))


def mark_of(
    parts: Sequence[Part], keys: Keys, settled: Rows | None, facts: Iterable[object]
) -> str:
    """Return a digest of all that decides what settled rows say to questions."""
    counts = [one.passages for one in keys.articles]
    firsts = np.cumsum([0, *counts])[:-1]
    chosen = np.ones(len(firsts), np.bool_) if settled is None else np.isin(firsts, settled)
    shown = [one for one, own in zip(keys.articles, chosen.tolist(), strict=True) if own]
    asked = [part.digest for part in (parts if settled is None else parts[:PARTS])]
    told = [list(facts), asked, [(one.id, one.passages) for one in shown]]
    return sha256(json.dumps(told).encode("ascii")).hexdigest()


def join_settled(lexical: Path, settled: Rows, folder: Path) -> None:
    """Make a keyword index of settled rows alone, numbered from 0, in a new folder."""
    known, rows_of = parts_of(lexical)[:PARTS], rows_in(lexical)[:PARTS]
    own = [np.searchsorted(settled, rows).astype(np.int32) for rows in rows_of]
    join_parts(known, own, folder)


def _tasks(
    draft: Draft,
    lexical: Path,
    rows_of: Sequence[Rows],
    wanted: Sequence[str],
    missing: Sequence[int],
) -> Iterator[Task[int, Part]]:
    for number in missing:
        rows = rows_of[number]
        own = Draft(draft.store, draft.folded, draft.spans[rows])
        folder = _own_folder(lexical, number)
        yield Task(number, write_part, own, folder, number, rows, wanted[number])


def _own_folder(lexical: Path, number: int) -> Path:
    return lexical.with_name(f"{lexical.name}-{number}")


def write_part(draft: Draft, folder: Path, number: int, rows: Rows, digest: str) -> Part:
    """Write one part into a new folder; `draft` has the spans of these rows only."""
    writer = PartWriter(folder, number)
    for texts in _texts(draft, rows):
        for terms in term_texts(texts):
            writer.add(terms)
    return writer.finish(digest)


def _texts(draft: Draft, rows: Rows) -> Iterator[list[str]]:
    """Yield the folded texts of rows, some at a time; those of earlier builds are folded again."""
    store = Store(draft.store)
    try:
        with draft.folded.open("rb") as file:
            for first in range(0, len(rows), _READ_ROWS):
                some = rows[first : first + _READ_ROWS].tolist()
                spans = draft.spans[first : first + _READ_ROWS].tolist()
                old = [row for row, (start, _) in zip(some, spans, strict=True) if start < 0]
                searched = store.searched(old)
                texts = []
                for row, (start, size) in zip(some, spans, strict=True):
                    if start < 0:
                        texts.append(search_text(*searched[row]))
                    else:
                        file.seek(start)
                        texts.append(file.read(size).decode("utf-8", "surrogatepass"))
                yield texts
    finally:
        store.close()
