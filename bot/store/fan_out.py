"""The fan-out of an article: one alert in the outbox for each chat that is to be told.

It goes round all chats in the order of their ids, in chunks, each in a transaction of its own, and from another chat
with each article: who is told last of one is not of the next. Alerts of one article leave in the order in which they
were written.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, exists, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import FannedOut
from bot.store import follows as follow_store
from bot.store.database import insert
from bot.store.matches import in_scope
from bot.store.schema import UTCDateTime, alerts, articles, chats, follows, matches

GOLDEN_RATIO = 0.6180339887498949
"""Its multiples, each without what is before the point, lie as evenly as any numbers can: nobody is often the last."""
_BREAKING = 1 << 60
"""More than articles are ever numbered, and within 64 bits."""
_BEFORE_ALL = -(1 << 62)
_TURN = 0x66_61_6E
"""A number that no other lock in the database has."""


@dataclass(frozen=True, slots=True)
class _Round:
    """How far a fan-out has come on its way from one chat up to the last, and from the first up to that one."""

    start: int
    after: int

    @property
    def is_second_half(self) -> bool:
        return self.after < self.start

    def ahead(self, last: int | None, *chat_ids: ColumnElement[int]) -> list[ColumnElement[bool]]:
        """Of a chat's id, wherever it stands: that it lies ahead on the half of the way that is gone now, up to last.

        Said of each table that has one, it is looked for in each one's index: no database concludes it from a join.
        """
        end = self.start if last is None and self.is_second_half else last
        return [chat_id > self.after if end is None else chat_id.between(self.after + 1, end) for chat_id in chat_ids]


@dataclass(frozen=True, slots=True)
class Late:
    """What is seen so long after its publication is held ``until`` then: it comes from the way back after an outage."""

    after: timedelta
    until: datetime


def rank(article_id: int, *, breaking: bool) -> int:
    """Where an article's alerts stand among those that are due: breaking news first, then the newest; lowest first."""
    return -article_id - (_BREAKING if breaking else 0)


