"""Moving: everything from one database into another, empty one, be it of the other kind."""

from collections.abc import Callable

from sqlalchemy import Table, delete, exists, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import StoreError, StoreNotEmpty, StoreTooNew
from bot.store.database import Database
from bot.store.schema import counters, metadata
from bot.store.versions import OLDEST_CODE

BATCH = 1_000
"""Rows that are in memory at once."""

Told = Callable[[str, int], None]
"""Told of a table that so many more of its rows are copied."""


async def count(database: Database) -> dict[str, int]:
    """How many rows each table has, in the order in which they are copied."""
    async with database.read() as connection:
        return await _counts(connection)


async def copy(source: Database, target: Database, told: Told) -> None:
    """Copy every row into a database that has none, which is migrated for it.

    It is one transaction there: what breaks off has left nothing, and can be begun anew. Nobody may write to the source
    meanwhile. Raises StoreNotEmpty, StoreOutdated and StoreTooNew, and StoreError where a count differs at the end.
    """
    await source.check_version()
    await target.migrate()
    async with source.snapshot() as theirs, target.write() as ours:
        await _require_same_version(theirs, ours)
        await ours.execute(delete(counters).where(counters.c.name == OLDEST_CODE))  # the source brings its own
        await _require_empty(ours, target.address)
        for table in metadata.sorted_tables:
            await _copy_table(table, theirs, ours, told)
        expected, found = await _counts(theirs), await _counts(ours)
        if expected != found:
            raise StoreError(
                f"Of {expected} rows {found} have arrived: nothing was copied; is another process writing?"
            )
        if ours.dialect.name == "postgresql":
            await _settle(ours)


async def _copy_table(table: Table, theirs: AsyncConnection, ours: AsyncConnection, told: Told) -> None:
    rows = await theirs.stream(select(table))
    async for some in rows.mappings().partitions(BATCH):
        try:
            await ours.execute(table.insert(), [dict(row) for row in some])
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            raise StoreError(f"A row of {table.name} does not fit into the other database: {error.orig}") from error
        told(table.name, len(some))


async def _settle(connection: AsyncConnection) -> None:
    """Let PostgreSQL number new rows after those that came with their numbers, and know what it has."""
    for table in metadata.sorted_tables:
        numbered = table.autoincrement_column
        if numbered is not None:
            last = select(func.max(numbered)).scalar_subquery()
            sequence = func.pg_get_serial_sequence(table.name, numbered.name)
            await connection.execute(select(func.setval(sequence, func.coalesce(last, 1), last.is_not(None))))
    await connection.execute(text("ANALYZE"))


async def _require_same_version(theirs: AsyncConnection, ours: AsyncConnection) -> None:
    version = text("SELECT version_num FROM alembic_version")
    if (await theirs.execute(version)).scalar() != (await ours.execute(version)).scalar():
        raise StoreTooNew("The database was written by a newer Tagalong: copy it with that version")


async def _require_empty(connection: AsyncConnection, address: str) -> None:
    for table in metadata.sorted_tables:
        if (await connection.execute(select(exists(select(table))))).scalar():
            raise StoreNotEmpty(
                f"The database at {address} is not empty: it has rows in {table.name}. Name one that is new"
            )


async def _counts(connection: AsyncConnection) -> dict[str, int]:
    return {
        table.name: (await connection.execute(select(func.count()).select_from(table))).scalar_one()
        for table in metadata.sorted_tables
    }
