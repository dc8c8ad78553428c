"""A chat's alerts are found in whichever state they are, and without a look at those of others."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from itertools import product

import pytest
from sqlalchemy import ColumnElement, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import chats, outbox, personal
from bot.store.alerts_of import alerts_of
from bot.store.database import Database
from bot.store.fan_out import fan_out
from bot.store.rank import rank
from bot.store.schema import KNOWN_BY_CHAT, PENDING, alerts
from tests.make import NOW, a_follower, an_article, news
from tests.postgres import waits

CHATS = (1, 2, 3)
STATES = ("due", "waiting", "sent", "failed")


async def in_every_state(database: Database) -> None:
    """For each chat a fresh alert, and one in each other state, held and not, of four articles, one breaking."""
    rows = [
        {
            "chat_id": chat_id,
            "article_id": article_id * 10 + number,
            "rank": rank(article_id * 10 + number, breaking=article_id == 2),
            "state": state,
            "held": held,
            "due_at": NOW,
        }
        for article_id, chat_id in product(range(1, 5), CHATS)
        for number, (state, held) in enumerate(product(STATES, (False, True)))
    ]
    async with database.write() as connection:
        await connection.execute(insert(alerts), rows)
        topics = [topic for chat_id in CHATS for topic in await a_follower(connection, chat_id, "Mali")]
        await news(connection, an_article(), [topics[0].id])
        await fan_out(connection, NOW, 100)


async def test_all_are_found_and_nobody_elses(database: Database) -> None:
    await in_every_state(database)
    async with database.read() as connection:
        for wanted in ((1,), (2, 3), (4,)):
            theirs = alerts.c.chat_id.in_(wanted)
            found = (await connection.execute(select(alerts.c.id).where(alerts_of(theirs)))).scalars().all()
            everything = (await connection.execute(select(alerts.c.id).where(theirs))).scalars().all()
            assert sorted(found) == sorted(everything)
            assert len(found) == (4 * 8 + 1) * len(set(wanted) & set(CHATS))


async def test_all_are_forgotten(database: Database) -> None:
    await in_every_state(database)
    async with database.write() as connection:
        await personal.forget(connection, 2, NOW)
        left = (await connection.execute(select(alerts.c.chat_id).distinct())).scalars().all()
    assert sorted(left) == [1, 3]


@pytest.mark.parametrize("condition", [alerts_of(alerts.c.chat_id == 1), KNOWN_BY_CHAT & (alerts.c.chat_id == 1)])
async def test_it_looks_at_no_others(database: Database, condition: ColumnElement[bool]) -> None:
    await in_every_state(database)
    query = select(alerts.c.due_at).where(condition)
    async with database.snapshot() as connection:
        literally = query.compile(connection.sync_connection, compile_kwargs={"literal_binds": True})
        if not database.is_sqlite:  # of so few rows it would read all, whatever indexes there are
            await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        explained = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
        plan = (await connection.exec_driver_sql(f"{explained} {literally}")).all()
    steps = [str(row) for row in plan]
    assert any("ix_alerts_of_chat" in step for step in steps)
    assert not [step for step in steps if "SCAN alerts" in step or "Seq Scan on alerts" in step]


@pytest.mark.parametrize("database_kind", ["postgres"], indirect=True)
@pytest.mark.parametrize("leave", [personal.forget, partial(chats.rest, reason="gone")], ids=["forget", "rest"])
async def test_one_that_somebody_is_changing_just_then_is_not_left_out(
    database: Database, leave: Callable[[AsyncConnection, int, datetime], Awaitable[None]]
) -> None:
    async with database.write() as connection:
        (mali,) = await a_follower(connection, 1, "Mali")
        ids = [await news(connection, an_article(f"story {number}"), [mali.id]) for number in range(3)]
        while await fan_out(connection, NOW, 100):
            pass
        await outbox.withdraw(connection, ids[0])

    async def left() -> None:
        async with database.write() as connection:
            for join in ("hashjoin", "mergejoin"):  # which join it takes of so few rows is a matter of luck
                await connection.exec_driver_sql(f"SET LOCAL enable_{join} = off")
            await leave(connection, 1, NOW)

    async with asyncio.timeout(10), asyncio.TaskGroup() as group, database.write() as changing:
        await outbox.restore(changing, ids[0])
        leaving = group.create_task(left(), name="leaves")
        await waits(leaving, database)
    async with database.read() as connection:
        pending = select(alerts.c.id).where(alerts.c.chat_id == 1, PENDING)
        assert (await connection.execute(pending)).all() == []
