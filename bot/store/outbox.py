"""The outbox: every alert from the moment it is owed until Telegram has taken it.

An alert is *due*, *waiting*, *sent* or *failed*. One that is claimed waits for the end of its lease and is due again
then; nothing else is needed for a sender that died. So a crash repeats at most what was in flight, and loses none.
Those that are due have an index of their own, in the order in which they go: to claim some costs the same however many
there are.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, func, or_, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningUpdate

from bot.model import Alert
from bot.store import articles as article_store
from bot.store import chats as chat_store
from bot.store import follows as follow_store
from bot.store.matches import told_for
from bot.store.schema import DUE, KNOWN_BY_CHAT, PENDING, WAITING, alerts, chats

RIPENED = 5_000
"""Alerts whose time has come that one claim makes due: a million at once hold nobody up."""

COME_ALONG = 19
"""Alerts that were held for a chat and come along with one of them: a digest has twenty."""

_WITHDRAWN = "the article was withdrawn"
HELD_BACK = "an editor stopped the article"
"""The error of alerts that are not sent, or were deleted, because of it."""


async def claim(connection: AsyncConnection, now: datetime, lease: timedelta, limit: int) -> list[Alert]:
    """Take up to ``limit`` alerts that may go, for ``lease``: breaking news first, then the newest article's.

    Of a chat for which some were held, others that were held come along, beyond the limit, as many as one message
    holds: they go out together. What there is beyond them is due, too, and comes with a later claim.
    """
    until = now + lease
    await connection.execute(_RIPEN, {"now": now, "most": RIPENED})
    rows = (await connection.execute(_TAKE_DUE, {"until": until, "most": limit})).all()
    if held := {row.chat_id for row in rows if row.held}:
        given = {"until": until, "now": now, "chats": held, "most": COME_ALONG}
        rows = [*rows, *await connection.execute(_TAKE_HELD, given)]
    return await _read(connection, rows)


async def take(connection: AsyncConnection, wanted: Select[tuple[int]], until: datetime) -> list[Alert]:
    """Take alerts that were sent already, to correct them; nobody else does ``until`` then."""
    rows = (await connection.execute(_taking(wanted, state=alerts.c.state), {"until": until})).all()
    return await _read(connection, rows)


async def next_due(connection: AsyncConnection) -> datetime | None:
    """Since when an alert is due, or when the next one will be; None where the outbox is empty."""
    moment: datetime | None = (await connection.execute(_NEXT_DUE)).scalar()
    return moment


async def backlog(connection: AsyncConnection, now: datetime) -> tuple[int, datetime | None]:
    """How many alerts could go and have not, and since when the first could."""
    each = select(func.count().label("number"), func.min(alerts.c.due_at).label("oldest"))
    # apart: asked for one or the other, SQLite looks through all alerts
    apart = union_all(each.where(DUE), each.where(WAITING, alerts.c.due_at <= now)).subquery()
    number, oldest = (await connection.execute(select(func.sum(apart.c.number), func.min(apart.c.oldest)))).one()
    return int(number), oldest


async def withdraw(connection: AsyncConnection, article_id: int) -> None:
    """Let no alert of the article be sent as long as it is withdrawn."""
    pending = update(alerts).where(alerts.c.article_id == article_id, PENDING)
    await connection.execute(pending.values(state="failed", error=_WITHDRAWN))


async def restore(connection: AsyncConnection, article_id: int) -> None:
    """Let the alerts be sent after all that were pending when the article was withdrawn: it is there again."""
    kept = update(alerts).where(alerts.c.article_id == article_id, alerts.c.error == _WITHDRAWN)
    await connection.execute(kept.values(state="waiting", error=None))


async def retry(connection: AsyncConnection, alert_id: int, now: datetime) -> None:
    """Let an alert that was put aside be tried again, as if for the first time."""
    stopped = alerts.c.error.in_((_WITHDRAWN, HELD_BACK))
    aside = update(alerts).where(alerts.c.id == alert_id, alerts.c.state == "failed", ~stopped)
    await connection.execute(aside.values(state="due", due_at=now, attempts=0, error=None))


async def _read(connection: AsyncConnection, rows: Collection[Row[tuple[object, ...]]]) -> list[Alert]:
    """The alerts of these rows, in the order in which they go, with what their messages need."""
    if not rows:
        return []
    chat_ids = {row.chat_id for row in rows}
    about = await article_store.get(connection, list({row.article_id for row in rows}))
    topic_ids = {topic.id for article in about.values() for topic in article.topics}
    followed = await follow_store.of_chats(connection, chat_ids, topic_ids)
    topic_id = await told_for(connection, [row.id for row in rows])
    settings = await chat_store.settings(connection, chat_ids)
    language = {row[0]: row[1] for row in await connection.execute(_SPOKEN, {"ids": chat_ids})}
    return [
        Alert(
            id=row.id,
            chat_id=row.chat_id,
            language=language[row.chat_id],
            article=about[row.article_id],
            followed=frozenset(
                topic.id for topic in about[row.article_id].topics if (row.chat_id, topic.id) in followed
            ),
            attempts=row.attempts,
            message_id=row.message_id,
            thread_id=row.thread_id,
            held=row.held,
            settings=settings[row.chat_id],
            topic_id=topic_id[row.id],
        )
        for row in sorted(rows, key=lambda row: (row.rank, row.id))
    ]


def _one_of(wanted: Select[tuple[int]]) -> ColumnElement[bool]:
    # unlike a subquery, a CTE is read once whatever the planner thinks, so the limit holds
    free = wanted.with_for_update(skip_locked=True, of=alerts).cte("free")
    return alerts.c.id.in_(select(free.c.id))


def _held() -> Select[tuple[int]]:
    """The first alerts that were held for each of these chats and may go."""
    theirs = and_(alerts.c.chat_id.in_(bindparam("chats", expanding=True)), KNOWN_BY_CHAT, alerts.c.held)
    place = func.row_number().over(partition_by=alerts.c.chat_id, order_by=(alerts.c.rank, alerts.c.id))
    placed = select(alerts.c.id, place.label("place")).where(theirs, or_(DUE, _RIPE)).subquery()
    return select(alerts.c.id).where(alerts.c.id.in_(select(placed.c.id).where(placed.c.place <= bindparam("most"))))


def _taking(wanted: Select[tuple[int]], *, state: object = "waiting") -> ReturningUpdate[*tuple[Any, ...]]:
    """Take some of these until a moment, if nobody else is doing so."""
    columns = ("id", "rank", "chat_id", "article_id", "thread_id", "held", "attempts", "message_id")
    taken = update(alerts).where(_one_of(wanted))
    changed = taken.values(state=state, due_at=bindparam("until"), attempts=alerts.c.attempts + 1)
    return changed.returning(*(alerts.c[name] for name in columns))


_RIPE = and_(WAITING, alerts.c.due_at <= bindparam("now"))
_FIRST_RIPE = select(alerts.c.id).where(_RIPE).order_by(alerts.c.due_at).limit(bindparam("most"))
_FIRST_DUE = select(alerts.c.id).where(DUE).order_by(alerts.c.rank, alerts.c.id).limit(bindparam("most"))
_RIPEN = update(alerts).where(_one_of(_FIRST_RIPE)).values(state="due")
_TAKE_DUE = _taking(_FIRST_DUE)
_TAKE_HELD = _taking(_held())
_NEXT_DUE = select(
    func.coalesce(
        select(alerts.c.due_at).where(DUE).limit(1).scalar_subquery(),
        select(alerts.c.due_at).where(WAITING).order_by(alerts.c.due_at).limit(1).scalar_subquery(),
    )
)
_SPOKEN = select(chats.c.id, func.coalesce(chats.c.chosen_language, chats.c.language)).where(
    chats.c.id.in_(bindparam("ids", expanding=True))
)
