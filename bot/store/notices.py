"""Notices: what single chats are to be told beside alerts, kept until Telegram has taken it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, func, literal, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.schema import UTCDateTime, chats, notices


@dataclass(frozen=True, slots=True)
class Notice:
    """A text, in plain words, for one chat; ``to_all`` where the newsroom says it to all readers."""

    id: int
    chat_id: int
    text: str
    to_all: bool
    language: str | None


async def add(connection: AsyncConnection, chat_ids: Iterable[int], text: str, now: datetime) -> None:
    """Owe each of the chats this notice."""
    rows = [{"chat_id": chat_id, "text": text, "due_at": now} for chat_id in chat_ids]
    if rows:
        await connection.execute(notices.insert(), rows)


async def number_of_readers(connection: AsyncConnection) -> int:
    """How many readers hear what the newsroom says to all."""
    return (await connection.execute(select(func.count()).select_from(chats).where(*_HEARING))).scalar_one()


async def add_for_all(connection: AsyncConnection, text: str, now: datetime) -> int:
    """Owe this notice to all readers who hear such; how many they are. None is while it is still being said."""
    being_said = exists().where(notices.c.to_all, notices.c.text == text)
    rows = select(chats.c.id, literal(text), literal(now, UTCDateTime()), true()).where(*_HEARING, ~being_said)
    written = notices.insert().from_select(["chat_id", "text", "due_at", "to_all"], rows)
    return (await connection.execute(written)).rowcount


async def any_due(connection: AsyncConnection, now: datetime) -> bool:
    """Whether ``claim`` would find one."""
    return (await connection.execute(select(notices.c.id).where(notices.c.due_at <= now).limit(1))).first() is not None


async def claim(connection: AsyncConnection, now: datetime, lease: timedelta, *, to_all: bool = True) -> Notice | None:
    """Take the notice that is longest due, for ``lease``; those to single chats first.

    None where none is; ``to_all``: whether what is said to all readers counts, too.
    """
    due = select(notices.c.id).where(notices.c.due_at <= now)
    if not to_all:
        due = due.where(~notices.c.to_all)
    first = due.order_by(notices.c.to_all, notices.c.due_at, notices.c.id).limit(1)
    taken = first.with_for_update(skip_locked=True).cte("taken")
    claimed = update(notices).where(notices.c.id.in_(select(taken.c.id))).values(due_at=now + lease)
    row = (await connection.execute(claimed.returning(notices))).first()
    if row is None:
        return None
    spoken = select(func.coalesce(chats.c.chosen_language, chats.c.language)).where(chats.c.id == row.chat_id)
    language = (await connection.execute(spoken)).scalar()
    return Notice(row.id, row.chat_id, row.text, row.to_all, language)


async def settle(connection: AsyncConnection, notice_id: int) -> None:
    """The notice is told, or never can be."""
    await connection.execute(delete(notices).where(notices.c.id == notice_id))


_HEARING = (chats.c.kind == "private", chats.c.hears_notices, chats.c.resting_since.is_(None))
"""Of a chat: that it is a reader who hears what the newsroom says to all."""
