"""The engine of a database: SQLAlchemy's connections to a file of SQLite's or a PostgreSQL, as the bot wants them."""

import sqlite3
from functools import partial
from typing import Any

from sqlalchemy import URL, NullPool, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.store.connecting import sqlite_thread

CONNECT_SECONDS = 10.0
"""How long to wait until a PostgreSQL takes us in."""
ANSWER_SECONDS = 60.0
"""How long a statement may take there; one whose server is gone without a word would be waited for much longer."""
LOG_BYTES = 64 * 1024 * 1024
"""The length of SQLite's write-ahead log that stays on disk."""
BUSY_SECONDS = 30
"""How long a SQLite connection waits for another one's transaction."""

_FOR_WORK = ("foreign_keys = ON",)
_FOR_MIGRATIONS = ("foreign_keys = OFF", "auto_vacuum = INCREMENTAL")
"""Migrations make tables anew: to drop the old one would delete all that refers to it. And only before there are any
can it be said that a file's space can be given back."""
_ALWAYS = ("journal_mode = WAL", "synchronous = NORMAL", f"journal_size_limit = {LOG_BYTES}")
"""In WAL mode NORMAL keeps every commit through a crash of the process; a crash of the machine may take the last ones,
which is a repeated alert or poll, never a lost one. The log does not stay as long as a long transaction made it."""

_OPTIONS: dict[str, Any] = {"poolclass": NullPool, "hide_parameters": True, "isolation_level": "AUTOCOMMIT"}
"""Who opens connections keeps them, and begins and ends their transactions: see ``pool``."""


def is_sqlite(url: URL) -> bool:
    """Whether a database is a file of SQLite's."""
    return url.get_backend_name() == "sqlite"


def make_engine(url: URL, *, migrating: bool = False) -> AsyncEngine:
    """An engine for the bot's work, or for migrations: those may take their time, and make tables anew."""
    return (_sqlite_engine if is_sqlite(url) else _postgres_engine)(url, migrating=migrating)


def _postgres_engine(url: URL, *, migrating: bool) -> AsyncEngine:
    options = {"timeout": CONNECT_SECONDS, "command_timeout": None if migrating else ANSWER_SECONDS}
    given = {name: value for name, value in options.items() if name not in url.query}
    return create_async_engine(url, connect_args=given, **_OPTIONS)


def _sqlite_engine(url: URL, *, migrating: bool) -> AsyncEngine:
    creator = partial(
        sqlite_thread.connect, str(url.database), timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    engine = create_async_engine(url, async_creator=creator, **_OPTIONS)

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: sqlite3.Connection, _: Any) -> None:
        for pragma in (*(_FOR_MIGRATIONS if migrating else _FOR_WORK), *_ALWAYS):
            connection.execute(f"PRAGMA {pragma}")

    return engine
