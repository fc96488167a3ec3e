"""What one page shows of its damage, and whether it is damaged at all.

A gloss and an annotation look alike: 齲(qǔ)齒. What tells a damaged page is the whole of it: the
annotated characters all differ from their Simplified form, all carry pypinyin's default reading,
each is annotated wherever it stands, they are common characters nobody would gloss, and they are
some of those the text has, not all of them.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass

from corpus.gbk import pairs
from corpus.readings import HAN, LETTERS, has_several_readings, read_as, reading_of
from corpus.repair_tables import tables

ANNOTATION = re.compile(rf"([{HAN}])\(([{LETTERS}]{{1,6}})\)")
SPELT = re.compile(rf"\?([{LETTERS}]{{1,6}})\)")
_SPELT_OUT = re.compile(rf"[（(][{LETTERS} ]*[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ][{LETTERS} ]*[）)]")
"""Any bracket that holds pinyin, of one syllable or several."""
_WIDE = re.compile("[，：；！？（）\u3000]")
_WORD = re.compile("[^\\s,;:、，；：。()（）|/]+")
_NARROW = re.compile("[,:;!()]")

_DIFFERING = 0.65
"""Share of all bracketed readings that must stand behind characters the damage chose from."""
_CONSISTENT = 0.85
"""Share of the places of annotated characters that must be annotated."""
_DENSEST = 0.55
"""Share of all characters annotated above which it is a text for learners."""
_WIDE_SHARE = 0.1
"""Full-width signs per half-width sign: the damage left no full-width ones."""
_HALF_WIDTH = 2.0
_FEW_MARKS = 2
_FEW = 0.03
_ALL_OF = 12
"""From so many differing characters on, a page that annotates every one is not damaged."""
_LIST_RUN = 3.4
"""Characters between two marks or blanks, on average, below which a text is a list of words."""
_LIST_DENSITY = 0.2
_ENOUGH = 4.0


@dataclass(frozen=True, slots=True)
class Page:
    """What one page shows of how it was damaged."""

    annotated: frozenset[int] = frozenset()
    """Pairs of the characters annotated on it."""
    plain: frozenset[int] = frozenset()
    """Pairs of the characters that stand on it, more than once, without annotation."""
    private_kept: bool = False
    """Whether private-use characters survived; if none did they may have been deleted."""


def learn(text: str) -> Page | None:
    """Return what a page shows of its damage, None if the page is not of that kind."""
    model = tables().model
    readings = Counter(ANNOTATION.findall(text))
    annotated = {
        character: times
        for (character, reading), times in readings.items()
        if reading_of(character) == reading and model.differs(character)
    }
    rest = Counter(ANNOTATION.sub("", text))
    if not _is_damaged(text, annotated, rest):
        return None
    known = pairs()
    plain = {character for character, times in rest.items() if times > 1} - annotated.keys()
    return Page(
        frozenset(known[character] for character in annotated if character in known),
        frozenset(known[character] for character in plain if character in known),
        any("\ue000" <= character <= "\uf8ff" for character in rest),
    )


def _is_damaged(text: str, annotated: dict[str, int], rest: Counter[str]) -> bool:
    total = sum(annotated.values())
    torn = sum(1 for match in SPELT.finditer(text) if _is_torn(text, match))
    brackets = sum(1 for _ in _SPELT_OUT.finditer(text))
    plain_times = sum(rest[character] for character in annotated)
    if total < _DIFFERING * brackets or total < _CONSISTENT * (total + plain_times):
        return False
    if torn:
        return True
    return _are_no_glosses(text, annotated, rest)


def _is_torn(text: str, match: re.Match[str]) -> bool:
    """Tell a reading whose bracket was swallowed from one that stands in brackets."""
    before = text[max(0, match.start() - 8) : match.start()]
    return (
        bool(read_as(match[1]))
        and not match[1].isascii()
        and before[-1:] > "\x7f"
        and before.rfind("(") <= before.rfind(")")
    )


def _are_no_glosses(text: str, annotated: dict[str, int], rest: Counter[str]) -> bool:
    """Weigh what speaks for a damaged page against what speaks for an author's glosses."""
    total = sum(annotated.values())
    han = total + sum(times for character, times in rest.items() if _is_han(character))
    wide = sum(1 for _ in _WIDE.finditer(text))
    narrow = sum(1 for _ in _NARROW.finditer(text)) - 2 * total
    if total > _DENSEST * han or wide > _WIDE_SHARE * narrow:
        return False
    model = tables().model
    differing = len(annotated) + sum(1 for c in rest if c not in annotated and model.differs(c))
    evidence = sum(_commonness(character) for character in annotated)
    evidence += min(total - len(annotated), 3)
    if narrow >= _FEW_MARKS:
        evidence += _HALF_WIDTH
    if len(annotated) < _FEW * differing:
        evidence -= 1
    if len(annotated) == differing >= _ALL_OF:
        evidence -= 6
    words = _WORD.findall(ANNOTATION.sub(r"\1", text))
    if sum(map(len, words)) < _LIST_RUN * len(words):
        # Words, not sentences.
        evidence -= 5 if total < _LIST_DENSITY * han else math.inf
    return evidence >= _ENOUGH


def _commonness(character: str) -> float:
    """Return how little a character needs a gloss: nobody glosses 國, somebody may 齲 or 長."""
    model = tables().model
    rarity = model.rarity(model.symbol(character))
    weight = 2.5 if rarity > -8.7 else 0.5 if rarity > -9.3 else -1.0 if rarity > -10.5 else -3.0
    return weight * 0.6 if weight > 0 and has_several_readings(character) else weight


def _is_han(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"
