"""What an article owes to the chats behind one, in the order of their ids, as statements that are built once.

Each takes ``article`` and that chat, ``after``; what else it takes stands with it.
"""

from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    or_,
    select,
)

from bot.store import follows as follow_store
from bot.store.database import AnyInsert, insert_for
from bot.store.matches import in_scope
from bot.store.schema import UTCDateTime, alerts, chats, follows, matches

_ARTICLE = bindparam("article", type_=alerts.c.article_id.type)
_AFTER = bindparam("after", type_=BigInteger())
_LAST = bindparam("last", type_=BigInteger())
_NOW = bindparam("now", type_=UTCDateTime())
_MOMENT = bindparam("moment", type_=UTCDateTime())


def _last() -> ScalarSelect[Any]:
    ends = (
        select(follows.c.chat_id)
        .where(follows.c.topic_id == matches.c.topic_id, follows.c.chat_id > _AFTER)
        .order_by(follows.c.chat_id)
        .offset(bindparam("share") - 1)
        .limit(1)
        .correlate(matches)
        .scalar_subquery()
    )
    of_topics = select(ends.label("chat_id")).where(matches.c.article_id == _ARTICLE).subquery()
    return select(func.min(of_topics.c.chat_id)).scalar_subquery()


AHEAD = select(
    _last().label("last"),
    exists().where(alerts.c.article_id == _ARTICLE, alerts.c.chat_id > _AFTER).label("again"),
)
"""The ``last`` chat of a chunk, null where what is ahead is no more than that; and whether there are alerts of the
article ahead: it was fanned out before, or a chat has another id since.

The chunk takes the chat that ends a topic's ``share`` of it, of the topic whose share ends first: an index has it
without a look at the follows in between.
"""


@cache
def writing(dialect: str, *, late: bool, several: bool, again: bool) -> AnyInsert:
    """Write an alert for each chat up to ``last`` that follows one of the article's topics, with this ``rank``.

    It goes at ``moment``, or is held until its chat may be disturbed; ``now`` says which follows are muted. Of a
    ``late`` article those of chats that get each alert at once are held until that moment, too; others have a time of
    their own. Where it has ``several`` topics, a chat gets one alert all the same. Where some may have been written,
    those ``again`` change nothing. Each of the two costs half as much again, and mostly there is no need.
    """
    owed = _owed(late=late)
    if several:
        thread = func.min(follows.c.thread_id).label("thread_id")
        once = [thread if column.key == "thread_id" else column for column in owed.selected_columns]
        owed = owed.with_only_columns(*once).group_by(chats.c.id)
    rows = insert_for(dialect, alerts).from_select(list(owed.selected_columns.keys()), owed)
    return rows.on_conflict_do_nothing() if again else rows


def _owed(*, late: bool) -> Select[Any]:
    has_its_time = chats.c.hold_until > _MOMENT
    held = or_(has_its_time, chats.c.digest == "now") if late else has_its_time
    return (
        select(
            chats.c.id.label("chat_id"),
            _ARTICLE.label("article_id"),
            follows.c.thread_id,
            bindparam("rank", type_=BigInteger()).label("rank"),
            func.coalesce(held, false()).label("held"),
            case((held, "waiting"), else_="fresh").label("state"),
            case((has_its_time, chats.c.hold_until), else_=_MOMENT).label("due_at"),
        )
        .join(matches, matches.c.topic_id == follows.c.topic_id)
        .join(chats, chats.c.id == follows.c.chat_id)
        .where(matches.c.article_id == _ARTICLE, in_scope(), follow_store.heard(_NOW), chats.c.resting_since.is_(None))
        # said of each table, it is looked for in each one's index: no database concludes it from a join
        .where(*(and_(chat_id > _AFTER, chat_id <= _LAST) for chat_id in (follows.c.chat_id, chats.c.id)))
    )
