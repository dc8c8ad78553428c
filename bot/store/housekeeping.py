"""Housekeeping: what is old goes, a little at a time, so that nobody waits for it.

Of an old alert nothing stays. Of an old article its identity does, its keys, link and headline, for good: a feed may
show an entry of ten years ago again, and it must not be told as news. That is about a kilobyte an article.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.loops import LONGEST_PAUSE, repeat
from bot.store import pace, statistics, stopped, updates
from bot.store.database import Database, insert
from bot.store.schema import alerts, article_tags, articles, counters, follows, matches, stopped_follows, topics

STEP = 500
"""Rows that are looked at in one transaction."""
BETWEEN_STEPS = timedelta(milliseconds=200)
BETWEEN_ROUNDS = timedelta(hours=1)
PAGES = 100
"""Of a SQLite file that are given back to the disk at once."""
_SETTLED = ("sent", "failed")
"""The states of alerts with which nothing more is to be done."""
_CLEARED = "articles cleared"
"""The counter of the last article that was cleared."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long the words of articles, and alerts, are kept."""

    articles: timedelta
    alerts: timedelta


def older(rows: Sequence[Any], before: datetime) -> list[int]:
    """The ids of the rows, which are in the order in which they came, up to the first that is not ``at`` before then.

    One that seems old after it, because a clock was wrong, has its turn when those in front of it have.
    """
    young = next((number for number, row in enumerate(rows) if row.at >= before), len(rows))
    return [row.id for row in rows[:young]]


class Housekeeping:
    """Clears up, step by step, and then rests for an hour. Any number of processes may."""

    def __init__(self, database: Database, retention: Retention, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._retention = retention
        self._clock = clock
        self._rests_until = clock()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop."""
        await repeat("housekeeping", self._step, wake=asyncio.Event(), stop=stop)

    async def _step(self) -> timedelta:
        now = self._clock()
        if now < self._rests_until <= now + BETWEEN_ROUNDS:  # later than that it is when the clock was set back
            return LONGEST_PAUSE
        async with self._database.write() as connection:
            found = (
                await clear_alerts(connection, now - self._retention.alerts)
                or await clear_articles(connection, now - self._retention.articles)
                or await clear_topics(connection)
                or await statistics.compact(connection, now)
                or await updates.forget(connection, now)
                or await give_back(connection)
            )
            if not found:
                await stopped.forget(connection, now)
                await pace.forget_chats(connection, now)
                self._rests_until = now + BETWEEN_ROUNDS
        return BETWEEN_STEPS


async def clear_alerts(connection: AsyncConnection, before: datetime) -> bool:
    """Forget some of the alerts that were sent or given up before then; whether there were any."""
    settled = select(alerts.c.id, alerts.c.due_at.label("at")).where(alerts.c.state.in_(_SETTLED))
    first = settled.order_by(alerts.c.id).limit(STEP).with_for_update(skip_locked=True)
    old = older((await connection.execute(first)).all(), before)
    if old:
        await connection.execute(delete(alerts).where(alerts.c.id.in_(old)))
    return bool(old)


async def clear_articles(connection: AsyncConnection, before: datetime) -> bool:
    """Forget the words of some of the articles that came before then; whether there were any.

    Those of which somebody is still to be told keep theirs.
    """
    counter = select(counters.c.value).where(counters.c.name == _CLEARED)
    last = (await connection.execute(counter)).scalar() or 0
    following = select(articles.c.id, articles.c.seen_at.label("at")).where(articles.c.id > last)
    old = older((await connection.execute(following.order_by(articles.c.id).limit(STEP))).all(), before)
    if not old:
        return False
    pending = select(alerts.c.article_id).where(alerts.c.article_id.in_(old), alerts.c.state.not_in(_SETTLED))
    owed = set((await connection.execute(pending.distinct())).scalars())
    told = [article_id for article_id in old if article_id not in owed]
    for table in (matches, article_tags):
        await connection.execute(delete(table).where(table.c.article_id.in_(told)))
    nothing: dict[str, object] = {"teaser": "", "byline": None, "image": None, "also_read": []}
    await connection.execute(update(articles).where(articles.c.id.in_(told)).values(nothing))
    reached = insert(connection, counters).values(name=_CLEARED, value=old[-1])
    await connection.execute(reached.on_conflict_do_update(index_elements=["name"], set_={"value": old[-1]}))
    return True


async def clear_topics(connection: AsyncConnection) -> bool:
    """Forget some of the words that nobody follows any more and no article is known by; whether there were any.

    Tags stay: they are the newsroom's. So does the last topic, or SQLite would give its number to the next.
    """
    last = select(func.max(topics.c.id)).scalar_subquery()
    using = (follows, stopped_follows, article_tags, matches)
    unused = [~exists().where(table.c.topic_id == topics.c.id) for table in using]
    old = select(topics.c.id).where(~topics.c.is_tag, topics.c.articles == 0, topics.c.id < last, *unused)
    free = old.order_by(topics.c.id).limit(STEP).with_for_update(skip_locked=True)
    ids = (await connection.execute(free)).scalars().all()
    if ids:  # who has followed one before it was locked is seen now
        await connection.execute(delete(topics).where(topics.c.id.in_(ids), *unused))
    return bool(ids)


async def give_back(connection: AsyncConnection) -> bool:
    """Give some of what a SQLite file no longer needs back to the disk; whether there was any.

    PostgreSQL sees to it by itself.
    """
    if connection.dialect.name != "sqlite":
        return False
    free: int = (await connection.exec_driver_sql("PRAGMA freelist_count")).scalar_one()
    if free <= PAGES:  # some it will need soon
        return False
    for _ in range(PAGES):  # whatever number it is given, Python's driver lets it take one step, which is one page
        await connection.exec_driver_sql("PRAGMA incremental_vacuum(1)")
    left: int = (await connection.exec_driver_sql("PRAGMA freelist_count")).scalar_one()
    return left < free