async def fan_out(
    connection: AsyncConnection, now: datetime, size: int, *, late: Late | None = None
) -> FannedOut | None:
    """Write the next alerts, about ``size`` at most, of the first article that still owes some; None where none does.

    Breaking news come first, then the newest article. Each chat gets one alert of an article, however many topics
    match; doing it twice changes nothing. A follow counts where it is not muted and the article says its topic within
    its scope. An alert for a chat that is not to be disturbed now is held until it may be.
    """
    await _take_turn(connection, func.pg_advisory_xact_lock_shared)
    owing = select(articles).where(
        articles.c.fanned_out_at.is_(None), articles.c.withdrawn_at.is_(None), articles.c.held_back_at.is_(None)
    )
    first = owing.order_by(articles.c.breaking.desc(), articles.c.id.desc()).limit(1)
    article = (await connection.execute(first.with_for_update(skip_locked=True))).first()
    if article is None:
        return None
    at = _Round(article.fan_out_from, article.fan_out_after)
    if article.fan_out_from is None:
        start = await _start(connection, article.id)
        at = _Round(start, start)
    late_until = late.until if late and _is_late(article, late) else None
    owed = _alerts(article.id, rank(article.id, breaking=article.breaking), now, late_until)
    topics = await _topics(connection, article.id)
    owed = _each_once(owed) if topics > 1 else owed
    written, done = 0, False
    while not done and written < size:
        share = max((size - written) // max(topics, 1), 1)
        last = await _last(connection, article.id, at.ahead(None, follows.c.chat_id), share)
        ahead = owed.where(*at.ahead(last, follows.c.chat_id, chats.c.id))
        rows = insert(connection, alerts).from_select(list(ahead.selected_columns.keys()), ahead)
        if await _any(connection, article.id, at.ahead(last, alerts.c.chat_id)):  # costs PostgreSQL half as much again
            rows = rows.on_conflict_do_nothing()
        written += (await connection.execute(rows)).rowcount
        if last is not None and last != at.start:
            at = replace(at, after=last)
            break
        done, at = at.is_second_half, replace(at, after=_BEFORE_ALL)
    reached: dict[str, object] = {"fan_out_from": at.start, "fan_out_after": at.after, "fanned_out_at": None}
    if done:  # no chat's id stays with the article
        reached = {"fan_out_from": None, "fan_out_after": None, "fanned_out_at": now}
    await connection.execute(update(articles).where(articles.c.id == article.id).values(reached))
    return FannedOut(article.id, article.headline, written, done)


async def stand_still(connection: AsyncConnection) -> None:
    """Let no fan-out write alerts until this transaction ends; one that writes is waited for.

    It would go by chats as they were before: for one that is gone, or that has another id, it must write none. On
    SQLite all that write take turns.
    """
    await _take_turn(connection, func.pg_advisory_xact_lock)


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


async def _any(connection: AsyncConnection, article_id: int, ahead: Sequence[ColumnElement[bool]]) -> bool:
    """Whether there are alerts of the article ahead: it was fanned out before, or a chat has another id since."""
    some = exists().where(alerts.c.article_id == article_id, *ahead)
    return bool((await connection.execute(select(some))).scalar())


async def _start(connection: AsyncConnection, article_id: int) -> int:
    """The chat after which the article's fan-out begins."""
    number: int = (await connection.execute(select(func.count()).select_from(chats))).scalar_one()
    at = int(number * (article_id * GOLDEN_RATIO % 1))
    chat = await connection.execute(select(chats.c.id).order_by(chats.c.id).offset(at).limit(1))
    return chat.scalar() or 0


async def _topics(connection: AsyncConnection, article_id: int) -> int:
    """How many topics the article matches."""
    counted = select(func.count()).where(matches.c.article_id == article_id)
    return (await connection.execute(counted)).scalar_one()


async def _last(
    connection: AsyncConnection, article_id: int, ahead: Sequence[ColumnElement[bool]], share: int
) -> int | None:
    """The chat with which a chunk ends; None where what is ahead is no more than that.

    It takes the chat that ends a topic's ``share`` of the chunk, of the topic whose share ends first: an index has it
    without a look at the follows in between.
    """
    ends = (
        select(follows.c.chat_id)
        .where(follows.c.topic_id == matches.c.topic_id, *ahead)
        .order_by(follows.c.chat_id)
        .offset(share - 1)
        .limit(1)
        .correlate(matches)
        .scalar_subquery()
    )
    of_topics = select(ends.label("chat_id")).where(matches.c.article_id == article_id).subquery()
    last: int | None = (await connection.execute(select(func.min(of_topics.c.chat_id)))).scalar()
    return last


def _is_late(article: Row[Any], late: Late) -> bool:
    published_at: datetime | None = article.published_at
    return published_at is not None and not article.breaking and article.seen_at - published_at > late.after


def _alerts(article_id: int, rank: int, now: datetime, late_until: datetime | None) -> Select[Any]:
    """The alerts that the article owes, as rows of the outbox, for each of its topics that a chat follows.

    Of a late article those of chats that get each alert at once are held, too; others have a time of their own.
    """
    moment = literal(late_until or now, UTCDateTime())
    held: ColumnElement[bool] = func.coalesce(chats.c.hold_until > moment, False)
    if late_until is not None:
        held = or_(held, chats.c.digest == "now")
    return (
        select(
            chats.c.id.label("chat_id"),
            literal(article_id, alerts.c.article_id.type).label("article_id"),
            follows.c.thread_id,
            literal(rank, alerts.c.rank.type).label("rank"),
            held.label("held"),
            case((held, "waiting"), else_="due").label("state"),
            case((chats.c.hold_until > moment, chats.c.hold_until), else_=moment).label("due_at"),
        )
        .join(matches, matches.c.topic_id == follows.c.topic_id)
        .join(chats, chats.c.id == follows.c.chat_id)
        .where(matches.c.article_id == article_id, in_scope(), follow_store.heard(now), chats.c.resting_since.is_(None))
    )


def _each_once(owed: Select[Any]) -> Select[Any]:
    """The same for all topics together. Where there is one it would double what the database has to do, for nothing."""
    thread = func.min(follows.c.thread_id).label("thread_id")
    columns = [thread if column.key == "thread_id" else column for column in owed.selected_columns]
    return owed.with_only_columns(*columns).group_by(chats.c.id)
