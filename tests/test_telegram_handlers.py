from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.telegram.limits import Buckets
from bot.telegram.parsing import COMMANDS
from bot.telegram.roles import ANONYMOUS_ADMIN, Access
from bot.telegram.settings import TelegramSettings
from tests.telegram_house import House, Plan, live


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return Plan(tmp_path / "state")


# Where


def test_groups_hear_only_what_is_meant_for_the_bot(plan: Plan) -> None:
    async def scene(house: House) -> None:
        for text in ("质量问题怎么退货", "/ask@other_bot 质量", "/nonsense", "帮助"):
            assert not await house.say(text, chat=-5)
        assert len(await house.say("/ask 质量问题", chat=-5)) == 1
        assert len(await house.say("/ask@xunzhang_bot 质量问题", chat=-5)) == 1
        assert len(await house.say("@xunzhang_bot 质量问题", chat=-5)) == 1
        unseen = "\u200f\u202a𠮷 @xunzhang_bot 质量问题"
        mention = [{"type": "mention", "offset": 5, "length": 13}]
        assert len(await house.say(unseen, chat=-5, entities=mention)) == 1
        assert house.searcher.asked[-1][0] == "𠮷 质量问题"
        mine = {"message_id": 1, "date": 1, "chat": {"id": -5, "type": "supergroup", "title": "g"}}
        mine |= {"from": {"id": 123456789, "is_bot": True, "first_name": "b"}, "text": "答"}
        assert len(await house.say("那苏州呢", chat=-5, reply_to_message=mine)) == 1
        theirs = mine | {"from": {"id": 8, "is_bot": False, "first_name": "x"}, "text": "预付卡"}
        assert not await house.say("那苏州呢", chat=-5, reply_to_message=theirs)
        await house.say("/ask", chat=-5, reply_to_message=theirs)
        assert house.searcher.asked[-1][0] == "预付卡"

    live(plan, scene)


def test_the_part_of_a_message_that_was_picked_out_is_the_question(plan: Plan) -> None:
    async def scene(house: House) -> None:
        long = house.telegram.message("长篇大论。" * 200, person=8, chat=-5)
        picked = {"text": "质量问题怎么退货", "position": 5}
        (shown,) = await house.say("/ask", chat=-5, reply_to_message=long, quote=picked)
        assert house.searcher.asked[-1][0] == "质量问题怎么退货"
        await house.office.keeper.forget(8)
        assert house.office.keeper.state.answer_in(-5, shown.id) is None, "they are his words"

        sender = {"id": 9, "is_bot": False, "first_name": "x"}
        origin = {"type": "user", "date": 1, "sender_user": sender}
        elsewhere: dict[str, Any] = {"external_reply": {"origin": origin}, "quote": picked}
        (shown,) = await house.say("/ask", chat=-5, **elsewhere)
        assert house.searcher.asked[-1][0] == "质量问题怎么退货"
        await house.office.keeper.forget(9)
        assert house.office.keeper.state.answer_in(-5, shown.id) is None

    live(plan, scene)


def test_pictures_sent_together_get_one_hint(plan: Plan) -> None:
    picture = [{"file_id": "x", "file_unique_id": "x", "width": 1, "height": 1}]

    async def scene(house: House) -> None:
        for _ in range(4):
            house.telegram.say(None, photo=picture, media_group_id="album")
        await house.settle()
        assert len(house.telegram.in_chat(7)) == 1
        assert len(await house.say(None, photo=picture)) == 1

    live(plan, scene)


def test_topics_are_kept(plan: Plan) -> None:
    plan.telegram.topics.add((-5, 3))

    async def scene(house: House) -> None:
        (shown,) = await house.say("/ask 质量", chat=-5, message_thread_id=3, is_topic_message=True)
        assert shown.thread == 3
        (shown,) = await house.say("/ask 质量", chat=-5, message_thread_id=77)
        assert shown.thread is None, "the thread of a plain reply is no topic"

    live(plan, scene)


