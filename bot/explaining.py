"""Why an answer is what it is: for `/why` and `--explain`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.text import Text

from bot.inert import one_line
from bot.rendering import BLANK, DIM, Block, View, language_for, short_block
from bot.wording import say

if TYPE_CHECKING:
    from retrieval.records import Answer

_INDENT = 3


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
    if answer.explanation:
        blocks.append(Block(Text(facts(answer.explanation), style=DIM), _INDENT))
    for passage in answer.passages:
        blocks += [BLANK, short_block(passage, view, language)]
        evidence = {"score": passage.score, **passage.evidence}
        blocks.append(Block(Text(facts(evidence), style=DIM), _INDENT))
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


def facts(values: Mapping[str, Any]) -> str:
    """Return named values as text, a line for each."""
    return "\n".join(f"{one_line(str(name))}: {_fact(value)}" for name, value in values.items())


def _fact(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{one_line(str(name))} {_fact(each)}" for name, each in value.items())
    if isinstance(value, (list, tuple, set, frozenset)):
        return " ".join(_fact(each) for each in value) or "–"
    return one_line(str(value))
