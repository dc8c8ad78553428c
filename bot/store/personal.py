"""Everything that is kept of one chat: to hand it over, and to delete it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Table, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import statistics
from bot.store.schema import alerts, articles, chats, follows, metadata, topics
from bot.store.statistics import Event, What

KEPT: dict[Table, Column[int]] = {chats: chats.c.id} | {
    table: table.c.chat_id for table in metadata.sorted_tables if "chat_id" in table.c
}
"""The tables that hold something of a chat, with the column that says of which."""

Rows = list[dict[str, Any]]


async def export(connection: AsyncConnection, chat_id: int) -> dict[str, Rows]:
    """All of it by table, times as ISO 8601 has them; topics and articles are named as readers know them."""
    kept = {}
    for table, owner in KEPT.items():
        rows = (await connection.execute(select(table).where(owner == chat_id))).mappings()
        kept[table.name] = [{name: _plain(value) for name, value in row.items()} for row in rows]
    followed = select(topics.c.id, topics.c.name).join(follows).where(follows.c.chat_id == chat_id)
    named = {row.id: row.name for row in await connection.execute(followed)}
    told = select(articles.c.id, articles.c.headline, articles.c.link).join(alerts).where(alerts.c.chat_id == chat_id)
    headed = {row.id: [row.headline, row.link] for row in await connection.execute(told)}
    _name(kept[follows.name], "topic", named)
    _name(kept[alerts.name], "article", headed)
    return kept


async def forget(connection: AsyncConnection, chat_id: int, now: datetime) -> None:
    """Delete all of it. That its topics have one follower less is counted, as when they are stopped one by one."""
    if connection.dialect.name == "postgresql":
        # a fan-out under way could write an alert for the chat that is just going; it is waited for, and the next waits
        await connection.execute(text("LOCK TABLE alerts IN SHARE ROW EXCLUSIVE MODE"))
    stopped = await connection.execute(select(follows.c.topic_id).where(follows.c.chat_id == chat_id))
    await statistics.count(connection, now, [Event(What.UNFOLLOWED, topic_id) for topic_id in stopped.scalars()])
    for table, owner in reversed(KEPT.items()):
        await connection.execute(table.delete().where(owner == chat_id))
    await connection.execute(update(chats).where(chats.c.configures == chat_id).values(configures=None))


def _name(rows: Iterable[dict[str, Any]], what: str, names: dict[int, Any]) -> None:
    """Let each row name what it refers to, instead of by a number."""
    for row in rows:
        row[what] = names[row.pop(f"{what}_id")]


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
