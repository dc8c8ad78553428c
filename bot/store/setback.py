"""A machine's clock that is set back: what was to go on in a moment must not wait until it is as late again.

On PostgreSQL processes go by the database's clock; here it is about SQLite.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.loops import LONGEST_PAUSE, repeat
from bot.store.database import Database, insert
from bot.store.schema import WAITING, alerts, chat_pace, counters, notices, pace

log = structlog.stdlib.get_logger()

SLACK = timedelta(seconds=10)
"""By so much a clock may be set back and nobody minds."""
NOTED_EVERY = timedelta(minutes=1)
"""So that a clock which was set back while nobody looked is found out at the next start."""
_TIME = "the time"

_MOMENTS = (
    (alerts.c.due_at, WAITING & ~alerts.c.held),  # those that are held go by the reader's clock, whatever ours said
    (notices.c.due_at, None),
    (chat_pace.c.free_at, None),
    (pace.c.counted_at, None),
    (pace.c.halted_until, None),
)
"""When something that was begun or put off goes on, and of which rows that is."""


async def go_on(connection: AsyncConnection, now: datetime) -> None:
    """Let nothing that was begun or put off wait any longer; what is being sent just now its sender knows."""
    for moment, which in _MOMENTS:
        late = update(moment.table).where(moment > now)
        await connection.execute((late if which is None else late.where(which)).values({moment.name: now}))


class ClockWatch:
    """Sees whether the clock is set back."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._seen: datetime | None = None
        self._noted = datetime.min.replace(tzinfo=UTC)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop."""
        if self._database.is_sqlite:
            await repeat("clock", self._look, wake=asyncio.Event(), stop=stop)
        else:
            await stop.wait()

    async def _look(self) -> timedelta:
        now = self._clock()
        if self._seen is None:
            async with self._database.read() as connection:
                self._seen = await _noted(connection) or now
        back = self._seen - now
        if back > SLACK or abs(now - self._noted) >= NOTED_EVERY:
            async with self._database.write() as connection:
                if back > SLACK:
                    await go_on(connection, now)
                await _note(connection, now)
            self._noted = now
        if back > SLACK:
            log.warning("the clock was set back; nothing waits for it", by=f"{back.total_seconds():.0f} s")
        self._seen = now
        return LONGEST_PAUSE


async def _noted(connection: AsyncConnection) -> datetime | None:
    value = (await connection.execute(select(counters.c.value).where(counters.c.name == _TIME))).scalar()
    return None if value is None else datetime.fromtimestamp(value, UTC)


async def _note(connection: AsyncConnection, now: datetime) -> None:
    row = insert(connection, counters).values(name=_TIME, value=int(now.timestamp()))
    await connection.execute(row.on_conflict_do_update(index_elements=["name"], set_={"value": row.excluded.value}))
