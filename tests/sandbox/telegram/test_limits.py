"""How fast a bot may send: over all chats, in one chat, in a group; and what it hears when it goes faster."""

from collections.abc import AsyncIterator

import pytest
from telegram.error import RetryAfter

from bot.sandbox.telegram import TOKEN, BotApiServer, Limits, User
from bot.sandbox.telegram.limits import Limiter
from bot.telegram.application import NOT_PATIENT, TelegramBot, make_bot, refusal_lasts
from tests.sandbox.telegram.calling import Clock


class Sender:
    """A bot that is told no."""

    def __init__(self, bot: TelegramBot, clock: Clock) -> None:
        self.bot = bot
        self.clock = clock

    async def send(self, chat_id: int, *, paid: bool = False) -> float:
        """0 where the message went; else the seconds to wait."""
        try:
            await self.bot.send_message(chat_id, "x", allow_paid_broadcast=paid, rate_limit_args=NOT_PATIENT)
        except RetryAfter as refusal:
            return refusal_lasts(refusal).total_seconds()
        return 0


@pytest.fixture
async def strict(clock: Clock) -> AsyncIterator[BotApiServer]:
    """A server with Telegram's limits."""
    async with BotApiServer(TOKEN, clock=clock) as server:
        yield server


@pytest.fixture
async def sender(strict: BotApiServer, clock: Clock) -> AsyncIterator[Sender]:
    async with make_bot(TOKEN, strict.url) as bot:
        yield Sender(bot, clock)


async def readers(server: BotApiServer, count: int) -> list[User]:
    """Users who wrote to the bot."""
    users = [server.user() for _ in range(count)]
    for user in users:
        await user.say("/start")
    return users


async def test_in_one_chat_a_burst_then_one_a_second(strict: BotApiServer, sender: Sender, clock: Clock) -> None:
    (ada,) = await readers(strict, 1)
    assert [await sender.send(ada.id) for _ in range(6)] == [0, 0, 0, 0, 0, 1]
    clock.now += 0.5
    assert await sender.send(ada.id) == 1
    clock.now += 0.5
    assert [await sender.send(ada.id) for _ in range(2)] == [0, 1]
    assert len(ada.received) == 6


async def test_a_chat_that_must_wait_keeps_no_other_waiting(strict: BotApiServer, sender: Sender) -> None:
    ada, ben = await readers(strict, 2)
    for _ in range(6):
        await sender.send(ada.id)
    assert await sender.send(ben.id) == 0


async def test_over_all_chats_thirty_a_second(strict: BotApiServer, sender: Sender, clock: Clock) -> None:
    users = await readers(strict, 32)
    assert [await sender.send(user.id) for user in users[:31]] == [0] * 30 + [1]
    assert await sender.send(users[31].id) == 1  # until then nobody is served
    clock.now += 1
    assert await sender.send(users[31].id) == 0


async def test_a_paid_broadcast_has_its_own_rate(strict: BotApiServer, sender: Sender) -> None:
    users = await readers(strict, 31)
    for user in users[:30]:
        await sender.send(user.id)
    assert [await sender.send(users[30].id), await sender.send(users[30].id, paid=True)] == [1, 0]


async def test_in_a_group_twenty_a_minute(strict: BotApiServer, sender: Sender, clock: Clock) -> None:
    group = strict.group("Readers")
    assert [await sender.send(group.id) for _ in range(21)] == [0] * 20 + [3]
    clock.now += 3
    assert [await sender.send(group.id) for _ in range(2)] == [0, 3]


async def test_edits_count_and_deletions_do_not(strict: BotApiServer, sender: Sender) -> None:
    (ada,) = await readers(strict, 1)
    sent = await sender.bot.send_message(ada.id, "0")
    for number in range(1, 5):
        await sender.bot.edit_message_text(str(number), ada.id, sent.message_id)
    with pytest.raises(RetryAfter):
        await sender.bot.edit_message_text("5", ada.id, sent.message_id, rate_limit_args=NOT_PATIENT)
    assert await sender.bot.delete_message(ada.id, sent.message_id)


async def test_what_is_refused_for_another_reason_does_not_count(strict: BotApiServer, sender: Sender) -> None:
    (ada,) = await readers(strict, 1)
    await ada.block()
    for _ in range(5):
        with pytest.raises(Exception, match="blocked"):
            await sender.send(ada.id)
    await ada.unblock()
    assert await sender.send(ada.id) == 0


def test_chats_that_have_waited_long_enough_are_forgotten() -> None:
    limiter = Limiter(Limits(per_second=1e6))
    for chat_id in range(10_001):
        limiter.admit(chat_id, now=chat_id / 1000, group=False, paid=False)
    assert len(limiter._chats) < 10_000
    assert limiter.admit(10_000, now=10.0, group=False, paid=False) == 0


def test_a_chat_that_still_waits_is_not_forgotten() -> None:
    limiter = Limiter(Limits(per_second=1e6, chat_burst=1, chat_per_second=1e-3))
    for chat_id in range(10_001):
        limiter.admit(chat_id, now=0.0, group=False, paid=False)
    assert limiter.admit(0, now=0.0, group=False, paid=False) == 1000
