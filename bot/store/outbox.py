"""The outbox: every alert from the moment it is owed until Telegram has taken it.

An alert is *fresh*, *due*, *waiting*, *sent* or *failed*. One that is claimed waits for the end of its lease and is due
then; nothing else is needed for a sender that died. So a crash repeats at most what was in flight, and loses none.
Stretches lead to those that are fresh, and those that are due have an index, both in the order in which they go: to
claim some costs the same however many alerts there are.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, delete, exists, func, or_, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningUpdate

from bot.model import Alert
from bot.store import articles as article_store
from bot.store import chats as chat_store
from bot.store import follows as follow_store
from bot.store import stretches as stretch_store
from bot.store.matches import WANTED, told_for
from bot.store.schema import DUE, FRESH, KNOWN_BY_CHAT, PENDING, WAITING, alerts, chats, stretches

RIPENED = 5_000
"""Alerts whose time has come that one claim makes due: a million at once hold nobody up."""

STRETCHES = 50
"""Along so many one claim looks for fresh alerts; the next one looks further."""

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
    rows = await _take_first(connection, until, limit)
    if held := {row.chat_id for row in rows if row.held}:
        given = {"until": until, "now": now, "chats": held, "most": COME_ALONG}
        rows += sorted(await connection.execute(_TAKE_HELD, given), key=_IN_ORDER)
    return await _read(connection, rows)


async def take(connection: AsyncConnection, wanted: Select[tuple[int]], until: datetime) -> list[Alert]:
    """Take alerts that were sent already, to correct them; nobody else does ``until`` then."""
    taken = await connection.execute(_taking(wanted, state=alerts.c.state), {"until": until})
    return await _read(connection, sorted(taken, key=_IN_ORDER))


async def next_due(connection: AsyncConnection, now: datetime) -> datetime | None:
    """When the next alert may go: now, or later; None where the outbox is empty.

    It is now, too, where a stretch leads to none any more: a claim forgets it.
    """
    may_go, moment = (await connection.execute(_NEXT_DUE)).one()
    return now if may_go else moment


async def backlog(connection: AsyncConnection, now: datetime) -> tuple[int, datetime | None]:
    """How many alerts could go and have not, and since when the first could."""
    number, oldest = (await connection.execute(_BACKLOG, {"now": now})).one()
    return int(number), oldest


async def withdraw(connection: AsyncConnection, article_id: int) -> None:
    """Let no alert of the article be sent as long as it is withdrawn."""
    pending = update(alerts).where(alerts.c.article_id == article_id, PENDING)
    await connection.execute(pending.values(state="failed", error=_WITHDRAWN))


async def restore(connection: AsyncConnection, article_id: int) -> None:
    """Let the alerts be sent after all that were pending when the article was withdrawn: it is there again.

    Those that nobody wants any more are not.
    """
    kept = update(alerts).where(alerts.c.article_id == article_id, alerts.c.error == _WITHDRAWN, WANTED)
    await connection.execute(kept.values(state="waiting", error=None))


async def retry(connection: AsyncConnection, alert_id: int, now: datetime) -> None:
    """Let an alert that was put aside be tried again, as if for the first time."""
    stopped = alerts.c.error.in_((_WITHDRAWN, HELD_BACK))
    aside = update(alerts).where(alerts.c.id == alert_id, alerts.c.state == "failed", ~stopped)
    await connection.execute(aside.values(state="due", due_at=now, attempts=0, error=None))


async def _take_first(connection: AsyncConnection, until: datetime, limit: int) -> list[Row[tuple[object, ...]]]:
    """Take the first ``limit`` alerts, of those that are fresh and those that are due."""
    rows: list[Row[tuple[object, ...]]] = []

    async def take(some: ReturningUpdate[*tuple[Any, ...]], **which: object) -> None:
        if len(rows) < limit:
            taken = await connection.execute(some, {"until": until, "most": limit - len(rows), **which})
            rows.extend(sorted(taken, key=_IN_ORDER))

    first, looked_along = (await connection.execute(_FIRST_STRETCHES, {"most": STRETCHES})).all(), []
    for up_to, of_article in groupby(first, key=attrgetter("rank")):
        if first[0].due_from is not None and first[0].due_from <= up_to:
            await take(_TAKE_DUE, up_to=up_to)
        for stretch in of_article:
            if len(rows) < limit:
                await take(_TAKE_FRESH, article=stretch.article_id, after=stretch.after, last=stretch.until)
                looked_along.append(stretch.id)
    if len(first) < STRETCHES:
        await take(_TAKE_DUE, up_to=_ANY_RANK)
    if looked_along:
        await stretch_store.shorten(connection, looked_along)
    return rows


async def _read(connection: AsyncConnection, rows: Collection[Row[tuple[object, ...]]]) -> list[Alert]:
    """The alerts of these rows, of one rank in the order in which they stand, with what their messages need.

    One of a chat that is gone is deleted: it must not keep others from being read, now and each time it is claimed.
    """
    if not rows:
        return []
    language = {row[0]: row[1] for row in await connection.execute(_SPOKEN, {"ids": {row.chat_id for row in rows}})}
    chat_ids = set(language)
    if astray := [row.id for row in rows if row.chat_id not in language]:
        await connection.execute(delete(alerts).where(alerts.c.id.in_(astray)))
        rows = [row for row in rows if row.chat_id in language]
    about = await article_store.get(connection, list({row.article_id for row in rows}))
    topic_ids = {topic.id for article in about.values() for topic in article.topics}
    followed = await follow_store.of_chats(connection, chat_ids, topic_ids)
    topic_id = await told_for(connection, [row.id for row in rows])
    settings = await chat_store.settings(connection, chat_ids)
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
        for row in sorted(rows, key=attrgetter("rank"))
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


_IN_ORDER = attrgetter("rank", "id")
_RIPE = and_(WAITING, alerts.c.due_at <= bindparam("now"))
_FIRST_RIPE = select(alerts.c.id).where(_RIPE).order_by(alerts.c.due_at).limit(bindparam("most"))
_FIRST_DUE = (
    select(alerts.c.id)
    .where(DUE, alerts.c.rank <= bindparam("up_to"))
    .order_by(alerts.c.rank, alerts.c.id)
    .limit(bindparam("most"))
)
_ANY_RANK = 1 << 62
_FIRST_STRETCHES = stretch_store.FIRST.add_columns(
    select(func.min(alerts.c.rank)).where(DUE).scalar_subquery().label("due_from")
)
_RIPEN = update(alerts).where(_one_of(_FIRST_RIPE)).values(state="due")
_TAKE_DUE = _taking(_FIRST_DUE)
_TAKE_FRESH = _taking(stretch_store.FIRST_FRESH)
_TAKE_HELD = _taking(_held())
_NEXT_DUE = select(
    or_(exists(select(stretches.c.id)), exists(select(alerts.c.id).where(DUE))),
    select(alerts.c.due_at).where(WAITING).order_by(alerts.c.due_at).limit(1).scalar_subquery(),
)
_EACH = select(func.count().label("number"), func.min(alerts.c.due_at).label("oldest"))
_APART = union_all(  # asked for one or the other, SQLite looks through all alerts
    _EACH.where(alerts.c.article_id.in_(select(stretches.c.article_id)), FRESH), _EACH.where(DUE), _EACH.where(_RIPE)
).subquery()
_BACKLOG = select(func.sum(_APART.c.number), func.min(_APART.c.oldest))
_SPOKEN = select(chats.c.id, func.coalesce(chats.c.chosen_language, chats.c.language)).where(
    chats.c.id.in_(bindparam("ids", expanding=True))
)
