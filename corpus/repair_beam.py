"""Hypotheses about a damaged stretch: what they emit, how they are scored, merged and dropped."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from corpus.charmodel import BREAK, Context
from corpus.readings import LETTERS
from corpus.repair_tables import Cell, History, Tables, last_byte, shifted

ALIGNED = -1
"""No byte is pending: the characters on the page are the true ones."""
ANY = 256
"""A pending first byte nobody has seen; ANY + b: the second byte of a deleted pair led by b."""

_ANNOTATION = re.compile(rf"\([{LETTERS}]{{1,6}}\)")
_PAGE_CHARACTERS = 200_000
_PAGE_SHARE = 0.15
_PAGE_PRIOR = 2
_NUMBER_LOG = (-0.1, -2.4)
"""For the number a list expects, and for another."""
_NO_BEGINNING = 6.0
_BLANK_LOG = (-0.7, -9.0)
"""For a blank after a sentence or item, and inside one."""
_WIDTH = 16.0
_BEAM = 48
_WILD_BEAM = 10


class Node(NamedTuple):
    """One emitted character of a hypothesis; the path is followed through `parent`."""

    parent: Node | None
    character: str
    gain: float
    place: int
    """Number of the token it was read from."""
    lost: bool
    """Whether it only stands for something that cannot be known."""


class State(NamedTuple):
    """What the future of a hypothesis depends on."""

    pending: int
    """ALIGNED, or the first byte of a character whose second is still to come."""
    last: int
    """The second byte of the character before."""
    history: History
    number: int
    """How much of the expected list number has been read."""


class Hypothesis(NamedTuple):
    """A state, how likely the best way there is (log), and that way."""

    state: State
    score: float
    node: Node | None


class Merge(NamedTuple):
    """Two ways to one state: the kept one, the dropped one, and how much less likely that is."""

    kept: Node | None
    dropped: Node | None
    margin: float


Beam = dict[State, Hypothesis]


class Scorer:
    """Emits characters into the beam of the next token."""

    def __init__(self, text: str, base: Tables) -> None:
        self._base = base
        self._contexts: dict[History, Context] = {}
        self._seen = _followers(text[:_PAGE_CHARACTERS], base)
        self._openers = frozenset(base.symbol(character) for character in " ;。\n")
        self._closers = frozenset(base.symbol(character) for character in ",。;:、?!)”》")
        self._bracket = base.symbol("(")
        self._digit = base.symbol("0")
        self._expected: tuple[int, ...] = ()
        self._next: Beam = {}
        self._floor = -math.inf
        self._place = 0
        self._merges: list[Merge] = []

    def _gain(self, state: State, symbol: int) -> tuple[float, int]:
        """Return the log probability of a symbol after a state, and the number state then."""
        last = state.history[2]
        if symbol == BREAK:
            return _BLANK_LOG[last not in self._openers], 0
        context = self._contexts.get(state.history)
        if context is None:
            context = self._base.model.context(*state.history)
            self._contexts[state.history] = context
        gain = context.score(symbol)
        seen = self._seen.get(last)
        if seen is not None and (times := seen.get(symbol)) is not None:
            gain = math.log(math.exp(gain) + _PAGE_SHARE * times / (seen[-1] + _PAGE_PRIOR))
        if not self._expected:
            return gain, 0
        if state.number == len(self._expected):
            # An item of a list does not begin with a comma or full stop.
            return gain - _NO_BEGINNING * (symbol in self._closers), 0
        if state.number:
            if symbol == self._expected[state.number]:
                return _NUMBER_LOG[0], state.number + 1
            return gain + _NUMBER_LOG[1], 0
        return gain, int(symbol == self._bracket and last in self._openers)

    def _emit(self, hypothesis: Hypothesis, cell: Cell, pending: int, cost: float = 0.0) -> None:
        """Let a hypothesis go on with a character, `pending` being the byte left over."""
        state, score, node = hypothesis
        gain, number = self._gain(state, cell.symbol)
        gain -= cell.cost
        score += gain - cost
        if score < self._floor:
            return
        if score - _WIDTH > self._floor:
            self._floor = score - _WIDTH
        after = State(pending, cell.pair & 255, shifted(state.history, cell.symbol), number)
        self._add(Hypothesis(after, score, Node(node, cell.character, gain, self._place, False)))

    def _literal(self, hypothesis: Hypothesis, character: str, lost: bool = False) -> Hypothesis:
        """Return a hypothesis gone on with a character as it stands on the page."""
        state, score, node = hypothesis
        # What is swallowed without a trace is nearly always the first digit of a number.
        symbol = self._digit if lost else self._base.symbol(character)
        gain, number = self._gain(state, symbol)
        after = State(ALIGNED, last_byte(character), shifted(state.history, symbol), number)
        return Hypothesis(after, score + gain, Node(node, character, gain, self._place, lost))

    def _emit_then(
        self, hypothesis: Hypothesis, cell: Cell, literal: str, cost: float, lost: bool = False
    ) -> None:
        """Let a hypothesis go on with a character and one that stands for itself."""
        state, score, node = hypothesis
        gain, number = self._gain(state, cell.symbol)
        gain -= cell.cost
        middle = State(ALIGNED, 0, shifted(state.history, cell.symbol), number)
        way = Node(node, cell.character, gain, self._place, False)
        self._add(self._literal(Hypothesis(middle, score + gain - cost, way), literal, lost))

    def _add(self, hypothesis: Hypothesis) -> None:
        old = self._next.get(hypothesis.state)
        if old is not None and old.score >= hypothesis.score:
            self._merges.append(Merge(old.node, hypothesis.node, hypothesis.score - old.score))
            return
        if old is not None:
            self._merges.append(Merge(hypothesis.node, old.node, old.score - hypothesis.score))
        self._next[hypothesis.state] = hypothesis


def pruned(beam: Beam) -> Beam:
    """Keep the hypotheses worth going on with."""
    if not beam:
        return beam
    ranked = sorted(beam.values(), key=lambda hypothesis: -hypothesis.score)
    floor = ranked[0].score - _WIDTH
    kept: Beam = {}
    wild = 0
    for hypothesis in ranked[:_BEAM]:
        if hypothesis.score < floor:
            break
        # Each unseen lead is tried with a hundred characters, so only the best of those go on.
        if hypothesis.state.pending >= ANY:
            wild += 1
            if wild > _WILD_BEAM:
                continue
        kept[hypothesis.state] = hypothesis
    return kept


def path_of(node: Node | None) -> list[Node]:
    """Return the characters of a hypothesis, first to last."""
    path: list[Node] = []
    while node is not None:
        path.append(node)
        node = node.parent
    return path[::-1]


def doubts(path: list[Node], merges: list[Merge]) -> list[float]:
    """Return, per character of the best path, the share of probability that says otherwise."""
    index = {id(node): number for number, node in enumerate(path)}
    mass = [0.0] * len(path)
    for kept, dropped, margin in merges:
        if margin < -8 or kept is None or id(kept) not in index:
            continue
        tail: list[Node] = []
        while dropped is not None and id(dropped) not in index:
            tail.append(dropped)
            dropped = dropped.parent
        tail.reverse()
        first = index[id(dropped)] + 1 if dropped is not None else 0
        mine = path[first : index[id(kept)] + 1]
        same_length = len(mine) == len(tail)
        for number, node in enumerate(mine):
            if not same_length or tail[number].character != node.character:
                mass[first + number] += math.exp(margin)
    return [amount / (1 + amount) for amount in mass]


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
