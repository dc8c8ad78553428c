"""The database: the same for SQLite and PostgreSQL, its transactions, and its migrations."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import (
    AbstractContextManager,
    asynccontextmanager,
    closing,
    nullcontext,
)
from functools import partial
from pathlib import Path
from typing import Any, Self

from sqlalchemy import URL, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.errors import StoreOutdated, StoreUnreachable
from bot.store import versions
from bot.store.alone import alone
from bot.store.connecting.drivers import Way
from bot.store.connecting.engines import BUSY_SECONDS, is_sqlite, make_engine
from bot.store.connecting.pool import Connections, Transaction
from bot.store.together import Answer, Asked, Together

_AWAY = {"08", "28", "3D", "40", "53", "55", "57", "SQLITE_NOTADB", "SQLITE_CORRUPT"}
"""Errors with which a database cannot serve. Of PostgreSQL's their classes: no connection, no such role or database,
no resources, starting, stopping, a deadlock from which it freed us; of SQLite's their names.

https://www.postgresql.org/docs/current/errcodes-appendix.html and https://www.sqlite.org/rescode.html
"""
AnyInsert = sqlite.Insert | postgresql.Insert


class Database:
    """A database in which every transaction is either read or written; ``async with`` closes it.

    Raises StoreUnreachable from any transaction when the database does not answer. An engine that an earlier one at
    this address has used knows its statements.
    """

    def __init__(self, url: URL, engine: AsyncEngine | None = None) -> None:
        self._url = url
        self._engine = engine or make_engine(url)
        # SQLite lets one write at a time, and others look every so often whether they may
        self._connections = Connections(self._engine, self._told, one_writes=self.is_sqlite)
        self._together: dict[Callable[..., Any], Together[Any, Any]] = {}

    async def __aenter__(self) -> Self:
        if self.is_sqlite:
            await asyncio.to_thread(_require_file, Path(self.address))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._connections.close()

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file of this machine's, which one process has to itself."""
        return is_sqlite(self._url)

    @property
    def address(self) -> str:
        """Where it is, without its password."""
        if self.is_sqlite:
            return str(self._url.database)
        return self._url.set(drivername="postgres").render_as_string(hide_password=True)

    def alone(self) -> AbstractContextManager[None]:
        """Have a SQLite database to this process; any number may use another. Raises StoreTaken."""
        return alone(Path(self.address)) if self.is_sqlite else nullcontext()

    def read(self) -> Transaction:
        """A connection that only reads: on SQLite it waits for no writer. What others write meanwhile may be seen.

        Who streams rows needs a ``snapshot``.
        """
        return self._connections.transaction(Way.READING)

    def snapshot(self) -> Transaction:
        """A transaction that only reads, and sees nothing of what others write meanwhile."""
        return self._connections.transaction(Way.SNAPSHOT)

    def write(self) -> Transaction:
        """A transaction that writes; committed at the end, rolled back on an error."""
        return self._connections.transaction(Way.WRITING)

    def write_at_once(self) -> Transaction:
        """A connection on which one statement writes, and is committed as it is executed."""
        return self._connections.transaction(Way.AT_ONCE)

    async def read_together(
        self, work: Callable[[AsyncConnection, Sequence[Asked]], Awaitable[Sequence[Answer]]], asked: Asked
    ) -> Answer:
        """What the work answers for this, in a transaction that reads for all who ask it at the same time."""
        if work not in self._together:
            self._together[work] = Together(partial(self._read_for_all, work))
        answer: Answer = await self._together[work].ask(asked)
        return answer

    async def _read_for_all(self, work: Callable[..., Awaitable[Sequence[Any]]], asked: Sequence[Any]) -> Sequence[Any]:
        async with self.read() as connection:
            return await work(connection, asked)

    @asynccontextmanager
    async def driver_connection(self) -> AsyncIterator[Any]:
        """A connection as the driver knows it, for what SQLAlchemy has no words for; it serves nothing else after.

        What the driver raises of its own it raises here, too.
        """
        try:
            async with self._engine.connect() as connection:
                yield (await connection.get_raw_connection()).driver_connection
        except Exception as error:
            if told := self._told(error):
                raise told from error
            raise

    def _told(self, error: Exception) -> StoreUnreachable | None:
        """What to say where the driver or SQLAlchemy says that the database is away; None of other errors."""
        if isinstance(error, OperationalError | InterfaceError | OSError):
            return StoreUnreachable(f"The database at {self.address} does not answer: {_reason(error)}")
        if isinstance(error, DBAPIError) and (error.connection_invalidated or _kind(error) in _AWAY):
            return StoreUnreachable(f"The database at {self.address} went away: {_reason(error)}")
        return None

    async def migrate(self) -> None:
        """Bring the schema up to date. Raises StoreTooNew for a database that a newer version wrote."""
        connections = Connections(make_engine(self._url, migrating=True), self._told, one_writes=False)
        async with connections.transaction(Way.WRITING) as connection:
            await connection.run_sync(versions.migrate)
        await connections.close()

    async def check_version(self) -> str | None:
        """The schema's version. Raises StoreOutdated or StoreTooNew where it is none that this program works on."""
        async with self.read() as connection:
            outdated = await connection.run_sync(versions.is_outdated)
            version = await connection.run_sync(versions.current)
        if outdated:
            raise StoreOutdated(f"The database at {self.address} must be migrated first: run `python -m bot migrate`")
        return version


def _require_file(path: Path) -> None:
    """Raises StoreUnreachable where the file cannot be opened, or made: the driver would say it less well."""
    folder = path.absolute().parent
    if not folder.is_dir():
        raise StoreUnreachable(f"DATABASE_URL names {path}, but there is no folder {folder}: create it")
    if path.is_dir():
        raise StoreUnreachable(f"DATABASE_URL names {path}, which is a folder: name a file in it")
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as connection:
            connection.execute("PRAGMA schema_version")
    except sqlite3.Error as error:
        raise StoreUnreachable(f"DATABASE_URL names {path}, which cannot be used: {error}") from error


def insert(connection: AsyncConnection, table: Table) -> AnyInsert:
    """An INSERT of the connection's own dialect: both know ON CONFLICT, but SQLAlchemy gives it no common name."""
    return insert_for(connection.dialect.name, table)


def insert_for(dialect: str, table: Table) -> AnyInsert:
    """The same where only the dialect's name is known, for statements that are built once."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def _kind(error: DBAPIError) -> str:
    if isinstance(error.orig, sqlite3.Error):
        return error.orig.sqlite_errorname
    return str(getattr(error.orig, "sqlstate", None) or "")[:2]


def _reason(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return str(cause) or type(cause).__name__
