import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.alerts.notices import LEASE, Notices
from bot.loops import LONGEST_PAUSE
from bot.sandbox.telegram import TOKEN, BotApiServer, Fault, Limits
from bot.store import notices
from bot.store.database import Database
from bot.store.schema import notices as notice_table
from bot.telegram.application import TelegramBot, make_bot
from tests.make import NOW


@pytest.fixture
async def telegram() -> AsyncIterator[BotApiServer]:
    async with BotApiServer(TOKEN, Limits.off()) as server:
        yield server


@pytest.fixture
async def bot(telegram: BotApiServer) -> AsyncIterator[TelegramBot]:
    async with make_bot(TOKEN, telegram.url) as bot:
        yield bot


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
    telling = asyncio.create_task(Notices(database, bot, lambda: NOW).run(stop))
    for reader in (ada, ben):
        await reader.wait_for_text("The <feed> & its site are down.")
    stop.set()
    await telling
    assert await owed(database) == 0
    assert len(telegram.calls.of("sendMessage")) == 2


@pytest.mark.parametrize(("fault", "told"), [("500", True), ("reset", True), ("403", False), ("400", False)])
async def test_what_telegram_cannot_take_now_is_told_later_and_what_it_never_will_is_dropped(
    telegram: BotApiServer, bot: TelegramBot, database: Database, fault: str, told: bool
) -> None:
    ada = telegram.user(1)
    await ada.say("/start")
    async with database.write() as connection:
        await notices.add(connection, [1], "Down.", NOW)
    telegram.faults.add(Fault(fault, method="sendMessage"))
    at = NOW
    teller = Notices(database, bot, lambda: at)
    assert await teller._step() == timedelta(0)
    assert await owed(database) == int(told)
    assert await teller._step() == LONGEST_PAUSE
    at = NOW + LEASE
    await teller._step()
    assert await owed(database) == 0
    assert [message["text"] for message in ada.received] == (["Down."] if told else [])


async def test_a_notice_is_taken_by_one(database: Database) -> None:
    async with database.write() as connection:
        await notices.add(connection, [1], "Down.", NOW)
        assert await notices.claim(connection, NOW, LEASE) is not None
        assert await notices.claim(connection, NOW, LEASE) is None
