"""What editors do to an article: send it before all others, or stop it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import fan_out
from bot.store.database import insert
from bot.store.matches import WANTED
from bot.store.outbox import HELD_BACK
from bot.store.rank import rank
from bot.store.schema import PENDING, alerts, article_keys, articles, matches, stretches


@dataclass(frozen=True, slots=True)
class Subject:
    """An article that an editor means, and whom it has reached."""

    id: int
    headline: str
    held_back: bool
    sent: int
    pending: int
    """Alerts that wait to be sent, or would if it was released."""


_WOULD_COME_AGAIN = and_(alerts.c.error == HELD_BACK, WANTED)
"""Of an alert: that it was stopped or deleted by an editor, and is sent once its article is released."""


async def find(connection: AsyncConnection, keys: Collection[str]) -> Subject | None:
    """The article that is known by one of these keys."""
    known = select(article_keys.c.article_id).where(article_keys.c.key.in_(keys)).limit(1)
    return await _subject(connection, (await connection.execute(known)).scalar())


async def get(connection: AsyncConnection, article_id: int) -> Subject | None:
    """The article of this id."""
    return await _subject(connection, article_id)


async def audience(connection: AsyncConnection, article_id: int, now: datetime, topic_id: int | None = None) -> int:
    """How many chats get the article's alert that have none yet, if it is about this topic, too."""
    about = select(matches.c.topic_id).where(matches.c.article_id == article_id)
    found = {*(await connection.execute(about)).scalars(), *([topic_id] if topic_id is not None else [])}
    return await fan_out.audience(connection, article_id, found, now)


async def put_first(connection: AsyncConnection, article_id: int, now: datetime, topic_id: int | None = None) -> None:
    """Let the article go to all of its followers who have not got it, before all others, whatever stopped it before.

    With ``topic_id`` it is about that topic, too. Readers' quiet hours and digests stay as they are.
    """
    if topic_id is not None:
        row = insert(connection, matches).values(article_id=article_id, topic_id=topic_id, found_in="tag")
        await connection.execute(row.on_conflict_do_nothing())
    await release(connection, article_id, now)
    first = {"breaking": True, "fanned_out_at": None, "fan_out_after": None}
    await connection.execute(update(articles).where(articles.c.id == article_id).values(first))
    before_all = {"rank": rank(article_id, breaking=True)}
    pending = update(alerts).where(alerts.c.article_id == article_id, PENDING)
    await connection.execute(pending.values(before_all))  # alerts first, as a claim locks them
    await connection.execute(update(stretches).where(stretches.c.article_id == article_id).values(before_all))


async def hold_back(connection: AsyncConnection, article_id: int, now: datetime) -> None:
    """Let no alert of the article be sent, and have those that were deleted."""
    stopped = {"held_back_at": now, "revised_at": now, "revision": articles.c.revision + 1}
    await connection.execute(update(articles).where(articles.c.id == article_id).values(stopped))
    pending = update(alerts).where(alerts.c.article_id == article_id, PENDING)
    await connection.execute(pending.values(state="failed", error=HELD_BACK))


async def release(connection: AsyncConnection, article_id: int, now: datetime) -> None:
    """Let an article be sent that was held back: what was stopped goes out, what was deleted comes again.

    Who follows none of its topics any more is not told.
    """
    held = articles.c.held_back_at.is_not(None)
    free = {"held_back_at": None, "revised_at": now, "revision": articles.c.revision + 1}
    await connection.execute(update(articles).where(articles.c.id == article_id, held).values(free))
    stopped = update(alerts).where(alerts.c.article_id == article_id, _WOULD_COME_AGAIN)
    again = {"state": "waiting", "due_at": now, "attempts": 0, "message_id": None, "error": None}
    await connection.execute(stopped.values(again))


async def _subject(connection: AsyncConnection, article_id: int | None) -> Subject | None:
    told = (
        select(articles.c.id, articles.c.headline, articles.c.held_back_at, func.count(alerts.c.id))
        .outerjoin(alerts, (alerts.c.article_id == articles.c.id) & (alerts.c.state == "sent"))
        .where(articles.c.id == article_id)
        .group_by(articles.c.id)
    )
    row = (await connection.execute(told)).first()
    if row is None:
        return None
    pending = select(func.count()).where(alerts.c.article_id == row[0], or_(PENDING, _WOULD_COME_AGAIN))
    return Subject(row[0], row[1], row[2] is not None, row[3], (await connection.execute(pending)).scalar_one())
