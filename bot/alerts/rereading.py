"""Rereading: pages that could not be read when their articles came are read again, a few times."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.loops import LONGEST_PAUSE, repeat
from bot.store import unread
from bot.store.database import Database
from bot.store.unread import Unread

AT_ONCE = 2
"""As many connections as its host is asked to bear."""
LEASE = timedelta(minutes=1)
"""Many times as long as a page is waited for."""


class Rereader:
    """Hands articles whose pages are due to ``read_again``."""

    def __init__(
        self, database: Database, read_again: Callable[[Unread], Awaitable[None]], clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._read_again = read_again
        self._clock = clock

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop."""
        await repeat("reading pages again", self.step, wake=asyncio.Event(), stop=stop)

    async def step(self) -> timedelta:
        """Read some pages that are due; how long until the next are."""
        async with self._database.read() as connection:
            due_at = await unread.next_due(connection)
        if due_at is None or due_at > self._clock():
            return LONGEST_PAUSE
        async with self._database.write() as connection:
            claimed = await unread.claim(connection, self._clock(), LEASE, AT_ONCE)
        await asyncio.gather(*map(self._read_again, claimed))
        return timedelta(0)
