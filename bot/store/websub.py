"""Subscriptions: what is agreed with the hubs of feeds, and when to ask them next.

A feed has one subscription that is not unwanted; those before it stay until their hub has let go of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import insert
from bot.store.schema import feeds, subscriptions


class State(StrEnum):
    """How it stands with a subscription."""

    WANTED = "wanted"
    """The hub has not confirmed it yet."""
    LIVE = "live"
    """The hub has confirmed it; until when it calls stands in ``expires_at``."""
    DENIED = "denied"
    """The hub will have nothing of it."""
    UNWANTED = "unwanted"
    """The hub is to end it."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """One feed at one hub."""

    id: int
    feed_id: int
    feed_url: str
    hub: str
    topic: str
    """The address by which the hub knows the feed."""
    token: str = field(repr=False)
    secret: str = field(repr=False)
    callback: str | None = field(repr=False)
    """Where the hub was last told to call; None before it was asked."""
    state: State
    asked_at: datetime | None
    expires_at: datetime | None
    """Until when the hub said that it calls; None before it confirmed."""
    failures: int
    """How often it was asked since it last confirmed."""


async def current(connection: AsyncConnection, feed_id: int) -> tuple[str, str] | None:
    """The hub at which the feed is to be subscribed to, and its address there; None where it is at none."""
    query = select(subscriptions.c.hub, subscriptions.c.topic).where(_current(feed_id))
    row = (await connection.execute(query)).one_or_none()
    return (row.hub, row.topic) if row else None


async def of_feeds(connection: AsyncConnection, urls: Sequence[str]) -> list[Subscription]:
    """Those of these feeds, by their address."""
    query = _select().where(feeds.c.url.in_(urls), subscriptions.c.state != State.UNWANTED).order_by(feeds.c.url)
    return [_subscription(row) for row in await connection.execute(query)]


async def want(
    connection: AsyncConnection, feed_id: int, hub: str, topic: str, *, token: str, secret: str, now: datetime
) -> None:
    """Have a feed that is subscribed to nowhere subscribed to at this hub, which is asked at once."""
    row = {"feed_id": feed_id, "hub": hub, "topic": topic, "token": token, "secret": secret}
    new = insert(connection, subscriptions).values(**row, doubted=False, next_at=now)
    await connection.execute(new.on_conflict_do_nothing())  # another process has just read the same feed


async def unwant(connection: AsyncConnection, feed_id: int, now: datetime) -> None:
    """Have the feed subscribed to nowhere: what its hub may hold is to end, what it never heard of is forgotten."""
    await connection.execute(delete(subscriptions).where(_current(feed_id), subscriptions.c.asked_at.is_(None)))
    await connection.execute(
        update(subscriptions)
        .where(_current(feed_id))
        .values(state=State.UNWANTED, asked_at=None, failures=0, next_at=now)
    )


async def keep_only(connection: AsyncConnection, urls: Sequence[str], now: datetime) -> None:
    """Have none of any feed but these."""
    others = select(subscriptions.c.feed_id).join(feeds).where(feeds.c.url.not_in(urls)).distinct()
    for feed_id in (await connection.execute(others)).scalars().all():
        await unwant(connection, feed_id, now)


async def move(connection: AsyncConnection, below: str, now: datetime) -> None:
    """Have those subscribed to anew whose hubs call elsewhere than ``below`` this address, where we no longer are."""
    elsewhere = func.substr(subscriptions.c.callback, 1, len(below)) != below
    await connection.execute(
        update(subscriptions)
        .where(elsewhere, subscriptions.c.state != State.UNWANTED)
        .values(state=State.WANTED, asked_at=None, expires_at=None, next_at=now, failures=0)
    )


async def next_due(connection: AsyncConnection) -> datetime | None:
    """When a hub is to be asked next."""
    soonest = select(subscriptions.c.next_at).order_by(subscriptions.c.next_at).limit(1)
    return (await connection.execute(soonest)).scalar()


async def claim_due(connection: AsyncConnection, now: datetime, lease: timedelta, limit: int) -> list[Subscription]:
    """Those whose hubs are to be asked now, taken for ``lease``: they fall due again if nothing is recorded."""
    due = select(subscriptions.c.id).where(subscriptions.c.next_at <= now).order_by(subscriptions.c.next_at)
    claim = (
        update(subscriptions)
        .where(subscriptions.c.id.in_(due.limit(limit).with_for_update(skip_locked=True)))
        .values(next_at=now + lease)
        .returning(subscriptions.c.id)
    )
    claimed = (await connection.execute(claim)).scalars().all()
    rows = await connection.execute(_select().where(subscriptions.c.id.in_(claimed)).order_by(subscriptions.c.id))
    return [_subscription(row) for row in rows]


async def by_token(connection: AsyncConnection, token: str) -> Subscription | None:
    """The one that is called at this token; as it is now, and stays until the transaction ends."""
    query = _select().where(subscriptions.c.token == token).with_for_update(of=subscriptions)
    row = (await connection.execute(query)).one_or_none()
    return _subscription(row) if row else None


async def record_asking(
    connection: AsyncConnection, subscription: Subscription, callback: str, now: datetime, next_at: datetime
) -> bool:
    """Note, before the hub is asked, that it is: it may call before it answers. Whether it is still to be asked.

    ``next_at`` is when it has to be asked again unless it has called by then.
    """
    state = State.WANTED if subscription.state is State.DENIED else subscription.state
    asking = (
        update(subscriptions)
        .where(subscriptions.c.id == subscription.id, subscriptions.c.state == subscription.state)
        .values(callback=callback, state=state, asked_at=now, failures=subscription.failures + 1, next_at=next_at)
    )
    return bool((await connection.execute(asking)).rowcount)


async def record_confirmed(
    connection: AsyncConnection, subscription_id: int, now: datetime, expires_at: datetime, next_at: datetime
) -> None:
    """Note that the hub will call until ``expires_at``, and when to ask it to go on."""
    await connection.execute(
        update(subscriptions)
        .where(subscriptions.c.id == subscription_id)
        .values(state=State.LIVE, expires_at=expires_at, next_at=next_at, heard_at=now, failures=0)
    )


async def record_denied(connection: AsyncConnection, subscription: Subscription, next_at: datetime) -> None:
    """Note that the hub will not call, and when to ask it once more."""
    await connection.execute(
        update(subscriptions)
        .where(subscriptions.c.id == subscription.id)
        .values(state=State.DENIED, expires_at=None, next_at=next_at)
    )


async def record_ping(connection: AsyncConnection, subscription_id: int, now: datetime) -> None:
    """Note that the hub does as it promised."""
    await connection.execute(
        update(subscriptions).where(subscriptions.c.id == subscription_id).values(heard_at=now, doubted=False)
    )


async def doubt(connection: AsyncConnection, feed_id: int, now: datetime, silent_for: timedelta) -> bool:
    """Rely no more on the feed's hub, which ought to call, if it was silent so long; whether that is new.

    It is relied upon again as soon as it calls.
    """
    doubted = (
        update(subscriptions)
        .where(_current(feed_id), subscriptions.c.state == State.LIVE, subscriptions.c.expires_at > now)
        .where(subscriptions.c.heard_at < now - silent_for, subscriptions.c.doubted.is_(False))
        .values(doubted=True)
    )
    return bool((await connection.execute(doubted)).rowcount)


async def relied_upon_until(connection: AsyncConnection, feed_id: int) -> datetime | None:
    """Until when the feed's hub calls when there is news; None where it does not, or cannot be relied upon."""
    query = select(subscriptions.c.expires_at).where(
        _current(feed_id), subscriptions.c.state == State.LIVE, subscriptions.c.doubted.is_(False)
    )
    return (await connection.execute(query)).scalar()


async def remove(connection: AsyncConnection, subscription_id: int) -> None:
    """Forget it: the hub has let go, or will."""
    await connection.execute(delete(subscriptions).where(subscriptions.c.id == subscription_id))


async def poll_now(connection: AsyncConnection, feed_id: int, now: datetime) -> None:
    """Have the feed polled at once."""
    await connection.execute(update(feeds).where(feeds.c.id == feed_id).values(next_poll_at=now))


def _current(feed_id: int) -> ColumnElement[bool]:
    return and_(subscriptions.c.feed_id == feed_id, subscriptions.c.state != State.UNWANTED)


def _select() -> Select[Any]:
    columns = (subscriptions.c[name] for name in Subscription.__slots__ if name != "feed_url")
    return select(*columns, feeds.c.url.label("feed_url")).join(feeds)


def _subscription(row: Row[Any]) -> Subscription:
    values = dict(row._mapping)  # noqa: SLF001 - a public name of SQLAlchemy's, which only looks private
    return Subscription(**values | {"state": State(values["state"])})
