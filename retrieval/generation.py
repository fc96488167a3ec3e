"""An index on disk: immutable generation directories, and CURRENT that names the live one.

    index/CURRENT            name of the live generation
    index/gen-000007/        manifest.json, passages.sqlite, dense.faiss, vectors.f16, lexical/
    index/lock               held while a generation is built

A generation is built in `gen-….tmp/`, its manifest written last, everything synced, renamed into
place and only then named by CURRENT, itself replaced by one rename. A reader that follows CURRENT
gets exactly one whole generation; a crash leaves the old one live. (The protocol of Lucene's
`segments_N` and of LevelDB's CURRENT.)
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrieval.disk import refusals
from retrieval.errors import IndexBusy, IndexDamaged, IndexMismatch, IndexMissing, RetrievalError

if TYPE_CHECKING:
    from embeddings import Encoder

FORMAT = 2
"""Version of the layout; a reader refuses any other."""

MANIFEST, CURRENT, LOCK = "manifest.json", "CURRENT", "lock"
STORE, DENSE, LEXICAL = "passages.sqlite", "dense.faiss", "lexical"
VECTORS = "vectors.f16"
"""The vectors as the encoder made them, a row a passage, float16: for the next build alone."""

_AT_ONCE = 256 << 10
_NAME = re.compile(r"gen-(\d{6,})")


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a file of a generation must be."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation holds and what it was made with."""

    format: int
    created: str
    """UTC, ISO 8601."""
    encoder: dict[str, Any]
    """`name`, `identity` and `dim`."""
    versions: dict[str, str]
    """Of everything of ours that shapes an index, see `retrieval.planning.VERSIONS`."""
    articles: int
    """Those that were read; blocks that several share are not counted."""
    passages: int
    dense_kind: str
    roots: tuple[str, ...]
    """The files and folders it was built from, absolute."""
    files: dict[str, FileFacts]
    """Every other file of the generation, by path relative to it."""
    shared: int = 0
    """Blocks that several articles share."""
    reprints: int = 0
    """Articles for which another one is shown."""
    calibration: dict[str, float] = field(default_factory=dict)
    """What its verdicts are measured against, see `retrieval.calibration`."""
    calibrated_on: str = ""
    """A digest of what that was measured on: the next build takes it over where it is the same."""

    def is_made_by(self, encoder: Encoder) -> bool:
        """Tell whether the vectors are this encoder's."""
        made = self.encoder
        return (made["identity"], made["dim"]) == (encoder.identity, encoder.dim)

    def to_text(self) -> str:
        """Return the manifest as it is written."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True) + "\n"

    @classmethod
    def read(cls, generation: Path) -> Manifest:
        """Read the manifest of a generation.

        Raises:
            IndexDamaged: it is missing or not a manifest.
            IndexMismatch: another version of the program wrote it.
        """
        path = generation / MANIFEST
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            if record["format"] != FORMAT:
                raise IndexMismatch(
                    f"{path} has index format {record['format']}, this program reads {FORMAT}; "
                    "rebuild the index"
                )
            record["files"] = {name: FileFacts(**facts) for name, facts in record["files"].items()}
            record["roots"] = tuple(record["roots"])
            return cls(**record)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise IndexDamaged(f"{path} cannot be read ({error}); rebuild the index") from error


def current_name(index: Path) -> str:
    """Return the name of the live generation.

    Raises:
        IndexMissing: none has been published.
        IndexDamaged: CURRENT does not name a generation.
    """
    try:
        name = (index / CURRENT).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise IndexMissing(
            f"there is no index at {index}; make one: xunzhang rebuild PATH"
        ) from None
    except (OSError, ValueError) as error:
        raise IndexDamaged(
            f"{index / CURRENT} cannot be read ({error}); rebuild the index"
        ) from error
    if not _NAME.fullmatch(name):
        raise IndexDamaged(f"{index / CURRENT} names no generation; rebuild the index")
    return name


def current_generation(index: Path) -> Path:
    """Return the folder of the live generation; see `current_name` for what is raised."""
    path = index / current_name(index)
    if not path.is_dir():
        raise IndexDamaged(f"{path} is named by {CURRENT} but missing; rebuild the index")
    return path


def generation_names(index: Path) -> list[str]:
    """Return the names of all whole generations, oldest first."""
    if not index.is_dir():
        return []
    found = [path.name for path in index.iterdir() if _NAME.fullmatch(path.name)]
    return sorted(found, key=_number)


@contextmanager
def building(index: Path) -> Iterator[Path]:
    """Hold the build lock and give an empty folder to build the next generation in.

    Leftovers of builds that died are removed. The folder is removed unless `publish` renamed it.

    Raises:
        IndexBusy: another process is building.
        IndexUnwritable: the disk does not take what is to be written, here or while it is built.
    """
    with refusals(index), _locked(index):
        for leftover in index.glob("gen-*.tmp"):
            shutil.rmtree(leftover)
        names = generation_names(index)
        number = 1 + (_number(names[-1]) if names else 0)
        folder = index / f"gen-{number:06d}.tmp"
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(index: Path) -> Iterator[None]:
    index.mkdir(parents=True, exist_ok=True)
    with (index / LOCK).open("a", encoding="utf-8") as lock:
        try:
            # The kernel drops the lock with its process: a dead build never blocks the next.
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise IndexBusy(
                f"another process is rebuilding {index}; wait for it to finish"
            ) from None
        yield


def settle_files(folder: Path, names: Iterable[str]) -> dict[str, FileFacts]:
    """Bring files of a generation to the disk, and return the size and checksum of each."""
    facts = {}
    for name in names:
        path = folder / name
        _sync(path)
        facts[name] = FileFacts(path.stat().st_size, checksum(path))
    return facts


def encoder_facts(encoder: Encoder) -> dict[str, Any]:
    """Return what a manifest says of an encoder."""
    return {"name": encoder.name, "identity": encoder.identity, "dim": encoder.dim}


def file_names(folder: Path) -> list[str]:
    """Return every file below a generation's folder but the manifest, by relative path."""
    return [
        path.relative_to(folder).as_posix()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    ]


