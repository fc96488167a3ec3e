"""One pass over one damaged page, left to right."""

from __future__ import annotations

import re
from dataclasses import replace

from corpus.gbk import decode
from corpus.readings import HAN, LETTERS, reading_of
from corpus.records import Repair
from corpus.repair_ledger import Repaired
from corpus.repair_page import ANNOTATION, Page, learn
from corpus.repair_search import Found, Search
from corpus.repair_tables import last_byte

CONFIDENCE = 0.5
"""A character less likely than this is not put in; a `?` stands for it, counted as unrepaired."""

_SITE = re.compile(rf"\?(?:[{LETTERS}]{{1,6}}\)|(?=[。,?]))")
_PLAIN = re.compile(rf"{ANNOTATION.pattern}|(?<=[{HAN}])([@-~])\(([{LETTERS}]{{1,6}})\)")
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_ITEM = re.compile(r"[(（]([一二三四五六七八九十]{1,3})[)）]")
_REFERENCE = re.compile(r"#(\d{2,7});")
# 1951 is the only year that ends so; 2024 needs another year of its kind on the page, for 1024
# is one too. Round ones may be a span of time.
_YEAR = re.compile(r"(?P<last_century>[89]\d[1-9]|9[1-9]0)年|0[0-3]\d年")
_THIS_CENTURY = re.compile(r"(?<![\d?])20[0-3]\d年")
_ITEM_REACH = 3000
_FAILURES = 10
_NONSENSE = -7.2
"""Mean log probability below which a stretch is nonsense; real ones stayed above -7.0."""
_GARBAGE = -11.0
"""Mean log probability of three characters below which a stretch is no text at all."""


def repair_page(text: str) -> Repaired:
    """Repair a page that may be damaged; leave it as it is if it is not of that kind."""
    page = learn(text)
    if page is None:
        return Repaired(text)
    result = _Pass(text, page).run()
    if len(result.text) > len(text):
        result = _Pass(text, replace(page, private_kept=True)).run()
    return result if len(result.text) <= len(text) else Repaired(text)


class _Pass:
    """One pass over one damaged page, left to right."""

    def __init__(self, text: str, page: Page) -> None:
        self._text = text
        self._search = Search(text, page)
        self._out: list[str] = []
        self._size = 0
        self._repairs: list[Repair] = []
        self._unrepaired: list[int] = []
        self._searches = 0
        self._failures = 0
        self._item = ""
        self._item_at = 0
        self._this_century = bool(_THIS_CENTURY.search(text))

    def run(self) -> Repaired:
        at = 0
        for site in _SITE.finditer(self._text):
            if site.start() < at:
                continue
            self._plain(at, site.start())
            found = self._search_from(site.start())
            if found is not None and found.worst > _GARBAGE:
                at = self._stretch(site.start(), found)
            else:
                at = site.end()
                self._unrepaired.append(self._size)
                self._change("lost", site[0], "?")
        self._plain(at, len(self._text))
        return Repaired("".join(self._out), tuple(self._repairs), tuple(self._unrepaired))

    def _search_from(self, start: int) -> Found | None:
        """Search one stretch, unless the page has turned out to be nonsense: that costs time."""
        if self._failures > _FAILURES and 2 * self._failures > self._searches:
            return None
        before = "".join(piece[-8:] for piece in self._out[-8:])
        found = self._search.stretch(start, before, self._expected())
        self._searches += 1
        self._failures += found is None or found.score < _NONSENSE * (len(found.text) + 3)
        return found

    def _keep(self, text: str) -> None:
        for match in _ITEM.finditer(text):
            self._item, self._item_at = match[1], self._size + match.start()
        self._out.append(text)
        self._size += len(text)

    def _change(self, kind: str, before: str, after: str) -> None:
        if before != after:
            self._repairs.append(Repair(kind, before, after, self._size))
        self._keep(after)

    def _plain(self, start: int, end: int) -> None:
        """Take over text without signs of a shift, less its aligned annotations."""
        at = start
        for match in _PLAIN.finditer(self._text, start, end):
            character = match[1]
            if character is None:
                character = _torn_character(self._text[match.start() - 1], match[3])
                if reading_of(character) != match[4]:
                    continue
                character = match[3]
            elif reading_of(character) != match[2]:
                continue
            self._keep(self._text[at : match.start()])
            self._change("annotation", match[0], character)
            at = match.end()
        self._keep(self._text[at:end])

    def _stretch(self, start: int, found: Found) -> int:
        """Write one stretch as it was found; return where the text goes on."""
        text, end = found.text.translate(_WIDE), found.end
        marks = [
            lost or doubt > 1 - CONFIDENCE
            for lost, doubt in zip(found.lost, found.doubts, strict=True)
        ]
        text = "".join("?" if mark else c for c, mark in zip(text, marks, strict=True))
        reference = _REFERENCE.match(self._text, end)
        if reference is not None and found.lost[-1] and (sign := _referred(reference[1])):
            # What was swallowed can only have been the & of an HTML reference.
            text, end, marks[-1] = text[:-1] + sign, reference.end(), False
        text, proven = self._with_years(text, end, found.lost)
        self._unrepaired += [
            self._size + at for at, mark in enumerate(marks) if mark and at not in proven
        ]
        self._change("year" if proven else "shifted", self._text[start:end], text)
        return end

    def _with_years(self, text: str, end: int, lost: tuple[bool, ...]) -> tuple[str, set[int]]:
        """Put back the first digits of years whose other three prove them; say where."""
        proven: set[int] = set()
        ahead = text + self._text[end : end + 4]
        for at in [at for at, gone in enumerate(lost) if gone]:
            match = _YEAR.match(ahead, at + 1)
            if match is None or not (match["last_century"] or self._this_century):
                continue
            text = text[:at] + ("1" if match["last_century"] else "2") + text[at + 1 :]
            proven.add(at)
        return text, proven

    def _expected(self) -> str:
        near = self._size - self._item_at < _ITEM_REACH
        return _after(self._item) if near else ""


def _torn_character(before: str, letter: str) -> str:
    """Return what a letter makes with the second byte of the character before it."""
    return decode(bytes((last_byte(before), ord(letter))))


def _referred(digits: str) -> str:
    code = int(digits)
    if code < 0x80 or code > 0x10FFFF or 0xD800 <= code < 0xE000:
        return ""
    return chr(code)


_ONES = "一二三四五六七八九"


def _numeral(number: int) -> str:
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else _ONES[tens - 1] + "十"
    return head + (_ONES[ones - 1] if ones else "")


_NUMBERS = {_numeral(number): number for number in range(1, 100)}


def _after(numeral: str) -> str:
    number = _NUMBERS.get(numeral, 99)
    return _numeral(number + 1) if number < 99 else ""
