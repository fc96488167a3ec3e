"""Why an answer is what it is: for `/why` and `--explain`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.text import Text

from bot.inert import one_line
from bot.rendering import BLANK, DIM, Block, View, language_for, short_blocks
from bot.wording import TABLE, Language, say

if TYPE_CHECKING:
    from retrieval.records import Answer

_INDENT = 3

_VERDICT = {"coverage": "spoken_of"}
"""Facts of the verdict that share a name with another fact of a passage, and their own name."""


def why_blocks(answer: Answer, view: View) -> list[Block]:
    """Return what decided the verdict, then the evidence of each passage."""
    language = language_for(answer, view.script)
    head = say(
        "why_head",
        language,
        verdict=say(f"why_{answer.status}", language),
        confidence=f"{answer.confidence:.2f}",
    )
    if total := answer.timing_ms.get("total"):
        head += " · " + say("why_time", language, total=f"{total:.1f}")
    blocks = [Block(Text(head, style="bold"))]
    blocks += _facts(
        {_VERDICT.get(name, name): value for name, value in answer.explanation.items()}, language
    )
    for passage in answer.passages:
        blocks += [BLANK, *short_blocks([passage], view, language)]
        blocks += _facts({"score": passage.score, **passage.evidence}, language)
    return blocks


def explained_json(answer: Answer) -> dict[str, Any]:
    """Return the JSON of an answer with what `--explain` adds to it."""
    return {
        **answer.to_json(),
        "explanation": {
            **answer.explanation,
            "passages": [passage.evidence for passage in answer.passages],
        },
    }


def _facts(values: Mapping[str, Any], language: Language) -> list[Block]:
    """Return named values: those of one word on one line, each list on its own."""
    short: list[str] = []
    long: list[str] = []
    for name, value in values.items():
        fact = f"{_name(name, language)} {_fact(value, language)}"
        (long if isinstance(value, (str, list, tuple, Mapping)) else short).append(fact)
    lines = [" · ".join(short)] if short else []
    return [Block(Text(line, style=DIM), _INDENT) for line in (*lines, *long)]


def _name(name: str, language: Language) -> str:
    key = f"fact_{name}"
    return say(key, language) if key in TABLE else one_line(name)


def _fact(value: object, language: Language) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return say("yes" if value else "no", language)
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, Mapping):
        return ", ".join(_entry(name, each, language) for name, each in value.items())
    if isinstance(value, (list, tuple)):
        return " ".join(_fact(each, language) for each in _longest(value)) or "–"
    return one_line(str(value))


def _entry(name: object, value: object, language: Language) -> str:
    arrow = "→ " if isinstance(value, (list, tuple)) else ""
    return f"{one_line(str(name))} {arrow}{_fact(value, language)}"


def _longest(terms: Sequence[object]) -> list[object]:
    """Leave out terms that are part of another one: 伴 beside 伴手."""
    return [
        term
        for term in terms
        if not (
            isinstance(term, str)
            and any(isinstance(other, str) and term != other and term in other for other in terms)
        )
    ]
