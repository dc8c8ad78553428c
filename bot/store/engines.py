"""The engine of a database: SQLAlchemy's connections to a file of SQLite's or a PostgreSQL, as the bot wants them."""

import sqlite3
import time
from functools import partial
from typing import Any, cast

from sqlalchemy import URL, Connection, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.store import sqlite_thread

CONNECT_SECONDS = 10.0
"""How long to wait until a PostgreSQL takes us in."""
ANSWER_SECONDS = 60.0
"""How long a statement may take there; one whose server is gone without a word would be waited for much longer."""
RESTED_SECONDS = 1.0
"""A connection that was used within it is taken to be there still; others are looked at first."""
LOG_BYTES = 64 * 1024 * 1024
"""The length of SQLite's write-ahead log that stays on disk."""
CONNECTIONS = 12
"""At once, of one process. They stay: to open one takes longer than most of what is done with it."""
BUSY_SECONDS = 30
"""How long a SQLite connection waits for another one's transaction."""

_FOR_WORK = ("foreign_keys = ON",)
_FOR_MIGRATIONS = ("foreign_keys = OFF", "auto_vacuum = INCREMENTAL")
"""Migrations make tables anew: to drop the old one would delete all that refers to it. And only before there are any
can it be said that a file's space can be given back."""
_ALWAYS = ("journal_mode = WAL", "synchronous = NORMAL", f"journal_size_limit = {LOG_BYTES}")
"""In WAL mode NORMAL keeps every commit through a crash of the process; a crash of the machine may take the last ones,
which is a repeated alert or poll, never a lost one. The log does not stay as long as a long transaction made it."""

_POOL: dict[str, Any] = {"pool_size": CONNECTIONS, "max_overflow": 0, "pool_use_lifo": True, "hide_parameters": True}


def is_sqlite(url: URL) -> bool:
    """Whether a database is a file of SQLite's."""
    return url.get_backend_name() == "sqlite"


def make_engine(url: URL, *, migrating: bool = False) -> AsyncEngine:
    """An engine for the bot's work, or for migrations: those may take their time, and make tables anew."""
    return (_sqlite_engine if is_sqlite(url) else _postgres_engine)(url, migrating=migrating)


def that_reads(engine: AsyncEngine, on_postgres: str) -> AsyncEngine:
    """The same connections for transactions that only read; on PostgreSQL at this isolation level."""
    if is_sqlite(engine.url):
        return engine.execution_options(tagalong_begin=sqlite_thread.READING)
    return engine.execution_options(isolation_level=on_postgres)


def _postgres_engine(url: URL, *, migrating: bool) -> AsyncEngine:
    options = {"timeout": CONNECT_SECONDS, "command_timeout": None if migrating else ANSWER_SECONDS}
    given = {name: value for name, value in options.items() if name not in url.query}
    engine = create_async_engine(url, connect_args=given, **_POOL)

    @event.listens_for(engine.sync_engine, "checkin")
    def rest(_: object, record: ConnectionPoolEntry) -> None:
        record.info["rests_since"] = time.monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def look(connection: DBAPIConnection, record: ConnectionPoolEntry, _: object) -> None:
        # SQLAlchemy's own pool_pre_ping looks each time, which is three ways to the server for two statements of ours
        now = time.monotonic()
        if now - record.info.get("rests_since", now) > RESTED_SECONDS:
            try:
                engine.dialect.do_ping(connection)
            except engine.dialect.loaded_dbapi.Error as error:
                raise InvalidatePoolError from error

    return engine


def _sqlite_engine(url: URL, *, migrating: bool) -> AsyncEngine:
    creator = partial(sqlite_thread.connect, str(url.database), timeout=BUSY_SECONDS, isolation_level=None)
    engine = create_async_engine(url, async_creator=creator, **_POOL)

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: sqlite3.Connection, _: Any) -> None:
        for pragma in (*(_FOR_MIGRATIONS if migrating else _FOR_WORK), *_ALWAYS):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        begin = connection.get_execution_options().get("tagalong_begin", sqlite_thread.WRITING)
        cast("sqlite_thread.Connection", connection.connection.driver_connection).begin(begin)

    return engine
