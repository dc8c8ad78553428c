"""The census: how many follow what. A million follows are not counted while an editor waits for a page."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.loops import LONGEST_PAUSE, repeat
from bot.store import follows, newsroom
from bot.store.database import Database

PAUSE = 100
"""So many times as long as a count took it rests: it costs a hundredth of a core, however many follow."""


@dataclass(frozen=True, slots=True)
class Following:
    """The chats that follow something and do not rest, their follows, and how many of them follow each topic."""

    readers: int
    follows: int
    by_topic: Mapping[int, int]


class Census:
    """Counts again and again while it is kept, else whenever it is asked."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._last: Following | None = None
        self._rests_until = 0.0

    async def following(self, connection: AsyncConnection) -> Following:
        """The last count; one made now where there is none."""
        return self._last or await _count(connection)

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Count first, and again and again meanwhile, so that nobody who asks has to wait."""
        stop = asyncio.Event()
        await self._step()
        async with asyncio.TaskGroup() as group:
            group.create_task(repeat("census", self._step, wake=asyncio.Event(), stop=stop), name="census")
            yield
            stop.set()
        self._last = None

    async def _step(self) -> timedelta:
        began = time.monotonic()
        if began >= self._rests_until:
            async with self._database.read() as connection:
                self._last = await _count(connection)
            took = time.monotonic() - began
            self._rests_until = began + took * PAUSE
        return min(timedelta(seconds=self._rests_until - time.monotonic()), LONGEST_PAUSE)


async def _count(connection: AsyncConnection) -> Following:
    readers, number = await follows.count(connection)
    return Following(readers, number, await newsroom.followers(connection))
