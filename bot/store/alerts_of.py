"""The alerts of a chat, in whichever state they are.

An index by chat has all but the fresh ones; those are found by the few articles that have such at a time.
"""

from sqlalchemy import ColumnElement, bindparam, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.schema import FRESH, KNOWN_BY_CHAT, alerts, chats, stretches


def alerts_of(theirs: ColumnElement[bool]) -> ColumnElement[bool]:
    """Of an alert: that it is one of ``theirs``, which says of ``alerts.c.chat_id`` whose."""
    known = select(alerts.c.id).where(theirs, KNOWN_BY_CHAT)
    fresh = select(alerts.c.id).where(theirs, alerts.c.article_id.in_(select(stretches.c.article_id)), FRESH)
    return alerts.c.id.in_(union_all(known, fresh))


async def lock(connection: AsyncConnection, chat_id: int) -> None:
    """Let nobody else change the chat or its alerts until this transaction ends; to be done before it changes any.

    On PostgreSQL, a statement that changes ``alerts_of`` a chat leaves out one that another transaction was changing
    just then: when that has ended, the row is checked once more, and such a union does not find it. This statement
    may leave it out, too, but has locked it. On SQLite all that write take turns.
    """
    if connection.dialect.name == "postgresql":
        for rows in _LOCKED:
            await connection.execute(rows, {"chat": chat_id})


_LOCKED = (  # in this order by all, or two would wait for each other
    select(chats.c.id).where(chats.c.id == bindparam("chat")).with_for_update(),
    select(alerts.c.id).where(alerts_of(alerts.c.chat_id == bindparam("chat"))).with_for_update(),
)
