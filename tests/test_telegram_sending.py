from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from telegram import Bot
from telegram.error import BadRequest, ChatMigrated, NetworkError, TelegramError, TimedOut

from bot.telegram.markup import Span
from bot.telegram.replies import Button, Reply
from bot.telegram.sending import Place, Sender, Undelivered
from tests.telegram_fake import TOKEN, FakeTelegram
from tests.telegram_house import Line

REPLY = Reply((Span("粗 & 体", bold=True),), ((Button("▶", "p:k:1"),),))


def play(
    scene: Callable[[Sender], Any],
    trouble: list[Exception | int] | None = None,
    **set_up: Any,  # noqa: ANN401
) -> tuple[FakeTelegram, list[float]]:
    """Run a scene with a sender; returns its Telegram and the pauses it made."""
    telegram, paused = FakeTelegram(**set_up), list[float]()

    async def pause(seconds: float) -> None:
        paused.append(seconds)

    async def run() -> None:
        line = Line(telegram)
        async with Bot(TOKEN, request=line, get_updates_request=line) as bot:
            line.trouble = list(trouble or [])
            await scene(Sender(bot, pause=pause))

    asyncio.run(run())
    return telegram, paused


async def send(sender: Sender) -> None:
    await sender.send(Place(7), REPLY)


def test_a_message_with_markup_and_buttons() -> None:
    telegram, paused = play(send)
    (shown,) = telegram.in_chat(7)
    assert shown.text == "粗 & 体" and shown.data == ["p:k:1"] and not paused


@pytest.mark.parametrize(
    "trouble",
    [
        [502, 500],
        [TimedOut(), NetworkError("reset")],
        [429, 502, TimedOut()],
        [TelegramError("Invalid server response")],
    ],
)
def test_passing_trouble_is_waited_out(trouble: list[Exception | int]) -> None:
    telegram, paused = play(send, trouble)
    assert len(telegram.in_chat(7)) == 1 and len(paused) == len(trouble)
    assert (3.1 in paused) == (429 in trouble)


def test_trouble_without_end_is_given_up_and_said() -> None:
    async def scene(sender: Sender) -> None:
        with pytest.raises(Undelivered) as caught:
            await sender.send(Place(7), REPLY)
        assert not caught.value.closed

    telegram, paused = play(scene, [502] * 50)
    assert not telegram.in_chat(7) and 60 < sum(paused) < 300


def test_a_closed_chat_is_left_in_peace() -> None:
    async def scene(sender: Sender) -> None:
        with pytest.raises(Undelivered) as caught:
            await sender.send(Place(7), REPLY)
        assert caught.value.closed

    _, paused = play(scene, closed={7})
    assert not paused


def test_a_message_that_is_refused_for_good_is_given_up_and_said(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scene(sender: Sender) -> None:
        with pytest.raises(Undelivered) as caught:
            await sender.send(Place(-5), REPLY)
        assert caught.value.closed

    _, paused = play(scene, [BadRequest("not enough rights to send text messages to the chat")])
    assert not paused and "not enough rights" in caplog.text


def test_an_answer_is_not_lost_to_its_markup() -> None:
    telegram, _ = play(send, refuse_html=True)
    (shown,) = telegram.in_chat(7)
    assert shown.text == "粗 & 体" and not shown.entities and shown.data == ["p:k:1"]


def test_an_answer_is_not_lost_to_its_buttons() -> None:
    async def scene(sender: Sender) -> None:
        await sender.send(Place(7), Reply(REPLY.spans, ((Button("▶", "长" * 30),),)))

    telegram, _ = play(scene)
    (shown,) = telegram.in_chat(7)
    assert shown.text == "粗 & 体" and not shown.buttons


def test_a_topic_that_is_gone_does_not_lose_the_answer() -> None:
    async def scene(sender: Sender) -> None:
        await sender.send(Place(-5, thread=3, reply_to=9), REPLY)
        await sender.send(Place(-5, thread=4), REPLY)

    telegram, _ = play(scene, topics={(-5, 4)})
    assert [shown.thread for shown in telegram.in_chat(-5)] == [None, 4]
    assert telegram.in_chat(-5)[0].reply_to == 9


def test_editing() -> None:
    async def scene(sender: Sender) -> None:
        number = await sender.send(Place(7), REPLY)
        assert await sender.edit(7, number, REPLY), "not modified is no error"
        assert await sender.edit(7, number, Reply((Span("新"),)))
        assert not await sender.edit(7, 999, REPLY)

    telegram, _ = play(scene)
    (shown,) = telegram.in_chat(7)
    assert shown.text == "新" and shown.edits == 1


def test_what_moved_with_its_group_cannot_be_edited() -> None:
    async def scene(sender: Sender) -> None:
        assert not await sender.edit(-5, 1, REPLY)

    play(scene, [ChatMigrated(-1001)])


def test_a_token_that_is_refused_leaves_the_answer_for_the_next_one() -> None:
    async def scene(sender: Sender) -> None:
        with pytest.raises(Undelivered) as caught:
            await sender.send(Place(7), REPLY)
        assert not caught.value.closed and TOKEN not in str(caught.value)

    _, paused = play(scene, [401])
    assert not paused


def test_typing_shows_only_for_what_takes_long() -> None:
    async def scene(sender: Sender) -> None:
        async with sender.typing(Place(7), after=0.05):
            pass
        async with sender.typing(Place(8), after=0.01):
            await asyncio.sleep(0.1)

    telegram, _ = play(scene)
    assert [call["chat_id"] for call in telegram.done("sendChatAction")] == [8]


def test_a_group_that_became_a_supergroup_gets_its_answer() -> None:
    telegram, _ = play(send, [ChatMigrated(-1001)])
    assert [shown.text for shown in telegram.in_chat(-1001)] == ["粗 & 体"]
