import shutil
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import insert, text, update

from bot.database_url import engine_url
from bot.errors import StoreError, StoreNotEmpty, StoreOutdated, StoreTooNew
from bot.store.copying import BATCH, copy, count
from bot.store.database import Database
from bot.store.schema import chats, counters, feeds, metadata
from tests.make import NOW
from tests.store.filling import all_rows, fill, reflected


@pytest.fixture
async def source(migrated_sqlite: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """A SQLite database with two rows in every table, and more than a batch in one."""
    path = shutil.copy(migrated_sqlite, tmp_path / "source.db")
    async with Database(engine_url(f"sqlite:///{path}")) as database:
        async with database.write() as connection:
            tables = await connection.run_sync(reflected)
            for number in (1, 2):
                await connection.run_sync(fill, tables, number)
            many = [{"name": f"counter {number}", "value": number} for number in range(2 * BATCH)]
            await connection.execute(insert(counters), many)
        yield database


async def test_everything_arrives_and_new_rows_are_numbered_after_it(source: Database, database_url: str) -> None:
    copied = Counter[str]()
    async with Database(engine_url(database_url)) as target:
        await copy(source, target, lambda table, rows: copied.update({table: rows}))
        async with source.read() as theirs, target.read() as ours:
            there = await theirs.run_sync(all_rows, metadata)
            assert there == await ours.run_sync(all_rows, metadata)
        assert copied == await count(source) == await count(target)
        assert copied["counters"] == 2 * BATCH + 3  # one says which programs the schema is for
        async with target.write() as connection:
            new = insert(feeds).values(url="http://127.0.0.1/new", next_poll_at=NOW).returning(feeds.c.id)
            assert (await connection.execute(new)).scalar_one() == 3


async def test_a_database_that_is_not_empty_is_left_as_it_is(source: Database, database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(insert(counters).values(name="mine", value=1))
    before = await count(database)
    with pytest.raises(StoreNotEmpty, match="has rows in counters"):
        await copy(source, database, print)
    assert await count(database) == before


async def test_what_breaks_off_leaves_nothing_and_can_be_begun_anew(
    source: Database, database: Database, database_kind: str
) -> None:
    if database_kind == "sqlite":
        return  # which takes words of any length
    async with source.write() as connection:
        await connection.execute(update(chats).where(chats.c.id == 2).values(language="x" * 36))
    with pytest.raises(StoreError, match="A row of chats does not fit") as caught:
        await copy(source, database, print)
    assert "xxx" not in str(caught.value)
    assert sum((await count(database)).values()) == 0
    async with source.write() as connection:
        await connection.execute(update(chats).where(chats.c.id == 2).values(language="x"))
    await copy(source, database, print)
    assert await count(database) == await count(source)


async def test_only_what_this_version_knows_is_copied(source: Database, database_url: str) -> None:
    async with Database(engine_url(database_url)) as target:
        with pytest.raises(StoreOutdated):
            await copy(target, source, print)
        async with source.write() as connection:
            await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        with pytest.raises(StoreTooNew, match="copy it with that version"):
            await copy(source, target, print)
