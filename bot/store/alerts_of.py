"""The alerts of a chat, in whichever state they are.

An index by chat has all but the fresh ones; those are found by the few articles that have such at a time.
"""

from sqlalchemy import ColumnElement, select, union_all

from bot.store.schema import FRESH, KNOWN_BY_CHAT, alerts, stretches


def alerts_of(theirs: ColumnElement[bool]) -> ColumnElement[bool]:
    """Of an alert: that it is one of ``theirs``, which says of ``alerts.c.chat_id`` whose."""
    known = select(alerts.c.id).where(theirs, KNOWN_BY_CHAT)
    fresh = select(alerts.c.id).where(theirs, alerts.c.article_id.in_(select(stretches.c.article_id)), FRESH)
    return alerts.c.id.in_(union_all(known, fresh))
