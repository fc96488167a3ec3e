"""Everyday words and the official ones the archive uses instead: 退一赔三 and 三倍赔偿.

Applied to the question only, so a file can be edited without building anything anew, and is read
again when it has changed. One entry a line: the everyday word, a colon, official words between
commas; # begins a comment.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path

from corpus import fold
from retrieval.errors import RetrievalError

logger = logging.getLogger(__name__)

SHIPPED = Path(__file__).with_name("synonyms.txt")
"""A start for consumer matters, written by us."""


class SynonymsError(RetrievalError):
    """A line of a synonyms file is not an entry."""


class Synonyms:
    """Everyday words, folded, each with its official words."""

    def __init__(self, entries: dict[str, tuple[str, ...]]) -> None:
        self._entries = entries
        # Few questions hold any: to look for all at once takes a tenth of the time.
        self._any = re.compile("|".join(map(re.escape, entries)) or "(?!)")

    @classmethod
    def read(cls, *paths: Path) -> Synonyms:
        """Read files; an entry of a later file replaces one of an earlier.

        Raises:
            SynonymsError: naming the first line that is no entry, or a file that cannot be read.
        """
        entries: dict[str, tuple[str, ...]] = {}
        for path in paths:
            try:
                lines = path.read_text(encoding="utf-8-sig").splitlines()
            except OSError as error:
                raise SynonymsError(
                    f"synonyms file {path} cannot be read ({error.strerror}); "
                    "correct or remove what names it (XUNZHANG_SYNONYMS)"
                ) from error
            except UnicodeDecodeError as error:
                raise SynonymsError(
                    f"synonyms file {path} is not UTF-8 ({error}); save it as UTF-8"
                ) from error
            for number, line in enumerate(lines, start=1):
                content = fold(line.partition("#")[0]).strip()
                if not content:
                    continue
                everyday, colon, rest = content.partition(":")
                official = tuple(word.strip() for word in rest.split(",") if word.strip())
                if not (colon and everyday.strip() and official):
                    raise SynonymsError(
                        f"{path}:{number} is not `everyday: official, official`; correct it"
                    )
                entries[everyday.strip()] = official
        return cls(entries)

    def __len__(self) -> int:
        return len(self._entries)

    def found_in(self, folded: str) -> dict[str, tuple[str, ...]]:
        """Return the entries whose everyday word a folded question holds, longest first.

        A word inside a longer one that is found as well does not count, nor do official words
        that the question uses already.
        """
        found: dict[str, tuple[str, ...]] = {}
        if self._any.search(folded) is None:
            return found
        for everyday in sorted(filter(folded.__contains__, self._entries), key=len, reverse=True):
            official = tuple(word for word in self._entries[everyday] if word not in folded)
            if official and not any(everyday in longer for longer in found):
                found[everyday] = official
        return found


class Thesaurus:
    """The shipped entries and over them those of a person's own file, as they are now."""

    def __init__(self, own: Path | None = None) -> None:
        """Read both; see `Synonyms.read` for what is raised."""
        self._own = own
        self._seen = self._mark()
        self._synonyms = self._read()

    def synonyms(self) -> Synonyms:
        """Return the entries, read again if the person's file has changed.

        One that cannot be read any more is named in the log once, and the last good entries
        stay: the bot that asks runs for weeks.
        """
        if (mark := self._mark()) != self._seen:
            self._seen = mark
            try:
                self._synonyms = self._read()
            except SynonymsError as error:
                logger.error("%s; the entries read before stay in use", error)
        return self._synonyms

    def _read(self) -> Synonyms:
        return Synonyms.read(SHIPPED, *(() if self._own is None else (self._own,)))

    def _mark(self) -> tuple[int, int] | None:
        if self._own is None:
            return None
        try:
            found = self._own.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size
