from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from telegram.error import TimedOut

from retrieval import IndexDamaged
from retrieval.errors import FilterError
from tests.bot_fakes import FakeSearcher
from tests.telegram_house import Held, House, Plan, live, until


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return Plan(tmp_path / "state")


# Answers


def test_a_question_is_answered_as_a_reply_in_the_askers_language(plan: Plan) -> None:
    async def scene(house: House) -> None:
        (first,) = await house.say("质量问题怎么退货")
        assert first.text.startswith("找到了（很有把握）\n第1篇") and first.reply_to == 1
        (second,) = await house.say("質量問題怎麼退貨", code="zh-hant-tw")
        assert [b["text"] for b in second.buttons[1]] == ["📄 全文", "📚 來源"]
        (third,) = await house.say("质量问题", code="en-GB")
        assert third.text.startswith("Found (very likely)")
        (fourth,) = await house.say("火星", code=None)
        assert fourth.text.startswith("资料中没有找到")
        assert not house.telegram.done("sendChatAction")

    live(plan, scene)


def test_typing_is_shown_while_a_search_takes_long(plan: Plan) -> None:
    plan.searcher = held = Held()

    async def scene(house: House) -> None:
        answering = asyncio.create_task(house.say("质量问题怎么退货"))
        await until(lambda: house.telegram.done("sendChatAction"))
        held.go.set()
        assert len(await answering) == 1

    live(plan, scene)


def test_help_does_not_wait_for_searches(plan: Plan) -> None:
    plan.searcher = held = Held()

    async def scene(house: House) -> None:
        for person in range(20, 24):
            house.telegram.say("质量问题", person=person)
        house.telegram.say("/help", person=9)
        settled = asyncio.create_task(house.settle())
        await until(lambda: house.telegram.in_chat(9))
        assert not any(house.telegram.in_chat(person) for person in range(20, 24))
        held.go.set()
        await settled
        assert all(house.telegram.in_chat(person) for person in range(20, 24))

    live(plan, scene)


def test_an_edited_question_edits_its_answer(plan: Plan) -> None:
    async def scene(house: House) -> None:
        message = house.telegram.say("质量问题怎么退货")
        await house.settle()
        (shown,) = house.telegram.in_chat(7)
        house.telegram.edit(message, "质量问题怎么退货")
        await house.settle()
        assert len(house.searcher.asked) == 1, "an edit that changes no text is none"
        house.telegram.edit(message, "火星上怎么退货")
        await house.settle()
        assert shown.edits == 1 and shown.text.startswith("资料中没有")
        assert house.telegram.in_chat(7) == [shown]
        late = house.telegram.message("从前的问题")
        house.telegram.edit(late, "从前的质量问题")
        await house.settle()
        assert len(house.telegram.in_chat(7)) == 2

    live(plan, scene)


def test_long_questions_are_refused_politely(plan: Plan) -> None:
    async def scene(house: House) -> None:
        (shown,) = await house.say("长" * 501)
        assert "500" in shown.text and "501" in shown.text
        assert not house.searcher.asked
        (shown,) = await house.say("长" * 500)
        assert house.searcher.asked

    live(plan, scene)


def test_an_answer_survives_trouble_of_telegrams(plan: Plan) -> None:
    async def scene(house: House) -> None:
        house.line.trouble = [502, TimedOut(), 500]
        (shown,) = await house.say("质量问题怎么退货")
        assert shown.text.startswith("找到了")

    live(plan, scene)


def test_a_search_that_breaks_is_said(plan: Plan) -> None:
    plan.searcher = FakeSearcher(error=IndexDamaged("x is damaged; rebuild the index"))

    async def scene(house: House) -> None:
        (shown,) = await house.say("质量问题怎么退货")
        assert shown.text == "资料库暂时不能检索，请稍后再问。"

    live(plan, scene)


def test_a_filter_that_cannot_be_read_is_the_askers_to_mend(plan: Plan) -> None:
    plan.searcher = FakeSearcher(error=FilterError("since", "foo"))

    async def scene(house: House) -> None:
        (shown,) = await house.say("奶粉 since:foo")
        assert shown.text.startswith("since:foo 不是日期；请写 since:2019、")
        assert house.office.counters.errors == 0

    live(plan, scene)


def test_a_bug_gets_a_number_and_no_question_in_the_log(
    plan: Plan, caplog: pytest.LogCaptureFixture
) -> None:
    plan.searcher = FakeSearcher(error=RuntimeError("boom"))

    async def scene(house: House) -> None:
        (shown,) = await house.say("秘密问题")
        number = shown.text.partition("编号 ")[2][:6]
        assert number and number in caplog.text and "boom" in caplog.text
        assert "秘密" not in caplog.text
        assert house.office.counters.errors == 1

    live(plan, scene)


# Buttons


