"""Follows that a reader stopped all together: they are kept for a while, in case that was a slip."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Topic
from bot.store import follows as follow_store
from bot.store.schema import UTCDateTime, follows, stopped_follows, topics

WITHIN = timedelta(hours=1)
"""How long they are kept."""
_SAME = ("chat_id", "topic_id", "created_at", "scope", "muted_until", "thread_id")


async def stop_all(connection: AsyncConnection, chat_id: int, now: datetime) -> None:
    """End all follows of a chat, to be restored with ``undo``; where it has none, what was stopped before still is."""
    followed = await follow_store.of_chat(connection, chat_id)
    if not followed:
        return
    await connection.execute(delete(stopped_follows).where(stopped_follows.c.chat_id == chat_id))
    ending = select(*(follows.c[name] for name in _SAME), literal(now, UTCDateTime()))
    kept = insert(stopped_follows).from_select([*_SAME, "stopped_at"], ending.where(follows.c.chat_id == chat_id))
    await connection.execute(kept)
    for topic in followed:
        await follow_store.remove(connection, chat_id, topic.id, now)


async def undo(connection: AsyncConnection, chat_id: int, now: datetime, most: int) -> list[Topic]:
    """Follow again, as it was, what was stopped lately, as far as the chat has room for ``most``; what that is."""
    there = select(follows.c.topic_id).where(follows.c.chat_id == chat_id)
    room = most - (await connection.execute(select(func.count()).select_from(there.subquery()))).scalar_one()
    again = (
        select(*(stopped_follows.c[name] for name in _SAME))
        .where(stopped_follows.c.chat_id == chat_id, stopped_follows.c.stopped_at >= now - WITHIN)
        .where(stopped_follows.c.topic_id.not_in(there))
        .order_by(stopped_follows.c.created_at, stopped_follows.c.topic_id)
        .limit(max(0, room))
        .subquery()
    )
    query = select(topics.c.id, topics.c.key, topics.c.name).join(again, again.c.topic_id == topics.c.id)
    found = [Topic(*row) for row in await connection.execute(query.order_by(again.c.created_at, again.c.topic_id))]
    await connection.execute(insert(follows).from_select(_SAME, select(again)))
    await connection.execute(delete(stopped_follows).where(stopped_follows.c.chat_id == chat_id))
    return found


async def forget(connection: AsyncConnection, now: datetime) -> None:
    """Delete what can no longer be undone."""
    await connection.execute(delete(stopped_follows).where(stopped_follows.c.stopped_at < now - WITHIN))
