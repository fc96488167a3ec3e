"""Files and folders to a published generation: read, prepare, encode, index, publish."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from corpus import Failure, Notice, find_files
from embeddings import Encoder
from retrieval.assembling import Assembly
from retrieval.errors import IndexDamaged, IndexMismatch, IndexMissing
from retrieval.generation import (
    Manifest,
    building,
    current_generation,
    encoder_facts,
    publish,
)
from retrieval.parts import FEW_ROWS
from retrieval.planning import Previous, make_inputs
from retrieval.progress import Progress as Progress


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did."""

    generation: str
    articles: int
    """Those that were read."""
    passages: int
    new: int
    changed: int
    removed: int
    unchanged: int
    failed: tuple[Failure, ...]
    notices: tuple[Notice, ...]
    ignored: tuple[str, ...]
    """Files of kinds that hold no articles, left alone."""
    seconds: float
    shared: int = 0
    """Blocks that several articles share, each kept once, beside the articles."""
    reprints: int = 0
    """Articles for which another copy is shown."""

    def to_json(self) -> dict[str, Any]:
        """The object `rebuild --json` prints; its keys are a contract."""
        return {
            "generation": self.generation,
            "articles": self.articles,
            "passages": self.passages,
            "new": self.new,
            "changed": self.changed,
            "removed": self.removed,
            "unchanged": self.unchanged,
            "failed": [{"path": one.path, "reason": one.reason} for one in self.failed],
            "notices": [{"path": one.path, "reason": one.reason} for one in self.notices],
            "ignored": list(self.ignored),
            "seconds": round(self.seconds, 3),
            "shared": self.shared,
            "reprints": self.reprints,
        }


def build_index(
    paths: Sequence[Path],
    directory: Path,
    encoder: Encoder,
    *,
    full: bool = False,
    cache: Path | None = None,
    progress: Progress | None = None,
    few: int = FEW_ROWS,
) -> BuildReport:
    """Make the index in `directory` hold exactly the articles of these files and folders.

    With no `paths`: those of the last generation. Files that have not changed are not read
    again, unless `full`; if nothing has changed at all, the live generation stays. `cache` is a
    file for vectors, used where the encoder is slow enough to be worth it. `few` is for tests: an
    index of fewer passages is made in one piece, see `retrieval.parts`.

    Raises:
        CorpusError: a path does not exist.
        IndexMissing: no paths were given and there is no earlier generation.
        IndexBusy: another process is building here.
        IndexUnwritable: the disk is full, or the index may not be written; the old one stays.
        NothingToIndex: not one article could be read; the old generation stays.
    """
    started = time.perf_counter()
    with building(directory) as folder:
        previous = Previous.open(directory)
        roots = tuple(str(path.absolute()) for path in paths) or _last_roots(directory)
        listing = find_files([Path(root) for root in roots])
        inputs, failures = make_inputs(listing.files, None if full else previous)
        failures = [*listing.failures, *failures]
        # What is damaged is made anew even where no file has changed: that is the remedy named.
        reused = None
        if not full and previous and previous.fits and previous.is_whole():
            reused = previous
        else:
            inputs = [replace(item, stored=None) for item in inputs]
        build = Assembly(folder, encoder, cache, progress or _silent, failures, few=few)
        if (
            reused
            and reused.is_current
            and reused.covers(inputs)
            and (reused.manifest.encoder, reused.manifest.roots) == (encoder_facts(encoder), roots)
        ):
            build.note_problems(item.stored for item in inputs if item.stored)
            name, digests = reused.name, reused.digests
            manifest = reused.manifest
        else:
            manifest = build.run(inputs, roots, reused)
            name, digests = publish(directory, folder, manifest), build.gathered.digests
        before = previous.digests if previous else {}
    return BuildReport(
        generation=name,
        articles=manifest.articles,
        passages=manifest.passages,
        new=len(digests.keys() - before.keys()),
        changed=sum(before.get(key, digest) != digest for key, digest in digests.items()),
        removed=len(before.keys() - digests.keys()),
        unchanged=sum(before.get(key) == digest for key, digest in digests.items()),
        failed=tuple(build.gathered.failures),
        notices=tuple(build.gathered.notices),
        ignored=tuple(str(path) for path in listing.ignored),
        seconds=time.perf_counter() - started,
        shared=manifest.shared,
        reprints=manifest.reprints,
    )


def _last_roots(directory: Path) -> tuple[str, ...]:
    """Return what the live generation was built from, whatever else of it is damaged."""
    try:
        return Manifest.read(current_generation(directory)).roots
    except (IndexMissing, IndexDamaged, IndexMismatch) as error:
        raise IndexMissing(
            f"there is no index at {directory} to rebuild; name the files or folders"
        ) from error


def _silent(stage: str, done: int, total: int | None) -> None:
    """Report no progress."""
