"""The outbox: every alert from the moment it is owed until Telegram has taken it.

An alert that is claimed falls due again when its lease is over; nothing else is needed for a sender that died. So a
crash repeats at most what was in flight, and loses none.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Alert, FannedOut, Pace
from bot.store import articles as article_store
from bot.store import chats as chat_store
from bot.store import follows as follow_store
from bot.store import statistics
from bot.store.database import insert
from bot.store.matches import in_scope, told_for
from bot.store.schema import UTCDateTime, alerts, articles, chats, follows, matches, pace
from bot.store.statistics import Event, What

_WITHDRAWN = "the article was withdrawn"


async def fan_out(connection: AsyncConnection, now: datetime, size: int) -> FannedOut | None:
    """Write the next ``size`` alerts of the oldest article that still owes some; None where none does.

    Each chat gets one alert of an article, however many topics match; doing it twice changes nothing. A follow counts
    where it is not muted and the article says its topic within its scope.
    """
    waiting = select(articles).where(articles.c.fanned_out_at.is_(None), articles.c.withdrawn_at.is_(None))
    oldest = waiting.order_by(articles.c.id).limit(1)
    article = (await connection.execute(oldest.with_for_update(skip_locked=True))).first()
    if article is None:
        return None
    followers = _followers(article.id, now, after=article.fan_out_after)
    chunk = followers.order_by(follows.c.chat_id).limit(size).subquery()
    last, found = (await connection.execute(select(func.max(chunk.c.chat_id), func.count()).select_from(chunk))).one()
    written = 0
    if found:
        owed = followers.where(follows.c.chat_id <= last).add_columns(
            literal(article.id, alerts.c.article_id.type), literal(now, UTCDateTime())
        )
        rows = insert(connection, alerts).from_select(["chat_id", "article_id", "due_at"], owed)
        written = (await connection.execute(rows.on_conflict_do_nothing())).rowcount
    done = found < size
    reached = {
        "fan_out_after": None if done else last,  # what is done needs to know no chat
        "fanned_out_at": now if done else None,
    }
    await connection.execute(update(articles).where(articles.c.id == article.id).values(reached))
    return FannedOut(article.id, article.headline, written, done)


async def claim(connection: AsyncConnection, now: datetime, lease: timedelta, limit: int) -> list[Alert]:
    """Take up to ``limit`` alerts that are due, for ``lease``, the longest due first."""
    due = (
        select(alerts.c.id)
        .where(alerts.c.state == "due", alerts.c.due_at <= now)
        .order_by(alerts.c.due_at, alerts.c.id)
        .limit(limit)
    )
    return await _take(connection, due, now + lease)


async def claim_corrections(
    connection: AsyncConnection, now: datetime, lease: timedelta, limit: int, *, within: timedelta
) -> list[Alert]:
    """Take up to ``limit`` alerts that were sent within that time and show what their article no longer says."""
    outdated = _outdated(now, within).order_by(alerts.c.due_at, alerts.c.id).limit(limit)
    return await _take(connection, outdated, now + lease)


async def any_outdated(connection: AsyncConnection, now: datetime, *, within: timedelta) -> bool:
    """Whether ``claim_corrections`` would find any."""
    return (await connection.execute(_outdated(now, within).limit(1))).first() is not None


def _outdated(now: datetime, within: timedelta) -> Select[tuple[int]]:
    return (
        select(alerts.c.id)
        .join(articles, articles.c.id == alerts.c.article_id)
        .where(
            articles.c.revised_at > now - within,
            alerts.c.state == "sent",
            alerts.c.sent_at > now - within,
            alerts.c.revision < articles.c.revision,
            alerts.c.due_at <= now,
        )
    )


async def _take(connection: AsyncConnection, wanted: Select[tuple[int]], until: datetime) -> list[Alert]:
    # unlike a subquery, a CTE is read once whatever the planner thinks, so the limit holds
    taken = wanted.with_for_update(skip_locked=True, of=alerts).cte("taken")
    claimed = (
        update(alerts)
        .where(alerts.c.id.in_(select(taken.c.id)))
        .values(due_at=until, attempts=alerts.c.attempts + 1)
        .returning(alerts.c.id, alerts.c.chat_id, alerts.c.article_id, alerts.c.attempts, alerts.c.message_id)
    )
    rows = sorted(await connection.execute(claimed), key=lambda row: row.id)
    if not rows:
        return []
    chat_ids = {row.chat_id for row in rows}
    about = await article_store.get(connection, list({row.article_id for row in rows}))
    topic_ids = {topic.id for article in about.values() for topic in article.topics}
    followed = await follow_store.of_chats(connection, chat_ids, topic_ids)
    topic_id = await told_for(connection, [row.id for row in rows])
    settings = await chat_store.settings(connection, chat_ids)
    spoken = select(chats.c.id, chats.c.language).where(chats.c.id.in_(chat_ids))
    language = {row.id: row.language for row in await connection.execute(spoken)}
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
            settings=settings[row.chat_id],
            topic_id=topic_id[row.id],
        )
        for row in rows
    ]


async def next_due(connection: AsyncConnection) -> datetime | None:
    """When the next alert falls due, claimed ones at the end of their lease."""
    soonest = select(alerts.c.due_at).where(alerts.c.state == "due").order_by(alerts.c.due_at).limit(1)
    return (await connection.execute(soonest)).scalar()


async def backlog(connection: AsyncConnection, now: datetime) -> tuple[int, datetime | None]:
    """How many alerts are due and not yet sent, and since when the first is."""
    due = select(func.count(), func.min(alerts.c.due_at)).where(alerts.c.state == "due", alerts.c.due_at <= now)
    number, oldest = (await connection.execute(due)).one()
    return number, oldest


async def mark_sent(connection: AsyncConnection, alert: Alert, message_id: int, now: datetime) -> None:
    """Telegram has taken the alert, as its article was told when it was claimed."""
    sent = {"state": "sent", "message_id": message_id, "sent_at": now, "due_at": now, "error": None, "attempts": 0}
    values = {**sent, "revision": alert.article.revision}
    await connection.execute(update(alerts).where(alerts.c.id == alert.id).values(values))
    of = alert.topic_id, alert.article.id
    happened = {Event(What.SENT, *of): 1}
    if (delay := alert.delay(now)) is not None:
        happened |= {Event(What.PROMPT, *of): 1, Event(What.SECONDS, *of): round(delay.total_seconds())}
    await statistics.count(connection, now, happened)


async def mark_corrected(connection: AsyncConnection, alert: Alert) -> None:
    """The chat sees what the article said when the correction was claimed, or never will."""
    values = {"revision": alert.article.revision, "attempts": 0}
    await connection.execute(update(alerts).where(alerts.c.id == alert.id).values(values))


async def mark_failed(connection: AsyncConnection, alert: Alert, error: str, now: datetime) -> None:
    """The alert can never be sent."""
    await connection.execute(update(alerts).where(alerts.c.id == alert.id).values(state="failed", error=error))
    await statistics.count(connection, now, [Event(What.FAILED, alert.topic_id, alert.article.id)])


async def withdraw(connection: AsyncConnection, article_id: int) -> None:
    """Let no alert of the article be sent as long as it is withdrawn."""
    waiting = update(alerts).where(alerts.c.article_id == article_id, alerts.c.state == "due")
    await connection.execute(waiting.values(state="failed", error=_WITHDRAWN))


async def restore(connection: AsyncConnection, article_id: int) -> None:
    """Let the alerts be sent after all that waited when the article was withdrawn: it is there again."""
    held = update(alerts).where(alerts.c.article_id == article_id, alerts.c.error == _WITHDRAWN)
    await connection.execute(held.values(state="due", error=None))


async def postpone(connection: AsyncConnection, alert_id: int, due_at: datetime, error: str) -> None:
    """An attempt has failed; the next is from ``due_at`` on."""
    unsettled = update(alerts).where(alerts.c.id == alert_id, alerts.c.state != "failed")
    await connection.execute(unsettled.values(due_at=due_at, error=error))


async def retry(connection: AsyncConnection, alert_id: int, now: datetime) -> None:
    """Let an alert that was put aside be tried again, as if for the first time."""
    aside = update(alerts).where(alerts.c.id == alert_id, alerts.c.state == "failed", alerts.c.error != _WITHDRAWN)
    await connection.execute(aside.values(state="due", due_at=now, attempts=0, error=None))


async def give_back(connection: AsyncConnection, alert_ids: Sequence[int], due_at: datetime) -> None:
    """Undo the claim of alerts that must wait for reasons not their own; it does not count as an attempt."""
    unsettled = update(alerts).where(alerts.c.id.in_(alert_ids), alerts.c.state != "failed")
    await connection.execute(unsettled.values(due_at=due_at, attempts=alerts.c.attempts - 1))


async def read_pace(connection: AsyncConnection, bot_id: int, start: Pace) -> Pace:
    """The bot's pace, locked until the transaction ends, so that all senders together keep it."""
    values = {"tokens": start.tokens, "counted_at": start.counted_at}
    first = insert(connection, pace).values(bot_id=bot_id, **values)
    await connection.execute(first.on_conflict_do_nothing())
    query = select(pace.c.tokens, pace.c.counted_at, pace.c.halted_until).where(pace.c.bot_id == bot_id)
    return Pace(*(await connection.execute(query.with_for_update())).one())


async def write_pace(connection: AsyncConnection, bot_id: int, now_is: Pace) -> None:
    """Record the bot's pace."""
    values = {"tokens": now_is.tokens, "counted_at": now_is.counted_at, "halted_until": now_is.halted_until}
    await connection.execute(update(pace).where(pace.c.bot_id == bot_id).values(values))


def _followers(article_id: int, now: datetime, *, after: int | None) -> Select[tuple[int]]:
    followers = (
        select(follows.c.chat_id)
        .distinct()
        .join(matches, matches.c.topic_id == follows.c.topic_id)
        .join(chats, chats.c.id == follows.c.chat_id)
        .where(matches.c.article_id == article_id, in_scope(), follow_store.heard(now), chats.c.resting_since.is_(None))
    )
    return followers if after is None else followers.where(follows.c.chat_id > after)
