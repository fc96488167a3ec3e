from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.desk import Desk
from bot.telegram.gate import Gate
from bot.telegram.limits import Buckets


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def test_ten_at_once_then_one_every_two_seconds() -> None:
    buckets = Buckets(10, 2.0)
    assert [buckets.take("a", 0.0) for _ in range(12)] == [True] * 10 + [False] * 2
    assert buckets.wait("a", 0.5) == pytest.approx(1.5)
    assert not buckets.take("a", 1.9)
    assert buckets.take("a", 2.0)
    assert not buckets.take("a", 3.9)
    assert buckets.take("b", 3.9)


@given(st.lists(st.floats(0, 3), max_size=60), st.integers(1, 10), st.floats(0.1, 5))
def test_never_more_than_burst_and_rate_allow(
    gaps: list[float], burst: int, seconds: float
) -> None:
    buckets, now, taken = Buckets(burst, seconds), 0.0, 0
    for gap in gaps:
        now += gap
        taken += buckets.take("a", now)
    assert taken <= burst + now / seconds + 1e-6


@given(st.lists(st.tuples(st.integers(0, 50), st.floats(0, 2)), max_size=80))
def test_memory_is_bounded(takes: list[tuple[int, float]]) -> None:
    buckets, now = Buckets(2, 1.0, most=5), 0.0
    for who, gap in takes:
        now += gap
        buckets.take(who, now)
        assert len(buckets) <= 5


def test_a_flooder_is_told_once_a_window() -> None:
    buckets = Buckets(2, 1.0)
    assert buckets.may_tell("a", 0.0)
    assert not buckets.may_tell("a", 1.9)
    assert buckets.may_tell("a", 2.0)


@pytest.mark.parametrize(("burst", "seconds"), [(0, 1.0), (1, 0.0)])
def test_what_is_no_bucket(burst: int, seconds: float) -> None:
    with pytest.raises(ValueError, match="no bucket"):
        Buckets(burst, seconds)


def test_one_question_at_a_time_per_person_in_order() -> None:
    async def scene() -> list[str]:
        desk, seen, running = Desk(Buckets(10, 1.0), capacity=100), list[str](), set[int]()

        async def question(person: int, name: str) -> None:
            assert desk.admit(person) is None
            async with desk.turn(person):
                assert person not in running
                running.add(person)
                seen.append(name)
                await asyncio.sleep(0.001)
                running.remove(person)

        names = [(1, "a1"), (1, "a2"), (2, "b1"), (1, "a3"), (2, "b2")]
        await asyncio.gather(*(question(*one) for one in names))
        assert desk.waiting == 0
        return seen

    seen = asyncio.run(scene())
    assert [one for one in seen if one[0] == "a"] == ["a1", "a2", "a3"]
    assert [one for one in seen if one[0] == "b"] == ["b1", "b2"]


def test_alone_with_a_person_nothing_of_his_is_being_answered() -> None:
    async def scene() -> list[str]:
        desk, seen = Desk(Buckets(10, 1.0), capacity=100), list[str]()

        async def question(person: int, name: str) -> None:
            assert desk.admit(person) is None
            async with desk.turn(person):
                await asyncio.sleep(0.001)
                seen.append(name)

        async def forget() -> None:
            async with desk.alone(1):
                seen.append("forgotten")
                await asyncio.sleep(0.005)

        await asyncio.gather(question(1, "a1"), forget(), question(1, "a2"), question(2, "b1"))
        assert desk.waiting == 0 and "b1" in seen
        return [one for one in seen if one != "b1"]

    assert asyncio.run(scene()) == ["a1", "forgotten", "a2"]


def test_the_desk_is_full_at_its_capacity() -> None:
    async def scene() -> None:
        clock = Clock()
        desk = Desk(Buckets(1, 10.0), capacity=2, clock=clock)
        assert desk.admit(1) is None and desk.admit(2) is None
        busy = desk.admit(3)
        assert busy is not None and (busy.reason, busy.tell) == ("busy", True)
        slow = desk.admit(1)
        assert slow is not None and (slow.reason, slow.seconds) == ("slow_down", 10)
        again = desk.admit(1)
        assert again is not None and not again.tell
        async with desk.turn(1):
            pass
        clock.now = 20
        assert desk.admit(4) is None

    asyncio.run(scene())


def test_a_question_that_fails_frees_its_place() -> None:
    async def scene() -> None:
        desk = Desk(Buckets(5, 1.0), capacity=1)
        assert desk.admit(1) is None
        with pytest.raises(RuntimeError, match="boom"):
            async with desk.turn(1):
                raise RuntimeError("boom")
        assert desk.waiting == 0 and desk.admit(1) is None

    asyncio.run(scene())


def test_answers_go_out_one_by_one_but_a_slow_one_holds_nobody_up() -> None:
    async def scene() -> None:
        gate, out, under_way, most = Gate(0.02, 0.1), list[int](), 0, 0

        async def send(number: int, seconds: float) -> None:
            nonlocal under_way, most
            async with gate.passing():
                under_way += 1
                most = max(most, under_way)
                await asyncio.sleep(seconds)
                under_way -= 1
                out.append(number)

        await asyncio.gather(*(send(number, 0.002) for number in range(5)))
        assert (out, most) == ([0, 1, 2, 3, 4], 1)
        await asyncio.wait_for(asyncio.gather(send(5, 0.5), send(6, 0.0)), 2)
        assert out[-2:] == [6, 5]
        # Telegram is far away now: one at a time would be slow.
        started = time.monotonic()
        await asyncio.gather(*(send(number, 0.2) for number in range(7, 17)))
        assert time.monotonic() - started < 1.5

    asyncio.run(scene())
