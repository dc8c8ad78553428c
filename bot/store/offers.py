"""Which chats get how much, to offer a digest to those that get very much."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import ChatSettings, Rhythm
from bot.store import chats as chat_store
from bot.store.schema import KNOWN_BY_CHAT, alerts, chats


@dataclass(frozen=True, slots=True)
class Reading:
    """How much a chat gets that was never offered a digest."""

    chat_id: int
    language: str | None
    settings: ChatSettings
    sent: int


async def readings(connection: AsyncConnection, since: datetime, *, after: int, size: int) -> list[Reading]:
    """The next ``size`` chats, by their ids, that get each alert at once, and how many they got since then."""
    sent = (
        select(func.count())
        .where(alerts.c.chat_id == chats.c.id, KNOWN_BY_CHAT, alerts.c.state == "sent", alerts.c.sent_at >= since)
        .scalar_subquery()
    )
    query = (
        select(chats.c.id, func.coalesce(chats.c.chosen_language, chats.c.language), sent)
        .where(
            chats.c.id > after,
            chats.c.digest == Rhythm.NOW,
            chats.c.digest_offered_at.is_(None),
            chats.c.resting_since.is_(None),
        )
        .order_by(chats.c.id)
        .limit(size)
    )
    rows = (await connection.execute(query)).all()
    settings = await chat_store.settings(connection, [row[0] for row in rows])
    return [Reading(chat_id, language, settings[chat_id], number) for chat_id, language, number in rows]


async def offered(connection: AsyncConnection, chat_id: int, now: datetime) -> bool:
    """Note that a chat is offered a digest; whether it never was before."""
    first = update(chats).where(chats.c.id == chat_id, chats.c.digest_offered_at.is_(None))
    return (await connection.execute(first.values(digest_offered_at=now))).rowcount == 1
