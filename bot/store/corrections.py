"""Corrections: alerts that were sent and show what their article no longer says."""

from datetime import datetime, timedelta

from sqlalchemy import Select, and_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Alert
from bot.store import outbox
from bot.store.schema import KNOWN_BY_CHAT, alerts, articles


async def claim(
    connection: AsyncConnection,
    now: datetime,
    lease: timedelta,
    limit: int,
    *,
    within: timedelta,
    stopped: bool = False,
) -> list[Alert]:
    """Take up to ``limit`` alerts that were sent within that time and are to be corrected.

    With ``stopped`` only those of articles that an editor has stopped, which are to be deleted. Of a digest all alerts
    come along, beyond the limit: it is one message, and corrected as one.
    """
    outdated = _outdated(now, within).order_by(alerts.c.due_at, alerts.c.id).limit(limit)
    if stopped:
        outdated = outdated.where(articles.c.held_back_at.is_not(None))
    claimed = await outbox.take(connection, outdated, now + lease)
    if digests := {(alert.chat_id, alert.message_id) for alert in claimed if alert.held}:
        of_them = and_(KNOWN_BY_CHAT, tuple_(alerts.c.chat_id, alerts.c.message_id).in_(digests))
        others = alerts.c.id.not_in([alert.id for alert in claimed])
        claimed += await outbox.take(connection, select(alerts.c.id).where(of_them, others), now + lease)
    return claimed


async def put_off(connection: AsyncConnection, alert_id: int, until: datetime) -> None:
    """Let an alert that was sent be corrected from then on only."""
    sent = update(alerts).where(alerts.c.id == alert_id, alerts.c.state == "sent")
    await connection.execute(sent.values(due_at=until))


async def any_due(connection: AsyncConnection, now: datetime, *, within: timedelta) -> bool:
    """Whether ``claim`` would find any."""
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
