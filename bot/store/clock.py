"""One time for all that share a database: leases end when the database's clock says so, whatever a machine's says."""

import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection


class Clock:
    """The time, aware and in UTC. Of a PostgreSQL, once it was read; until then, and on SQLite, the machine's."""

    def __init__(self) -> None:
        self._start: datetime | None = None

    def __call__(self) -> datetime:
        """What time it is. Between two readings it runs on evenly, also while the machine's clock is set."""
        if self._start is None:
            return datetime.now(UTC)
        return self._start + timedelta(seconds=time.monotonic())

    async def read(self, connection: AsyncConnection) -> None:
        """Go by the database's clock from now on; on SQLite it is the machine's anyway."""
        if connection.dialect.name == "postgresql":
            asked_at = time.monotonic()
            there: datetime = (await connection.execute(select(func.clock_timestamp()))).scalar_one()
            between = (asked_at + time.monotonic()) / 2
            self._start = there.astimezone(UTC) - timedelta(seconds=between)
