import asyncio
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, insert, select, text, update
from sqlalchemy.exc import IntegrityError, StatementError

from bot.database_url import engine_url
from bot.errors import StoreOutdated, StoreUnreachable
from bot.store.connecting import pool
from bot.store.database import Database
from bot.store.schema import counters, metadata, pace
from tests.postgres import Postgres

_END_THEM = text("SELECT pg_terminate_backend(pid) FROM unnest(:pids ::int[]) pid")
_X = select(counters).where(counters.c.name == "x")


async def test_migrations_make_the_schema(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        return list(compare_metadata(context, metadata))

    async with database.read() as connection:
        assert await connection.run_sync(differences) == []


async def test_migrating_twice_changes_nothing(database: Database) -> None:
    await database.migrate()
    await database.check_version()


async def test_an_empty_database_is_outdated(database_url: str) -> None:
    async with Database(engine_url(database_url)) as database:
        with pytest.raises(StoreOutdated, match="bot migrate"):
            await database.check_version()


async def test_times_come_back_in_utc(database: Database) -> None:
    there = datetime(2026, 3, 1, 14, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    async with database.write() as connection:
        await connection.execute(insert(pace).values(bot_id=1, tokens=0, counted_at=there))
        back = (await connection.execute(select(pace.c.counted_at))).scalar_one()
    assert back == there
    assert back.tzinfo == UTC


async def test_times_without_a_zone_are_refused(database: Database) -> None:
    async with database.write() as connection:
        with pytest.raises(StatementError, match="without a time zone"):
            await connection.execute(insert(pace).values(bot_id=1, tokens=0, counted_at=datetime(2026, 3, 1)))  # noqa: DTZ001


async def test_readers_see_the_last_commit_while_another_writes(database: Database) -> None:
    async with database.write() as writing:
        await writing.execute(insert(counters).values(name="x", value=1))
        async with database.read() as reading:
            assert (await reading.execute(_X)).all() == []
    async with database.read() as reading:
        assert len((await reading.execute(_X)).all()) == 1


async def test_sqlite_holds_foreign_keys_and_writes_ahead(tmp_path: Path) -> None:
    async with Database(engine_url(f"sqlite:///{tmp_path}/x.db")) as database, database.read() as connection:
        assert (await connection.execute(text("PRAGMA foreign_keys"))).scalar_one() == 1
        assert (await connection.execute(text("PRAGMA journal_mode"))).scalar_one() == "wal"


async def test_a_database_that_is_not_there_is_named_without_its_password() -> None:
    async with Database(engine_url("postgres://reader:hush@127.0.0.1:1/news")) as database:
        with pytest.raises(StoreUnreachable, match=r"127\.0\.0\.1:1/news") as caught:
            await database.migrate()
    assert "hush" not in str(caught.value)


async def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreUnreachable, match="missing: create it"):
        async with Database(engine_url(f"sqlite:///{tmp_path}/missing/x.db")):
            raise AssertionError("it opened")


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"This is no database at all. " * 100)
    with pytest.raises(StoreUnreachable, match=r"DATABASE_URL names .*x\.db, which cannot be used: file is not a"):
        async with Database(engine_url(f"sqlite:///{tmp_path}/x.db")):
            raise AssertionError("it opened")


async def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(StoreUnreachable, match="which is a folder: name a file in it"):
        async with Database(engine_url(f"sqlite:///{tmp_path}")):
            raise AssertionError("it opened")


async def test_no_error_shows_what_was_to_be_written(database: Database) -> None:
    with pytest.raises(IntegrityError) as caught:
        async with database.write() as connection:
            await connection.execute(insert(counters), [{"name": "hush", "value": 1}, {"name": "hush", "value": 1}])
    assert "[SQL parameters hidden" in str(caught.value)
    assert "hush" not in str(caught.value).partition("[SQL")[2]


async def test_a_connection_that_the_server_ends_is_unreachable(database_url: str) -> None:
    async with Database(engine_url(database_url)) as database:
        if database.is_sqlite:
            return
        with pytest.raises(StoreUnreachable, match=r"went away|does not answer"):
            async with database.write() as connection:
                await connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        async with database.read() as connection:
            assert (await connection.execute(text("SELECT 1"))).scalar_one() == 1


async def test_connections_that_the_server_ended_while_they_rested_are_not_used(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "RESTED_SECONDS", -1)
    async with Database(engine_url(database_url)) as database, Database(engine_url(database_url)) as other:
        if database.is_sqlite:
            return
        async with database.read() as one, database.read() as two:
            mine = [(await each.execute(text("SELECT pg_backend_pid()"))).scalar_one() for each in (one, two)]
        async with other.write() as connection:
            await connection.execute(
                text("SELECT pg_terminate_backend(pid) FROM unnest(:pids ::int[]) pid"), {"pids": mine}
            )
        async with database.read() as one, database.write() as two:
            assert [(await each.execute(text("SELECT 1"))).scalar_one() for each in (one, two)] == [1, 1]


async def test_a_database_that_takes_nobody_in_for_now_is_unreachable(postgres: Postgres) -> None:
    async with postgres.fresh_database() as url, Database(engine_url(url)) as database:
        async with Database(engine_url(postgres.url)) as server, server.write() as connection:
            await connection.execute(text(f'ALTER DATABASE "{engine_url(url).database}" ALLOW_CONNECTIONS false'))
        with pytest.raises(StoreUnreachable, match="not currently accepting connections"):
            async with database.read():
                raise AssertionError("it opened")


async def test_what_postgres_frees_from_a_deadlock_is_trouble_that_passes(database: Database) -> None:
    if database.is_sqlite:
        return
    async with database.write() as connection:
        await connection.execute(insert(counters), [{"name": "x", "value": 0}, {"name": "y", "value": 0}])
    both_have_one = asyncio.Barrier(2)

    async def count(first: str, second: str) -> None:
        async with database.write() as connection:
            await connection.execute(update(counters).where(counters.c.name == first).values(value=1))
            await both_have_one.wait()
            await connection.execute(update(counters).where(counters.c.name == second).values(value=1))

    outcomes = await asyncio.gather(count("x", "y"), count("y", "x"), return_exceptions=True)
    (trouble,) = filter(None, outcomes)
    assert isinstance(trouble, StoreUnreachable)
    assert "deadlock detected" in str(trouble)
    await count_again(database)


async def test_so_is_what_it_cannot_serialize(database: Database) -> None:
    if database.is_sqlite:
        return
    async with database.write() as connection:
        await connection.execute(insert(counters).values(name="x", value=0))
    with pytest.raises(StoreUnreachable, match="could not serialize"):
        async with database.write() as connection:
            await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            await connection.execute(_X)
            await count_again(database)
            await connection.execute(update(counters).values(value=2))
    await count_again(database)


async def count_again(database: Database) -> None:
    async with database.write() as connection:
        counted = await connection.execute(update(counters).values(value=3))
        assert counted.rowcount


async def test_bugs_surface(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(insert(counters).values(name="x", value=1))
    with pytest.raises(IntegrityError):
        async with database.write() as connection:
            await connection.execute(insert(counters).values(name="x", value=2))
