"""What the newsroom's pages show that is no statistic: followers, articles, the outbox, the feeds as they now are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import outbox
from bot.store.schema import (
    FAILED,
    WAITING,
    alerts,
    article_tags,
    articles,
    chats,
    feeds,
    follows,
    matches,
    subscriptions,
    topics,
)

PUT_ASIDE = 100
"""Alerts that could not be sent, as many as a page lists."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A topic for which an article was told, and the place that says so in most detail."""

    topic: str
    found_in: str


@dataclass(frozen=True, slots=True)
class Piece:
    """An article as the newsroom sees it."""

    id: int
    link: str
    headline: str
    premium: bool
    seen_at: datetime
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Aside:
    """An alert that is put aside because it could not be sent, for no fault of its chat's."""

    id: int
    article: str
    link: str
    attempts: int
    error: str | None


@dataclass(frozen=True, slots=True)
class Queue:
    """The outbox: alerts that may go now, since when the oldest of them may, and those that wait for their time."""

    due: int
    oldest: datetime | None
    waiting: int


@dataclass(frozen=True, slots=True)
class FeedState:
    """A feed, when it was and is next looked at, and what was wrong the last time."""

    url: str
    title: str | None
    polled_at: datetime | None
    next_poll_at: datetime
    failures: int
    failing_since: datetime | None
    error: str | None
    hub: str | None
    """``wanted``, ``live`` or ``denied`` where it has a hub."""


async def followers(connection: AsyncConnection) -> dict[int, int]:
    """How many chats follow each topic, those that rest not counted."""
    each = select(follows.c.topic_id, func.count()).group_by(follows.c.topic_id)
    resting = select(chats.c.id).where(chats.c.resting_since.is_not(None))
    idle = each.where(follows.c.chat_id.in_(resting))
    absent = await _pairs(connection, idle)
    return {topic_id: number - absent.get(topic_id, 0) for topic_id, number in (await _pairs(connection, each)).items()}


async def used_since(connection: AsyncConnection, since: datetime) -> dict[int, int]:
    """How many articles bear each tag, of those that came since then."""
    query = (
        select(article_tags.c.topic_id, func.count())
        .join(articles, articles.c.id == article_tags.c.article_id)
        .where(articles.c.seen_at >= since)
        .group_by(article_tags.c.topic_id)
    )
    return await _pairs(connection, query)


async def latest(connection: AsyncConnection, limit: int) -> list[Piece]:
    """The last articles that came as news, the newest first."""
    told = articles.c.fanned_out_at.is_(None) | (articles.c.fanned_out_at != articles.c.seen_at)
    rows = (await connection.execute(select(articles).where(told).order_by(articles.c.id.desc()).limit(limit))).all()
    why = (
        select(matches.c.article_id, topics.c.name, matches.c.found_in)
        .join(topics, topics.c.id == matches.c.topic_id)
        .where(matches.c.article_id.in_([row.id for row in rows]))
        .order_by(topics.c.name)
    )
    reasons: dict[int, list[Reason]] = {}
    for article_id, name, found_in in await connection.execute(why):
        reasons.setdefault(article_id, []).append(Reason(name, found_in))
    return [
        Piece(row.id, row.link, row.headline, row.premium, row.seen_at, tuple(reasons.get(row.id, ()))) for row in rows
    ]


async def queue(connection: AsyncConnection, now: datetime) -> Queue:
    """What is in the outbox now."""
    due, oldest = await outbox.backlog(connection, now)
    waiting = select(func.count()).where(WAITING, alerts.c.due_at > now)
    return Queue(due, oldest, (await connection.execute(waiting)).scalar_one())


async def put_aside(connection: AsyncConnection) -> list[Aside]:
    """The last alerts that could not be sent though their chats are there and their articles stand."""
    query = (
        select(alerts.c.id, articles.c.headline, articles.c.link, alerts.c.attempts, alerts.c.error)
        .join(articles, articles.c.id == alerts.c.article_id)
        .join(chats, chats.c.id == alerts.c.chat_id)
        .where(FAILED, alerts.c.attempts > 0)
        .where(chats.c.resting_since.is_(None), articles.c.withdrawn_at.is_(None), articles.c.held_back_at.is_(None))
        .order_by(alerts.c.id.desc())
        .limit(PUT_ASIDE)
    )
    return [Aside(*row) for row in await connection.execute(query)]


async def feed_states(connection: AsyncConnection) -> list[FeedState]:
    """All feeds with their hubs' word."""
    current = (subscriptions.c.feed_id == feeds.c.id) & (subscriptions.c.state != "unwanted")
    query = (
        select(
            feeds.c.url,
            feeds.c.title,
            feeds.c.polled_at,
            feeds.c.next_poll_at,
            feeds.c.failures,
            feeds.c.failing_since,
            feeds.c.last_error,
            subscriptions.c.state,
        )
        .outerjoin(subscriptions, current)
        .order_by(feeds.c.id)
    )
    return [FeedState(*row) for row in await connection.execute(query)]


async def _pairs(connection: AsyncConnection, query: Select[tuple[int, Any]]) -> dict[int, Any]:
    return {row[0]: row[1] for row in await connection.execute(query)}
