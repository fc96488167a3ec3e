"""Is an index whole, and does it fit the program and the model that is to be used."""

from __future__ import annotations

import fcntl
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from embeddings import EmbeddingsError, load_encoder
from retrieval.answering import Searcher
from retrieval.errors import RetrievalError
from retrieval.generation import LOCK, Manifest, current_generation, generation_names, verify

Level: TypeAlias = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing worth saying about an index."""

    level: Level
    """An `error` makes the index unusable."""
    what: str
    where: str
    remedy: str
    """What to do about it; empty where nothing is needed."""


def check_index(directory: Path, *, model: str | None = None) -> list[Finding]:
    """Check the live generation: every byte of it, then opening it as a reader would.

    `model` is the one the settings name, if any. Findings come worst first.
    """
    findings: list[Finding] = []
    try:
        generation = current_generation(directory)
        manifest = Manifest.read(generation)
        verify(generation, manifest, contents=True)
        built = str(manifest.encoder["name"])
        encoder = load_encoder(built if model is None else model)
        Searcher(generation, encoder).close()
    except (RetrievalError, EmbeddingsError) as error:
        what, _, remedy = str(error).rpartition("; ")
        findings.append(Finding("error", what or remedy, str(directory), remedy if what else ""))
    else:
        findings.append(
            Finding(
                "info",
                f"{manifest.articles} articles, {manifest.passages} passages, model {built}, "
                f"built {manifest.created}",
                str(generation),
                "",
            )
        )
    findings += _unfinished(directory)
    if len(generation_names(directory)) < 2 and not any(one.level == "error" for one in findings):
        findings.append(
            Finding("info", "no earlier generation is kept to roll back to", str(directory), "")
        )
    return findings


def _unfinished(directory: Path) -> list[Finding]:
    """Return what there is to say of builds that are not published."""
    leftovers = sorted(directory.glob("gen-*.tmp"))
    if leftovers and _is_being_built(directory):
        return [Finding("info", "another process is rebuilding the index", str(directory), "")]
    remedy = "nothing to do: the next rebuild removes it"
    return [
        Finding("warning", "a build was interrupted here", str(leftover), remedy)
        for leftover in leftovers
    ]


def _is_being_built(directory: Path) -> bool:
    try:
        with (directory / LOCK).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False  # no lock, or none we may open: nobody can tell
    return False
