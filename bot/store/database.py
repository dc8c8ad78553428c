"""The database: one engine for SQLite and PostgreSQL, its transactions, and its migrations."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import structlog
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Table, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import StoreOutdated, StoreTooNew, StoreUnreachable

log = structlog.stdlib.get_logger()

_AWAY = {"08", "28", "3D", "53", "55", "57", "SQLITE_NOTADB", "SQLITE_CORRUPT"}
"""Errors with which a database cannot serve. Of PostgreSQL's their classes: no connection, no such role or database,
no resources, starting, stopping; of SQLite's their names.

https://www.postgresql.org/docs/current/errcodes-appendix.html and https://www.sqlite.org/rescode.html
"""
BUSY_SECONDS = 30
"""How long a SQLite connection waits for another one's transaction."""

AnyInsert = sqlite.Insert | postgresql.Insert


class Database:
    """A database in which every transaction is either read or written; ``async with`` closes it.

    Raises StoreUnreachable from any transaction when the database does not answer.
    """

    def __init__(self, url: URL) -> None:
        self._url = url
        self._engine = _sqlite_engine(url) if self.is_sqlite else create_async_engine(url, pool_pre_ping=True)

    async def __aenter__(self) -> Self:
        if self.is_sqlite:
            _require_folder(self.address)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._engine.dispose()

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file of this machine's, which one process has to itself."""
        return self._url.get_backend_name() == "sqlite"

    @property
    def address(self) -> str:
        """Where it is, without its password."""
        return str(self._url.database) if self.is_sqlite else self._url.render_as_string(hide_password=True)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads: on SQLite it waits for no writer."""
        async with self._transaction(self._engine.execution_options(tagalong_begin="BEGIN")) as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that writes; committed at the end, rolled back on an error."""
        async with self._transaction(self._engine) as connection:
            yield connection

    @asynccontextmanager
    async def _transaction(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        try:
            async with engine.begin() as connection:
                yield connection
        except (OperationalError, InterfaceError, PoolTimeout, OSError) as error:
            raise StoreUnreachable(f"The database at {self.address} does not answer: {_reason(error)}") from error
        except DBAPIError as error:
            if not error.connection_invalidated and _kind(error) not in _AWAY:
                raise
            raise StoreUnreachable(f"The database at {self.address} went away: {_reason(error)}") from error

    async def migrate(self) -> None:
        """Bring the schema up to date. Raises StoreTooNew for a database that a newer version wrote."""
        async with self.write() as connection:
            await connection.run_sync(_migrate)

    async def check_version(self) -> None:
        """Raises StoreOutdated or StoreTooNew where the schema is not the one that this version works on."""
        async with self.read() as connection:
            outdated = await connection.run_sync(_is_outdated)
        if outdated:
            raise StoreOutdated(f"The database at {self.address} must be migrated first: run `python -m bot migrate`")


def _require_folder(path: str) -> None:
    folder = Path(path).absolute().parent
    if not folder.is_dir():
        raise StoreUnreachable(f"DATABASE_URL names {path}, but there is no folder {folder}: create it")


def insert(connection: AsyncConnection, table: Table) -> AnyInsert:
    """An INSERT of the connection's own dialect: both know ON CONFLICT, but SQLAlchemy gives it no common name."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def _sqlite_engine(url: URL) -> AsyncEngine:
    engine = create_async_engine(url, connect_args={"timeout": BUSY_SECONDS, "isolation_level": None})

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: sqlite3.Connection, _: Any) -> None:
        # In WAL mode NORMAL keeps every commit through a crash of the process; a crash of the machine may take the
        # last ones, which is a repeated alert or poll, never a lost one.
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that begins by reading and then writes fails at once if another wrote in between, however
        # long the timeout; IMMEDIATE takes its turn. https://www.sqlite.org/lang_transaction.html
        connection.exec_driver_sql(connection.get_execution_options().get("tagalong_begin", "BEGIN IMMEDIATE"))

    return engine


def _scripts() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


def _is_outdated(connection: Connection) -> bool:
    scripts = ScriptDirectory.from_config(_scripts())
    known = {script.revision for script in scripts.walk_revisions()}
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in known:
        raise StoreTooNew(
            f"The database is of version {current}, which this Tagalong does not know: a newer one wrote it."
            " Run that version again, or restore a backup from before"
        )
    return current != scripts.get_current_head()


def _migrate(connection: Connection) -> None:
    if not _is_outdated(connection):
        return
    config = _scripts()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    log.info("Brought the database up to date")


def _kind(error: DBAPIError) -> str:
    if isinstance(error.orig, sqlite3.Error):
        return error.orig.sqlite_errorname
    return str(getattr(error.orig, "sqlstate", None) or "")[:2]


def _reason(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return str(cause) or type(cause).__name__
