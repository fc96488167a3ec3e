"""Characters by their bytes, with what the model knows of them: what the repair search reads."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from corpus.charmodel import BREAK, UNKNOWN, CharModel
from corpus.gbk import characters, pairs
from corpus.readings import irregularity, read_as

_FORM_COST = (0.0, 2.0, 6.0)
_UNKNOWN_COST = 9.0
_SIGNS = frozenset("\u3000、。·—…“”‘’《》〈〉「」『』【】〔〕！（）％，：；？")
_LIKELY = 500
_PLAIN_COST = 3.0

History = tuple[int, int, int]
"""The last three symbols, the nearest last."""


class Cell(NamedTuple):
    """One character that may stand in a text, with what it costs beyond the model."""

    character: str
    pair: int
    symbol: int
    cost: float


class Tables:
    """The characters of the code by first byte, by second byte and by reading."""

    def __init__(self, model: CharModel) -> None:
        self.model = model
        self.cells: dict[int, Cell] = {}
        self.by_lead: dict[int, list[Cell]] = {lead: [] for lead in range(256)}
        self.by_trail: dict[int, list[Cell]] = {trail: [] for trail in range(256)}
        private: dict[int, set[int]] = {}
        for pair, character in enumerate(characters()):
            if "\ue000" <= character <= "\uf8ff":
                if pair & 255 > 0x80:
                    private.setdefault(pair >> 8, set()).add(pair & 255)
            elif character:
                self._place(character, pair)
        self.private = {lead: frozenset(trails) for lead, trails in private.items()}
        """First bytes of private-use pairs, with the second bytes that could lead a character."""
        self.before_private = {
            lead: [cell for cell in cells if cell.pair & 255 in self.private]
            for lead, cells in self.by_lead.items()
        }
        self._by_symbol: dict[int, list[Cell]] = {}
        for cells in self.by_lead.values():
            for cell in cells:
                if cell.cost < _PLAIN_COST and cell.pair & 255 in self.private:
                    self._by_symbol.setdefault(cell.symbol, []).append(cell)
        self._between: dict[int, list[Cell]] = {}

    def _place(self, character: str, pair: int) -> None:
        symbol = self.symbol(character)
        if "\u4e00" <= character <= "\u9fff":
            cost = _FORM_COST[irregularity(character)]
        else:
            cost = _sign_cost(character)
        cell = Cell(character, pair, symbol, cost + _UNKNOWN_COST * (symbol == UNKNOWN))
        self.cells[pair] = cell
        if symbol != UNKNOWN:
            self.by_lead[pair >> 8].append(cell)
            self.by_trail[pair & 255].append(cell)

    def between(self, symbol: int) -> list[Cell]:
        """Return likely characters after a symbol whose second byte begins a private pair."""
        found = self._between.get(symbol)
        if found is None:
            likely = self.model.likely(symbol, _LIKELY)
            found = [cell for after in likely for cell in self._by_symbol.get(after, ())]
            self._between[symbol] = found
        return found

    def symbol(self, character: str) -> int:
        """Return the model's number for a character; blanks count as line breaks."""
        return BREAK if character in " \u3000" else self.model.symbol(character)

    def spelt(self, reading: str) -> list[Cell]:
        """Return the characters with this default reading."""
        known = pairs()
        return [self.cells[known[c]] for c in read_as(reading) if known.get(c) in self.cells]


@cache
def tables() -> Tables:
    """Return the tables over the shipped model, loaded on first use."""
    return Tables(CharModel.load())


def last_byte(character: str) -> int:
    """Return the second byte a character had on its page, where ASCII signs were full-width."""
    if character == " ":
        return 0xA1
    if character.isascii():
        return ord(character) | 0x80 if character else 0
    return pairs().get(character, 0) & 255


def shifted(history: History, symbol: int) -> History:
    """Return the history after one more symbol; runs of blanks and breaks count once."""
    if symbol == BREAK == history[2]:
        return history
    return history[1], history[2], symbol


def _sign_cost(character: str) -> float:
    """How much less likely a sign is than the model, which merges widths, takes it to be."""
    if character in _SIGNS:
        return 0.0
    return 4.0 if "！" <= character <= "～" else 8.0
