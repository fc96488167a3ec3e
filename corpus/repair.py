"""Put right text that was damaged on its way through old encodings: the inverse of the process.

See docs/repair.md for the process and for what the repair reaches.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from corpus.gbk import pairs
from corpus.readings import LETTERS, reading_of
from corpus.records import Repair
from corpus.repair_search import Found, Page, Search

REPAIR_VERSION = "1"
"""Changes whenever the repaired text of any article could."""

_GATE = re.compile(rf"[(?][{LETTERS}]{{1,6}}\)")
_ANNOTATION = re.compile(rf"([\u4e00-\u9fff])\(([{LETTERS}]{{1,6}})\)")
_SITE = re.compile(rf"\?(?:[{LETTERS}]{{1,6}}\)|(?=[。,?]))")
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_ITEM = re.compile(r"[(（]([一二三四五六七八九十百]{1,5})[)）]")
CONFIDENCE = 0.5


@dataclass(frozen=True, slots=True)
class Repaired:
    """A text put right, with an account of every change."""

    text: str
    repairs: tuple[Repair, ...] = ()
    unrepaired: tuple[int, ...] = ()
    """Offsets into `text` where damage is still visible."""


def repair(text: str) -> Repaired:
    """Undo the damage in an article; a text without any comes back as it was."""
    if not _GATE.search(text):
        return Repaired(text)
    return _Repairer(text).run()


class _Repairer:
    def __init__(self, text: str) -> None:
        self._text = text
        self._out: list[str] = []
        self._size = 0
        self._repairs: list[Repair] = []
        self._unrepaired: list[int] = []
        page = _learn(text)
        self._search = Search(text, page)

    def run(self) -> Repaired:
        at = 0
        for match in _SITE.finditer(self._text):
            if match.start() < at:
                continue
            self._plain(at, match.start())
            at = match.start()
            before = "".join(self._out[-12:])
            found = self._search.stretch(at, before, self._expected())
            if found is not None and found.worst > -12:
                self._run(at, found)
                at = found.end
            else:
                self._unrepaired.append(self._size)
        self._plain(at, len(self._text))
        return Repaired("".join(self._out), tuple(self._repairs), tuple(self._unrepaired))

    def _add(self, text: str) -> None:
        self._out.append(text)
        self._size += len(text)

    def _plain(self, start: int, end: int) -> None:
        at = start
        for match in _ANNOTATION.finditer(self._text, start, end):
            if reading_of(match[1]) != match[2]:
                continue
            self._add(self._text[at : match.start()])
            self._repairs.append(Repair("annotation", match[0], match[1], self._size))
            self._add(match[1])
            at = match.end()
        self._add(self._text[at:end])

    def _run(self, start: int, found: Found) -> None:
        text = found.text.translate(_WIDE)
        before = self._text[start : found.end]
        if text != before:
            self._repairs.append(Repair("shifted", before, text, self._size))
        for offset, (doubt, lost) in enumerate(zip(found.doubts, found.lost, strict=True)):
            if lost:
                self._unrepaired.append(self._size + offset)
        self._add(text)

    def _expected(self) -> str:
        tail = "".join(self._out[-400:])[-3000:]
        numbers = _ITEM.findall(tail)
        return _after(numbers[-1]) if numbers else ""


_NUMERALS = "一二三四五六七八九"


def _numeral(number: int) -> str:
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else _NUMERALS[tens - 1] + "十"
    return head + (_NUMERALS[ones - 1] if ones else "")


_NUMBERS = {_numeral(number): number for number in range(1, 100)}


def _after(numeral: str) -> str:
    number = _NUMBERS.get(numeral, 0)
    return _numeral(number + 1) if 0 < number < 99 else ""


def _learn(text: str) -> Page:
    known = pairs()
    annotated = {m[1] for m in _ANNOTATION.finditer(text) if reading_of(m[1]) == m[2]}
    rest = Counter(_ANNOTATION.sub("", text))
    plain = {c for c, times in rest.items() if times > 1} - annotated
    return Page(
        frozenset(known[c] for c in annotated if c in known),
        frozenset(known[c] for c in plain if c in known),
        any("\ue000" <= c <= "\uf8ff" for c in rest),
    )
