"""Alerts that wait for their chat's time, and until when each chat is not to be disturbed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.alerts_of import alerts_of
from bot.store.schema import KNOWN_BY_CHAT, PENDING, WAITING, alerts, chats


@dataclass(frozen=True, slots=True)
class Standing:
    """An alert that counts towards its chat's limit a day: it was sent at once, or may still be."""

    alert_id: int
    chat_id: int
    sent_at: datetime | None


async def put_off(connection: AsyncConnection, alert_ids: Sequence[int], until: datetime) -> None:
    """Hold alerts that were claimed until their chat may be disturbed; it does not count as an attempt."""
    claimed = update(alerts).where(alerts.c.id.in_(alert_ids), WAITING)
    await connection.execute(claimed.values(held=True, due_at=until, attempts=alerts.c.attempts - 1))


async def hold(connection: AsyncConnection, until: Mapping[int, datetime]) -> None:
    """Note until when chats, by their ids, are not to be disturbed; the fan-out goes by it."""
    for moment in set(until.values()):
        ids = [chat_id for chat_id, at in until.items() if at == moment]
        await connection.execute(update(chats).where(chats.c.id.in_(ids)).values(hold_until=moment))


async def retime(connection: AsyncConnection, chat_id: int, moment: datetime) -> None:
    """Let all that is held for a chat, and not on its way already, wait until then."""
    theirs = update(alerts).where(alerts.c.chat_id == chat_id, KNOWN_BY_CHAT)
    held = theirs.where(alerts.c.held, PENDING, alerts.c.attempts == 0)
    await connection.execute(held.values(state="waiting", due_at=moment))


async def standing(connection: AsyncConnection, chat_ids: Collection[int], since: datetime) -> list[Standing]:
    """The alerts of these chats that are not held, and were sent since then or are still to be."""
    counts = or_(PENDING, and_(alerts.c.state == "sent", alerts.c.sent_at >= since))
    query = select(alerts.c.id, alerts.c.chat_id, alerts.c.sent_at).where(
        alerts_of(alerts.c.chat_id.in_(chat_ids)), alerts.c.held.is_(False), counts
    )
    return [Standing(*row) for row in await connection.execute(query)]
