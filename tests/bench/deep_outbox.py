"""An outbox a million deep: what it costs to claim, send and mark at its top, and when it is nearly drained.

The first and the last alerts go the whole way, through python-telegram-bot to a server of its own process; between them
the outbox is drained by the same claims and marks, without sending. DEPTH says how deep it is.
"""

import os
import statistics
import time
from collections.abc import Sequence
from datetime import timedelta

from bot.database_url import engine_url
from bot.sandbox.telegram import TOKEN
from bot.store import outbox, outcomes
from bot.store.database import Database
from bot.store.outcomes import Sent
from bot.telegram.application import make_bot
from tests.bench.broadcast import bare_bot_api
from tests.bench.broadcaster import a_sender, fill, sent_by
from tests.bench.databases import on_each
from tests.bench.figures import Figure, Skipped
from tests.make import NOW

DEPTH = int(os.environ.get("DEPTH", "1000000"))
PART = 3_000
"""Alerts at its top, and at its end, that go the whole way."""
BATCH = 500
A_SECOND = 1_000
MORE = 1.25
"""Times what it takes at the end it may take at the top: more than two measurements of the same differ by."""
LEASE = timedelta(minutes=5)


async def measure() -> Sequence[Figure | Skipped]:
    """Each database."""
    return await on_each("the outbox", _figures)


async def _figures(name: str, url: str) -> list[Figure]:
    async with (
        bare_bot_api() as api,
        make_bot(TOKEN, api) as bot,
        Database(engine_url(url)) as database,
    ):
        await fill(database, DEPTH)
        top, top_cpu = await sent_by(a_sender(database, bot, 100_000), PART)
        took = await _drain(database, DEPTH - 3 * PART)
        end, end_cpu = await sent_by(a_sender(database, bot, 100_000), PART)
    tenth = len(took) // 10
    first, last = statistics.median(took[:tenth]), statistics.median(took[-tenth:])
    a_second = A_SECOND / 1000
    return [
        Figure(f"claim, send, mark on {name}, {DEPTH:,} deep: CPU, beside {MORE} of that at the end",
               top_cpu / PART * 1000, end_cpu / PART * 1000 * MORE),
        Figure("alerts a second, beside those at the end", top, end / MORE, "a second", more_is_better=True),
        Figure(f"to claim and mark {BATCH} of them, the first tenth beside {MORE} of the last", first, last * MORE),
        Figure(f"that, over all, beside the time that {A_SECOND:,} a second leave", statistics.mean(took),
               BATCH / a_second),
    ]  # fmt: skip


async def _drain(database: Database, number: int) -> list[float]:
    """Claim and mark so many; milliseconds that each batch took."""
    took: list[float] = []
    for _ in range(number // BATCH):
        began = time.perf_counter()
        async with database.write() as connection:
            claimed = await outbox.claim(connection, NOW, LEASE, BATCH)
        async with database.write() as connection:
            await outcomes.write(connection, [Sent(alert, 1, NOW) for alert in claimed], NOW)
        took.append((time.perf_counter() - began) * 1000)
    return took