def test_bots_channels_and_the_bots_own_inline_results_are_ignored(plan: Plan) -> None:
    async def scene(house: House) -> None:
        bot = {"id": 8, "is_bot": True, "first_name": "b"}
        assert not await house.say("/ask 质量", chat=-5, **{"from": bot})
        assert not await house.say("质量问题", via_bot=bot)
        channel = {"id": -7, "type": "channel", "title": "c"}
        assert not await house.say("/ask 质量", chat=-5, sender_chat=channel)
        house.telegram.push(channel_post=house.telegram.message("质量", chat=-7))
        await house.settle()
        assert not house.searcher.asked

    live(plan, scene)


def test_deep_links_open_an_article(plan: Plan) -> None:
    async def scene(house: House) -> None:
        (shown,) = await house.say("/start a_a1")
        assert shown.text.startswith("第1篇") and "结尾一句" in shown.text
        (gone,) = await house.say("/start a_a3")
        assert gone.text == "索引中已没有这篇文章。"
        for payload in ("inline", "a_", "b_%%%"):
            (greeting,) = await house.say(f"/start {payload}")
            assert greeting.text.startswith("您好")

    live(plan, scene)


# Commands


def test_language_and_script_of_a_chat(plan: Plan) -> None:
    async def scene(house: House) -> None:
        (menu,) = await house.say("/lang")
        await house.press(menu, "繁體")
        assert menu.text == "好，以後用繁體中文。"
        (shown,) = await house.say("质量问题")
        assert "📚 來源" in [b["text"] for b in shown.buttons[1]]
        (menu,) = await house.say("設定")
        await house.press(menu, "繁體")
        (shown,) = await house.say("质量问题")
        assert "質量問題可以退貨" in shown.text
        (menu,) = await house.say("/lang")
        await house.press(menu, "自動")
        assert menu.text == "好，跟随您的 Telegram。"

    live(plan, scene)


@pytest.mark.parametrize(
    "command", ["start", "help", "lang", "settings", "new", "about", "privacy"]
)
@pytest.mark.parametrize("code", ["zh-hans", "zh-hant", "en"])
def test_every_command_answers_in_every_language(plan: Plan, command: str, code: str) -> None:
    async def scene(house: House) -> None:
        (shown,) = await house.say(f"/{command}", code=code)
        assert shown.text

    live(plan, scene)


def test_forgetting(plan: Plan) -> None:
    async def scene(house: House) -> None:
        (shown,) = await house.say("质量问题")
        (told,) = await house.say("/forget")
        assert "2 条" in told.text
        answered = await house.press(shown, "▶")
        assert answered["text"] == "这个按钮已过期，请重新提问。"

    live(plan, scene)


def test_unknown_commands_and_wordless_messages(plan: Plan) -> None:
    async def scene(house: House) -> None:
        (shown,) = await house.say("/nonsense")
        assert "/nonsense" in shown.text
        dice: dict[str, Any] = {"dice": {"emoji": "🎲", "value": 3}}
        (shown,) = await house.say(None, **dice)
        assert shown.text.startswith("请用文字提问")
        assert not await house.say(None, chat=-5, **dice)
        assert not await house.say(None, new_chat_title="新"), "nobody said anything"

    live(plan, scene)


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("谢谢", "zh-hans", "不客气，有问题请随时问。"),
        ("謝了！", "zh-hant", "不客氣，有問題請隨時問。"),
        ("thanks", "en", "You are welcome. Ask whenever you like."),
        ("好的", "zh-hans", "好的，有问题请随时问。"),
        ("ok", "en-GB", "Fine. Ask whenever you like."),
    ],
)
def test_a_courtesy_is_returned_and_is_no_question(
    plan: Plan, text: str, code: str, said: str
) -> None:
    async def scene(house: House) -> None:
        await house.say("质量怎么退货", code=code)
        (shown,) = await house.say(text, code=code)
        assert shown.text == said and not shown.buttons
        await house.say("那30天呢", code=code)
        assert [question for question, _ in house.searcher.asked] == ["质量怎么退货", "那30天呢"]
        assert house.searcher.before[1] is not None, "it changes no subject"
        rows = house.office.keeper.state.rows("SELECT count(*), sum(answered) FROM asked")
        assert rows == [(2, 2)]

    live(plan, scene)


# Access


