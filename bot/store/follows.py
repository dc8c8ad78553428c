"""Follows: which chat follows which topic."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Topic
from bot.store.database import insert
from bot.store.schema import alerts, chats, follows, matches, topics


async def add(connection: AsyncConnection, chat_id: int, topic_id: int, now: datetime) -> bool:
    """Let a chat that is known follow a topic; whether that is new."""
    row = insert(connection, follows).values(chat_id=chat_id, topic_id=topic_id, created_at=now)
    added = await connection.execute(row.on_conflict_do_nothing().returning(follows.c.topic_id))
    return added.first() is not None


async def remove(connection: AsyncConnection, chat_id: int, topic_id: int) -> bool:
    """End a follow; whether there was one. Alerts that wait for no other reason are taken back."""
    ended = delete(follows).where(follows.c.chat_id == chat_id, follows.c.topic_id == topic_id)
    if not (await connection.execute(ended.returning(follows.c.topic_id))).first():
        return False
    other_reason = exists().where(
        matches.c.article_id == alerts.c.article_id,
        matches.c.topic_id == follows.c.topic_id,
        follows.c.chat_id == alerts.c.chat_id,
    )
    waiting = delete(alerts).where(alerts.c.chat_id == chat_id, alerts.c.state == "due", ~other_reason)
    await connection.execute(waiting)
    return True


async def of_chat(connection: AsyncConnection, chat_id: int) -> list[Topic]:
    """The topics that a chat follows, the first followed first."""
    query = (
        select(topics.c.id, topics.c.key, topics.c.name)
        .join(follows, follows.c.topic_id == topics.c.id)
        .where(follows.c.chat_id == chat_id)
        .order_by(follows.c.created_at, topics.c.id)
    )
    return [Topic(*row) for row in await connection.execute(query)]


async def of_chats(
    connection: AsyncConnection, chat_ids: Collection[int], topic_ids: Collection[int]
) -> set[tuple[int, int]]:
    """Those pairs of chat and topic that are follows."""
    query = select(follows.c.chat_id, follows.c.topic_id).where(
        follows.c.chat_id.in_(chat_ids), follows.c.topic_id.in_(topic_ids)
    )
    return {(row.chat_id, row.topic_id) for row in await connection.execute(query)}


async def count(connection: AsyncConnection) -> tuple[int, int]:
    """How many chats follow something now, and how many follows there are."""
    active = select(func.count(follows.c.chat_id.distinct()), func.count()).join(chats, chats.c.id == follows.c.chat_id)
    row = (await connection.execute(active.where(chats.c.resting_since.is_(None)))).one()
    return row[0], row[1]
