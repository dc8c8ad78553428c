"""Connections that stay open between transactions, and are handed from one to the next as they are.

SQLAlchemy's pool looks over whatever goes out and comes back, in a task and three greenlets, and its engines say to the
server how a transaction is to be isolated and take it back. All of that takes longer than the one or two statements
that most of our transactions are.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.store.engines import Way, beginning

MOST = 12
"""At once, of one process. They stay: to open one takes longer than most of what is done with it."""
WAIT_SECONDS = 30.0
"""How long to wait for one where all are in use."""
RESTED_SECONDS = 1.0
"""A connection that was used within it is taken to be there still; others are looked at first."""


_LOOK = text("SELECT 1")


@dataclass(slots=True)
class _Kept:
    connection: AsyncConnection
    begin: Callable[[Way], None]
    rests_since: float = 0.0


class Connections:
    """An engine's connections, each with one transaction at a time."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._resting: list[_Kept] = []
        self._free = asyncio.Semaphore(MOST)

    @asynccontextmanager
    async def transaction(self, way: Way) -> AsyncIterator[AsyncConnection]:
        """A transaction that begins with its first statement; committed at the end, rolled back on an error.

        Raises TimeoutError where none becomes free, else what SQLAlchemy raises.
        """
        await self._wait()
        try:
            kept = await self._take()
            try:
                kept.begin(way)
                yield kept.connection
                await kept.connection.commit()
            except BaseException:
                await asyncio.shield(asyncio.create_task(kept.connection.close(), name="closing a connection"))
                raise
            kept.rests_since = time.monotonic()
            self._resting.append(kept)
        finally:
            self._free.release()

    async def close(self) -> None:
        """Close those that rest."""
        while self._resting:
            await self._resting.pop().connection.close()

    async def _wait(self) -> None:
        if not self._free.locked():
            await self._free.acquire()  # at once
            return
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await self._free.acquire()
        except TimeoutError as error:
            raise TimeoutError("all connections are in use") from error

    async def _take(self) -> _Kept:
        while self._resting:
            kept = self._resting.pop()  # the last, which is the least likely to have been closed at its other end
            if time.monotonic() - kept.rests_since <= RESTED_SECONDS or await _is_there(kept.connection):
                return kept
        connection = await self._engine.connect()
        return _Kept(connection, await beginning(connection))


async def _is_there(connection: AsyncConnection) -> bool:
    """Whether its other end answers; it is closed where not."""
    try:
        await connection.execute(_LOOK)
        await connection.commit()
    except DBAPIError:
        with suppress(DBAPIError):
            await connection.close()
        return False
    return True
