from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.telegram.answering import FOLLOW_SECONDS
from bot.telegram.frozen import exchange_in, freeze, thaw
from retrieval import Exchange
from tests.bot_fakes import answer
from tests.telegram_fake import Shown
from tests.telegram_house import Held, House, Plan, live, until

FIRST = "质量怎么退货"
SUBJECT = Exchange(FIRST, ("a1",), (("a1", 5),))


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return Plan(tmp_path / "state")


def reply_to(shown: Shown, house: House) -> dict[str, Any]:
    """What a message has that replies to one of the bot's."""
    told = house.telegram.message(shown.text, chat=shown.chat)
    me = {"id": house.office.me.id, "is_bot": True, "first_name": "b"}
    return {"reply_to_message": told | {"message_id": shown.id, "from": me}}


def test_a_follow_up_leans_on_what_the_person_asked_last(plan: Plan) -> None:
    async def scene(house: House) -> None:
        await house.say(FIRST)
        (shown,) = await house.say("那30天呢")
        assert shown.text.startswith(f"按上文理解为：{FIRST} · 那30天呢\n找到了")
        await house.press(shown, "▶")
        assert "按上文" not in shown.text
        await house.press(shown, "◀")
        assert shown.text.startswith("按上文"), "an answer that was kept still says so"
        assert house.searcher.before == [None, SUBJECT]

    live(plan, scene)


def test_an_answer_that_was_not_found_says_how_it_was_understood(plan: Plan) -> None:
    async def scene(house: House) -> None:
        await house.say(FIRST, code="zh-hant")
        (shown,) = await house.say("那火星呢", code="zh-hant")
        assert shown.text.startswith("按上文理解為：質量怎麼退貨 · 那火星呢\n資料中沒有")

    live(plan, scene)


@pytest.mark.parametrize("word", ["/new", "新话题", "新話題", "/forget"])
def test_new_and_forget_let_go_of_it(plan: Plan, word: str) -> None:
    async def scene(house: House) -> None:
        await house.say(FIRST)
        await house.say(word)
        await house.say("那30天呢")
        assert house.searcher.before == [None, None]

    live(plan, scene)


def test_after_half_an_hour_only_a_reply_follows_up(plan: Plan) -> None:
    async def scene(house: House) -> None:
        now = 1e9
        house.office.clock = lambda: now
        (old,) = await house.say(FIRST)
        now += FOLLOW_SECONDS + 1
        await house.say("那30天呢")
        await house.say("火星在哪里")
        await house.say("那40天呢", **reply_to(old, house))
        assert house.searcher.before[1] is None and house.searcher.before[3] == SUBJECT

    live(plan, scene)


def test_people_and_topics_are_kept_apart(plan: Plan) -> None:
    plan.telegram.topics |= {(-5, 3), (-5, 4)}

    async def scene(house: House) -> None:
        async def ask(question: str, thread: int, person: int = 7) -> list[Shown]:
            where = {"message_thread_id": thread, "is_topic_message": True}
            return await house.say(f"/ask {question}", chat=-5, person=person, **where)

        (shown,) = await ask(FIRST, 3)
        await ask("那30天呢", 4)
        await ask("那30天呢", 3, person=8)
        await ask("那30天呢", 3)
        await house.say("那30天呢", chat=-5, person=9, **reply_to(shown, house))
        assert house.searcher.before == [None, None, None, SUBJECT, SUBJECT]

    live(plan, scene)


def test_an_edited_follow_up_leans_on_what_it_leaned_on_at_first(plan: Plan) -> None:
    async def scene(house: House) -> None:
        await house.say(FIRST)
        message = house.telegram.say("那30天呢")
        await house.settle()
        await house.say("运费谁出")
        house.telegram.edit(message, "那40天呢")
        await house.settle()
        await house.say("那50天呢")
        after = Exchange("运费谁出", ("a1",), (("a1", 5),))
        assert house.searcher.before == [None, SUBJECT, SUBJECT, SUBJECT, after]

    live(plan, scene)


def test_the_last_question_edited_is_what_the_next_leans_on(plan: Plan) -> None:
    async def scene(house: House) -> None:
        message = house.telegram.say("火星在哪里")
        await house.settle()
        house.telegram.edit(message, FIRST)
        await house.settle()
        await house.say("那30天呢")
        assert house.searcher.before == [None, None, SUBJECT]

    live(plan, scene)


def test_what_is_kept_for_follow_ups_goes_with_the_person(plan: Plan) -> None:
    async def scene(house: House) -> None:
        await house.say(FIRST)
        state = house.office.keeper.state
        assert state.rows("SELECT count(*) FROM exchanges") == [(1,)]
        await house.say("/forget")
        assert state.rows("SELECT count(*) FROM exchanges") == [(0,)]
        await house.say(FIRST)
        state.purge(house.office.clock() + 1, 0.0)
        assert state.rows("SELECT count(*) FROM exchanges") == [(0,)]

    live(plan, scene)


def test_exchanges_survive_being_kept() -> None:
    assert exchange_in(freeze(replace(answer(), exchange=SUBJECT))) == SUBJECT
    assert thaw(freeze(answer())).exchange is None and exchange_in(freeze(answer())) is None
    assert exchange_in("{}") is None, "a body of the first version"
    assert exchange_in('{"exchange": {"of": "another version"}}') is None


def test_words_of_a_person_go_from_the_answers_of_others(plan: Plan) -> None:
    secret = "质量怎么退货赵钱孙李"

    async def scene(house: House) -> None:
        async def ask(text: str, person: int, **more: Any) -> Shown:  # noqa: ANN401
            (shown,) = await house.say(text, chat=-5, person=person, **more)
            return shown

        first = await ask(f"/ask {secret}", 7)
        second = await ask("那30天呢", 8, **reply_to(first, house))
        third = await ask("那火星呢", 9, **reply_to(second, house))
        his = house.telegram.message(secret, chat=-5, person=7)
        fourth = await ask("/ask", 8, reply_to_message=his)
        own = await ask("/ask 别的问题", 8)
        await house.press(first, "👍", person=8)
        assert all(secret in shown.text for shown in (second, third))
        assert secret.encode() in written(house)
        await house.say("/forget", chat=-5, person=7)
        assert secret.encode() not in written(house)
        for shown in (first, second, third, fourth):
            told = await house.press_data(shown, shown.data[-1], person=8)
            assert told["text"] == "这个按钮已过期，请重新提问。"
        await house.press(own, "▶", person=8)
        assert own.text.startswith("第2篇")
        await ask("那40天呢", 9, **reply_to(second, house))
        assert house.searcher.before[-1] is None

    live(plan, scene)


def test_what_is_being_answered_is_forgotten_too(plan: Plan) -> None:
    plan.searcher = held = Held()

    async def scene(house: House) -> None:
        house.telegram.say("质量怎么退货赵钱孙李")
        house.telegram.say("/forget")
        settled = asyncio.create_task(house.settle())
        await until(lambda: house.office.desk.waiting)
        held.go.set()
        await settled
        assert house.telegram.in_chat(7)[-1].text.startswith("已删除您的 2 条记录")
        assert "赵钱孙李".encode() not in written(house)

    live(plan, scene)


def written(house: House) -> bytes:
    """Everything the bot has written anywhere."""
    folder = house.office.settings.state
    return b"".join(one.read_bytes() for one in folder.rglob("*") if one.is_file())
