"""Feeds: what is known of each, and when to look next."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Row, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Feed
from bot.store.database import insert
from bot.store.schema import UTCDateTime, feeds

_COLUMNS = (
    feeds.c.id,
    feeds.c.url,
    feeds.c.title,
    feeds.c.etag,
    feeds.c.last_modified,
    feeds.c.body_hash,
    feeds.c.filled_at,
    feeds.c.failures,
    feeds.c.failing_since,
    feeds.c.told_at,
    feeds.c.moved_to,
    feeds.c.hint_seconds,
)


async def register(connection: AsyncConnection, urls: Sequence[str], now: datetime) -> None:
    """Make the feeds known and due: a start looks at each feed at once."""
    rows = [{"url": url, "next_poll_at": now} for url in urls]
    await connection.execute(insert(connection, feeds).on_conflict_do_nothing(), rows)
    await connection.execute(update(feeds).where(feeds.c.url.in_(urls)).values(next_poll_at=now))


async def claim_due(connection: AsyncConnection, urls: Sequence[str], now: datetime, lease: timedelta) -> list[Feed]:
    """The feeds that are due, taken for ``lease``: they fall due again by themselves if nothing is recorded."""
    due = select(feeds.c.id).where(feeds.c.url.in_(urls), feeds.c.next_poll_at <= now)
    claimed = (
        update(feeds)
        .where(feeds.c.id.in_(due.with_for_update(skip_locked=True)))
        .values(next_poll_at=now + lease)
        .returning(*_COLUMNS)
    )
    return [_feed(row) for row in await connection.execute(claimed)]


async def next_due(connection: AsyncConnection, urls: Sequence[str]) -> datetime | None:
    """When the next of the feeds falls due."""
    soonest = select(feeds.c.next_poll_at).where(feeds.c.url.in_(urls)).order_by(feeds.c.next_poll_at).limit(1)
    return (await connection.execute(soonest)).scalar()


async def record_success(connection: AsyncConnection, feed: Feed, next_poll_at: datetime) -> None:
    """Keep what the poll learnt: title, validators, that the archive is filled; and when to look next."""
    await connection.execute(
        update(feeds)
        .where(feeds.c.id == feed.id)
        .values(
            title=feed.title,
            etag=feed.etag,
            last_modified=feed.last_modified,
            body_hash=feed.body_hash,
            filled_at=feed.filled_at,
            moved_to=feed.moved_to,
            hint_seconds=feed.hint_seconds,
            failures=0,
            failing_since=None,
            told_at=None,
            last_error=None,
            next_poll_at=next_poll_at,
        )
    )


async def record_failure(
    connection: AsyncConnection, feed: Feed, error: str, now: datetime, next_poll_at: datetime
) -> None:
    """Count a poll that failed, with its reason, and when to try again; where it had moved to is forgotten."""
    await connection.execute(
        update(feeds)
        .where(feeds.c.id == feed.id)
        .values(
            failures=feeds.c.failures + 1,
            failing_since=func.coalesce(feeds.c.failing_since, literal(now, UTCDateTime())),
            last_error=error,
            moved_to=None,
            next_poll_at=next_poll_at,
        )
    )


async def record_told(connection: AsyncConnection, feed_id: int, now: datetime) -> None:
    """The admins have been told that the feed is dead."""
    await connection.execute(update(feeds).where(feeds.c.id == feed_id).values(told_at=now))


async def site_title(connection: AsyncConnection, urls: Sequence[str]) -> str | None:
    """The title of the first of the feeds that has told one."""
    titles = select(feeds.c.title, feeds.c.url).where(feeds.c.url.in_(urls), feeds.c.title.is_not(None))
    found = {row.url: row.title for row in await connection.execute(titles)}
    return next((found[url] for url in urls if url in found), None)


def _feed(row: Row[tuple[object, ...]]) -> Feed:
    return Feed(**row._mapping)  # noqa: SLF001 - a public name of SQLAlchemy's, which only looks private
