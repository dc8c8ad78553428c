"""Telegram's updates that came by webhook: each is handled once, on whichever process it arrives.

Telegram sends an update again until it is told that it was taken, to any process. Which were handled is known here for
as long as it may do so, which is a day, https://core.telegram.org/bots/api#getting-updates.
"""

import json
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import Enum, auto
from functools import cache

from sqlalchemy import ARRAY, BigInteger, ColumnElement, and_, bindparam, delete, false, func, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert

from bot.store.database import insert_for
from bot.store.schema import UTCDateTime, updates

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


async def claim(connection: AsyncConnection, update_ids: Sequence[int], now: datetime, lease: timedelta) -> list[Claim]:
    """Take each of these updates for ``lease``, if nobody has it and nobody had; what came of each, in their order."""
    ids = sorted(set(update_ids))  # in one order, lest two processes wait for each other
    is_sqlite = connection.dialect.name == "sqlite"
    given = {"ids": json.dumps(ids) if is_sqlite else ids, "until": now + lease, "now": now}
    taken = set((await connection.execute(_taking(connection.dialect.name), given)).scalars())
    handled = set()
    if len(taken) < len(ids):
        known = select(updates.c.id).where(updates.c.id.in_(update_ids), updates.c.handled)
        handled = set((await connection.execute(known)).scalars())
    claims = []
    for update_id in update_ids:
        claims.append(Claim.OURS if update_id in taken else Claim.HANDLED if update_id in handled else Claim.TOO_EARLY)
        taken.discard(update_id)  # who asks for it a second time comes too early
    return claims


@cache
def _taking(dialect: str) -> ReturningInsert[int]:
    each = _each_of_json() if dialect == "sqlite" else _each_of_array()
    until = bindparam("until", type_=UTCDateTime())
    row = insert_for(dialect, updates)
    some = row.from_select(["id", "leased_until", "handled"], select(each, until, false()).where(true()))
    is_free = and_(~updates.c.handled, updates.c.leased_until <= bindparam("now", type_=UTCDateTime()))
    ours = {"leased_until": row.excluded.leased_until, "handled": row.excluded.handled}
    return some.on_conflict_do_update(index_elements=["id"], set_=ours, where=is_free).returning(updates.c.id)


def _each_of_json() -> ColumnElement[int]:
    return func.json_each(bindparam("ids")).table_valued("value").c.value


def _each_of_array() -> ColumnElement[int]:
    return func.unnest(bindparam("ids", type_=ARRAY(BigInteger))).column_valued()


_SETTLED = update(updates).where(updates.c.id.in_(bindparam("ids", expanding=True))).values(handled=True)


async def settle(connection: AsyncConnection, update_ids: Collection[int]) -> None:
    """The updates are handled."""
    await connection.execute(_SETTLED, {"ids": update_ids})


async def forget(connection: AsyncConnection, now: datetime) -> bool:
    """Delete some of what Telegram will not send again; whether there was any."""
    old = select(updates.c.id).where(updates.c.leased_until < now - KEPT).limit(FORGOTTEN)
    return (await connection.execute(delete(updates).where(updates.c.id.in_(old)))).rowcount > 0
