"""The pace of the bot: one row that every sender draws from inside its claim."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Pace
from bot.store.database import insert
from bot.store.schema import pace


async def read(connection: AsyncConnection, bot_id: int, start: Pace) -> Pace:
    """The bot's pace, locked until the transaction ends, so that all senders together keep it."""
    values = {"tokens": start.tokens, "counted_at": start.counted_at}
    first = insert(connection, pace).values(bot_id=bot_id, **values)
    await connection.execute(first.on_conflict_do_nothing())
    query = select(pace.c.tokens, pace.c.counted_at, pace.c.halted_until).where(pace.c.bot_id == bot_id)
    return Pace(*(await connection.execute(query.with_for_update())).one())


async def write(connection: AsyncConnection, bot_id: int, now_is: Pace) -> None:
    """Record the bot's pace."""
    values = {"tokens": now_is.tokens, "counted_at": now_is.counted_at, "halted_until": now_is.halted_until}
    await connection.execute(update(pace).where(pace.c.bot_id == bot_id).values(values))
