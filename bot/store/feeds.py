"""Feeds: what is known of each, and when to look next."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, case, func, literal, select, update
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

ASKED_FOR = timedelta(seconds=20)
"""A feed that is due so soon is under no lease, for these are renewed in time: it was asked for during its poll.

Maybe a moment ago, while what became of the poll was written.
"""


async def register(
    connection: AsyncConnection, urls: Sequence[str], now: datetime, *, but_within: timedelta = timedelta(0)
) -> None:
    """Make the feeds known and due: a start looks at each feed at once.

    But for those that are due within this time: another process may be polling them just now, under a lease.
    """
    rows = [{"url": url, "next_poll_at": now} for url in urls]
    await connection.execute(insert(connection, feeds).on_conflict_do_nothing(), rows)
    later = update(feeds).where(feeds.c.url.in_(urls), feeds.c.next_poll_at > now + but_within)
    await connection.execute(later.values(next_poll_at=now))


async def look_now(connection: AsyncConnection, urls: Sequence[str], now: datetime) -> None:
    """Make all of the feeds due."""
    await connection.execute(update(feeds).where(feeds.c.url.in_(urls)).values(next_poll_at=now))


async def claim_due(
    connection: AsyncConnection, urls: Sequence[str], now: datetime, lease: timedelta, *, but: Collection[int] = ()
) -> list[Feed]:
    """The feeds that are due, taken for ``lease``: they fall due again by themselves if nothing is recorded.

    ``but`` those of these ids, which stay due.
    """
    due = select(feeds.c.id).where(feeds.c.url.in_(urls), feeds.c.next_poll_at <= now, feeds.c.id.not_in(but))
    claimed = (
        update(feeds)
        .where(feeds.c.id.in_(due.with_for_update(skip_locked=True)))
        .values(next_poll_at=now + lease)
        .returning(*_COLUMNS)
    )
    return [_feed(row) for row in await connection.execute(claimed)]


async def get(connection: AsyncConnection, feed_id: int) -> Feed | None:
    """The feed of this id."""
    query: Select[Any] = select(*_COLUMNS).where(feeds.c.id == feed_id)
    row = (await connection.execute(query)).first()
    return _feed(row) if row else None


async def next_due(connection: AsyncConnection, urls: Sequence[str], *, but: Collection[int] = ()) -> datetime | None:
    """When the next of the feeds falls due, but for those of these ids."""
    mine = select(feeds.c.next_poll_at).where(feeds.c.url.in_(urls), feeds.c.id.not_in(but))
    return (await connection.execute(mine.order_by(feeds.c.next_poll_at).limit(1))).scalar()


async def neglected(
    connection: AsyncConnection, urls: Sequence[str], now: datetime, *, overdue: timedelta, failing: timedelta
) -> dict[str, str]:
    """Those of the feeds that nobody has looked at since so long after they were due, or that fail so long; and why."""
    query = select(feeds.c.url, feeds.c.next_poll_at, feeds.c.failing_since).where(feeds.c.url.in_(urls))
    known = {row.url: row for row in await connection.execute(query)}
    found = {url: "never looked at: no worker has started" for url in urls if url not in known}
    for url, row in known.items():
        if row.next_poll_at < now - overdue:
            found[url] = f"not looked at since {row.next_poll_at:%Y-%m-%d %H:%M} UTC: no worker runs"
        elif row.failing_since is not None and row.failing_since < now - failing:
            found[url] = f"not read since {row.failing_since:%Y-%m-%d %H:%M} UTC"
    return found


async def renew(connection: AsyncConnection, feed_ids: Collection[int], now: datetime, lease: timedelta) -> None:
    """Keep feeds whose polls take long; one that was asked for meanwhile stays due."""
    held = update(feeds).where(feeds.c.id.in_(feed_ids), feeds.c.next_poll_at > now + ASKED_FOR)
    await connection.execute(held.values(next_poll_at=now + lease))


async def record_unchanged(connection: AsyncConnection, next_poll_at: Mapping[int, datetime], now: datetime) -> None:
    """Keep when to look next at feeds that are well and of which nothing new was learnt."""
    rows = [{"feed": feed_id, "next": at} for feed_id, at in sorted(next_poll_at.items())]
    values = {"polled_at": now, "next_poll_at": _unless_due(now, bindparam("next", type_=UTCDateTime()))}
    await connection.execute(update(feeds).where(feeds.c.id == bindparam("feed")).values(values), rows)


async def record_success(connection: AsyncConnection, feed: Feed, now: datetime, next_poll_at: datetime) -> None:
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
            polled_at=now,
            next_poll_at=_unless_due(now, literal(next_poll_at, UTCDateTime())),
        )
    )


async def record_brought(connection: AsyncConnection, feed: Feed) -> None:
    """Keep what was learnt from a hub: how the feed's polls go, and when the next is, stays as it is."""
    learnt = {"title": feed.title, "body_hash": feed.body_hash, "hint_seconds": feed.hint_seconds}
    await connection.execute(update(feeds).where(feeds.c.id == feed.id).values(learnt))


async def record_failure(
    connection: AsyncConnection, feed: Feed, error: str, now: datetime, next_poll_at: datetime
) -> bool:
    """Count a poll that failed, with its reason, and when to try again; where it had moved to is forgotten.

    Whether it is another trouble than that of the last poll.
    """
    before = (await connection.execute(select(feeds.c.last_error).where(feeds.c.id == feed.id))).scalar()
    await connection.execute(
        update(feeds)
        .where(feeds.c.id == feed.id)
        .values(
            failures=feeds.c.failures + 1,
            failing_since=func.coalesce(feeds.c.failing_since, literal(now, UTCDateTime())),
            last_error=error,
            moved_to=None,
            polled_at=now,
            next_poll_at=_unless_due(now, literal(next_poll_at, UTCDateTime())),
        )
    )
    return before != error


async def record_told(connection: AsyncConnection, feed_id: int, now: datetime) -> None:
    """The admins have been told that the feed is dead."""
    await connection.execute(update(feeds).where(feeds.c.id == feed_id).values(told_at=now))


_TITLES = select(feeds.c.url, feeds.c.title).where(
    feeds.c.url.in_(bindparam("urls", expanding=True)), feeds.c.title.is_not(None)
)


async def site_title(connection: AsyncConnection, urls: Sequence[str]) -> str | None:
    """The title of the first of the feeds that has told one."""
    found = {row.url: row.title for row in await connection.execute(_TITLES, {"urls": urls})}
    return next((found[url] for url in urls if url in found), None)


def _unless_due(now: datetime, next_poll_at: ColumnElement[datetime]) -> ColumnElement[datetime]:
    """When to look next. A feed under a lease that is due again was asked for during its poll, and stays so."""
    soon = literal(now + ASKED_FOR, UTCDateTime())
    return case((feeds.c.next_poll_at <= soon, feeds.c.next_poll_at), else_=next_poll_at)


def _feed(row: Row[Any]) -> Feed:
    return Feed(**row._mapping)  # noqa: SLF001 - a public name of SQLAlchemy's, which only looks private
