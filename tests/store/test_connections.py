import asyncio

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from bot.errors import StoreUnreachable
from bot.store.connecting import pool
from bot.store.database import Database
from bot.store.schema import counters

_LOOK = text("SELECT 1")
_FOREVER = text(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT count(*) FROM n"
)
_COUNTED = select(counters.c.name).where(counters.c.name == "x")


async def test_one_transaction_after_another_has_the_same_connection(database: Database) -> None:
    async with database.read() as first:
        await first.execute(_LOOK)
    async with database.write() as second:
        await second.execute(_LOOK)
    async with database.snapshot() as third:
        await third.execute(_LOOK)
    assert first is second is third


async def test_at_the_same_time_they_have_one_each(database: Database) -> None:
    async with database.write() as writing, database.read() as reading:
        await writing.execute(insert(counters).values(name="x", value=1))
        assert (await reading.execute(_COUNTED)).all() == []
    assert reading is not writing


async def test_a_transaction_that_fails_leaves_nothing_to_the_next(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.write() as failing:
            await failing.execute(insert(counters).values(name="x", value=1))
            raise ZeroDivisionError
    async with database.write() as other:
        assert (await other.execute(_COUNTED)).all() == []
    assert other is not failing


async def test_so_does_one_that_is_cancelled_in_a_statement(database: Database) -> None:
    async def write() -> None:
        async with database.write() as connection:
            await connection.execute(insert(counters).values(name="x", value=1))
            begun.set()
            while True:
                await connection.execute(_LOOK)

    begun = asyncio.Event()
    writing = asyncio.create_task(write(), name="writing")
    await begun.wait()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    async with database.write() as connection:
        assert (await connection.execute(_COUNTED)).all() == []


async def test_a_snapshot_sees_one_moment_and_what_reads_beside_it_the_latest(database: Database) -> None:
    async with database.snapshot() as still, database.read() as reading:
        assert (await still.execute(_COUNTED)).all() == []
        async with database.write() as writing:
            await writing.execute(insert(counters).values(name="x", value=1))
        assert (await still.execute(_COUNTED)).all() == []
        if not database.is_sqlite:
            assert (await reading.execute(_COUNTED)).all() == [("x",)]


async def test_who_waits_too_long_for_one_is_told(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "WAIT_SECONDS", 0.01)
    others = [database.read() for _ in range(pool.MOST)]
    for other in others:
        await other.__aenter__()
    with pytest.raises(StoreUnreachable, match="all connections are in use"):
        async with database.read():
            raise AssertionError("there was one more")
    await others.pop().__aexit__(None, None, None)
    async with database.read() as connection:
        assert (await connection.execute(_LOOK)).scalar_one() == 1
    for other in others:
        await other.__aexit__(None, None, None)


async def test_what_somebody_still_has_of_a_failed_transaction_locks_nobody_out(database: Database) -> None:
    many = text("INSERT INTO counters (name, value) VALUES (:name, 1)")
    with pytest.raises(ZeroDivisionError) as kept:
        async with database.write() as connection:
            rows = await connection.execute(many, [{"name": "x"}, {"name": "y"}])
            assert rows is not None
            raise ZeroDivisionError
    async with asyncio.timeout(5), database.write() as other:
        await other.execute(insert(counters).values(name="x", value=1))
    assert kept.value is not None


async def test_an_error_that_a_reader_takes_in_its_stride_troubles_nobody_after_it(database: Database) -> None:
    for _ in range(20):
        async with database.snapshot() as reading:
            with pytest.raises(DBAPIError):
                await reading.execute(text("SELECT nothing FROM nowhere"))
            if database.is_sqlite:
                assert (await reading.execute(_COUNTED)).all() == []
        async with database.snapshot() as other:
            assert (await other.execute(_COUNTED)).all() == []


async def test_who_stops_waiting_for_a_long_statement_need_not_wait_for_its_end(database: Database) -> None:
    with pytest.raises(StoreUnreachable):
        async with asyncio.timeout(10), database.write() as connection:
            async with asyncio.timeout(0.05):
                await connection.execute(_FOREVER)
    async with asyncio.timeout(5), database.write() as other:
        assert (await other.execute(_LOOK)).scalar_one() == 1


async def test_whoever_goes_on_after_it_is_told_at_the_end(database: Database) -> None:
    with pytest.raises(StoreUnreachable, match="given up within its transaction"):
        async with database.write() as connection:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await connection.execute(_FOREVER)
    async with asyncio.timeout(5), database.write() as other:
        assert (await other.execute(_LOOK)).scalar_one() == 1


async def test_those_that_the_server_has_closed_are_not_handed_on(database: Database) -> None:
    if database.is_sqlite:
        return
    waiting: list[asyncio.Task[int]] = []
    async with database.read() as one, database.read() as two, database.read() as three:
        ended = [(await each.execute(text("SELECT pg_backend_pid()"))).scalar_one() for each in (one, two)]
        gone = asyncio.Barrier(3)
        for each in (one, two):
            raw = (await each.get_raw_connection()).driver_connection
            assert raw is not None
            raw.add_termination_listener(lambda _: waiting.append(asyncio.create_task(gone.wait(), name="one is gone")))
        await three.execute(text("SELECT pg_terminate_backend(pid) FROM unnest(:pids ::int[]) pid"), {"pids": ended})
        await asyncio.wait_for(gone.wait(), 5)
        await asyncio.gather(*waiting)
    for _ in range(4):
        async with database.read() as connection:
            assert (await connection.execute(_LOOK)).scalar_one() == 1
