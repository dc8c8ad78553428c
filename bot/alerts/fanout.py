"""The fan-out: from an article that matched to one alert in the outbox for each of its followers."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bot.alerts import timing
from bot.loops import LONGEST_PAUSE, repeat
from bot.store.database import Database
from bot.store.fan_out import Late, fan_out

log = structlog.stdlib.get_logger()

CHUNK = 5_000
"""Alerts written in one transaction: the first leave while the last are still to be written, and nobody waits long."""


class FanOut:
    """Writes the alerts that articles owe. ``news`` wakes it; it sets ``due`` when there is something to send."""

    def __init__(
        self, database: Database, clock: Callable[[], datetime], *, news: asyncio.Event, due: asyncio.Event
    ) -> None:
        self._database = database
        self._clock = clock
        self._news = news
        self._due = due
        self._written: Counter[int] = Counter()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop. What is unfinished then is taken up where it stands."""
        await repeat("fan-out", self._chunk, wake=self._news, stop=stop)

    async def _chunk(self) -> timedelta:
        async with self._database.write() as connection:
            now = self._clock()
            late = Late(timing.LATE, timing.gathered(now))
            chunk = await fan_out(connection, now, CHUNK, late=late)
        if chunk is None:
            return LONGEST_PAUSE
        self._written[chunk.article_id] += chunk.alerts
        if chunk.alerts:
            self._due.set()
        if chunk.done:
            alerts = self._written.pop(chunk.article_id)
            log.info("article fanned out", article=chunk.article_id, alerts=alerts, headline=chunk.headline)
        return timedelta(0)
