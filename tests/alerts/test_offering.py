import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.alerts import offering
from bot.alerts.choosing import choose
from bot.alerts.offering import Offering
from bot.model import Chat, ChatKind, Rhythm
from bot.sandbox.telegram import buttons
from bot.store.schema import alerts
from tests.alerts.conftest import Office, written
from tests.make import NOW


@asynccontextmanager
async def offers(office: Office) -> AsyncIterator[None]:
    """Digests are offered."""
    stop = asyncio.Event()
    running = asyncio.create_task(Offering(office.database, office.bot, office.clock).run(stop))
    yield
    stop.set()
    await running


async def prefer(office: Office, chat_id: int, **chosen: object) -> None:
    async with office.database.write() as connection:
        chat = Chat(chat_id, ChatKind.PRIVATE, "en")
        await choose(connection, chat, lambda before: replace(before, **chosen), office.clock())  # type: ignore[arg-type]


async def get(office: Office, number: int) -> None:
    """Let all readers have got so many alerts."""
    await office.owe(*written(range(number)))
    async with office.database.write() as connection:
        await connection.execute(update(alerts).values(state="sent", sent_at=NOW))


async def test_who_gets_far_more_than_the_limit_is_asked_once(office: Office) -> None:
    ada, ben = [await office.reader(number) for number in (1001, 1002)]
    await prefer(office, ada.id, daily_cap=1)
    await prefer(office, ben.id, daily_cap=2, silent=True)
    await get(office, 14)
    async with offers(office):
        message = await ada.wait_for_text("You got 14 alerts in the last week.")
        assert [button["text"] for button in buttons(message)] == ["Once a day", "No, thanks"]
    async with offers(office):
        await prefer(office, ben.id, daily_cap=1)
    office.later(60)
    async with offers(office):
        await ben.wait_for_text("You got 14 alerts")
    assert len(ada.received) == len(ben.received) == 1
    loud, silent = office.telegram.calls.of("sendMessage")
    assert "disable_notification" not in loud["params"]
    assert silent["params"]["disable_notification"] == "true"


async def test_nobody_is_asked_in_vain_or_in_the_night(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offering, "CHUNK", 1)
    monkeypatch.setattr(offering, "PAUSE", timedelta(0))
    monkeypatch.setattr(offering, "LONGEST_PAUSE", timedelta(0))
    readers = [await office.reader(number) for number in range(1001, 1005)]
    for reader in readers:
        await prefer(office, reader.id, daily_cap=1)
    await prefer(office, 1001, digest=Rhythm.DAILY)
    await prefer(office, 1002, quiet_from=NOW.hour * 60, quiet_until=NOW.hour * 60 + 60)
    await readers[2].block()
    await get(office, 14)
    async with offers(office):
        await readers[3].wait_for_text("You got 14 alerts")
        assert readers[0].received == readers[1].received == []
        office.later(3600)
        await readers[1].wait_for_text("You got 14 alerts")
    assert readers[0].received == []
