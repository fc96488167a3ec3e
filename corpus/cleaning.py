"""Text made fit to read and to search: named steps, and a ledger of what they changed.

A step looks at a text and proposes edits to it; `clean_text` carries them out and keeps every
entry of the ledger pointing at the right place while later steps move the text about.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from corpus.furniture import furniture
from corpus.punctuation import narrow_marks
from corpus.records import Drop, Edit, Repair

CLEANER_VERSION = "5"
"""Changes whenever any article could be read or cleaned differently; written in the manifest,
beside the version of the repair."""

LOOKS = frozenset({"surrogate", "entity", "control", "invisible", "width"})
"""Kinds of repair that put right how a text looks, not what it says."""

_ROUNDS = 8
_LOST = "unrepaired"
_UNREADABLE = re.compile("\ufffd")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A clean text and what was done to get it."""

    text: str
    repairs: tuple[Repair, ...] = ()
    dropped: tuple[Drop, ...] = ()
    unrepaired: tuple[int, ...] = ()
    """Offsets where damage is still visible in `text`."""


Record: TypeAlias = Literal["repair", "drop", "layout"]
"""How a step is kept in the ledger: as repairs, as dropped pieces, or (white space) not at all."""


@dataclass(frozen=True, slots=True)
class Step:
    """One cleaning step; its name is the `kind` people read in the ledger."""

    name: str
    record: Record
    find: Callable[[str], Iterable[Edit]]
    """Edits to a text, in order and not overlapping."""


@dataclass(slots=True)
class _Entry:
    kind: str
    before: str
    start: int
    end: int


def clean_text(text: str) -> Cleaned:
    r"""Clean a text. Idempotent: the steps are repeated until none has anything left to do.

    >>> clean_text("消费\u200b者&nbsp;权益\r\n").text
    '消费者 权益'
    """
    return _clean(text, STEPS)


def clean_line(text: str) -> str:
    """Clean a title or another particular: its characters only, on one line.

    What would be page furniture in a text may well be somebody's title.
    """
    return " ".join(_clean(text, CHARACTER_STEPS).text.split())


def is_damage(repair: Repair) -> bool:
    """Tell whether a repair put right characters that were wrong or made up."""
    return repair.kind not in LOOKS


def _clean(text: str, steps: Sequence[Step]) -> Cleaned:
    entries: list[_Entry] = []
    dropped: list[Drop] = []
    for _ in range(_ROUNDS):
        changed = False
        for step in steps:
            lost = [entry.start for entry in entries if entry.kind == _LOST]
            edits = [edit for edit in step.find(text) if _has_effect(edit, text, step, lost)]
            if edits:
                changed = changed or any(
                    text[edit.start : edit.end] != edit.after for edit in edits
                )
                if step.record == "drop":
                    pieces = (text[edit.start : edit.end].strip() for edit in edits)
                    kinds = (edit.kind or step.name for edit in edits)
                    dropped += map(Drop, kinds, pieces)
                text = _apply(text, edits, step, entries)
        if not changed:
            break
    repairs = tuple(
        Repair(entry.kind, entry.before, text[entry.start : entry.end], entry.start)
        for entry in entries
        if entry.kind != _LOST and entry.before != text[entry.start : entry.end]
    )
    left = {entry.start for entry in entries if entry.kind == _LOST and entry.start < entry.end}
    left |= {match.start() for match in _UNREADABLE.finditer(text)}
    return Cleaned(text, repairs, tuple(dropped), tuple(sorted(left)))


def _has_effect(edit: Edit, text: str, step: Step, lost: Sequence[int]) -> bool:
    """Tell whether an edit changes anything, and nothing that is known to be unreadable.

    A `?` that stands for a lost character is no question mark to be put right.
    """
    if text[edit.start : edit.end] == edit.after:
        return any(edit.start + offset not in lost for offset in edit.unrepaired)
    if step.record == "drop" or not lost:
        return True
    number = bisect_left(lost, edit.start)
    return number == len(lost) or lost[number] >= edit.end


def _apply(text: str, edits: Sequence[Edit], step: Step, entries: list[_Entry]) -> str:
    """Return the edited text; move the entries along and add those of this step."""
    parts, new, position, length = [], [], 0, 0
    for edit in edits:
        kept = text[position : edit.start]
        length += len(kept)
        if step.record == "repair":
            before = text[edit.start : edit.end]
            kind = edit.kind or step.name
            new.append(_Entry(kind, before, length, length + len(edit.after)))
            new += (_Entry(_LOST, "", length + at, length + at + 1) for at in edit.unrepaired)
        parts += [kept, edit.after]
        length += len(edit.after)
        position = edit.end
    parts.append(text[position:])
    if step.record == "drop":
        # What was put right in a piece that goes is no news of the text that stays.
        entries[:] = [entry for entry in entries if not _is_inside(entry, edits)]
    if entries:
        move = _mover(edits)
        for entry in entries:
            entry.start, entry.end = move(entry.start, 0), move(entry.end, 1)
            entry.end = max(entry.start, entry.end)
        entries.extend(new)
        entries.sort(key=lambda entry: (entry.start, entry.end))
    else:
        entries.extend(new)
    return "".join(parts)


