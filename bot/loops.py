"""The one loop of the service: a step, a pause, and again, until it is told to stop."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from bot.errors import StoreUnreachable

log = structlog.stdlib.get_logger()

LONGEST_PAUSE = timedelta(seconds=1)
"""What another process has left to do is found within it."""
AFTER_AN_ERROR = (timedelta(seconds=1), timedelta(seconds=15))
"""The first and the longest pause while the database is away."""

Step = Callable[[], Awaitable[timedelta]]


async def repeat(name: str, step: Step, *, wake: asyncio.Event, stop: asyncio.Event) -> None:
    """Take ``step`` again and again until ``stop`` is set: after the pause that it returns, or at once when woken.

    A database that is away is waited for, and said once when it goes and once when it is back. Whatever else the step
    raises is a bug and surfaces.
    """
    away: timedelta | None = None
    while not stop.is_set():
        wake.clear()
        try:
            pause = min(await step(), LONGEST_PAUSE)
        except StoreUnreachable as error:
            if away is None:
                log.error("database away", waiting=name, error=str(error))
            pause = away = min((away or AFTER_AN_ERROR[0] / 2) * 2, AFTER_AN_ERROR[1])
        else:
            if away is not None:
                log.info("database back", waiting=name)
            away = None
        await first_of(wake, stop, within=pause)


async def first_of(*events: asyncio.Event, within: timedelta) -> None:
    """Wait until one of the events is set, or that time is over."""
    waiting = [asyncio.create_task(event.wait(), name="waiting for an event") for event in events]
    try:
        await asyncio.wait(waiting, timeout=max(within.total_seconds(), 0), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
