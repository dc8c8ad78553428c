"""SQLite with as few ways to its thread and back as can be.

aiosqlite keeps every connection in a thread of its own. To go there and back takes ten times as long as most of our
statements, and more where it must wait for the interpreter; SQLAlchemy goes four times with each: for a cursor, to
execute it, for its rows, and to close. Here a statement that writes goes once. One that reads is tried on the spot for
as many steps as take about as long as the way, and goes only if it is longer: in write-ahead mode it waits for nobody.
A transaction begins with its first statement.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import aiosqlite

FIRST = 1_000
"""Rows that come back at once; who reads a whole table asks for more, and never holds all of it."""
READING = "BEGIN"
"""How a transaction begins that only reads."""
STEPS = 3_000
"""Of SQLite's machine, that a statement may take on the spot: at most a millisecond, in which nothing else is done."""
WRITING = "BEGIN IMMEDIATE"
"""How one begins that writes: it takes its turn. One that began by reading would fail where another wrote in between,
however long the timeout, https://www.sqlite.org/lang_transaction.html."""


class Cursor:
    """What SQLAlchemy asks of an aiosqlite cursor."""

    arraysize = 1

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._cursor: sqlite3.Cursor | None = None
        self._rows: list[Any] = []
        self._may_have_more = False

    async def __aenter__(self) -> "Cursor":
        return self

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        """Execute a statement, and take its first rows."""
        self._cursor, self._rows = await self._connection.there(_executed, sql, parameters)
        self._may_have_more = len(self._rows) == FIRST

    async def executemany(self, sql: str, parameters: Sequence[Sequence[Any]]) -> None:
        """Execute a statement that has no rows, once for each of these."""
        self._cursor = await self._connection.there(sqlite3.Connection.executemany, sql, parameters)

    async def fetchone(self) -> Any:
        """The next row, or None."""
        rows = await self.fetchmany(1)
        return rows[0] if rows else None

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        """At most so many of the next rows; none at their end."""
        if not self._rows and self._may_have_more:
            self._rows = await self._more(FIRST)
        rows, self._rows = self._rows[: size or 1], self._rows[size or 1 :]
        return rows

    async def fetchall(self) -> list[Any]:
        """All that are left."""
        rows, self._rows = self._rows, []
        return rows + await self._more(-1) if self._may_have_more else rows

    async def close(self) -> None:
        """Let it go; one that has no more rows is closed already."""
        if self._may_have_more and (cursor := self._cursor):
            await self._connection.there(lambda _: cursor.close())

    @property
    def description(self) -> Any:
        """The columns of its rows; None where there are none."""
        return self._cursor and self._cursor.description

    @property
    def rowcount(self) -> int:
        """How many rows it has changed."""
        return self._cursor.rowcount if self._cursor else -1

    @property
    def lastrowid(self) -> int | None:
        """The number of the row that it has inserted."""
        return self._cursor.lastrowid if self._cursor else None

    async def _more(self, size: int) -> list[Any]:
        assert self._cursor is not None  # noqa: S101 - there were rows
        fetch = self._cursor.fetchall if size < 0 else partial(self._cursor.fetchmany, size)
        rows: list[Any] = await self._connection.there(lambda _: fetch())
        self._may_have_more = len(rows) == size
        return rows


class Connection(aiosqlite.Connection):
    """A connection whose cursors go the way once, and whose transactions begin with their first statement."""

    _beginning: str | None = None
    """How a transaction begins with the next statement."""
    _begun: str | None = None
    """How the one began that is under way."""
    _is_away = False
    """Whether something is done in the thread; nobody may wait for it any more."""
    _is_bounded = False
    """Whether what takes more than STEPS is broken off."""

    def cursor(self) -> Cursor:  # type: ignore[override]  # SQLAlchemy's face to it wants no more of one
        """A cursor that is yet to be made, in the thread."""
        return Cursor(self)

    def begin(self, how: str) -> None:
        """Begin a transaction with the next statement, by this one."""
        self._beginning = how

    async def commit(self) -> None:
        """Commit the transaction, if a statement began it."""
        await self._end(sqlite3.Connection.commit)

    async def rollback(self) -> None:
        """Roll the transaction back, if a statement began it."""
        await self._end(sqlite3.Connection.rollback)

    async def close(self) -> None:
        """Close it, and undo what was not committed: it stays open, and locked, where somebody still has its rows."""
        self._undo()
        await super().close()

    def stop(self) -> "asyncio.Future[Any] | None":
        """The same without waiting for it."""
        self._undo()
        return super().stop()

    async def write(self, sql: str, parameters: Sequence[Any]) -> tuple[list[Any], int]:
        """Execute a statement in the thread; its rows, and how many it has changed."""
        rows: tuple[list[Any], int] = await self.there(_all, sql, parameters)
        return rows

    async def read(self, sql: str, parameters: Sequence[Any]) -> tuple[list[Any], int]:
        """The same for a statement that changes nothing, on the spot where it is short."""
        if self._is_away:  # whoever uses a connection that is at work stands still until it is done
            return await self.write(sql, parameters)
        self._bound(STEPS)
        try:
            rows: tuple[list[Any], int] = self._begin_with(_all)(self._conn, sql, parameters)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_INTERRUPT":
                raise
            return await self.write(sql, parameters)
        return rows

    async def there(self, work: Callable[..., Any], *arguments: object) -> Any:
        """What the work makes of SQLite's own connection, in its thread."""
        if not self._is_away:
            self._bound(None)
        self._is_away = True
        try:
            done = await self._execute(self._begin_with(work), self._conn, *arguments)  # type: ignore[no-untyped-call]
        except sqlite3.Error:
            self._is_away = False
            raise
        self._is_away = False
        return done

    def _begin_with(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """The work, before it the beginning of the transaction where that is yet to come."""
        beginning, self._beginning = self._beginning, None
        if beginning is None:
            return work
        self._begun = beginning
        return partial(_first, beginning, work)

    def _bound(self, steps: int | None) -> None:
        if self._is_bounded != bool(steps):
            self._is_bounded = bool(steps)
            self._conn.set_progress_handler(_break_off if steps else None, steps or 0)

    async def _end(self, end: Callable[[sqlite3.Connection], None]) -> None:
        begun, self._begun, self._beginning = self._begun, None, None
        if begun == READING and not self._is_away:
            end(self._conn)
        elif begun is not None:
            await self.there(end)

    def _undo(self) -> None:
        if self._running and self._connection is not None:
            if self._is_away:
                self._connection.interrupt()
            self._tx.put_nowait((None, self._connection.rollback))


async def connect(path: str, **options: Any) -> Connection:
    """A connection, with sqlite3's options; its thread does not keep the program from ending."""
    connection = Connection(partial(sqlite3.connect, path, **options), FIRST)
    connection._thread.daemon = True  # noqa: SLF001 - as SQLAlchemy does itself with those that it makes
    await connection
    return connection


def _break_off() -> int:
    return 1


def _all(connection: sqlite3.Connection, sql: str, parameters: Sequence[Any]) -> tuple[list[Any], int]:
    cursor = connection.execute(sql, parameters)
    return cursor.fetchall() if cursor.description else [], cursor.rowcount


def _executed(connection: sqlite3.Connection, sql: str, parameters: Sequence[Any]) -> tuple[sqlite3.Cursor, list[Any]]:
    cursor = connection.execute(sql, parameters)
    return cursor, cursor.fetchmany(FIRST) if cursor.description else []


def _first(how: str, work: Callable[..., Any], connection: sqlite3.Connection, *arguments: object) -> Any:
    connection.execute(how)
    return work(connection, *arguments)
