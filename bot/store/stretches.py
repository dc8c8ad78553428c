"""Stretches: where the alerts are that a fan-out has just written and nobody has touched since.

A fan-out writes a hundred thousand alerts in a second, for a few minutes of their life; to enter each into an index of
those that may go was a fifth of its work. The unique key of article and chat has them in order as it is: a stretch says
from which chat up to which there are some. It grows shorter as they are claimed, and goes with the last. What becomes
of an alert then, an index of its state knows.
"""

import random
from collections.abc import Collection
from itertools import pairwise

from sqlalchemy import and_, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.schema import FRESH, alerts, stretches

THEIRS = and_(
    alerts.c.article_id == stretches.c.article_id,
    alerts.c.chat_id > stretches.c.after,
    alerts.c.chat_id <= stretches.c.until,
    FRESH,
)
"""Of an alert and a stretch: that this leads to it. To each at least one does; more, where it was fanned out anew."""

FIRST = select(stretches).order_by(*(stretches.c[name] for name in ("rank", "place", "id"))).limit(bindparam("most"))
"""The first ``most`` of them, in the order in which their alerts go."""
_ALONG = and_(
    alerts.c.article_id == bindparam("article"),
    alerts.c.chat_id > bindparam("after"),
    alerts.c.chat_id <= bindparam("last"),
)
FIRST_FRESH = select(alerts.c.id).where(_ALONG, FRESH).order_by(alerts.c.chat_id).limit(bindparam("most"))
"""The first ``most`` alerts along one, with its article and bounds: joined with it, PostgreSQL would sort them all."""


async def lay(connection: AsyncConnection, article_id: int, rank: int, after: int, until: int, number: int) -> None:
    """Lead to the alerts that were written to chats behind one and up to another: ``number``, with those that are held.

    Where they stand among the article's, and with which of them it begins, is left to chance: nobody is often the last.
    """
    row = {"article_id": article_id, "rank": rank, "place": random.random()}  # noqa: S311 - no secret
    ends = [after, until]
    if first := random.randrange(number):  # noqa: S311 - no secret
        given = {"article": article_id, "after": after, "last": until, "before": first - 1}
        ends.insert(1, (await connection.execute(_CHAT, given)).scalar_one())
    rows = [row | {"after": start, "until": end} for start, end in pairwise(ends)]
    await connection.execute(_LAY, rows[::-1])


async def shorten(connection: AsyncConnection, ids: Collection[int]) -> None:
    """Let stretches begin with the first alert that is left, and forget those that have none.

    One that somebody else is changing stays as it is: it leads to the same alerts, and nobody waits for it.
    """
    await connection.execute(_SHORTEN, {"ids": ids})
    await connection.execute(_END, {"ids": ids})


async def forget(connection: AsyncConnection, chat_id: int) -> None:
    """Let no stretch begin or end with a chat that has no alerts any more."""
    for bound in (stretches.c.after, stretches.c.until):
        await connection.execute(update(stretches).where(bound == chat_id).values({bound.name: chat_id - 1}))


_CHAT = select(alerts.c.chat_id).where(_ALONG).order_by(alerts.c.chat_id).offset(bindparam("before")).limit(1)
_LAY = insert(stretches)
_FREE = (
    select(stretches.c.id)
    .where(stretches.c.id.in_(bindparam("ids", expanding=True)))
    .with_for_update(skip_locked=True)
    .cte("free")
)
_THESE = stretches.c.id.in_(select(_FREE.c.id))
_FIRST = select(func.min(alerts.c.chat_id)).where(THEIRS).correlate(stretches).scalar_subquery()
_SHORTEN = update(stretches).where(_THESE).values(after=func.coalesce(_FIRST - 1, stretches.c.until))
_END = delete(stretches).where(_THESE, stretches.c.after == stretches.c.until)
