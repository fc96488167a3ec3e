"""The first stage of a build: its files read into the store, or taken from the last build."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from corpus import Failure, Notice
from corpus.raw import name_id
from retrieval.kinship import Kinship
from retrieval.planning import Input, Portion, Previous, Stored, make_tasks
from retrieval.pool import run_tasks
from retrieval.preparing import Read
from retrieval.progress import Progress
from retrieval.rows import SourceRecord
from retrieval.writing import StoreWriter


@dataclass(slots=True)
class Gathered:
    """What was read, and what could not be; it grows as files are read."""

    failures: list[Failure]
    """Beginning with what could not even be listed."""
    notices: list[Notice] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)
    """Of every article that was read, by id."""
    paths: dict[str, str] = field(default_factory=dict)
    """Of every article that was read, by id."""

    def note(self, problems: Iterable[Failure | Notice]) -> None:
        """Report problems with some file."""
        for problem in problems:
            if isinstance(problem, Failure):
                self.failures.append(problem)
            else:
                self.notices.append(problem)


class Gatherer:
    """Reads files into a store and what compares its articles."""

    def __init__(
        self, gathered: Gathered, store: StoreWriter, kin: Kinship, previous: Previous | None
    ) -> None:
        """Write down in `gathered` what comes of it; unchanged files are taken from `previous`."""
        self._gathered = gathered
        self._store = store
        self._kin = kin
        self._previous = previous

    def read(self, inputs: Sequence[Input], progress: Progress, *, workers: int) -> None:
        """Read every file, in order."""
        done, total = 0, sum(item.size for item in inputs)
        problems: list[Failure | Notice] = []
        for owner, results in run_tasks(make_tasks(inputs), workers=workers):
            if isinstance(owner, Stored):
                self._take(owner.inputs)
                done += sum(item.size for item in owner.inputs)
            else:
                for portion, read in zip(owner, results, strict=True):
                    problems += (*portion.problems, *read.problems)
                    self._add(portion, read, problems)
                    done += portion.size
            progress("reading", done, total)

    def _take(self, inputs: Sequence[Input]) -> None:
        """Take over the articles of files that have not changed."""
        taken = []
        for item in inputs:
            if item.stored is None or self._previous is None:
                raise ValueError(f"{item.source.path} is in no earlier build")
            problems = list(item.stored.problems)
            for row, old_id, digest in self._previous.articles(item.source):
                own_id = self._own_id(old_id, item)
                if isinstance(own_id, Failure):
                    problems.append(own_id)
                    continue
                taken.append((row, own_id))
                self._gathered.digests[own_id] = digest
            self._add_source(item, problems)
        for found in self._store.segments(self._store.take_articles(taken)):
            self._kin.add(found)

    def _add(self, portion: Portion, read: Read, problems: list[Failure | Notice]) -> None:
        for article in read.articles:
            own_id = self._own_id(article.id, portion.input)
            if isinstance(own_id, Failure):
                problems.append(own_id)
                continue
            self._store.add_article(article._replace(id=own_id))
            self._kin.add(article.segments)
            self._gathered.digests[own_id] = article.digest
        if portion.last:
            self._add_source(portion.input, problems)
            problems.clear()

    def _add_source(self, item: Input, problems: Sequence[Failure | Notice]) -> None:
        record = SourceRecord(item.source.name, item.digest, tuple(problems))
        self._store.add_source(str(item.source.path), record)
        self._gathered.note(problems)

    def _own_id(self, wanted: str, item: Input) -> str | Failure:
        """Return an id no other article has; only a JSONL line insists on its own."""
        paths = self._gathered.paths
        place, lines = str(item.source.path), item.source.path.suffix.lower() == ".jsonl"
        if item.stored and not lines:
            # The last build may have given it another; whether it has to is not the same now.
            wanted = name_id(item.source.name)
        if wanted in paths and lines:
            return Failure(
                place,
                f"id {wanted!r} was already used in {paths[wanted]}; "
                "give each article an id of its own",
            )
        if wanted in paths:
            # Two named folders hold a file of the same relative name.
            wanted = sha256(place.encode()).hexdigest()[:12]
        paths[wanted] = place
        return wanted
