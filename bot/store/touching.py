"""Whether the database takes writes: one whose disk is full still answers questions."""

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import insert
from bot.store.schema import counters

_TOUCHED = "touched"


async def touch(connection: AsyncConnection) -> None:
    """Write a row that means nothing."""
    row = insert(connection, counters).values(name=_TOUCHED, value=1)
    one_more = {"value": counters.c.value + 1}
    await connection.execute(row.on_conflict_do_update(index_elements=["name"], set_=one_more))
