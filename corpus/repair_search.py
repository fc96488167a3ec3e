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
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from corpus.charmodel import BREAK, UNKNOWN, CharModel, Context
from corpus.gbk import characters, pairs
from corpus.readings import LETTERS, irregularity, read_as, reading_of

ALIGNED = -1
ANY = 256
"""A pending lead byte nobody has seen; ANY + b: the second byte of a deleted pair led by b."""

_TOKEN = re.compile(rf"\?([{LETTERS}]{{1,6}})\)|(.)(?:\(([{LETTERS}]{{1,6}})\))?", re.S)
_ANNOTATION = re.compile(rf"\([{LETTERS}]{{1,6}}\)")
_PAGE_CHARACTERS = 200_000
_PAGE_SHARE = 0.15
_PAGE_PRIOR = 2
_CUT_MARKS = "。,?"
_FORM_COST = (0.0, 2.0, 6.0)
_UNKNOWN_COST = 9.0
_TABLE_COST = 10.0
"""For a character that the page annotates everywhere else and would have annotated here."""
_SIGNS = frozenset("\u3000、。·—…“”‘’《》〈〉「」『』【】〔〕！（）％，：；？")
_DOUBLE_MARK_COST = 8.0
"""For a real question mark with another mark right behind it."""
_TWO_PASS_COST = 3.0
_SWALLOWED_COST = 3.0
_WIDTH = 16.0
_BEAM = 48
_WILD_BEAM = 10
_DELETED_COST = 0.0
_DELETED_WIDTH = 12.0
_DELETED_BEAM = 6
_LIKELY = 500
_DOUBTFUL = -5.0
"""Mean log probability of three characters below which deleted bytes are looked for."""
_STOP_MARGIN = 9.0
_NUMBER_LOG = (-0.1, -2.4)


class Cell(NamedTuple):
    """One character that may stand in a text, with what it costs beyond the model."""

    character: str
    pair: int
    symbol: int
    cost: float


class Node(NamedTuple):
    """One emitted character of a hypothesis; the path is followed through `parent`."""

    parent: Node | None
    character: str
    score: float
    place: int
    lost: bool


History = tuple[int, int, int]


class State(NamedTuple):
    """What the future of a hypothesis depends on."""

    pending: int
    last: int
    history: History
    number: int


Beam = dict[State, tuple[float, Node | None]]
Merge = tuple[Node | None, Node | None, float]


@dataclass(frozen=True)
class Page:
    """What one page shows of how it was damaged."""

    annotated: frozenset[int] = frozenset()
    """Pairs of the characters annotated on it."""
    plain: frozenset[int] = frozenset()
    """Pairs of the characters that stand on it without annotation."""
    private_kept: bool = False


@dataclass
class Found:
    """The outcome for one stretch."""

    end: int
    text: str
    doubts: list[float]
    """Per character of `text`, the probability that it is another one."""
    lost: list[bool]
    """Per character, whether it only stands for something that cannot be known."""
    worst: float
    """The lowest mean log probability of three characters in a row."""
    score: float
    numbered: bool


class Tables:
    """The characters by their bytes, with the model's numbers."""

    def __init__(self, model: CharModel) -> None:
        self.model = model
        self.cells: dict[int, Cell] = {}
        self.by_lead: dict[int, list[Cell]] = {lead: [] for lead in range(256)}
        self.by_trail: dict[int, list[Cell]] = {trail: [] for trail in range(256)}
        self.private: dict[int, frozenset[int]] = {}
        private: dict[int, set[int]] = {}
        for pair, character in enumerate(characters()):
            if not character:
                continue
            if "\ue000" <= character <= "\uf8ff":
                if pair & 255 > 0x80:
                    private.setdefault(pair >> 8, set()).add(pair & 255)
                continue
            symbol = self.symbol(character)
            cost = _FORM_COST[irregularity(character)] if _is_han(character) else _sign_cost(character)
            cell = Cell(character, pair, symbol, cost + _UNKNOWN_COST * (symbol == UNKNOWN))
            self.cells[pair] = cell
            if symbol != UNKNOWN:
                self.by_lead[pair >> 8].append(cell)
                self.by_trail[pair & 255].append(cell)
        self.private = {lead: frozenset(trails) for lead, trails in private.items()}
        self.before_private = {
            lead: [cell for cell in cells if cell.pair & 255 in self.private]
            for lead, cells in self.by_lead.items()
        }
        self._between: dict[int, list[Cell]] = {}
        self._by_symbol: dict[int, list[Cell]] = {}
        for cells in self.before_private.values():
            for cell in cells:
                if cell.cost < 3:
                    self._by_symbol.setdefault(cell.symbol, []).append(cell)

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


