"""The pace of the bot, one row that every sender draws from inside its claim, and the pace of single chats.

Who holds the bot's row holds all of it: a chat's is read and written only then.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Pace
from bot.store.database import insert
from bot.store.schema import chat_pace, pace

_NAMES = ("tokens", "counted_at", "halted_until", "rate", "slowed_at")
_PACE = select(*(pace.c[name] for name in _NAMES)).where(pace.c.bot_id == bindparam("bot")).with_for_update()
_NEW_PACE = update(pace).where(pace.c.bot_id == bindparam("bot"))
_CHATS = select(chat_pace.c.chat_id, chat_pace.c.free_at).where(
    chat_pace.c.chat_id.in_(bindparam("ids", expanding=True))
)
_FORGET_FREE = delete(chat_pace).where(chat_pace.c.free_at <= bindparam("now"))


async def read(connection: AsyncConnection, bot_id: int, start: Pace) -> Pace:
    """The bot's pace, locked until the transaction ends, so that all senders together keep it."""
    asked = {"bot": bot_id}
    row = (await connection.execute(_PACE, asked)).first()
    if row is None:
        values = {"tokens": start.tokens, "counted_at": start.counted_at}
        first = insert(connection, pace).values(bot_id=bot_id, **values)
        await connection.execute(first.on_conflict_do_nothing())
        row = (await connection.execute(_PACE, asked)).one()
    return Pace(*row)


async def write(connection: AsyncConnection, bot_id: int, now_is: Pace) -> None:
    """Record the bot's pace."""
    values = {name: getattr(now_is, name) for name in _NAMES}
    await connection.execute(_NEW_PACE, {"bot": bot_id, **values})


async def read_chats(connection: AsyncConnection, chat_ids: Collection[int]) -> dict[int, datetime]:
    """When each of these chats is free, as far as they got something lately."""
    return {row.chat_id: row.free_at for row in await connection.execute(_CHATS, {"ids": chat_ids})}


async def write_chats(connection: AsyncConnection, free_at: Mapping[int, datetime], now: datetime) -> None:
    """Record when chats are free, and forget those that are."""
    await connection.execute(_FORGET_FREE, {"now": now})
    if free_at:
        rows = insert(connection, chat_pace)
        newer = rows.on_conflict_do_update(index_elements=["chat_id"], set_={"free_at": rows.excluded.free_at})
        await connection.execute(newer, [{"chat_id": chat, "free_at": at} for chat, at in free_at.items()])


async def forget_chats(connection: AsyncConnection, now: datetime) -> None:
    """Forget the chats that are free, also where nobody writes to any; a sender at work has its own."""
    free = select(chat_pace.c.chat_id).where(chat_pace.c.free_at <= now).with_for_update(skip_locked=True)
    ids = (await connection.execute(free)).scalars().all()
    await connection.execute(delete(chat_pace).where(chat_pace.c.chat_id.in_(ids)))
