"""How much one person, and all together, may ask."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled: float
    told: float | None = None


class Buckets:
    """A token bucket for each person: `burst` at once, then one more every `seconds`.

    Buckets that are full again are forgotten, so memory is bound by who was here lately.
    """

    def __init__(self, burst: int, seconds: float, *, most: int = 10_000) -> None:
        """Raises ValueError unless all are above zero."""
        if burst < 1 or seconds <= 0 or most < 1:
            raise ValueError(f"bucket of {burst} with one more every {seconds} s is no bucket")
        self._burst = burst
        self._seconds = seconds
        self._most = most
        self._buckets: OrderedDict[Hashable, _Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, who: Hashable, now: float) -> bool:
        """Take a token, if there is one. `now` is in seconds and does not go back."""
        bucket = self._filled(who, now)
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        return True

    def wait(self, who: Hashable, now: float) -> float:
        """Return the seconds until there is a token again."""
        return max(0.0, (1 - self._filled(who, now).tokens) * self._seconds)

    def may_tell(self, who: Hashable, now: float) -> bool:
        """Tell whether to say so: once until the bucket would be full again."""
        bucket = self._filled(who, now)
        if bucket.told is not None and now - bucket.told < self._burst * self._seconds:
            return False
        bucket.told = now
        return True

    def _filled(self, who: Hashable, now: float) -> _Bucket:
        bucket = self._buckets.get(who)
        if bucket is None:
            bucket = self._buckets[who] = _Bucket(float(self._burst), now)
            self._forget(now)
        gained = max(0.0, now - bucket.filled) / self._seconds
        bucket.tokens = min(float(self._burst), bucket.tokens + gained)
        bucket.filled = now
        self._buckets.move_to_end(who)
        return bucket

    def _forget(self, now: float) -> None:
        while self._buckets:
            who, oldest = next(iter(self._buckets.items()))
            full = now - oldest.filled >= self._burst * self._seconds
            if not full and len(self._buckets) <= self._most:
                return
            if len(self._buckets) == 1:
                return  # the one that was just made
            del self._buckets[who]