def test_turning_pages_reading_on_and_back(plan: Plan) -> None:
    async def scene(house: House) -> None:
        (shown,) = await house.say("质量问题怎么退货")
        await house.press(shown, "▶")
        assert shown.text.startswith("第2篇") and shown.buttons[0][1]["text"] == "2/5"
        await house.press(shown, "📄")
        assert "开头一句。" in shown.text and "结尾一句。" in shown.text
        await house.press(shown, "↩")
        assert shown.buttons[0][1]["text"] == "2/5"
        await house.press(shown, "📚")
        assert "5. 第5篇" in shown.text
        await house.press(shown, "↩")
        await house.press(shown, "◀")
        assert shown.buttons[0][1]["text"] == "5/5"
        assert await house.press(shown, "5/5") != {}, "acknowledged, so the button stops spinning"
        assert house.telegram.in_chat(7) == [shown]

    live(plan, scene)


def test_a_press_is_acknowledged_before_the_work(plan: Plan) -> None:
    async def scene(house: House) -> None:
        (shown,) = await house.say("质量问题怎么退货")
        for label in ("▶", "📄", "↩", "📚"):
            before = len(house.telegram.calls)
            await house.press(shown, label)
            made = [call.method for call in house.telegram.calls[before:]]
            assert made == ["answerCallbackQuery", "editMessageText"], label

    live(plan, scene)


def test_a_double_tap_is_no_error(plan: Plan, caplog: pytest.LogCaptureFixture) -> None:
    async def scene(house: House) -> None:
        (shown,) = await house.say("质量问题怎么退货")
        data = shown.button("▶")
        house.telegram.press(shown, data)
        house.telegram.press(shown, data)
        await house.settle()
        assert shown.text.startswith("第2篇") and len(house.telegram.in_chat(7)) == 1
        refused = [call.method for call in house.telegram.calls if not call.ok]
        assert refused == ["editMessageText"] and "ERROR" not in caplog.text

    live(plan, scene)


def test_an_article_that_is_gone_is_said(plan: Plan) -> None:
    async def scene(house: House) -> None:
        (shown,) = await house.say("质量问题怎么退货")
        await house.press(shown, "▶")
        await house.press(shown, "▶")
        await house.press(shown, "📄")
        assert house.telegram.in_chat(7)[-1].text == "索引中已没有这篇文章。"
        assert "第3篇" in shown.text

    live(plan, scene)


def test_buttons_work_after_a_restart(plan: Plan) -> None:
    async def before(house: House) -> None:
        await house.say("质量问题怎么退货")

    async def after(house: House) -> None:
        (shown,) = house.telegram.in_chat(7)
        await house.press(shown, "▶")
        assert shown.text.startswith("第2篇")

    live(plan, before)
    live(plan, after)


def test_old_and_foreign_buttons_get_a_sentence(plan: Plan) -> None:
    async def scene(house: House) -> None:
        (mine,) = await house.say("质量问题怎么退货")
        (other,) = await house.say("质量问题怎么退货", person=8)
        forged = [mine.button("▶"), "p:unknownkey:1", "nonsense", "l", "q:rude", "i:drop"]
        for data in forged:
            text = other.text
            told = await house.press_data(other, data, person=8)
            assert told["text"], data
            assert other.text == text

    live(plan, scene)


def test_a_press_that_is_too_old_is_no_error(plan: Plan, caplog: pytest.LogCaptureFixture) -> None:
    async def scene(house: House) -> None:
        (shown,) = await house.say("质量问题怎么退货")
        house.telegram.clock = lambda: time.monotonic() + 60
        house.telegram.press(shown, shown.button("▶"))
        house.telegram._queries.clear()
        await house.settle()
        assert shown.text.startswith("第2篇")
        assert "ERROR" not in caplog.text

    live(plan, scene)


def test_votes_show_change_and_stay_on_their_page(plan: Plan) -> None:
    async def scene(house: House) -> None:
        (shown,) = await house.say("/ask 质量问题怎么退货", chat=-5)
        await house.press(shown, "▶")
        await house.press(shown, "👍")
        await house.press(shown, "👍", person=8)
        assert [b["text"] for b in shown.buttons[-1]] == ["👍 2", "👎"]
        assert shown.text.startswith("第2篇")
        told = await house.press(shown, "👎")
        assert told["text"] == "谢谢，已记下。"
        assert [b["text"] for b in shown.buttons[-1]] == ["👍 1", "👎 1"]
        told = await house.press(shown, "👎")
        assert told["text"] == "已收回评价。"
        rows = house.office.keeper.state.rows("SELECT question, passages, generation FROM votes")
        ((question, passages, generation),) = rows
        assert question == "质量问题怎么退货" and generation == "gen-000001"
        assert str(passages).startswith('[["a1", 5, 0.9]')

    live(plan, scene)


def test_a_message_that_cannot_be_edited_is_sent_anew(plan: Plan) -> None:
    async def scene(house: House) -> None:
        (shown,) = await house.say("质量问题怎么退货")
        del house.telegram.shown[7, shown.id]
        await house.press(shown, "▶")
        (anew,) = house.telegram.in_chat(7)
        assert anew.text.startswith("第2篇")

    live(plan, scene)
