"""Notices: what single chats are to be told beside alerts, kept until Telegram has taken it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.schema import notices


@dataclass(frozen=True, slots=True)
class Notice:
    """A text, in plain words, for one chat."""

    id: int
    chat_id: int
    text: str


async def add(connection: AsyncConnection, chat_ids: Iterable[int], text: str, now: datetime) -> None:
    """Owe each of the chats this notice."""
    rows = [{"chat_id": chat_id, "text": text, "due_at": now} for chat_id in chat_ids]
    if rows:
        await connection.execute(notices.insert(), rows)


async def any_due(connection: AsyncConnection, now: datetime) -> bool:
    """Whether ``claim`` would find one."""
    return (await connection.execute(select(notices.c.id).where(notices.c.due_at <= now).limit(1))).first() is not None


async def claim(connection: AsyncConnection, now: datetime, lease: timedelta) -> Notice | None:
    """Take the notice that is longest due, for ``lease``; None where none is."""
    due = select(notices.c.id).where(notices.c.due_at <= now).order_by(notices.c.due_at, notices.c.id).limit(1)
    taken = due.with_for_update(skip_locked=True).cte("taken")
    claimed = update(notices).where(notices.c.id.in_(select(taken.c.id))).values(due_at=now + lease)
    row = (await connection.execute(claimed.returning(notices.c.id, notices.c.chat_id, notices.c.text))).first()
    return Notice(row.id, row.chat_id, row.text) if row else None


async def settle(connection: AsyncConnection, notice_id: int) -> None:
    """The notice is told, or never can be."""
    await connection.execute(delete(notices).where(notices.c.id == notice_id))