def _is_inside(entry: _Entry, edits: Sequence[Edit]) -> bool:
    number = bisect_right(edits, entry.start, key=lambda edit: edit.start) - 1
    return number >= 0 and entry.start < edits[number].end and entry.end <= edits[number].end


def _mover(edits: Sequence[Edit]) -> Callable[[int, int], int]:
    """Return a function from an offset before the edits to the offset after them.

    What lies inside an edit moves to its start (side 0) or its end (side 1).
    """
    starts = [edit.start for edit in edits]
    shifts, shift = [0], 0
    for edit in edits:
        shift += len(edit.after) - (edit.end - edit.start)
        shifts.append(shift)

    def move(offset: int, side: int) -> int:
        number = bisect_right(starts, offset)
        if number:
            edit = edits[number - 1]
            if edit.start < offset < edit.end:
                return edit.start + shifts[number - 1] + (len(edit.after) if side else 0)
            if offset == edit.start:
                return offset + shifts[number - 1]
        return offset + shifts[number]

    return move


def _substitute(pattern: re.Pattern[str], after: str) -> Callable[[str], Iterator[Edit]]:
    def find(text: str) -> Iterator[Edit]:
        for match in pattern.finditer(text):
            yield Edit(match.start(), match.end(), after)

    return find


# Latin letters and digits are left alone, so that decoding never makes up a new entity. The
# names are those that pages leave behind; any other &word; may be meant.
_ENTITY = re.compile(
    r"&(?:(?:amp|#0{0,4}38|#[xX]0{0,4}26);)*(?:(?:amp|lt|gt|quot|apos|nbsp|ensp|emsp|thinsp|middot|bull|hellip"
    r"|[lr][ds]quo|[lr]aquo|ndash|mdash|times|yen|copy|reg|trade|deg|permil|sect|zwnj|zwj|shy"
    r"|#0{0,4}3[489]|#0{0,4}6[02]|#0{0,4}1[6-9]\d|#0{0,4}[2-9]\d\d|#0{0,4}\d{4,6}"
    r"|#[xX]0{0,4}2[267]|#[xX]0{0,4}3[CcEe]|#[xX]0{0,4}[A-Fa-f][0-9A-Fa-f]|#[xX]0{0,4}[0-9A-Fa-f]{3,5});)"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_NEWLINE = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufff9-\ufffb\ufffe\uffff]")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufeff\uffa0\U000e0000-\U000e007f]"
)
_BLANK = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\t]")
_EDGES = re.compile(r"\A\s+|[^\S\n]+(?=\n)|\s+\Z")
_BLANK_LINES = re.compile(r"\n{4,}")


def _entities(text: str) -> Iterator[Edit]:
    if "&" not in text:
        return
    for match in _ENTITY.finditer(text):
        body = match[0].rsplit("&", 1)[-1].rstrip(";").rsplit(";", 1)[-1]
        after = html.unescape(f"&{body};")
        if len(after) == 1 and not "\ud800" <= after <= "\udfff":
            yield Edit(match.start(), match.end(), after)


def _damage(text: str) -> Iterator[Edit]:
    """Yield the repairs of damaged bytes, each under its own kind."""
    from corpus.repair import repair  # its model needs numpy, which `--help` does not

    result = repair(text)
    lost = list(result.unrepaired)
    shift = 0

    def left_until(offset: int) -> Iterator[Edit]:
        while lost and lost[0] < offset:
            at = lost.pop(0)
            old = at - shift
            yield Edit(old, old + 1, result.text[at], "unrepaired", (0,))

    for one in result.repairs:
        yield from left_until(one.start)
        start, end = one.start - shift, one.start + len(one.after)
        inside = tuple(at - one.start for at in lost if at < end)
        del lost[: len(inside)]
        yield Edit(start, start + len(one.before), one.after, one.kind, inside)
        shift += len(one.after) - len(one.before)
    yield from left_until(len(result.text))


CHARACTER_STEPS: tuple[Step, ...] = (
    Step("surrogate", "repair", _substitute(_SURROGATE, "\ufffd")),
    Step("newline", "layout", _substitute(_NEWLINE, "\n")),
    Step("entity", "repair", _entities),
    Step("control", "repair", _substitute(_CONTROL, "")),
    Step("invisible", "repair", _substitute(_INVISIBLE, "")),
    Step("blank", "layout", _substitute(_BLANK, " ")),
)

STEPS: tuple[Step, ...] = (
    # Before anything else: it needs the characters as they stand on disk.
    Step("damage", "repair", _damage),
    *CHARACTER_STEPS,
    Step("furniture", "drop", furniture),
    # After the repair, which reads in half-width marks where bytes were shifted.
    Step("width", "repair", narrow_marks),
    Step("edge", "layout", _substitute(_EDGES, "")),
    Step("blank lines", "layout", _substitute(_BLANK_LINES, "\n\n\n")),
)
"""What cleaning does, in order."""
