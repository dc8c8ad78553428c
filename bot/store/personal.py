"""Everything that is kept of one chat: to hand it over, and to delete it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Row, RowMapping, Table, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import fan_out, statistics, stretches
from bot.store.alerts_of import alerts_of, lock
from bot.store.schema import alert_taps, alerts, articles, chat_pace, chats, follows, metadata, topics
from bot.store.statistics import Event, What

KEPT: dict[Table, Column[int]] = {chats: chats.c.id} | {
    table: table.c.chat_id for table in metadata.sorted_tables if "chat_id" in table.c
}
"""The tables that hold something of a chat, with the column that says of which. Its taps go with its alerts."""

PASSING = chat_pace.name
"""What there is of any chat that was just answered, and goes within the hour: when it may get the next message."""

CHUNK = 5_000
"""Ids in one question; databases take some ten thousand."""

Rows = list[dict[str, Any]]


async def export(connection: AsyncConnection, chat_id: int) -> dict[str, Rows]:
    """All of it by table, times as ISO 8601 has them; topics and articles are named as readers know them."""
    kept = {}
    for table, owner in KEPT.items():
        rows = (await connection.execute(select(table).where(_of(table, owner, chat_id)))).mappings()
        kept[table.name] = [_plainly(row) for row in rows]
    taps = select(alert_taps.c.lead, alert_taps.c.tapped_at, alerts.c.article_id)
    tapped = taps.join(alerts, alerts.c.id == alert_taps.c.alert_id).where(alerts_of(alerts.c.chat_id == chat_id))
    kept[alert_taps.name] = [_plainly(row) for row in (await connection.execute(tapped)).mappings()]
    named = {row.id: row.name for row in await _referred(connection, topics, kept, "topic_id")}
    headed = {row.id: [row.headline, row.link] for row in await _referred(connection, articles, kept, "article_id")}
    for row in (row for rows in kept.values() for row in rows):
        if "topic_id" in row:
            row["topic"] = named[row.pop("topic_id")]
        if "article_id" in row:
            row["article"] = headed[row.pop("article_id")]
    return kept


async def forget(connection: AsyncConnection, chat_id: int, now: datetime) -> None:
    """Delete all of it. That its topics have one follower less is counted, as when they are stopped one by one."""
    await fan_out.stand_still(connection)
    await lock(connection, chat_id)
    stopped = await connection.execute(select(follows.c.topic_id).where(follows.c.chat_id == chat_id))
    await statistics.count(connection, now, [Event(What.UNFOLLOWED, topic_id) for topic_id in stopped.scalars()])
    for table, owner in reversed(KEPT.items()):
        await connection.execute(table.delete().where(_of(table, owner, chat_id)))
    await stretches.forget(connection, chat_id)
    await fan_out.forget(connection, chat_id)
    await connection.execute(update(chats).where(chats.c.configures == chat_id).values(configures=None))


def _of(table: Table, owner: Column[int], chat_id: int) -> ColumnElement[bool]:
    theirs = owner == chat_id
    return alerts_of(theirs) if table is alerts else theirs


async def _referred(connection: AsyncConnection, table: Table, kept: Mapping[str, Rows], by: str) -> Iterable[Row[Any]]:
    """Those rows of a table to which what is kept refers in the column of this name."""
    ids = sorted({row[by] for rows in kept.values() for row in rows if by in row})
    found: list[Row[Any]] = []
    for first in range(0, len(ids), CHUNK):
        found += await connection.execute(select(table).where(table.c.id.in_(ids[first : first + CHUNK])))
    return found


def _plainly(row: RowMapping) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
