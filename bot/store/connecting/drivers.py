"""What a connection asks of its driver, asyncpg or aiosqlite."""

import sqlite3
from collections.abc import Iterable, Sequence
from enum import Enum
from itertools import repeat
from typing import Any, ClassVar, Protocol

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement
from sqlalchemy import Dialect
from sqlalchemy.pool import PoolProxiedConnection

from bot.store.connecting import sqlite_thread
from bot.store.connecting.plans import forget

KNOWN = 200
"""Statements that a PostgreSQL connection keeps prepared: the server has memory for each of every connection."""

DRIVERS_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, sqlite3.Error)
Code = int | None
"""Which type a column has, as the driver numbers them."""
Ran = tuple[Sequence[Any], Iterable[Code], int]
"""Rows, their columns' codes, and how many rows were changed."""
_UNTOLD: Iterable[Code] = repeat(None)


class Way(Enum):
    """What a transaction does, and how it is isolated."""

    READING = "reading"
    """On PostgreSQL each statement sees what there is as it begins, in a transaction or not; without one nothing is
    said of where it begins and ends, which is two ways to the server of three."""
    SNAPSHOT = "snapshot"
    """It sees nothing of what others write meanwhile."""
    WRITING = "writing"
    AT_ONCE = "writing at once"
    """It is one statement, which needs no transaction around it."""

    @property
    def writes(self) -> bool:
        """Whether it changes anything."""
        return self in (Way.WRITING, Way.AT_ONCE)


class Driver(Protocol):
    """One transaction after another; what goes wrong the driver's own errors say."""

    async def begin(self, way: Way) -> None:
        """Begin a transaction, now or with the first statement."""

    async def run(self, sql: str, given: Sequence[Any]) -> Ran:
        """Run a statement with what is given for its places."""

    async def run_many(self, sql: str, given: Sequence[Sequence[Any]]) -> Ran:
        """Run one that has no rows for each of these."""

    async def commit(self) -> None:
        """End the transaction."""

    @property
    def is_gone(self) -> bool:
        """Whether the other end has gone."""


def driver_of(connection: PoolProxiedConnection, dialect: Dialect) -> Driver:
    """What runs statements on it."""
    return (_Sqlite if dialect.name == "sqlite" else _Postgres)(connection.driver_connection)


class _Sqlite:
    def __init__(self, connection: Any) -> None:
        self._connection: sqlite_thread.Connection = connection
        self._run = connection.write

    async def begin(self, way: Way) -> None:
        self._run = self._connection.write if way.writes else self._connection.read
        if way is not Way.AT_ONCE:
            self._connection.begin(sqlite_thread.WRITING if way.writes else sqlite_thread.READING)

    async def run(self, sql: str, given: Sequence[Any]) -> Ran:
        rows, rowcount = await self._run(sql, given)
        return rows, _UNTOLD, rowcount

    async def run_many(self, sql: str, given: Sequence[Sequence[Any]]) -> Ran:
        cursor = await self._connection.there(sqlite3.Connection.executemany, sql, given)
        return (), _UNTOLD, cursor.rowcount

    async def commit(self) -> None:
        await self._connection.commit()

    @property
    def is_gone(self) -> bool:
        return False


class _Postgres:
    _BEGIN: ClassVar = {Way.SNAPSHOT: "BEGIN ISOLATION LEVEL REPEATABLE READ", Way.WRITING: "BEGIN"}

    def __init__(self, connection: Any) -> None:
        self._connection: asyncpg.Connection = connection
        self._prepared: dict[str, tuple[PreparedStatement, list[int]]] = {}
        self._begun = False

    async def begin(self, way: Way) -> None:
        self._begun = way in self._BEGIN
        if self._begun:
            await self._connection.execute(self._BEGIN[way])

    async def run(self, sql: str, given: Sequence[Any]) -> Ran:
        statement, codes = self._prepared.get(sql) or await self._prepare(sql)
        rows = await statement.fetch(*given)
        number = statement.get_statusmsg().rpartition(" ")[2]  # such as INSERT 0 3
        return rows, codes, int(number) if number.isdecimal() else -1

    async def run_many(self, sql: str, given: Sequence[Sequence[Any]]) -> Ran:
        await self._connection.executemany(sql, given)
        return (), (), -1

    async def commit(self) -> None:
        if self._begun:
            await self._connection.execute("COMMIT")

    @property
    def is_gone(self) -> bool:
        return bool(self._connection.is_closed())

    async def _prepare(self, sql: str) -> tuple[PreparedStatement, list[int]]:
        forget(self._prepared, KNOWN)
        statement = await self._connection.prepare(sql)
        self._prepared[sql] = known = statement, [column.type.oid for column in statement.get_attributes()]
        return known
