"""What became of alerts that were claimed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Alert
from bot.store import statistics
from bot.store.schema import alerts
from bot.store.statistics import Event, What


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


async def postpone(connection: AsyncConnection, alert_id: int, due_at: datetime, error: str) -> None:
    """An attempt has failed; the next is from ``due_at`` on."""
    unsettled = update(alerts).where(alerts.c.id == alert_id, alerts.c.state != "failed")
    await connection.execute(unsettled.values(due_at=due_at, error=error))


async def give_back(connection: AsyncConnection, alert_ids: Sequence[int], due_at: datetime) -> None:
    """Undo the claim of alerts that must wait for reasons not their own; it does not count as an attempt."""
    unsettled = update(alerts).where(alerts.c.id.in_(alert_ids), alerts.c.state != "failed")
    await connection.execute(unsettled.values(due_at=due_at, attempts=alerts.c.attempts - 1))
