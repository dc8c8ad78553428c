"""The fan-out beside plain SQL in the same run: INSERT … SELECT, in the same chunks, into a table with a unique key.

FOLLOWERS says how many there are; with a million the whole takes some minutes.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text

from bot.database_url import engine_url
from bot.store.database import Database
from bot.store.fan_out import fan_out
from tests.bench.figures import Figure, Skipped
from tests.make import NOW, a_follower, an_article, news
from tests.postgres import find_postgres

FOLLOWERS = int(os.environ.get("FOLLOWERS", "100000"))
CHUNK = 20_000
_SERIES = (
    "WITH RECURSIVE series(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM series WHERE id < :number)"
    " INSERT INTO {} SELECT {} FROM series WHERE id > 1"
)


async def measure() -> list[Figure | Skipped]:
    """Each database: all of it, and until the first alerts can leave."""
    with tempfile.TemporaryDirectory(prefix="tagalong-bench-") as folder:
        rows = list(await _figures("SQLite", f"sqlite:///{folder}/tagalong.db"))
    with find_postgres() as postgres:
        if postgres is None:
            return [*rows, Skipped("fan-out on PostgreSQL", "there is none")]
        async with postgres.fresh_database() as url:
            return [*rows, *await _figures("PostgreSQL", url)]


async def _figures(name: str, url: str) -> list[Figure]:
    async with _filled(url) as (database, topic_id):
        plain = await _plain(database, topic_id)
        first, whole = await _ours(database)
    return [
        Figure(f"fan-out to {FOLLOWERS:,} followers on {name}, beside plain SQL × 1.5", whole, plain * 1.5),
        Figure("until the first of them can leave", first, 1000),
    ]


@asynccontextmanager
async def _filled(url: str) -> AsyncIterator[tuple[Database, int]]:
    async with Database(engine_url(url)) as database:
        await database.migrate()
        async with database.write() as connection:
            (mali,) = await a_follower(connection, 1, "Mali")
            chats = _SERIES.format("chats (id, kind, created_at)", "id, 'private', (SELECT created_at FROM chats)")
            await connection.execute(text(chats), {"number": FOLLOWERS})
            follows = _SERIES.format(
                "follows (chat_id, topic_id, created_at)", "id, :topic, (SELECT created_at FROM follows)"
            )
            await connection.execute(text(follows), {"number": FOLLOWERS, "topic": mali.id})
            await news(connection, an_article(), [mali.id])
            await connection.execute(text("ANALYZE"))  # as PostgreSQL does by itself in a database that is in use
        yield database, mali.id


async def _plain(database: Database, topic_id: int) -> float:
    """Milliseconds that it takes without any rule."""
    async with database.write() as connection:
        await connection.execute(
            text("CREATE TABLE plain (chat_id BIGINT, article_id BIGINT, UNIQUE (chat_id, article_id))")
        )
    began = time.perf_counter()
    for after in range(0, FOLLOWERS, CHUNK):
        async with database.write() as connection:
            await connection.execute(
                text(
                    "INSERT INTO plain SELECT chat_id, 1 FROM follows"
                    " WHERE topic_id = :topic AND chat_id > :after AND chat_id <= :last"
                ),
                {"topic": topic_id, "after": after, "last": after + CHUNK},
            )
    return (time.perf_counter() - began) * 1000


async def _ours(database: Database) -> tuple[float, float]:
    """Milliseconds until the first alerts are there, and until all are."""
    began, first, done = time.perf_counter(), 0.0, False
    while not done:
        async with database.write() as connection:
            chunk = await fan_out(connection, NOW, CHUNK)
        first = first or (time.perf_counter() - began) * 1000
        done = chunk is None or chunk.done
    return first, (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    for figure in asyncio.run(measure()):
        print(figure)
