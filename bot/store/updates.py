"""Telegram's updates that came by webhook: each is handled once, on whichever process it arrives.

Telegram sends an update again until it is told that it was taken, to any process. Which were handled is known here for
as long as it may do so, which is a day, https://core.telegram.org/bots/api#getting-updates.
"""

from datetime import datetime, timedelta
from enum import Enum, auto

from sqlalchemy import and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import insert
from bot.store.schema import updates

KEPT = timedelta(days=2)
FORGOTTEN = 1_000
"""At once, so that nobody waits for it."""


class Claim(Enum):
    """What an update's claim comes to."""

    OURS = auto()
    """It is to be handled here and now."""
    TOO_EARLY = auto()
    """Somebody else is handling it, or has died of it and has its lease still."""
    HANDLED = auto()


async def claim(connection: AsyncConnection, update_id: int, now: datetime, lease: timedelta) -> Claim:
    """Take the update for ``lease``, if nobody has it and nobody had."""
    ours = {"leased_until": now + lease, "handled": False}
    row = insert(connection, updates).values(id=update_id, **ours)
    is_free = and_(~updates.c.handled, updates.c.leased_until <= now)
    taken = row.on_conflict_do_update(index_elements=["id"], set_=ours, where=is_free).returning(updates.c.id)
    if (await connection.execute(taken)).first() is not None:
        return Claim.OURS
    handled = select(updates.c.handled).where(updates.c.id == update_id)
    return Claim.HANDLED if (await connection.execute(handled)).scalar_one() else Claim.TOO_EARLY


async def settle(connection: AsyncConnection, update_id: int) -> None:
    """The update is handled."""
    await connection.execute(update(updates).where(updates.c.id == update_id).values(handled=True))


async def forget(connection: AsyncConnection, now: datetime) -> bool:
    """Delete some of what Telegram will not send again; whether there was any."""
    old = select(updates.c.id).where(updates.c.leased_until < now - KEPT).limit(FORGOTTEN)
    return (await connection.execute(delete(updates).where(updates.c.id.in_(old)))).rowcount > 0
