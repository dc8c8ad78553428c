"""Waking: who leaves work says so, and who waits for such work hears of it, in whatever process it is.

On PostgreSQL by NOTIFY, https://www.postgresql.org/docs/current/sql-notify.html, on one connection a process; on SQLite
there is one process only. Nothing depends on it but speed: what was not heard is found within ``loops.LONGEST_PAUSE``.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial

import asyncpg

from bot.errors import StoreUnreachable
from bot.loops import first_of, repeat
from bot.store.clock import Clock
from bot.store.database import Database

CHANNEL = "tagalong"
TOGETHER = timedelta(milliseconds=20)
"""What is said within it is told to the others once."""
LOOK_EVERY = timedelta(seconds=30)
"""How often to see whether the connection lives, and what time it is at its other end."""
_NOTIFY = "SELECT pg_notify($1, name) FROM unnest($2::text[]) AS name"


class Wake(asyncio.Event):
    """An event that, when it is set here, is set in all other processes too."""

    def __init__(self, tell: Callable[[], None]) -> None:
        super().__init__()
        self._tell = tell

    def set(self) -> None:
        """There is work, for this process and the others."""
        self.hear()
        self._tell()

    def hear(self) -> None:
        """There is work, for this process."""
        super().set()


class Wakes:
    """What processes wake each other for. ``run`` carries it between them, and keeps the clock right."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._untold: set[str] = set()
        self._speak = asyncio.Event()
        self._looked_at = time.monotonic()
        self._line = AsyncExitStack()
        self._connection: asyncpg.Connection | None = None
        self._lost = asyncio.Event()
        self.news = Wake(partial(self._tell, "news"))
        """An article waits for its fan-out."""
        self.due = Wake(partial(self._tell, "due"))
        """The outbox has something to send."""
        self.feeds = Wake(partial(self._tell, "feeds"))
        """A feed is to be polled."""
        self._by_name = {"news": self.news, "due": self.due, "feeds": self.feeds}

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop. A connection that is lost is made anew."""
        if self._database.is_sqlite:
            await stop.wait()
        else:
            async with AsyncExitStack() as self._line:
                await repeat("listening", partial(self._turn, stop), wake=asyncio.Event(), stop=stop)

    def _tell(self, name: str) -> None:
        self._untold.add(name)
        self._speak.set()

    async def _turn(self, stop: asyncio.Event) -> timedelta:
        """Begin to listen; where that is done, tell what is to be told next."""
        try:
            if self._connection is None:
                self._connection = await self._listen()
                return timedelta(0)
            await first_of(self._speak, self._lost, stop, within=LOOK_EVERY)
            await self._speak_up(self._connection)
        except StoreUnreachable:
            await self._hang_up()
            raise
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            await self._hang_up()
            raise StoreUnreachable(f"The database at {self._database.address} went away: {error}") from error
        return TOGETHER

    async def _hang_up(self) -> None:
        self._connection = None
        await self._line.aclose()

    async def _listen(self) -> asyncpg.Connection:
        """A connection on which others are heard."""
        connection: asyncpg.Connection = await self._line.enter_async_context(self._database.driver_connection())
        self._lost = lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        await connection.add_listener(CHANNEL, self._heard)
        for wake in self._by_name.values():  # maybe something was said while nobody listened
            wake.hear()
        return connection

    async def _speak_up(self, connection: asyncpg.Connection) -> None:
        """Tell the others, and see whether the database is there: with nothing to tell it is asked all the same."""
        self._speak.clear()
        names, self._untold = sorted(self._untold), set()
        await connection.execute(_NOTIFY, CHANNEL, names)
        if time.monotonic() - self._looked_at >= LOOK_EVERY.total_seconds():
            async with self._database.read() as reading:
                await self._clock.read(reading)
            self._looked_at = time.monotonic()

    def _heard(self, connection: asyncpg.Connection, sender: int, _: str, name: str) -> None:
        if sender != connection.get_server_pid() and name in self._by_name:  # newer processes may know more
            self._by_name[name].hear()
