"""The search for what damaged bytes were: a beam over the bytes of one stretch of text.

A damaged stretch is read token by token. A hypothesis says which bytes stand there, and whether
the characters on the page are aligned with the true ones or one byte off; off by one, each true
character is made of the second byte of one token and the first byte of the next. Bytes that are
gone are tried: those the spelt reading allows, those a cut swallowed, those that were deleted as
private-use characters. The character model chooses.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from corpus.charmodel import BREAK
from corpus.readings import LETTERS, reading_of
from corpus.repair_beam import (
    ALIGNED,
    Beam,
    Hypothesis,
    Merge,
    Node,
    State,
    doubts,
    path_of,
    pruned,
)
from corpus.repair_page import Page
from corpus.repair_reading import TORN_COST, Reader, Token
from corpus.repair_tables import History, Tables, last_byte, shifted, tables

_TOKEN = re.compile(rf"\?([{LETTERS}]{{1,6}})\)|(.)(?:\(([{LETTERS}]{{1,6}})\))?", re.S)
_DOUBTFUL = -5.0
"""Mean log probability of three characters below which deleted bytes are looked for."""
_STOP_MARGIN = 9.0
_CALM_TOKENS = 3
_LONGEST = 150
"""Tokens in one stretch (real ones have 40); what is longer is cut there."""


@dataclass(frozen=True, slots=True)
class Found:
    """The outcome for one stretch."""

    end: int
    """Where in the damaged text it ends."""
    text: str
    doubts: tuple[float, ...]
    """Per character of `text`, the probability that it is another one."""
    lost: tuple[bool, ...]
    """Per character, whether it only stands for something that cannot be known."""
    worst: float
    """The lowest mean log probability of three characters in a row."""
    score: float


class Search(Reader):
    """Finds the best reading of one stretch after another of one page."""

    def __init__(self, text: str, page: Page, base: Tables | None = None) -> None:
        super().__init__(text, page, base or tables())
        self._text = text
        self._end = 0

    def stretch(self, start: int, before: str, expected: str = "") -> Found | None:
        """Read on from `start`, a sign of damage, until the text is plainly aligned again.

        `before` is the repaired text in front of it, `expected` the next number of the list
        the text is in, as 十二. None when no reading fits.
        """
        self._expected = tuple(self._base.symbol(c) for c in f"({expected})" if expected)
        found = self._read(start, before, deleted=False)
        if self._page.private_kept or (
            found is not None and not self._is_doubtful(found, expected)
        ):
            return found
        if found is not None and len(found.text) > _LONGEST // 2:
            return found
        again = self._read(start, before, deleted=True)
        if found is None or again is None or again.end != found.end:
            return again or found
        return again if again.score >= found.score else found

    @staticmethod
    def _is_doubtful(found: Found, expected: str) -> bool:
        if found.worst < _DOUBTFUL:
            return True
        return bool(expected) and "（" in found.text and f"（{expected}）" not in found.text

    def _read(self, start: int, before: str, *, deleted: bool) -> Found | None:
        history: History = (BREAK, BREAK, BREAK)
        for character in before:
            history = shifted(history, self._base.symbol(character))
        state = State(ALIGNED, last_byte(before[-1:]), history, 0)
        beam: Beam = {state: Hypothesis(state, 0.0, None)}
        self._merges = []
        at, calm, inserted = start, 0, True
        aligned = (start, 0)
        for self._place in range(_LONGEST):
            match = _TOKEN.match(self._text, at)
            if match is None:
                break
            if deleted:
                beam = self._with_deleted(beam)
            beam, inserted = self._step(beam, match, inserted)
            if not beam:
                return None
            at = self._end
            calm = calm + 1 if _is_calm(beam) else 0
            if calm == 1:
                aligned = (at, self._place + 1)
            if calm > _CALM_TOKENS:
                break
        if not calm:
            aligned = (at, self._place + 1)
        return self._finish(beam, *aligned)

    def _step(self, beam: Beam, match: re.Match[str], inserted: bool) -> tuple[Beam, bool]:
        """Read one token; return the next beam and whether a reading was inserted behind it."""
        spelt, character, reading = match.groups("")
        self._end = match.end()
        letter = bool(reading) and ("@" <= character < "\x7f" or character in "€\x80")
        annotated = bool(spelt) or letter or bool(reading and reading_of(character) == reading)
        if reading and not annotated:
            self._end = match.start() + 1
        mark = self._text[self._end : self._end + 1]
        token = Token(character, spelt or reading, inserted, mark)
        self._next = {}
        self._floor = -math.inf
        if spelt:
            read = self._spelt
        elif character == "?":
            read = self._question
        elif letter:
            read = self._letter_spelt
        elif character < "\x80":
            read = self._ascii
        else:
            read = self._pair
        for hypothesis in beam.values():
            read(hypothesis, token)
        return pruned(self._next), annotated

    def _finish(self, beam: Beam, end: int, places: int) -> Found | None:
        """Return the best way through, up to where every hypothesis was aligned again."""
        ends: list[tuple[float, Node | None]] = []
        for state, score, node in beam.values():
            if state.pending == ALIGNED:
                if end >= len(self._text):
                    score += self._base.model.context(*state.history).score(BREAK)
                ends.append((score, node))
            elif end >= len(self._text):
                torn = Node(node, "?", -TORN_COST, places - 1, True)
                ends.append((score - TORN_COST, torn))
        if not ends:
            return None
        best_score, best = max(ends, key=lambda entry: entry[0])
        whole = path_of(best)
        rivals = [Merge(best, node, score - best_score) for score, node in ends if node is not best]
        doubt = doubts(whole, rivals + self._merges)
        path = [node for node in whole if node.place < places]
        if not path:
            return None
        gains = [node.gain for node in path]
        windows = [gains[at : at + 3] for at in range(max(1, len(gains) - 2))]
        return Found(
            end,
            "".join(node.character for node in path),
            tuple(doubt[: len(path)]),
            tuple(node.lost for node in path),
            min(sum(window) / len(window) for window in windows),
            best_score,
        )


def _is_calm(beam: Beam) -> bool:
    floor = max(hypothesis.score for hypothesis in beam.values()) - _STOP_MARGIN
    return all(
        hypothesis.state.pending == ALIGNED or hypothesis.score < floor
        for hypothesis in beam.values()
    )
