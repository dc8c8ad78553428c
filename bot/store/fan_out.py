"""The fan-out of an article: one alert in the outbox for each chat that is to be told.

It goes through all chats in the order of their ids, in chunks, each in a transaction of its own. In which order they
leave, ``stretches.py`` says.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import FannedOut
from bot.store import follows as follow_store
from bot.store import owed, stretches
from bot.store.rank import rank
from bot.store.schema import alerts, articles, chats, follows, matches

_BEFORE_ALL, _AFTER_ALL = -(1 << 62), 1 << 62
_TURN = 0x66_61_6E
"""A number that no other lock in the database has."""


@dataclass(frozen=True, slots=True)
class Late:
    """What is seen so long after its publication is held ``until`` then: it comes from the way back after an outage."""

    after: timedelta
    until: datetime

    def concerns(self, published_at: datetime | None, seen_at: datetime) -> bool:
        """Whether an article was seen so late."""
        return published_at is not None and seen_at - published_at > self.after


_OWING = (
    select(
        *(articles.c[name] for name in ("id", "headline", "breaking", "published_at", "seen_at")),
        articles.c.fan_out_after,
        select(func.count()).where(matches.c.article_id == articles.c.id).scalar_subquery().label("topics"),
    )
    .where(articles.c.fanned_out_at.is_(None), articles.c.withdrawn_at.is_(None), articles.c.held_back_at.is_(None))
    .order_by(articles.c.breaking.desc(), articles.c.id.desc())
    .limit(1)
    .with_for_update(skip_locked=True, of=articles)
)
_REACHED = (
    update(articles)
    .where(articles.c.id == bindparam("article"))
    .values(fan_out_after=bindparam("after"), fanned_out_at=bindparam("at"))
)

_UNDER_WAY = update(articles).where(articles.c.fanned_out_at.is_(None))


async def fan_out(
    connection: AsyncConnection, now: datetime, size: int, *, late: Late | None = None
) -> FannedOut | None:
    """Write the next alerts, about ``size`` at most, of the first article that still owes some; None where none does.

    Breaking news come first, then the newest article. Each chat gets one alert of an article, however many topics
    match; doing it twice changes nothing. A follow counts where it is not muted and the article says its topic within
    its scope. An alert for a chat that is not to be disturbed now is held until it may be.
    """
    await _take_turn(connection, func.pg_advisory_xact_lock_shared)
    article = (await connection.execute(_OWING)).first()
    if article is None:
        return None
    if article.breaking or (late and not late.concerns(article.published_at, article.seen_at)):
        late = None
    after = _BEFORE_ALL if article.fan_out_after is None else article.fan_out_after
    ahead = {"article": article.id, "after": after, "share": max(size // max(article.topics, 1), 1)}
    last, again = (await connection.execute(owed.AHEAD, ahead)).one()
    until = _AFTER_ALL if last is None else last
    of_alerts = rank(article.id, breaking=article.breaking)
    given = {"article": article.id, "after": after, "last": until, "rank": of_alerts, "now": now}
    rows = owed.writing(connection.dialect.name, late=late is not None, several=article.topics > 1, again=again)
    written = (await connection.execute(rows, given | {"moment": late.until if late else now})).rowcount
    if written:
        await stretches.lay(connection, article.id, of_alerts, after, until, written)
    reached = {"after": last, "at": now if last is None else None}  # done, no chat's id stays with the article
    await connection.execute(_REACHED, {"article": article.id, **reached})
    return FannedOut(article.id, article.headline, written, last is None)


async def stand_still(connection: AsyncConnection) -> None:
    """Let no fan-out write alerts until this transaction ends; one that writes is waited for.

    It would go by chats as they were before: for one that is gone, or that has another id, it must write none. On
    SQLite all that write take turns.
    """
    await _take_turn(connection, func.pg_advisory_xact_lock)


async def go_back(connection: AsyncConnection, *, from_id: int, to_id: int) -> None:
    """Let fan-outs that have passed the id which a chat has now, and not reached the one that it had, begin anew.

    Who has an alert already gets no other.
    """
    before = _UNDER_WAY.where(articles.c.fan_out_after >= to_id, articles.c.fan_out_after < from_id)
    await connection.execute(before.values(fan_out_after=None))


async def forget(connection: AsyncConnection, chat_id: int) -> None:
    """Let no fan-out go on from this chat, but from where it stood."""
    await connection.execute(_UNDER_WAY.where(articles.c.fan_out_after == chat_id).values(fan_out_after=chat_id - 1))


async def audience(connection: AsyncConnection, article_id: int, topic_ids: Collection[int], now: datetime) -> int:
    """How many chats would get an alert of the article by a fan-out, if it is about these topics."""
    about = follows.c.topic_id.in_(topic_ids)
    got = exists().where(alerts.c.chat_id == follows.c.chat_id, alerts.c.article_id == article_id)
    query = (
        select(func.count(follows.c.chat_id.distinct()))
        .join(chats, chats.c.id == follows.c.chat_id)
        .where(about, ~got, follow_store.heard(now), chats.c.resting_since.is_(None))
    )
    return (await connection.execute(query)).scalar_one()


async def _take_turn(connection: AsyncConnection, lock: Callable[[int], ColumnElement[object]]) -> None:
    if connection.dialect.name == "postgresql":
        await connection.execute(select(lock(_TURN)))
