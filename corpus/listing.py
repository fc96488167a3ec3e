"""Which files hold articles: the named files, and all of a known kind below the named folders."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import ArticleFormatError, SourceNotFound
from corpus.records import Failure, SourceFile

SUFFIXES = frozenset({".txt", ".md", ".html", ".htm", ".jsonl", ".pdf", ".docx"})
"""The kinds of file that are read, by suffix; case does not matter."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What was found below the paths a user named."""

    files: tuple[SourceFile, ...]
    """In the order of the paths; within a folder ordered by name. No file stands here twice."""
    ignored: tuple[Path, ...] = ()
    """Files of other kinds, left alone."""
    failures: tuple[Failure, ...] = ()
    """Folders that could not be listed, files whose name is no text, links out of the folder."""


def find_files(paths: Sequence[Path]) -> Listing:
    """List the files that may hold articles.

    Folders are searched to any depth, hidden files and folders skipped. A link is followed only to
    a file inside the folder that was named; devices, pipes and sockets are never opened.

    Raises:
        SourceNotFound: a path does not exist or cannot be listed.
        ArticleFormatError: a file was named whose suffix is none of `SUFFIXES`.
    """
    search = _Search()
    for path in paths:
        search.add(path)
    return Listing(tuple(search.files), tuple(search.ignored), tuple(search.failures))


class _Search:
    def __init__(self) -> None:
        self.files: list[SourceFile] = []
        self.ignored: list[Path] = []
        self.failures: list[Failure] = []
        self._seen: set[Path] = set()
        self._names: set[str] = set()

    def add(self, path: Path) -> None:
        """Search one path a user named."""
        try:
            mode = path.stat().st_mode
        except (OSError, ValueError) as error:
            raise SourceNotFound(f"{path} does not exist or cannot be opened; check it") from error
        root = Path(os.path.abspath(path))  # noqa: PTH100 (resolve would follow links)
        if not _is_text(root):
            raise SourceNotFound(f"{_text(root)} is not named in UTF-8; rename it or what it is in")
        if stat.S_ISDIR(mode):
            self._add_folder(root)
        elif not stat.S_ISREG(mode):
            raise ArticleFormatError(f"{path} is no file or folder; name one that is")
        elif path.suffix.lower() not in SUFFIXES:
            known = " ".join(sorted(SUFFIXES))
            raise ArticleFormatError(
                f"{path} is not a kind of file that is read; those are {known}"
            )
        else:
            self._add_file(root, root.parent)

    def _add_folder(self, root: Path) -> None:
        try:
            os.scandir(root).close()
        except OSError as error:
            reason = error.strerror
            raise SourceNotFound(f"{root} cannot be listed ({reason}); check its rights") from error
        found: list[str] = []
        links: list[Path] = []
        for entry in self._walk(root):
            if os.path.splitext(entry.name)[1].lower() not in SUFFIXES:  # noqa: PTH122 (no Path yet)
                if entry.is_file(follow_symlinks=False):
                    self.ignored.append(Path(entry.path))
            elif entry.is_symlink():
                links.append(Path(entry.path))
            elif entry.is_file(follow_symlinks=False):
                found.append(entry.path)
        found += map(str, self._safe_links(root, links, found))
        # A Path costs more than all the rest of a listing: one a file.
        for path in sorted(found):
            self._add_file(Path(path), root)

    def _walk(self, root: Path) -> Iterator[os.DirEntry[str]]:
        """Yield every entry below a folder that is no folder itself and not hidden."""
        folders = [os.fspath(root)]
        while folders:
            folder = folders.pop()
            try:
                with os.scandir(folder) as entries:
                    ordered = sorted(entries, key=lambda entry: entry.name)
            except OSError as error:
                reason = f"the folder cannot be listed ({error.strerror}); check its rights"
                self.failures.append(Failure(_text(folder), reason))
                continue
            for entry in ordered:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    yield entry

    def _safe_links(
        self, root: Path, links: Iterable[Path], found: Iterable[str]
    ) -> Iterator[Path]:
        """Yield the links to files inside the folder that are not listed by their own name."""
        inside = root.resolve()
        listed = {Path(path).resolve() for path in found} if links else set()
        for link in links:
            try:
                target = link.resolve(strict=True)
            except (OSError, RuntimeError):
                self.failures.append(Failure(_text(link), "the link leads nowhere; remove it"))
                continue
            if not target.is_relative_to(inside):
                reason = "the link leads out of the folder and is not followed; name its target"
                self.failures.append(Failure(_text(link), reason))
            elif target.is_file() and target not in listed:
                listed.add(target)
                yield link

    def _add_file(self, path: Path, root: Path) -> None:
        if path in self._seen:
            return
        self._seen.add(path)
        if not _is_text(path):
            reason = "the file's name is not UTF-8; rename it"
            self.failures.append(Failure(_text(path), reason))
            return
        name = _name(path, root)
        # Ids are made from names: two folders may both hold a 1.txt.
        while name in self._names and root != root.parent:
            root = root.parent
            name = _name(path, root)
        self._names.add(name)
        self.files.append(SourceFile(path, name))


def _name(path: Path, root: Path) -> str:
    """Return a path relative to a folder it is in; `relative_to` takes ten times as long."""
    return str(path)[len(str(root)) :].lstrip(os.sep)


def _is_text(path: Path) -> bool:
    """Tell whether a path can be stored as text; on disk its bytes may be any."""
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _text(path: str | Path) -> str:
    """Return a path as text that can be printed and stored, whatever its bytes are."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