class Search:
    """Finds the best reading of one stretch after another of one page."""

    def __init__(self, text: str, page: Page, base: Tables | None = None) -> None:
        self._text = text
        self._page = page
        self._base = base or tables()
        self._contexts: dict[History, Context] = {}
        self._seen = _followers(text[:_PAGE_CHARACTERS], self._base)
        self._deleted = False
        self._expected: tuple[int, ...] = ()
        self._openers = frozenset(self._base.symbol(c) for c in " ;。\n")
        self._bracket = self._base.symbol("(")
        self._next: Beam = {}
        self._merges: list[Merge] = []

    def stretch(self, start: int, before: str, expected: str = "") -> Found | None:
        """Read on from `start`, a sign of damage, until the text is plainly aligned again.

        `before` is the repaired text in front of it, `expected` the next number of the list
        the text is in, as 十二. None when no reading fits.
        """
        self._expected = tuple(self._base.symbol(c) for c in f"({expected})" if expected)
        self._deleted = False
        found = self._read(start, before)
        if self._page.private_kept or (found is not None and not self._is_doubtful(found)):
            return found
        self._deleted = True
        again = self._read(start, before)
        if found is None or again is None or again.end != found.end:
            return again or found
        return again if again.score >= found.score else found

    def _is_doubtful(self, found: Found) -> bool:
        if found.worst < _DOUBTFUL:
            return True
        bracket = found.text.find("（")
        return bool(self._expected) and bracket >= 0 and not found.numbered

    def _read(self, start: int, before: str) -> Found | None:
        history = (BREAK, BREAK, BREAK)
        for character in before:
            history = _shifted(history, self._base.symbol(character))
        last = _last_byte(before[-1:])
        state = State(ALIGNED, last, history, 0)
        beam: Beam = {state: (0.0, None)}
        self._merges = []
        self._numbered = False
        at, calm, inserted, place = start, 0, True, 0
        aligned_at, aligned_place = start, -1
        while at < len(self._text):
            match = _TOKEN.match(self._text, at)
            if match is None:
                break
            beam, inserted = self._token(beam, match, inserted, place)
            if not beam:
                return None
            at = self._end
            place += 1
            calm = calm + 1 if _is_calm(beam) else 0
            if calm == 1:
                aligned_at, aligned_place = at, place
            if calm > 3:
                break
        if not calm:
            aligned_at, aligned_place = at, place + 1
        return self._finish(beam, aligned_at, aligned_place)

    _numbered = False
    _end = 0
    _floor = -1e9

    def _token(
        self, beam: Beam, match: re.Match[str], inserted: bool, place: int
    ) -> tuple[Beam, bool]:
        spelt, character, reading = match.groups()
        annotated = False
        self._next = {}
        self._floor = -1e9
        self._end = match.end()
        trailing = reading is not None and ("@" <= character < "\x7f" or character in "€\x80")
        if reading is not None and not trailing:
            annotated = reading_of(character) == reading
            if not annotated:
                self._end = match.start() + 1
        if self._deleted:
            beam = self._with_deleted(beam, place)
        if spelt:
            for state, (score, node) in beam.items():
                self._spelt(state, score, node, spelt, place)
            annotated = True
        elif character == "?":
            mark = self._text[self._end : self._end + 1]
            for state, (score, node) in beam.items():
                self._question(state, score, node, mark, place)
        elif trailing:
            for state, (score, node) in beam.items():
                self._ascii_spelt(state, score, node, match, place)
            annotated = True
        elif character < "\x80":
            for state, (score, node) in beam.items():
                self._ascii(state, score, node, character, inserted, place)
        else:
            pair = 0x80 if character in "€\x80" else pairs().get(character, 0)
            for state, (score, node) in beam.items():
                self._pair(state, score, node, (character, pair, inserted), place)
        return self._pruned(self._next), annotated

    def _pruned(self, beam: Beam) -> Beam:
        if not beam:
            return beam
        floor = max(score for score, _ in beam.values()) - _WIDTH
        kept = {state: entry for state, entry in beam.items() if entry[0] >= floor}
        if len(kept) > _BEAM:
            ranked = sorted(kept.items(), key=lambda item: -item[1][0])
            kept = dict(ranked[:_BEAM])
        # Each unseen lead is tried with a hundred characters, so only the best of those go on.
        wild = sorted((entry[0] for state, entry in kept.items() if state.pending >= ANY))
        if len(wild) > _WILD_BEAM:
            bar = wild[-_WILD_BEAM]
            kept = {
                state: entry
                for state, entry in kept.items()
                if state.pending < ANY or entry[0] >= bar
            }
        return kept

    # Emitting -----------------------------------------------------------------------------

    def _gain(self, state: State, symbol: int) -> tuple[float, int]:
        """Return the log probability of a symbol after a state, and the number state then."""
        if symbol == BREAK:
            return -0.7 if state.history[2] in self._openers else -9.0, 0
        context = self._contexts.get(state.history)
        if context is None:
            context = self._base.model.context(*state.history)
            self._contexts[state.history] = context
        gain = context.score(symbol)
        seen = self._seen.get(state.history[2])
        if seen is not None and (times := seen.get(symbol)) is not None:
            gain = math.log(math.exp(gain) + _PAGE_SHARE * times / (seen[-1] + _PAGE_PRIOR))
        if not self._expected:
            return gain, 0
        if state.number:
            if state.number < len(self._expected) and symbol == self._expected[state.number]:
                self._numbered |= state.number + 1 == len(self._expected)
                return _NUMBER_LOG[0], state.number + 1
            return gain + _NUMBER_LOG[1], 0
        if symbol == self._bracket and state.history[2] in self._openers:
            return gain, 1
        return gain, 0

    def _emit(
        self, state: State, score: float, node: Node | None, cell: Cell, pending: int, place: int
    ) -> None:
        gain, number = self._gain(state, cell.symbol)
        gain -= cell.cost
        score += gain
        if score < self._floor:
            return
        if score - _WIDTH > self._floor:
            self._floor = score - _WIDTH
        self._add(
            State(pending, cell.pair & 255, _shifted(state.history, cell.symbol), number),
            score,
            Node(node, cell.character, gain, place, False),
        )

    def _add(self, state: State, score: float, node: Node | None) -> None:
        old = self._next.get(state)
        if old is None:
            self._next[state] = (score, node)
        elif old[0] >= score:
            self._merges.append((old[1], node, score - old[0]))
        else:
            self._merges.append((node, old[1], old[0] - score))
            self._next[state] = (score, node)

    def _literal(
        self, state: State, score: float, node: Node | None, character: str, place: int,
        lost: bool = False,
    ) -> tuple[State, float, Node]:
        symbol = self._base.symbol(character)
        gain, number = self._gain(state, symbol)
        if lost:
            gain = -_SWALLOWED_COST
        last = _last_byte(character)
        after = State(ALIGNED, last, _shifted(state.history, symbol), number)
        return after, score + gain, Node(node, character, gain, place, lost)

    def _leads(self, pending: int) -> frozenset[int] | None:
        return self._base.private[pending - ANY] if pending > ANY else None

    def _completed(self, pending: int, trail: int) -> Iterator[Cell]:
        """Yield the characters that a pending lead, known or not, makes with this byte."""
        if pending < ANY:
            cell = self._base.cells.get(pending << 8 | trail)
            if cell is not None:
                yield cell
            return
        leads = self._leads(pending)
        for cell in self._base.by_trail[trail]:
            if leads is None or cell.pair >> 8 in leads:
                yield cell

    def _table_cost(self, pair: int) -> float:
        return _TABLE_COST if pair in self._page.annotated else 0.0

    # One token ----------------------------------------------------------------------------

    def _pair(
        self,
        state: State,
        score: float,
        node: Node | None,
        token: tuple[str, int, bool],
        place: int,
    ) -> None:
        """Read a character of two bytes; `token` is it, its pair, and: reading in front."""
        character, pair, inserted = token
        if state.pending == ALIGNED:
            cell = self._base.cells.get(pair)
            if not inserted:
                score -= self._table_cost(state.last << 8 | pair >> 8)
            if cell is not None:
                self._emit(state, score, node, cell, ALIGNED, place)
            else:
                self._add(*self._literal(state, score - _UNKNOWN_COST, node, character, place))
            return
        if pair == 0x80:
            for cell in self._completed(state.pending, pair):
                self._emit(state, score, node, cell, ALIGNED, place)
            return
        lead, trail = pair >> 8, pair & 255
        for cell in self._completed(state.pending, lead):
            cost = 0.0 if inserted else self._table_cost(cell.pair)
            if trail > 0x80:
                self._emit(state, score - cost, node, cell, trail, place)
            elif trail < 0x80:
                # The second byte was a letter of the true text, eaten as a trail byte.
                self._emit_then(state, score - cost, node, cell, chr(trail), place)

    def _emit_then(
        self, state: State, score: float, node: Node | None, cell: Cell, literal: str, place: int,
        lost: bool = False,
    ) -> None:
        gain, number = self._gain(state, cell.symbol)
        gain -= cell.cost
        middle = State(ALIGNED, 0, _shifted(state.history, cell.symbol), number)
        node = Node(node, cell.character, gain, place, False)
        self._add(*self._literal(middle, score + gain, node, literal, place, lost))

    def _ascii_spelt(
        self, state: State, score: float, node: Node | None, match: re.Match[str], place: int
    ) -> None:
        """Read a letter with a reading behind it: the second byte of a character that reads so."""
        character, reading = match[2], match[3]
        if state.pending == ALIGNED:
            for literal in match[0]:
                state, score, node = self._literal(state, score, node, literal, place)
            self._add(state, score, node)
            return
        trail = ord(character) if character < "\x80" else 0x80
        for cell in self._completed(state.pending, trail):
            if reading_of(cell.character) == reading:
                self._emit(state, score, node, cell, ALIGNED, place)

    def _ascii(
        self,
        state: State,
        score: float,
        node: Node | None,
        character: str,
        inserted: bool,
        place: int,
    ) -> None:
        if state.pending == ALIGNED:
            self._add(*self._literal(state, score, node, character, place))
            return
        code = ord(character)
        if character == "\n":
            after = self._literal(state, score - 8.0, node, "?", place, True)
            self._add(*self._literal(*after, character, place))
            return
        if code >= 0x40:
            for cell in self._completed(state.pending, code):
                cost = 0.0 if inserted else self._table_cost(cell.pair)
                self._emit(state, score - cost, node, cell, ALIGNED, place)
        # Inside a shifted run a half-width sign was full-width: two bytes.
        lead, trail = (0xA1, 0xA1) if character == " " else (0xA3, code | 0x80)
        if trail > 0xA0:
            for cell in self._completed(state.pending, lead):
                cost = 0.0 if inserted else self._table_cost(cell.pair)
                self._emit(state, score - cost, node, cell, trail, place)

    def _question(
        self, state: State, score: float, node: Node | None, mark: str, place: int
    ) -> None:
        """Read a `?`: itself, or what is left of one or two bytes."""
        cut = mark != "" and mark in _CUT_MARKS
        if state.pending == ALIGNED:
            double = _DOUBLE_MARK_COST if cut else 0.0
            after, total, literal = self._literal(state, score, node, "?", place)
            self._add(after, total - double, literal._replace(score=literal.score - double))
            if cut:
                self._add(state._replace(pending=ANY), score - 0.5, node)
            return
        for cell in self._completed(state.pending, 0xA3):
            self._emit(state, score, node, cell, 0xBF, place)
        if state.pending >= ANY:
            return
        edge = cut or mark in ("", "\n")
        for cell in self._base.by_lead[state.pending]:
            below = score - self._table_cost(cell.pair)
            if edge or cell.pair & 255 == 0x80:
                self._emit(state, below, node, cell, ALIGNED, place)
            if not edge:
                # A digit or mark of the true text went with the byte; nobody can tell which.
                self._emit_then(state, below, node, cell, "?", place, True)

    def _spelt_cost(self, cell: Cell) -> float:
        """How unlikely a character is to be in the page's table."""
        if cell.pair in self._page.annotated:
            return 0.0
        if cell.pair in self._page.plain:
            return _TABLE_COST
        if self._base.model.symbol(cell.character) == UNKNOWN:
            return 8.0
        rarity = -self._base.model.rarity(cell.symbol)
        return 1.2 + max(0.0, rarity - 8.0) + 3 * cell.cost

    def _spelt(
        self, state: State, score: float, node: Node | None, reading: str, place: int
    ) -> None:
        """Read `?pinyin)`: one or two lost bytes, of a character that reads so."""
        for cell in self._base.spelt(reading):
            below = score - self._spelt_cost(cell)
            lead, trail = cell.pair >> 8, cell.pair & 255
            if state.pending == ALIGNED:
                if lead == state.last and trail > 0x80:
                    self._add(state._replace(pending=trail), below, node)
                self._emit(state, below - _TWO_PASS_COST, node, cell, ALIGNED, place)
                continue
            if lead == state.pending or (
                state.pending >= ANY and lead in (self._leads(state.pending) or (lead,))
            ):
                self._emit(state, below, node, cell, ALIGNED, place)
            if trail > 0x80:
                for first in self._completed(state.pending, lead):
                    self._emit(state, below - _TWO_PASS_COST, node, first, trail, place)

    def _with_deleted(self, beam: Beam, place: int) -> Beam:
        """Add the hypotheses in which private-use characters stood here and were deleted."""
        result = dict(beam)
        fresh = beam
        for _ in range(4):
            best = max(score for score, _ in result.values())
            self._next = {}
            self._floor = best - _DELETED_WIDTH
            ranked = sorted(fresh.items(), key=lambda item: -item[1][0])
            for state, (score, node) in ranked[:_DELETED_BEAM]:
                if state.pending != ALIGNED and score > best - _DELETED_WIDTH:
                    self._delete_after(state, score, node, place)
            fresh = self._pruned(self._next)
            if not fresh:
                break
            for state, entry in fresh.items():
                old = result.get(state)
                if old is None or old[0] < entry[0]:
                    result[state] = entry
        self._next = {}
        self._floor = -1e9
        return result

    def _delete_after(self, state: State, score: float, node: Node | None, place: int) -> None:
        if state.pending < ANY:
            cells = self._base.before_private[state.pending]
        else:
            leads = self._leads(state.pending)
            cells = [
                cell
                for cell in self._base.between(state.history[2])
                if leads is None or cell.pair >> 8 in leads
            ]
        for cell in cells:
            cost = _DELETED_COST + self._table_cost(cell.pair)
            self._emit(state, score - cost, node, cell, ANY + (cell.pair & 255), place)

    # The end ------------------------------------------------------------------------------

    def _finish(self, beam: Beam, end: int, places: int) -> Found | None:
        ends: list[tuple[float, Node | None]] = []
        for state, (score, node) in beam.items():
            if state.pending == ALIGNED:
                ends.append((score, node))
            elif end >= len(self._text):
                ends.append((score - 8.0, Node(node, "?", -8.0, places - 1, True)))
        if not ends:
            return None
        best_score, best = max(ends, key=lambda entry: entry[0])
        if best is None:
            return None
        path = _path(best)
        merges = [(best, node, score - best_score) for score, node in ends if node is not best]
        doubts = _doubts(path, merges + self._merges)
        path = [node for node in path if node.place < places]
        if not path:
            return None
        gains = [node.score for node in path]
        worst = min(
            sum(gains[at : at + 3]) / len(gains[at : at + 3]) for at in range(max(1, len(gains) - 2))
        )
        return Found(
            end, "".join(node.character for node in path), doubts[: len(path)],
            [node.lost for node in path], worst, best_score, self._numbered,
        )


