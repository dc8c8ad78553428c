"""Connections that stay open between transactions, and are handed from one to the next as they are.

SQLAlchemy's pool looks over whatever goes out and comes back, in a task and three greenlets, and its engines say to the
server how a transaction is to be isolated and take it back. All of that takes longer than the one or two statements
that most of our transactions are.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.connection import StoreConnection
from bot.store.drivers import Way

MOST = 12
"""At once, of one process. They stay: to open one takes longer than most of what is done with it."""
WAIT_SECONDS = 30.0
"""How long to wait for one where all are in use."""
RESTED_SECONDS = 1.0
"""A connection that was used within it is taken to be there still; others are looked at first."""


_LOOK = select(1)


class Connections:
    """An engine's connections, each with one transaction at a time."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._resting: list[tuple[float, StoreConnection]] = []
        self._free = asyncio.Semaphore(MOST)

    @asynccontextmanager
    async def transaction(self, way: Way) -> AsyncIterator[StoreConnection]:
        """A transaction that begins with its first statement; committed at the end, rolled back on an error.

        Raises TimeoutError where none becomes free, else what SQLAlchemy raises.
        """
        await self._wait()
        try:
            connection = await self._take()
            try:
                await connection.begin_to(way)
                yield connection
                await connection.commit()
            except BaseException:
                await _drop(connection)
                raise
            self._resting.append((time.monotonic(), connection))
        finally:
            self._free.release()

    async def close(self) -> None:
        """Close those that rest."""
        while self._resting:
            _, connection = self._resting.pop()
            await connection.close()

    async def _wait(self) -> None:
        if not self._free.locked():
            await self._free.acquire()  # at once
            return
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await self._free.acquire()
        except TimeoutError as error:
            raise TimeoutError("all connections are in use") from error

    async def _take(self) -> StoreConnection:
        while self._resting:
            since, connection = self._resting.pop()  # the last, which is the least likely to be closed at its other end
            if time.monotonic() - since <= RESTED_SECONDS or await _is_there(connection):
                return connection
        return await StoreConnection(self._engine).start()


async def _is_there(connection: StoreConnection) -> bool:
    """Whether its other end answers; it is closed where not."""
    try:
        await connection.execute(_LOOK)
    except (DBAPIError, OSError):
        await _drop(connection)
        return False
    except BaseException:
        await _drop(connection)
        raise
    return True


async def _drop(connection: StoreConnection) -> None:
    """Close it, and whoever is told to stop meanwhile: its other end undoes what was not committed."""
    await asyncio.shield(asyncio.create_task(_close(connection), name="closing a connection"))


async def _close(connection: StoreConnection) -> None:
    await connection.invalidate()  # lest it be waited for what it was at
    await connection.close()
