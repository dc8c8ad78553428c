"""Follows: which chat follows which topic, where a mention counts for it, and until when it is silent."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, bindparam, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert

from bot.model import Topic
from bot.store import statistics
from bot.store.alerts_of import alerts_of, lock
from bot.store.database import insert_for
from bot.store.matches import WANTED
from bot.store.schema import ANYWHERE, PENDING, alerts, chats, follows, topics
from bot.store.statistics import Event, What


@dataclass(frozen=True, slots=True)
class Follow:
    """A topic that a chat follows, and how."""

    topic: Topic
    scope: str
    """Where a mention counts: ``tags``; ``headline``, which is tags, headline and teaser; ``anywhere``."""
    muted_until: datetime | None


async def add(
    connection: AsyncConnection,
    chat_id: int,
    topic_id: int,
    now: datetime,
    *,
    scope: str = "headline",
    thread_id: int | None = None,
) -> bool:
    """Let a chat that is known follow a topic; whether that is new. One that it follows already stays as it is.

    Its alerts are posted into the chat's thread, where there is one.
    """
    values = {"chat_id": chat_id, "topic_id": topic_id, "created_at": now, "scope": scope, "thread_id": thread_id}
    added = await connection.execute(_adding(connection.dialect.name), values)
    if added.first() is None:
        return False
    await statistics.count(connection, now, [Event(What.FOLLOWED, topic_id)])
    return True


@cache
def _adding(dialect: str) -> ReturningInsert[int]:
    return insert_for(dialect, follows).on_conflict_do_nothing().returning(follows.c.topic_id)


async def set_scope(connection: AsyncConnection, chat_id: int, topic_id: int, scope: str) -> bool:
    """Say where a mention counts for a follow from now on; whether there is such a follow."""
    return await _set(connection, chat_id, topic_id, scope=scope)


async def move(connection: AsyncConnection, chat_id: int, topic_ids: Collection[int], thread_id: int | None) -> bool:
    """Post what these follows bring into the chat's thread from now on, or into the chat; whether that is new."""
    if not topic_ids:
        return False
    one = update(follows).where(follows.c.chat_id == chat_id, follows.c.topic_id.in_(topic_ids))
    elsewhere = one.where(follows.c.thread_id.is_distinct_from(thread_id)).values(thread_id=thread_id)
    return (await connection.execute(elsewhere.returning(follows.c.topic_id))).first() is not None


async def mute(connection: AsyncConnection, chat_id: int, topic_id: int, until: datetime | None) -> bool:
    """Keep a follow silent until then, or no longer; whether there is such a follow.

    What its topic brings meanwhile is not told later. What waits already is told.
    """
    return await _set(connection, chat_id, topic_id, muted_until=until)


def heard(now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """Of a follow: whether it is not muted."""
    return or_(follows.c.muted_until.is_(None), follows.c.muted_until <= now)


_ENDED = (
    delete(follows)
    .where(follows.c.chat_id == bindparam("chat"), follows.c.topic_id == bindparam("topic"))
    .returning(follows.c.topic_id)
)
_TAKEN_BACK = delete(alerts).where(alerts_of(alerts.c.chat_id == bindparam("chat")), PENDING, ~WANTED)


async def remove(connection: AsyncConnection, chat_id: int, topic_id: int, now: datetime) -> bool:
    """End a follow; whether there was one. Alerts that wait for no other reason are taken back."""
    await lock(connection, chat_id)
    if not (await connection.execute(_ENDED, {"chat": chat_id, "topic": topic_id})).first():
        return False
    await connection.execute(_TAKEN_BACK, {"chat": chat_id})
    await statistics.count(connection, now, [Event(What.UNFOLLOWED, topic_id)])
    return True


_DETAILS = (
    select(topics.c.id, topics.c.key, topics.c.name, follows.c.scope, follows.c.muted_until)
    .join(follows, follows.c.topic_id == topics.c.id)
    .where(follows.c.chat_id == bindparam("chat"))
    .order_by(follows.c.created_at, topics.c.id)
)


async def details(connection: AsyncConnection, chat_id: int) -> list[Follow]:
    """What a chat follows and how, the first followed first."""
    rows = await connection.execute(_DETAILS, {"chat": chat_id})
    return [Follow(Topic(*topic), scope, until) for *topic, scope, until in rows]


async def of_chat(connection: AsyncConnection, chat_id: int) -> list[Topic]:
    """The topics that a chat follows, the first followed first."""
    return [follow.topic for follow in await details(connection, chat_id)]


async def get(connection: AsyncConnection, chat_id: int, topic_id: int) -> Follow | None:
    """How a chat follows a topic; None where it does not."""
    found = await details(connection, chat_id)
    return next((follow for follow in found if follow.topic.id == topic_id), None)


async def sought_anywhere(connection: AsyncConnection, topic_ids: Collection[int]) -> set[int]:
    """Those of the topics that some chat wants to be told of wherever an article mentions them."""
    query = select(follows.c.topic_id).where(ANYWHERE, follows.c.topic_id.in_(topic_ids)).distinct()
    return set((await connection.execute(query)).scalars()) if topic_ids else set()


async def number_of(connection: AsyncConnection, chat_id: int) -> int:
    """How many topics a chat follows."""
    query = select(func.count()).where(follows.c.chat_id == chat_id)
    return (await connection.execute(query)).scalar_one()


async def of_chats(
    connection: AsyncConnection, chat_ids: Collection[int], topic_ids: Collection[int]
) -> set[tuple[int, int]]:
    """Those pairs of chat and topic that are follows."""
    asked = {"chats": chat_ids, "topics": topic_ids}
    return {(row.chat_id, row.topic_id) for row in await connection.execute(_OF_CHATS, asked)}


_OF_CHATS = select(follows.c.chat_id, follows.c.topic_id).where(
    follows.c.chat_id.in_(bindparam("chats", expanding=True)),
    follows.c.topic_id.in_(bindparam("topics", expanding=True)),
)


async def count(connection: AsyncConnection) -> tuple[int, int]:
    """How many chats follow something now, and how many follows there are."""
    # of the ways to say it the one that SQLite, too, takes from the index of the smaller side
    following = exists().where(follows.c.chat_id == chats.c.id)
    readers = select(func.count()).select_from(chats).where(chats.c.resting_since.is_(None), following)
    resting = select(chats.c.id).where(chats.c.resting_since.is_not(None))
    everything = select(func.count()).select_from(follows)
    idle = everything.where(follows.c.chat_id.in_(resting))
    row = (await connection.execute(select(*(query.scalar_subquery() for query in (readers, everything, idle))))).one()
    return row[0], row[1] - row[2]


async def _set(connection: AsyncConnection, chat_id: int, topic_id: int, **values: object) -> bool:
    one = update(follows).where(follows.c.chat_id == chat_id, follows.c.topic_id == topic_id)
    return (await connection.execute(one.values(values).returning(follows.c.topic_id))).first() is not None
