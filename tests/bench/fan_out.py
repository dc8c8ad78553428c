"""The fan-out beside plain SQL in the same run: the same chunks, turn by turn, into an outbox that knows no rules.

It has the same columns and the same unique key, but no index by which alerts are claimed or found. SQLite's log is
written into the file as part of what filled it: whoever makes it exceed its thousand pages would do so for the other.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from sqlalchemy import text

from bot.database_url import engine_url
from bot.store.database import Database
from bot.store.fan_out import fan_out
from tests.bench.databases import on_each, settle
from tests.bench.figures import Figure, Skipped
from tests.make import NOW, a_follower, an_article, news

FOLLOWERS = 100_000
AT_LENGTH = 1_000_000
CHUNK = 20_000
_SERIES = (
    "WITH RECURSIVE series(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM series WHERE id < :number)"
    " INSERT INTO {} SELECT {} FROM series WHERE id > 1"
)
_OUTBOX = (
    "CREATE TABLE plain ({}, chat_id BIGINT NOT NULL, article_id BIGINT NOT NULL, thread_id BIGINT,"
    " state VARCHAR(8) NOT NULL, rank BIGINT NOT NULL, held BOOLEAN NOT NULL, due_at TIMESTAMP NOT NULL,"
    " attempts INTEGER DEFAULT 0 NOT NULL, message_id BIGINT, revision INTEGER DEFAULT 0 NOT NULL, sent_at TIMESTAMP,"
    " error TEXT, UNIQUE (article_id, chat_id), CHECK (state IN ('due', 'waiting', 'sent', 'failed')))"
)
_PLAIN = (
    "INSERT INTO plain (chat_id, article_id, thread_id, state, rank, held, due_at)"
    " SELECT chat_id, 1, thread_id, 'due', -1, false, CURRENT_TIMESTAMP FROM follows"
    " WHERE topic_id = :topic AND chat_id > :after AND chat_id <= :last ORDER BY chat_id"
)


async def measure(followers: int = FOLLOWERS) -> list[Figure | Skipped]:
    """Each database: all of it, until the first alerts can leave, and the longest that others wait meanwhile."""
    return await on_each("fan-out", partial(_figures, followers))


async def at_length() -> list[Figure | Skipped]:
    """The same with a million followers, which takes a minute."""
    return await measure(AT_LENGTH)


async def _figures(followers: int, name: str, url: str) -> list[Figure]:
    async with _filled(url, followers) as (database, topic_id):
        ours, plain = await _turn_by_turn(database, topic_id)
    return [
        Figure(f"fan-out to {followers:,} followers on {name}, beside plain SQL × 1.5", sum(ours), sum(plain) * 1.5),
        Figure("until the first of them can leave", ours[0], 1000),
        Figure(f"longest transaction, of {CHUNK:,} alerts, beside plain SQL × 1.5", max(ours), max(plain) * 1.5),
    ]


@asynccontextmanager
async def _filled(url: str, followers: int) -> AsyncIterator[tuple[Database, int]]:
    async with Database(engine_url(url)) as database:
        await database.migrate()
        async with database.write() as connection:
            (mali,) = await a_follower(connection, 1, "Mali")
            chats = _SERIES.format("chats (id, kind, created_at)", "id, 'private', (SELECT created_at FROM chats)")
            await connection.execute(text(chats), {"number": followers})
            follows = _SERIES.format(
                "follows (chat_id, topic_id, created_at)", "id, :topic, (SELECT created_at FROM follows)"
            )
            await connection.execute(text(follows), {"number": followers, "topic": mali.id})
            await news(connection, an_article(), [mali.id])
            key = "id INTEGER PRIMARY KEY" if database.is_sqlite else "id BIGSERIAL PRIMARY KEY"
            await connection.execute(text(_OUTBOX.format(key)))
        await settle(database)
        yield database, mali.id


async def _turn_by_turn(database: Database, topic_id: int) -> tuple[list[float], list[float]]:
    """Milliseconds that each transaction took, ours and those without any rule."""
    ours: list[float] = []
    plain: list[float] = []
    done = False
    while not done:
        began, after = time.perf_counter(), len(plain) * CHUNK
        async with database.write() as connection:
            given = {"topic": topic_id, "after": after, "last": after + CHUNK}
            await connection.execute(text(_PLAIN), given)
        await _empty_the_log(database)
        between = time.perf_counter()
        async with database.write() as connection:
            chunk = await fan_out(connection, NOW, CHUNK)
        await _empty_the_log(database)
        plain.append((between - began) * 1000)
        ours.append((time.perf_counter() - between) * 1000)
        done = chunk is None or chunk.done
    return ours, plain


async def _empty_the_log(database: Database) -> None:
    if database.is_sqlite:
        async with database.driver_connection() as driver:
            await driver.execute("PRAGMA wal_checkpoint")


if __name__ == "__main__":
    for figure in asyncio.run(measure()):
        print(figure)
