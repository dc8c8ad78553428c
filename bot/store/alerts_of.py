"""The alerts of a chat, in whichever state they are.

An index by chat has all but those that a fan-out has just written, to go at once: it writes a hundred thousand in a
second, and to enter them there was a fifth of its work, for a few minutes of their life. They are found by their
articles, as only few have such at a time.
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, func, not_, select, union_all

from bot.store.rank import article_of
from bot.store.schema import DUE, KNOWN_BY_CHAT, alerts


def alerts_of(theirs: ColumnElement[bool]) -> ColumnElement[bool]:
    """Of an alert: that it is one of ``theirs``, which says of ``alerts.c.chat_id`` whose."""
    known = select(alerts.c.id).where(theirs, KNOWN_BY_CHAT)
    going = select(alerts.c.id).where(theirs, alerts.c.article_id.in_(_GOING), DUE, not_(alerts.c.held))
    return alerts.c.id.in_(union_all(known, going))


def _going() -> Select[Any]:
    """The articles of which alerts are due.

    From each rank the index that has them in this order is asked for the next: it costs as much as there are articles,
    and not alerts.
    """
    ranks = select(func.min(alerts.c.rank).label("rank")).where(DUE).cte("ranks", recursive=True, nesting=True)
    following = select(func.min(alerts.c.rank)).where(DUE, alerts.c.rank > ranks.c.rank).correlate(ranks)
    ranks = ranks.union_all(select(following.scalar_subquery()).where(ranks.c.rank.is_not(None)))
    return select(article_of(ranks.c.rank)).where(ranks.c.rank.is_not(None))


_GOING = _going()
