"""Connections that stay open between transactions, and are handed from one to the next as they are.

SQLAlchemy's pool looks over whatever goes out and comes back, in a task and three greenlets, and its engines say to the
server how a transaction is to be isolated and take it back. All of that takes longer than the one or two statements
that most of our transactions are.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from types import TracebackType

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.store.connecting.connection import StoreConnection
from bot.store.connecting.drivers import Way
from bot.store.connecting.plans import Plans

MOST = 12
"""At once, of one process. They stay: to open one takes longer than most of what is done with it."""
WAIT_SECONDS = 30.0
"""How long to wait for one where all are in use."""
RESTED_SECONDS = 1.0
"""A connection that was used within it is taken to be there still; others are looked at first."""

Transaction = AbstractAsyncContextManager[AsyncConnection]
Told = Callable[[Exception], Exception | None]
_LOOK = select(1)


class Connections:
    """An engine's connections, each with one transaction at a time.

    ``told`` says of an error what is to be raised in its place, if it is trouble with the database. Where there is
    ``one_writes``, those that write queue up.
    """

    def __init__(self, engine: AsyncEngine, told: Told, *, one_writes: bool) -> None:
        self.told = told
        self._engine = engine
        self._plans = Plans(engine.sync_engine)
        self._resting: list[tuple[float, StoreConnection]] = []
        self._free = asyncio.Semaphore(MOST)
        self._turn = asyncio.Lock() if one_writes else None

    def transaction(self, way: Way) -> Transaction:
        """A transaction; committed at the end, rolled back on an error."""
        return _Transaction(self, way)

    async def take(self, way: Way) -> StoreConnection:
        """A connection on which a transaction has begun, to be given back or dropped."""
        await self._queue(way)
        try:
            connection = await self._rested() or await StoreConnection(self._engine, self._plans).start()
            try:
                await connection.begin_to(way)
            except BaseException:
                await _drop(connection)
                raise
        except BaseException:
            self._leave(way)
            raise
        return connection

    def give_back(self, connection: StoreConnection, way: Way) -> None:
        """Let others have it, its transaction is done."""
        self._resting.append((time.monotonic(), connection))
        self._leave(way)

    async def drop(self, connection: StoreConnection, way: Way) -> None:
        """Close it, which undoes what was not committed."""
        try:
            await _drop(connection)
        finally:
            self._leave(way)

    async def close(self) -> None:
        """Close those that rest."""
        while self._resting:
            _, connection = self._resting.pop()
            await connection.close()

    async def _queue(self, way: Way) -> None:
        """Wait until it may have one, and for its turn. Raises TimeoutError where none becomes free."""
        if self._turn and way.writes:
            await self._turn.acquire()
        try:
            if self._free.locked():
                async with asyncio.timeout(WAIT_SECONDS):
                    await self._free.acquire()
            else:
                await self._free.acquire()  # at once
        except BaseException as error:
            if self._turn and way.writes:
                self._turn.release()
            if isinstance(error, TimeoutError):
                raise TimeoutError("all connections are in use") from error
            raise

    def _leave(self, way: Way) -> None:
        self._free.release()
        if self._turn and way.writes:
            self._turn.release()

    async def _rested(self) -> StoreConnection | None:
        while self._resting:
            since, connection = self._resting.pop()  # the last, which is the least likely to be closed at its other end
            if connection.is_gone:
                await _drop(connection)
            elif time.monotonic() - since <= RESTED_SECONDS or await _is_there(connection):
                return connection
        return None


class _Transaction(Transaction):
    """A class, for there are several to each command, and generators for it took twice as long."""

    _connection: StoreConnection

    def __init__(self, connections: Connections, way: Way) -> None:
        self._connections = connections
        self._way = way

    async def __aenter__(self) -> AsyncConnection:
        try:
            self._connection = await self._connections.take(self._way)
        except Exception as error:
            self._tell(error)
            raise
        return self._connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                await self._connection.commit()
        except BaseException as failure:
            await self._connections.drop(self._connection, self._way)
            self._tell(failure)
            raise
        if error is None:
            self._connections.give_back(self._connection, self._way)
        else:
            await self._connections.drop(self._connection, self._way)
            self._tell(error)

    def _tell(self, error: BaseException) -> None:
        if isinstance(error, Exception) and (told := self._connections.told(error)):
            raise told from error


async def _is_there(connection: StoreConnection) -> bool:
    """Whether its other end answers; it is closed where not."""
    try:
        await connection.execute(_LOOK)
    except BaseException as error:
        await _drop(connection)
        if isinstance(error, DBAPIError | OSError):
            return False
        raise
    return True


async def _drop(connection: StoreConnection) -> None:
    """Close it, even where whoever does so is told to stop meanwhile."""
    await asyncio.shield(asyncio.create_task(_close(connection), name="closing a connection"))


async def _close(connection: StoreConnection) -> None:
    await connection.invalidate()  # lest it be waited for what it was at
    await connection.close()
