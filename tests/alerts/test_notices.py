import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from bot.alerts.notices import LEASE, Notices
from bot.loops import LONGEST_PAUSE
from bot.sandbox.telegram import TOKEN, BotApiServer, Fault, Limits, buttons
from bot.store import notices, outbox
from bot.store.database import Database
from bot.store.fan_out import fan_out
from bot.store.schema import notices as notice_table
from bot.telegram.application import TelegramBot, make_bot
from tests.make import NOW, a_feed, a_follower, an_article, news


@pytest.fixture
async def telegram() -> AsyncIterator[BotApiServer]:
    async with BotApiServer(TOKEN, Limits.off()) as server:
        yield server


@pytest.fixture
async def bot(telegram: BotApiServer) -> AsyncIterator[TelegramBot]:
    async with make_bot(TOKEN, telegram.url) as bot:
        yield bot


class Ticking:
    """A clock of which each look is a second later."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


async def owed(database: Database) -> int:
    async with database.read() as connection:
        return (await connection.execute(select(func.count()).select_from(notice_table))).scalar_one()


async def test_each_chat_is_told_once(telegram: BotApiServer, bot: TelegramBot, database: Database) -> None:
    ada, ben = telegram.user(1), telegram.user(2)
    for reader in (ada, ben):
        await reader.say("/start")
    async with database.write() as connection:
        await notices.add(connection, [1, 2], "The <feed> & its site are down.", NOW)
        await notices.add(connection, [], "Nobody hears this.", NOW)
    stop = asyncio.Event()
    telling = asyncio.create_task(Notices(database, bot, 30, Ticking()).run(stop))
    for reader in (ada, ben):
        await reader.wait_for_text("The <feed> & its site are down.")
    stop.set()
    await telling
    assert await owed(database) == 0
    assert len(telegram.calls.of("sendMessage")) == 2


@pytest.mark.parametrize(
    ("fault", "told"), [("500", True), ("reset", True), ("stray", True), ("403", False), ("400", False)]
)
async def test_what_telegram_cannot_take_now_is_told_later_and_what_it_never_will_is_dropped(
    telegram: BotApiServer, bot: TelegramBot, database: Database, fault: str, told: bool
) -> None:
    ada = telegram.user(1)
    await ada.say("/start")
    async with database.write() as connection:
        await notices.add(connection, [1], "Down.", NOW)
    telegram.faults.add(Fault(fault, method="sendMessage"))
    clock = Ticking()
    teller = Notices(database, bot, 30, clock)
    assert timedelta(0) < await teller._step() < LONGEST_PAUSE  # the pace allows no message at once
    assert await teller._step() == timedelta(0)
    assert await owed(database) == int(told)
    assert await teller._step() == LONGEST_PAUSE
    clock.now += LEASE
    await teller._step()
    assert await owed(database) == 0
    assert [message["text"] for message in ada.received] == (["Down."] if told else [])


async def test_a_notice_is_taken_by_one(database: Database) -> None:
    async with database.write() as connection:
        await notices.add(connection, [1], "Down.", NOW)
        assert await notices.claim(connection, NOW, LEASE) is not None
        assert await notices.claim(connection, NOW, LEASE) is None


async def test_what_is_said_to_all_waits_for_alerts_and_can_be_refused(
    telegram: BotApiServer, bot: TelegramBot, database: Database
) -> None:
    ada = telegram.user(1)
    await ada.say("/start")
    async with database.write() as connection:
        await a_feed(connection)
        (mali,) = await a_follower(connection, 1, "Mali")
        await news(connection, an_article(), [mali.id])
        await fan_out(connection, NOW, 10)
        assert await notices.add_for_all(connection, "We moved.", NOW) == 1
        assert await notices.add_for_all(connection, "We moved.", NOW) == 0  # the button was tapped twice
    clock = Ticking()
    teller = Notices(database, bot, 30, clock)
    await teller._step()
    assert await teller._step() == LONGEST_PAUSE
    assert ada.received == []
    async with database.write() as connection:
        await outbox.claim(connection, clock.now, timedelta(hours=1), 10)
    await teller._step()
    (message,) = ada.received
    assert [button["text"] for button in buttons(message)] == ["No more of these"]
