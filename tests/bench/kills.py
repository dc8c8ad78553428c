"""What 100 workers cost that are killed during a broadcast: every chat gets its alert, few get it twice."""

import random
from collections.abc import Sequence

from tests.bench.figures import Figure, Skipped
from tests.broadcast import broadcasting, through_kills
from tests.postgres import find_postgres

CHATS = 2_000
KILLS = 100


async def measure() -> Sequence[Figure | Skipped]:
    """Alerts lost, and sent twice, beside what was in flight at the kills; 1% each of 429, 500, timeout and reset."""
    what = f"{KILLS} kills in broadcasts to {CHATS:,} chats"
    with find_postgres() as postgres:
        if postgres is None:
            return [Skipped(what, "no PostgreSQL")]
        async with postgres.fresh_database() as url, broadcasting(url, CHATS) as broadcast:
            toll = await through_kills(broadcast, KILLS, random.Random(), within=300)  # noqa: S311 - chance, no secret
            alerts = len(broadcast.headlines) * CHATS
    return [
        Figure(f"{what}: lost of {alerts:,}", toll.missing, 0.5, "alerts"),
        Figure(f"{what}: sent twice, beside what was in flight", toll.duplicates, max(toll.in_flight, 1), "alerts"),
    ]