def verify(generation: Path, manifest: Manifest, *, contents: bool) -> None:
    """Check that every file of a generation is there and whole, and that there is no other.

    Sizes are always compared; `contents` compares checksums as well, which reads every byte.

    Raises:
        IndexDamaged: naming the first file that is not as the manifest says.
    """
    present = set(file_names(generation))
    for name in sorted(present ^ manifest.files.keys()):
        state = "does not belong there" if name in present else "is missing"
        raise IndexDamaged(f"{generation / name} {state}; rebuild the index")
    for name, facts in manifest.files.items():
        path = generation / name
        try:
            size = path.stat().st_size
            changed = contents and size == facts.size and checksum(path) != facts.sha256
        except OSError as error:
            raise IndexDamaged(f"{path} cannot be read ({error}); rebuild the index") from error
        if size != facts.size:
            raise IndexDamaged(f"{path} has {size} bytes, not {facts.size}; rebuild the index")
        if changed:
            raise IndexDamaged(f"{path} has changed since it was built; rebuild the index")


def publish(index: Path, folder: Path, manifest: Manifest) -> str:
    """Make a finished build the live generation, keep the one before it, return its name."""
    (folder / MANIFEST).write_text(manifest.to_text(), encoding="utf-8")
    for path in sorted(folder.rglob("*")):
        _sync(path)
    _sync(folder)
    final = folder.with_suffix("")
    folder.rename(final)
    _sync(index)
    try:
        kept = {current_name(index), final.name}
    except (IndexMissing, IndexDamaged):
        kept = {final.name}
    _point(index, final.name)
    for name in generation_names(index):
        if name not in kept:
            shutil.rmtree(index / name)
    return final.name


def roll_back(index: Path) -> str:
    """Make the generation before the live one live again, and return its name.

    Raises:
        RetrievalError: no earlier one is kept, it is not whole, or the index may not be written.
    """
    live = current_name(index)
    earlier = [name for name in generation_names(index) if _number(name) < _number(live)]
    if not earlier:
        raise RetrievalError(f"{index} keeps no generation before {live}; nothing to go back to")
    verify(index / earlier[-1], Manifest.read(index / earlier[-1]), contents=False)
    with refusals(index):
        _point(index, earlier[-1])
    return earlier[-1]


def checksum(path: Path) -> str:
    """Return the sha256 of a file as hexadecimal digits."""
    with path.open("rb", buffering=0) as file:
        if os.fstat(file.fileno()).st_size <= _AT_ONCE:
            # `file_digest` makes a buffer of this size first: twice the time of a small file.
            return hashlib.sha256(file.read()).hexdigest()
        return hashlib.file_digest(file, "sha256").hexdigest()


def _point(index: Path, name: str) -> None:
    beside = index / f"{CURRENT}.tmp"
    beside.write_text(f"{name}\n", encoding="utf-8")
    _sync(beside)
    beside.replace(index / CURRENT)
    _sync(index)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _number(name: str) -> int:
    match = _NAME.fullmatch(name)
    return int(match[1]) if match else 0
