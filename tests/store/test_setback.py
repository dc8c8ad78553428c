from datetime import timedelta

from sqlalchemy import select, update

from bot.store import outbox
from bot.store.database import Database
from bot.store.fan_out import fan_out
from bot.store.schema import alerts, pace
from bot.store.setback import ClockWatch
from tests.logged import Logged, logged
from tests.make import NOW, a_follower, an_article, news

__all__ = ["logged"]

LEASE = timedelta(seconds=30)
HOUR = timedelta(hours=1)


async def owed(database: Database, *chat_ids: int) -> None:
    """Let each of the chats wait for an alert."""
    async with database.write() as connection:
        followed = [await a_follower(connection, chat_id, "Mali") for chat_id in chat_ids]
        await news(connection, an_article(), [followed[0][0].id])
        while await fan_out(connection, NOW, 100):
            pass


async def test_what_was_begun_or_put_off_goes_on_and_what_is_held_stays_held(
    database: Database, logged: Logged
) -> None:
    now = NOW
    watch = ClockWatch(database, lambda: now)
    await owed(database, 1, 2)
    async with database.write() as connection:
        assert len(await outbox.claim(connection, now, LEASE, 10)) == 2
        await connection.execute(update(alerts).where(alerts.c.chat_id == 2).values(held=True))
        row = {"bot_id": 1, "tokens": 0, "counted_at": now, "halted_until": now + LEASE}
        await connection.execute(pace.insert().values(row))
    await watch._look()
    now -= HOUR
    await watch._look()
    async with database.write() as connection:
        assert [alert.chat_id for alert in await outbox.claim(connection, now, LEASE, 10)] == [1]
        kept = (await connection.execute(select(pace))).one()
    assert (kept.counted_at, kept.halted_until) == (now, now)
    assert logged.of("the clock was set back; nothing waits for it")[0]["by"] == "3600 s"


async def test_it_is_found_out_when_nobody_looked(database: Database) -> None:
    await owed(database, 1)
    async with database.write() as connection:
        await outbox.claim(connection, NOW, LEASE, 10)
    await ClockWatch(database, lambda: NOW)._look()
    await ClockWatch(database, lambda: NOW - HOUR)._look()
    async with database.write() as connection:
        assert len(await outbox.claim(connection, NOW - HOUR, LEASE, 10)) == 1


async def test_a_clock_that_runs_or_is_corrected_a_little_changes_nothing(database: Database, logged: Logged) -> None:
    now = NOW
    watch = ClockWatch(database, lambda: now)
    await owed(database, 1)
    async with database.write() as connection:
        await outbox.claim(connection, NOW, LEASE, 10)
    for seconds in (0, 5, -9, 3600):
        now += timedelta(seconds=seconds)
        await watch._look()
    async with database.read() as connection:
        assert (await connection.execute(select(alerts.c.due_at))).scalar_one() == NOW + LEASE
    assert logged.entries == []
