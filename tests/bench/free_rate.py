"""A broadcast at Telegram's free rate: how much of the limit is used, and what a strict server refuses.

Workers are processes of their own, which begin together. The first second does not count: a burst is allowed in it.
"""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

from tests.bench.figures import Figure, Skipped
from tests.broadcast import Broadcast, broadcasting
from tests.postgres import Postgres, find_postgres
from tests.process import Running

ALERTS = 600
AT_LENGTH = 2_000
A_SECOND = 30


async def measure(alerts: int = ALERTS) -> Sequence[Figure | Skipped]:
    """One worker, then two that share the rate."""
    with find_postgres() as postgres:
        if postgres is None:
            return [Skipped(f"{alerts:,} alerts at {A_SECOND} a second", "no PostgreSQL")]
        return [figure for workers in (1, 2) for figure in await _figures(postgres, alerts, workers)]


async def at_length() -> Sequence[Figure | Skipped]:
    """The same for 2,000 alerts, which takes more than a minute each."""
    return await measure(AT_LENGTH)


async def _figures(postgres: Postgres, alerts: int, workers: int) -> list[Figure]:
    async with (
        postgres.fresh_database() as url,
        broadcasting(url, alerts, probability=0, per_second=A_SECOND) as broadcast,
        AsyncExitStack() as stack,
    ):
        await _ready([await stack.enter_async_context(broadcast.worker()) for _ in range(workers)])
        await broadcast.publish()
        await broadcast.finish(within=alerts / A_SECOND * 2 + 60)
        duplicates = broadcast.duplicates()
    what = f"{alerts:,} alerts at {A_SECOND} a second by {workers} worker{'s' * (workers > 1)}"
    return [
        Figure(f"{what}, of the limit", _a_second(broadcast) / A_SECOND * 100, 98, "%", more_is_better=True),
        Figure("refused with 429, or sent twice", broadcast.sends.refused + duplicates, 0.5, "alerts"),
    ]


def _a_second(broadcast: Broadcast) -> float:
    times = broadcast.sends.times[A_SECOND:]
    return (len(times) - 1) / (times[-1] - times[0])


async def _ready(workers: Sequence[Running]) -> None:
    """Wait until workers whose logs are being read are at work."""
    async with asyncio.timeout(60):
        while not all("follows feed" in worker.output for worker in workers):  # noqa: ASYNC110 - as others write
            await asyncio.sleep(0.1)
