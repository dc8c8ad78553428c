import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from bot.database_url import engine_url
from bot.store import listening
from bot.store.clock import Clock
from bot.store.database import Database
from bot.store.listening import CHANNEL, Wakes
from tests.logged import Logged, logged

__all__ = ["logged"]

END_ALL_OTHERS = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@asynccontextmanager
async def processes(url: str, number: int) -> AsyncIterator[list[Wakes]]:
    """As many as processes on one database have, all listening."""
    stop = asyncio.Event()
    async with AsyncExitStack() as stack:
        databases = [await stack.enter_async_context(Database(engine_url(url))) for _ in range(number)]
        wakes = [Wakes(database, Clock()) for database in databases]
        async with asyncio.TaskGroup() as group:
            for each in wakes:
                group.create_task(each.run(stop))
            if not databases[0].is_sqlite:
                for each in wakes:  # each begins by waking its own: then it listens
                    await heard(each.news)
            yield wakes
            stop.set()


async def heard(wake: asyncio.Event) -> None:
    async with asyncio.timeout(15):
        await wake.wait()
    wake.clear()


async def test_work_is_heard_of_in_the_process_itself(database: Database) -> None:
    wakes = Wakes(database, Clock())
    wakes.due.set()
    await heard(wakes.due)
    assert not wakes.news.is_set()


async def test_what_one_process_leaves_others_hear_of_and_only_that(database_kind: str, migrated_url: str) -> None:
    if database_kind == "sqlite":
        return
    async with processes(migrated_url, 3) as (one, *others):
        for each in (one, *others):
            for wake in (each.news, each.due, each.feeds):
                wake.clear()
        one.feeds.set()
        one.feeds.clear()
        for other in others:
            await heard(other.feeds)
            assert not other.news.is_set()
        others[0].news.set()
        await heard(one.news)
        assert not one.feeds.is_set(), "it heard itself"


async def test_a_lost_connection_is_made_anew(database_kind: str, migrated_url: str) -> None:
    if database_kind == "sqlite":
        return
    async with processes(migrated_url, 2) as (one, other), Database(engine_url(migrated_url)) as database:
        for wakes in (one, other):
            wakes.due.clear()
        async with database.read() as connection:
            assert len((await connection.execute(END_ALL_OTHERS)).all()) >= 2
        await heard(other.due)  # it woke all that wait, for it may have missed something
        one.feeds.set()
        await heard(other.feeds)


async def test_each_loss_is_said_once_and_that_it_is_over_when_it_is(
    database_kind: str, migrated_url: str, logged: Logged
) -> None:
    if database_kind == "sqlite":
        return
    async with processes(migrated_url, 1) as (one,), Database(engine_url(migrated_url)) as database:
        for number in (1, 2):
            one.due.clear()
            async with database.read() as connection:
                await connection.execute(END_ALL_OTHERS)
            await heard(one.due)
            assert len(logged.of("database away")) == len(logged.of("database back")) == number


async def test_what_newer_processes_say_is_not_minded(database_kind: str, migrated_url: str) -> None:
    if database_kind == "sqlite":
        return
    async with processes(migrated_url, 1) as (one,), Database(engine_url(migrated_url)) as database:
        async with database.write() as connection:
            await connection.execute(text(f"SELECT pg_notify('{CHANNEL}', 'tomorrow')"))
            await connection.execute(text(f"SELECT pg_notify('{CHANNEL}', 'due')"))
        await heard(one.due)


async def test_the_clock_is_the_database_s_whatever_the_machine_s_says(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    assert abs(clock() - datetime.now(UTC)) < timedelta(minutes=1)
    async with database.read() as connection:
        await clock.read(connection)
        there = await connection.execute(text("SELECT CURRENT_TIMESTAMP"))
    before = clock()

    class SetBack(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime(2020, 1, 1, tzinfo=UTC)

    monkeypatch.setattr("bot.store.clock.datetime", SetBack)
    assert (clock() >= before) is not database.is_sqlite
    if not database.is_sqlite:
        assert abs(there.scalar_one() - before) < timedelta(minutes=1)


async def test_a_process_keeps_the_clock_right(
    database_kind: str, migrated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database_kind == "sqlite":
        return
    monkeypatch.setattr(listening, "LOOK_EVERY", timedelta(0))
    read, stop = asyncio.Event(), asyncio.Event()

    class Watched(Clock):
        async def read(self, connection: object) -> None:
            read.set()

    async with Database(engine_url(migrated_url)) as database, asyncio.TaskGroup() as group:
        group.create_task(Wakes(database, Watched()).run(stop))
        await heard(read)
        stop.set()