def _is_han(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"


def _sign_cost(character: str) -> float:
    """How much less likely a sign is than the model, which merges widths, takes it to be."""
    if character in _SIGNS:
        return 0.0
    return 4.0 if "！" <= character <= "～" else 8.0


def _followers(text: str, base: Tables) -> dict[int, dict[int, int]]:
    """Count which symbol follows which on the page; under -1, how many in all."""
    seen: dict[int, dict[int, int]] = {}
    before = BREAK
    for character in _ANNOTATION.sub("", text):
        symbol = base.symbol(character)
        after = seen.setdefault(before, {-1: 0})
        after[symbol] = after.get(symbol, 0) + 1
        after[-1] += 1
        before = symbol
    return seen


def _last_byte(character: str) -> int:
    """Return the second byte a character had on its page, where ASCII signs were full-width."""
    if character == " ":
        return 0xA1
    if character.isascii():
        return ord(character) | 0x80 if character else 0
    return pairs().get(character, 0) & 255


def _shifted(history: History, symbol: int) -> History:
    """Return the history after one more symbol; runs of blanks and breaks count once."""
    if symbol == BREAK == history[2]:
        return history
    return history[1], history[2], symbol


def _is_calm(beam: Beam) -> bool:
    floor = max(score for score, _ in beam.values()) - _STOP_MARGIN
    return all(
        state.pending == ALIGNED or score < floor for state, (score, _) in beam.items()
    )


def _path(node: Node | None) -> list[Node]:
    path: list[Node] = []
    while node is not None:
        path.append(node)
        node = node.parent
    return path[::-1]


def _doubts(path: list[Node], merges: list[Merge]) -> list[float]:
    """Return, per character, the share of the probability that says otherwise."""
    index = {id(node): number for number, node in enumerate(path)}
    mass = [0.0] * len(path)
    for winner, loser, margin in merges:
        if margin < -8 or winner is None or id(winner) not in index:
            continue
        top = index[id(winner)]
        other = _path(loser)
        common = {id(node) for node in path}
        tail = [node for node in other if id(node) not in common]
        first = top + 1 - len(tail) if len(tail) <= top + 1 else 0
        first = min(first, _fork(other, index) + 1)
        mine = path[first : top + 1]
        same = len(mine) == len(tail)
        for number, node in enumerate(mine):
            if not same or tail[number].character != node.character:
                mass[first + number] += math.exp(margin)
    return [amount / (1 + amount) for amount in mass]


def _fork(other: list[Node], index: dict[int, int]) -> int:
    """Return the last place of the best path that another path shares, -1 for none."""
    return max((index[id(node)] for node in other if id(node) in index), default=-1)
