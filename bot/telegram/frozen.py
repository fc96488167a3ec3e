"""An answer as JSON, for buttons that must work after a restart."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import Any

from retrieval.filters import Filters, Narrowing
from retrieval.records import Answer, Damage, Exchange, FoundPassage, Quote, Source


def freeze(answer: Answer) -> str:
    """Return everything of an answer but the reasons for it."""
    # `dataclasses.asdict` copies every value deeply, and takes four times as long.
    record = _fields(answer) | {"passages": [_flat(passage) for passage in answer.passages]}
    del record["explanation"]
    record["exchange"] = answer.exchange and answer.exchange.to_json()
    record["narrowing"] = answer.narrowing and asdict(answer.narrowing)
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def _flat(passage: FoundPassage) -> dict[str, Any]:
    record = _fields(passage) | {
        "quote": None if passage.quote is None else _fields(passage.quote),
        "article": _fields(passage.article),
        "also_in": [_fields(source) for source in passage.also_in],
        "damage": _fields(passage.damage),
    }
    del record["evidence"]
    return record


def _fields(one: Answer | FoundPassage | Quote | Source | Damage) -> dict[str, Any]:
    return {field.name: getattr(one, field.name) for field in fields(one)}


def thaw(text: str) -> Answer:
    """Return the answer `freeze` was given, without the reasons.

    Raises:
        ValueError, KeyError, TypeError: it was written by another version.
    """
    record: dict[str, Any] = json.loads(text)
    record["passages"] = tuple(_passage(passage) for passage in record["passages"])
    record["nearest_titles"] = tuple(record["nearest_titles"])
    if record.get("exchange"):
        record["exchange"] = Exchange.from_json(record["exchange"])
    if found := record.get("narrowing"):
        found |= {"filters": Filters(**found["filters"]), "sites": tuple(found["sites"])}
        record["narrowing"] = Narrowing(**found)
    return Answer(**record)


def _passage(record: dict[str, Any]) -> FoundPassage:
    record["quote"] = None if record["quote"] is None else _quote(record["quote"])
    record["article"] = Source(**record["article"])
    record["also_in"] = tuple(Source(**source) for source in record["also_in"])
    record["damage"] = Damage(**record["damage"])
    return FoundPassage(**record)


def exchange_in(body: str) -> Exchange | None:
    """Return what a follow-up to a frozen answer leans on; None where a version kept none."""
    try:
        return Exchange.from_json(json.loads(body)["exchange"])
    except (KeyError, TypeError, ValueError):
        return None


def _quote(record: dict[str, Any]) -> Quote:
    if (answer := record.get("answer")) is not None:
        start, end = answer
        record["answer"] = start, end
    return Quote(**record)