def test_strangers_learn_their_id_once_and_nothing_else(plan: Plan) -> None:
    plan.access = Access(admins=frozenset({9}), allowed=frozenset({7, -5}))

    async def scene(house: House) -> None:
        (shown,) = await house.say("质量问题", person=8)
        assert "8" in shown.text and "管理员" in shown.text
        assert not await house.say("质量问题", person=8)
        message = house.telegram.message("x", person=8)
        house.telegram.edit(message, "质量问题")
        await house.settle()
        (group,) = await house.say("/ask 质量问题", person=8, chat=-6)
        assert "-6" in group.text
        told = await house.press_data(group, "p:k:1", person=8)
        assert "8" in told["text"]
        assert not house.searcher.asked
        assert await house.say("质量问题", person=7)
        assert await house.say("/ask 质量问题", person=8, chat=-5)
        assert await house.say("质量问题", person=9)

    live(plan, scene)


def test_no_door_is_open_to_a_stranger(plan: Plan) -> None:
    plan.access = Access(admins=frozenset({9}), allowed=frozenset({7}))
    plan.options = TelegramSettings(inline=True)

    async def scene(house: House) -> None:
        (mine,) = await house.say("质量问题")
        await house.say("x" * 10, person=8)
        asked, calls = len(house.searcher.asked), len(house.telegram.calls)
        for text in (*(f"/{command}" for command in COMMANDS), "帮助", "质量问题", "/start a_a1"):
            assert not await house.say(text, person=8), text
            house.telegram.edit(house.telegram.message(text, person=8), f"{text}？")
        await house.settle()
        for data in (*mine.data, "l:en", "q:hans", "i:rebuild", "i:rollback"):
            if data != "-":
                told = await house.press_data(mine, data, person=8)
                assert "8" in told["text"], data
        house.telegram.ask_inline("质量问题", person=8)
        await house.settle()
        assert house.telegram.inline[-1]["results"] == []
        made = {call.method for call in house.telegram.calls[calls:]}
        assert made == {"answerCallbackQuery", "answerInlineQuery"}
        assert len(house.searcher.asked) == asked and not house.searcher.closed
        ((votes, chats),) = house.office.keeper.state.rows(
            "SELECT (SELECT count(*) FROM votes), (SELECT count(*) FROM chats)"
        )
        assert (votes, chats) == (0, 0)

    live(plan, scene)


def test_the_denied_learn_their_id_and_nothing_else(plan: Plan) -> None:
    plan.access = Access(admins=frozenset({7}), allowed=frozenset({7}), denied=frozenset({7, -5}))

    async def scene(house: House) -> None:
        (told,) = await house.say("质量问题")
        assert told.text == "这个机器人没有对您开放。您的 ID 是 7，请把它交给管理员。"
        for text in ("质量问题", "/stats", "/help", "谢谢"):
            assert not await house.say(text), "once a minute"
        pressed = await house.press_data(told, "i:rollback")
        assert "7" in pressed["text"]
        assert not await house.say("/ask 质量问题", person=8, chat=-5)
        assert not await house.say("/ask 质量问题", person=7, chat=-6), "he fills no group"
        assert not house.searcher.asked and not house.office.services.calls  # type: ignore[attr-defined]

    live(plan, scene)


@pytest.mark.parametrize("person", [8, ANONYMOUS_ADMIN])
@pytest.mark.parametrize("chat", [None, -5])
def test_admin_commands_are_refused_to_others(plan: Plan, person: int, chat: int | None) -> None:
    plan.access = Access(admins=frozenset({9}))

    async def scene(house: House) -> None:
        bot: dict[str, Any] = {"from": {"id": person, "is_bot": person != 8, "first_name": "x"}}
        for command in ("stats", "index", "add", "index rollback"):
            house.telegram.say(f"/{command}", person=person, chat=chat, **bot)
        await house.settle()
        shown = house.telegram.in_chat(chat or person)
        assert len(shown) == 1 and "管理员" in shown[0].text
        told = await house.press_data(shown[0], "i:rollback", person=person)
        assert "只有管理员" in told["text"]
        assert not house.office.services.calls  # type: ignore[attr-defined]
        assert not (house.office.settings.state / "added").exists()

    live(plan, scene)


def test_every_command_is_dispatched(plan: Plan) -> None:
    plan.access = Access(admins=frozenset({7}))

    async def scene(house: House) -> None:
        house.office.chatter = Buckets(len(COMMANDS), 60.0)
        for command in COMMANDS:
            assert await house.say(f"/{command}"), command

    live(plan, scene)
