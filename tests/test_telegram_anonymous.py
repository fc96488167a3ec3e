"""Anonymous admins of groups, and what a group gets from its channel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.telegram.journal import JournalQueue
from bot.telegram.limits import Buckets
from bot.telegram.remembered import ChatSettings
from bot.telegram.roles import ANONYMOUS_ADMIN, CHANNEL_POSTS, Access
from tests.telegram_house import House, Plan, live


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return Plan(tmp_path)


def anonymous(group: int) -> dict[str, Any]:
    """Return how Telegram marks what an anonymous admin of a group writes."""
    sender = {"id": group, "type": "supergroup", "title": "g"}
    account = {"id": ANONYMOUS_ADMIN, "is_bot": True, "first_name": "Group"}
    return {"chat": group, "sender_chat": sender, "from": account}


def test_each_group_has_its_own_tokens_and_turns(plan: Plan) -> None:
    plan.buckets = Buckets(2, 1000.0)

    async def scene(house: House) -> None:
        for _ in range(3):
            house.telegram.say("/ask 质量问题", **anonymous(-5))
        await house.settle()
        assert any("问得太快" in one.text for one in house.telegram.in_chat(-5))
        (shown,) = await house.say("/ask 质量问题", **anonymous(-6))
        assert shown.text.startswith("找到了")

    live(plan, scene)


def test_forgetting_stays_in_the_group_and_leaves_its_settings(plan: Plan) -> None:
    async def scene(house: House) -> None:
        state = house.office.keeper.state
        await house.office.keeper.set_chat(-5, ChatSettings("hant"))
        (elsewhere,) = await house.say("/ask 质量问题", **anonymous(-6))
        (here,) = await house.say("/ask 質量問題", **anonymous(-5))
        (others,) = await house.say("/ask 质量", person=8, chat=-5)
        (told,) = await house.say("/forget", **anonymous(-5))
        assert "本群匿名管理員的 2 筆" in told.text, "an answer, and that it was asked"
        kept = [state.answer_in(one.chat, one.id) for one in (elsewhere, here, others)]
        assert [one is not None for one in kept] == [True, False, True]
        assert (await house.office.keeper.chat(-5)).language == "hant"
        assert state.chat(-5).language == "hant"

    live(plan, scene)


def test_forgetting_takes_what_the_group_has_not_been_answered(plan: Plan) -> None:
    async def scene(house: House) -> None:
        queue = house.app.update_queue
        assert isinstance(queue, JournalQueue)
        waiting = [house.telegram.message("/ask 质量", **anonymous(group)) for group in (-5, -6)]
        await queue.note([house.telegram.push(message=one) for one in waiting])
        house.telegram.updates.clear()
        await house.say("/forget", **anonymous(-5))
        (left,) = house.office.keeper.state.unfinished()
        assert '"id": -6' in left

    live(plan, scene)


def test_a_question_taken_from_an_anonymous_admin_is_the_groups(plan: Plan) -> None:
    async def scene(house: House) -> None:
        asked = house.telegram.message("质量问题怎么退货", **anonymous(-5))
        (shown,) = await house.say("/ask", person=8, chat=-5, reply_to_message=asked)
        assert house.searcher.asked[-1][0] == "质量问题怎么退货"
        await house.say("/forget", **anonymous(-6))
        assert house.office.keeper.state.answer_in(-5, shown.id) is not None
        await house.say("/forget", **anonymous(-5))
        assert house.office.keeper.state.answer_in(-5, shown.id) is None

    live(plan, scene)


def test_follow_ups_lean_on_nothing_asked_in_another_group(plan: Plan) -> None:
    async def scene(house: House) -> None:
        await house.say("/ask 质量问题", **anonymous(-5))
        await house.say("/ask 那三十天呢", **anonymous(-6))
        assert house.searcher.before[-1] is None
        await house.say("/ask 那三十天呢", **anonymous(-5))
        assert house.searcher.before[-1] is not None

    live(plan, scene)


def test_he_is_told_why_he_is_not_known(plan: Plan) -> None:
    plan.access = Access(admins=frozenset({9, -5}))

    async def scene(house: House) -> None:
        (shown,) = await house.say("/stats", **anonymous(-5))
        assert "匿名管理员" in shown.text and "-5" in shown.text

    live(plan, scene)


@pytest.mark.parametrize("sender", [True, False])
def test_posts_of_the_groups_channel_are_not_answered_but_can_be_asked_about(
    plan: Plan, sender: bool
) -> None:
    channel = {"id": -100, "type": "channel", "title": "c"}
    account = {"id": CHANNEL_POSTS, "is_bot": False, "first_name": "Telegram"}
    more: dict[str, Any] = {"from": account} | ({"sender_chat": channel} if sender else {})

    async def scene(house: House) -> None:
        assert not await house.say("/ask 质量", chat=-5, is_automatic_forward=True, **more)
        assert not await house.say("@xunzhang_bot 质量", chat=-5, **more)
        post = house.telegram.message("质量问题怎么退货", chat=-5, **more)
        (shown,) = await house.say("/ask", person=8, chat=-5, reply_to_message=post)
        assert shown.text.startswith("找到了")

    live(plan, scene)
