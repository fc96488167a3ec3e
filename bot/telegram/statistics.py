"""What `/stats` tells admins, from the state."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from bot.telegram.state import State

_SHOWN_QUESTIONS = 10


@dataclass(frozen=True, slots=True)
class Statistics:
    """Figures since a moment."""

    questions: int
    answered: int
    up: int
    down: int
    p50: float
    """Milliseconds from message to reply, of the middle question."""
    p95: float
    days: tuple[tuple[str, int], ...]
    """Questions of each day, UTC, newest first."""
    unanswered: tuple[tuple[str, int], ...]
    """The questions without an answer asked most often."""


def statistics(state: State, since: float) -> Statistics:
    """Return the figures of everything after `since`, seconds since 1970."""
    rows = cast(
        "list[tuple[float, int, float]]",
        state.rows("SELECT created, answered, ms FROM asked WHERE created >= ?", [since]),
    )
    days: dict[str, int] = {}
    for created, _, _ in rows:
        day = datetime.fromtimestamp(created, UTC).date().isoformat()
        days[day] = days.get(day, 0) + 1
    times = sorted(ms for _, _, ms in rows)
    votes = state.rows(
        "SELECT coalesce(sum(value > 0), 0), coalesce(sum(value < 0), 0) FROM votes "
        "WHERE created >= ?",
        [since],
    )
    up, down = cast("tuple[int, int]", votes[0])
    unanswered = state.rows(
        "SELECT question, count(*) FROM asked WHERE created >= ? AND question IS NOT NULL "
        "GROUP BY question ORDER BY count(*) DESC, max(created) DESC LIMIT ?",
        [since, _SHOWN_QUESTIONS],
    )
    return Statistics(
        questions=len(rows),
        answered=sum(answered for _, answered, _ in rows),
        up=up,
        down=down,
        p50=quantile(times, 0.5),
        p95=quantile(times, 0.95),
        days=tuple(sorted(days.items(), reverse=True)),
        unanswered=tuple(cast("list[tuple[str, int]]", unanswered)),
    )


def quantile(ordered: list[float], share: float) -> float:
    """Return the smallest value that at least this share does not exceed; 0 for nothing.

    >>> quantile([1.0, 2.0, 3.0, 4.0], 0.5), quantile([], 0.5)
    (2.0, 0.0)
    """
    if not ordered:
        return 0.0
    return ordered[max(1, math.ceil(share * len(ordered))) - 1]
