"""How one token of a damaged page may be read: which bytes it was, and which are missing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from corpus.charmodel import UNKNOWN
from corpus.gbk import pairs
from corpus.readings import reading_of
from corpus.repair_beam import ALIGNED, ANY, Beam, Hypothesis, Scorer, pruned
from corpus.repair_page import Page
from corpus.repair_tables import Cell, Tables

_CUT_MARKS = "。,?"
_FULL_STOP = 0xA1A3
_EURO = 0x80
"""Alone it is a whole character to PHP, the euro sign."""
_UNKNOWN_COST = 9.0
_TABLE_COST = 10.0
"""For a character that the page annotates everywhere else and would have annotated here."""
_DOUBLE_MARK_COST = 8.0
"""For a real question mark with another mark right behind it."""
_CUT_COST = 0.5
_TWO_PASS_COST = 3.0
_OTHER_DECODER_COST = 3.0
TORN_COST = 8.0
"""For a first byte whose second never comes: the line or the text ends."""
_DELETED_WIDTH = 12.0
_DELETED_BEAM = 6
_DELETED_IN_A_ROW = 4


class Token(NamedTuple):
    """One sign of the page, with what stood in front of it and what comes after."""

    character: str
    reading: str
    inserted: bool
    """Whether a reading was inserted right in front, so that two bytes were not neighbours."""
    mark: str


class Reader(Scorer):
    """Reads tokens one by one into the beam."""

    def __init__(self, text: str, page: Page, base: Tables) -> None:
        super().__init__(text, base)
        self._page = page

    def _table_cost(self, pair: int, token: Token) -> float:
        return 0.0 if token.inserted or pair not in self._page.annotated else _TABLE_COST

    def _leads(self, pending: int) -> frozenset[int] | None:
        return self._base.private[pending - ANY] if pending > ANY else None

    def _completed(self, pending: int, trail: int) -> Iterable[Cell]:
        """Return the characters that a pending lead, known or not, makes with this byte."""
        if pending < ANY:
            cell = self._base.cells.get(pending << 8 | trail)
            return () if cell is None else (cell,)
        leads = self._leads(pending)
        cells = self._base.by_trail[trail]
        return cells if leads is None else [cell for cell in cells if cell.pair >> 8 in leads]

    def _pair(self, hypothesis: Hypothesis, token: Token) -> None:
        """Read a character of two bytes."""
        state = hypothesis.state
        pair = _EURO if token.character in "€\x80" else pairs().get(token.character, 0)
        if state.pending == ALIGNED:
            cell = self._base.cells.get(pair)
            if cell is not None:
                cost = self._table_cost(state.last << 8 | pair >> 8, token)
                self._emit(hypothesis, cell, ALIGNED, cost)
            else:
                after = self._literal(hypothesis, token.character)
                self._add(after._replace(score=after.score - _UNKNOWN_COST))
            return
        if pair == _EURO:
            for cell in self._completed(state.pending, pair):
                self._emit(hypothesis, cell, ALIGNED)
            return
        lead, trail = pair >> 8, pair & 255
        for cell in self._completed(state.pending, lead):
            cost = self._table_cost(cell.pair, token)
            if trail > _EURO:
                self._emit(hypothesis, cell, trail, cost)
            elif trail < _EURO:
                # The second byte was a letter of the true text, eaten as a trail byte.
                self._emit_then(hypothesis, cell, chr(trail), cost)

    def _letter_spelt(self, hypothesis: Hypothesis, token: Token) -> None:
        """Read a letter with a reading behind it: the second byte of a character that reads so."""
        if hypothesis.state.pending == ALIGNED:
            for literal in f"{token.character}({token.reading})":
                hypothesis = self._literal(hypothesis, literal)
            self._add(hypothesis)
            return
        trail = ord(token.character) if token.character < "\x80" else _EURO
        for cell in self._completed(hypothesis.state.pending, trail):
            if reading_of(cell.character) == token.reading:
                self._emit(hypothesis, cell, ALIGNED)

    def _ascii(self, hypothesis: Hypothesis, token: Token) -> None:
        """Read a half-width sign: itself, a second byte, or a full-width sign of two bytes."""
        pending = hypothesis.state.pending
        if pending == ALIGNED:
            self._add(self._literal(hypothesis, token.character))
            return
        code = ord(token.character)
        if token.character == "\n":
            torn = self._literal(hypothesis, "?", lost=True)
            self._add(self._literal(torn._replace(score=torn.score - TORN_COST), "\n"))
            return
        if code >= 0x40:
            for cell in self._completed(pending, code):
                self._emit(hypothesis, cell, ALIGNED, self._table_cost(cell.pair, token))
        lead, trail = (0xA1, 0xA1) if token.character == " " else (0xA3, code | 0x80)
        if trail > 0xA0:
            for cell in self._completed(pending, lead):
                self._emit(hypothesis, cell, trail, self._table_cost(cell.pair, token))

    def _question(self, hypothesis: Hypothesis, token: Token) -> None:
        """Read a `?`: itself, or what is left of one or two bytes."""
        state, score, node = hypothesis
        cut = token.mark != "" and token.mark in _CUT_MARKS
        if state.pending == ALIGNED:
            after, total, literal = self._literal(hypothesis, "?")
            if cut and literal is not None:
                literal = literal._replace(gain=literal.gain - _DOUBLE_MARK_COST)
                total -= _DOUBLE_MARK_COST
                self._add(Hypothesis(state._replace(pending=ANY), score - _CUT_COST, node))
            self._add(Hypothesis(after, total, literal))
            return
        for cell in self._completed(state.pending, 0xA3):
            self._emit(hypothesis, cell, 0xBF)
        if state.pending == ANY and cut:
            # Cut twice: both bytes stood alone, the second being the first of an unaligned 。
            for cell in self._base.by_trail[_FULL_STOP >> 8]:
                self._emit(hypothesis, cell, ALIGNED)
        edge = cut or token.mark in ("", "\n")
        if state.pending >= ANY:
            return
        for cell in self._completed(state.pending, _EURO):
            # Other decoders than PHP's take 80 for a first byte and lose the next one with it.
            self._emit(hypothesis, cell, ANY, _OTHER_DECODER_COST)
        for cell in self._base.by_lead[state.pending]:
            cost = self._table_cost(cell.pair, token)
            if edge or cell.pair & 255 == _EURO:
                self._emit(hypothesis, cell, ALIGNED, cost)
            if not edge:
                # A digit or mark of the true text went with the byte; nobody can tell which.
                self._emit_then(hypothesis, cell, "?", cost, lost=True)

    def _spelt_cost(self, cell: Cell) -> float:
        """How unlikely a character is to be in the page's table."""
        if cell.pair in self._page.annotated:
            return 0.0
        if cell.pair in self._page.plain:
            return _TABLE_COST
        if cell.symbol == UNKNOWN:
            return 8.0
        rarity = -self._base.model.rarity(cell.symbol)
        return 1.2 + max(0.0, rarity - 8.0) + 3 * cell.cost

    def _spelt(self, hypothesis: Hypothesis, token: Token) -> None:
        """Read `?pinyin)`: one or two lost bytes, of a character that reads so."""
        state, score, node = hypothesis
        for cell in self._base.spelt(token.reading):
            cost = self._spelt_cost(cell)
            lead, trail = cell.pair >> 8, cell.pair & 255
            if state.pending == ALIGNED:
                if lead == state.last and trail > _EURO:
                    self._add(Hypothesis(state._replace(pending=trail), score - cost, node))
                self._emit(hypothesis, cell, ALIGNED, cost + _TWO_PASS_COST)
                continue
            leads = self._leads(state.pending) or (lead,)
            if lead == state.pending or (state.pending >= ANY and lead in leads):
                self._emit(hypothesis, cell, ALIGNED, cost)
            if trail > _EURO:
                for first in self._completed(state.pending, lead):
                    self._emit(hypothesis, first, trail, cost + _TWO_PASS_COST)

    def _with_deleted(self, beam: Beam) -> Beam:
        """Add the hypotheses in which private-use characters stood here and were deleted."""
        result = dict(beam)
        fresh = beam
        for _ in range(_DELETED_IN_A_ROW):
            bar = max(hypothesis.score for hypothesis in result.values()) - _DELETED_WIDTH
            self._next, self._floor = {}, bar
            ranked = sorted(fresh.values(), key=lambda hypothesis: -hypothesis.score)
            for hypothesis in ranked[:_DELETED_BEAM]:
                if hypothesis.state.pending != ALIGNED and hypothesis.score > bar:
                    self._delete_after(hypothesis)
            fresh = pruned(self._next)
            if not fresh:
                break
            for state, hypothesis in fresh.items():
                if state not in result or result[state].score < hypothesis.score:
                    result[state] = hypothesis
        return result

    def _delete_after(self, hypothesis: Hypothesis) -> None:
        state = hypothesis.state
        if state.pending < ANY:
            cells = self._base.before_private[state.pending]
        else:
            cells = self._base.between(state.history[2])
            if (leads := self._leads(state.pending)) is not None:
                cells = [cell for cell in cells if cell.pair >> 8 in leads]
        for cell in cells:
            cost = _TABLE_COST if cell.pair in self._page.annotated else 0.0
            self._emit(hypothesis, cell, ANY + (cell.pair & 255), cost)
