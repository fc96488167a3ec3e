from __future__ import annotations

from pathlib import Path

import pytest

from bot.telegram.limits import Buckets
from bot.telegram.roles import Access
from bot.telegram.settings import TelegramSettings
from tests.telegram_house import House, Plan, live


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return Plan(tmp_path / "state")


def test_inline_mode_pages_and_keeps_to_the_list(plan: Plan) -> None:
    plan.options = TelegramSettings(inline=True)
    plan.access = Access(allowed=frozenset({7}))

    async def scene(house: House) -> None:
        house.telegram.ask_inline("质量问题")
        await house.settle()
        first = house.telegram.inline[0]
        assert len(first["results"]) == 5 and first["next_offset"] == "5"
        assert first["cache_time"] == 0 and first["is_personal"]
        house.telegram.ask_inline("质量问题", offset="5")
        await house.settle()
        second = house.telegram.inline[1]
        assert len(second["results"]) == 2 and not second.get("next_offset")
        house.telegram.ask_inline("")
        house.telegram.ask_inline("火星")
        house.telegram.ask_inline("质量问题", person=8)
        await house.settle()
        found = house.telegram.inline[2:]
        assert [one["results"] for one in found] == [[], [], []]
        assert all(one["button"]["start_parameter"] == "inline" for one in found)

    live(plan, scene)


def test_inline_results_whose_markup_is_refused_are_sent_plain(
    plan: Plan, caplog: pytest.LogCaptureFixture
) -> None:
    plan.options = TelegramSettings(inline=True)
    plan.telegram.refuse_html = True

    async def scene(house: House) -> None:
        house.telegram.ask_inline("质量问题")
        await house.settle()
        (answered,) = house.telegram.inline
        assert len(answered["results"]) == 5 and answered["next_offset"] == "5"
        content = answered["results"][0]["input_message_content"]
        assert "parse_mode" not in content and "<" not in content["message_text"]
        assert "质量问题可以退货" in content["message_text"]
        house.telegram.refuse_html = False
        query = house.telegram.ask_inline("质量问题")
        del house.telegram._queries[query]
        await house.settle()
        assert len(house.telegram.inline) == 1, "one that is too old is not tried again"
        calls = [call for call in house.telegram.calls if call.method == "answerInlineQuery"]
        assert len(calls) == 3

    live(plan, scene)
    assert caplog.text.count("refused the markup of inline results") == 1


def test_the_last_inline_query_of_a_burst_is_answered(plan: Plan) -> None:
    plan.options = TelegramSettings(inline=True)
    plan.buckets = Buckets(1, 0.01)

    async def scene(house: House) -> None:
        for end in range(1, 9):
            house.telegram.ask_inline("质量问题怎么退货"[:end])
        await house.settle()
        assert house.searcher.asked[-1][0] == "质量问题怎么退货"
        assert len(house.searcher.asked) <= 2
        assert house.telegram.inline[-1]["results"]

    live(plan, scene)


def test_inline_mode_is_off_by_default(plan: Plan) -> None:
    async def scene(house: House) -> None:
        house.telegram.ask_inline("质量问题")
        await house.settle()
        assert not house.telegram.calls[-1].method.startswith("answerInline")

    live(plan, scene)
