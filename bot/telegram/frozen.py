"""An answer as JSON, for buttons that must work after a restart."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from retrieval.records import Answer, Damage, FoundPassage, Quote, Source


def freeze(answer: Answer) -> str:
    """Return everything of an answer but the reasons for it."""
    record = asdict(answer)
    del record["explanation"]
    for passage in record["passages"]:
        del passage["evidence"]
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def thaw(text: str) -> Answer:
    """Return the answer `freeze` was given, without the reasons.

    Raises:
        ValueError, KeyError, TypeError: it was written by another version.
    """
    record: dict[str, Any] = json.loads(text)
    record["passages"] = tuple(_passage(passage) for passage in record["passages"])
    record["nearest_titles"] = tuple(record["nearest_titles"])
    return Answer(**record)


def _passage(record: dict[str, Any]) -> FoundPassage:
    record["quote"] = None if record["quote"] is None else Quote(**record["quote"])
    record["article"] = Source(**record["article"])
    record["also_in"] = tuple(Source(**source) for source in record["also_in"])
    record["damage"] = Damage(**record["damage"])
    return FoundPassage(**record)
