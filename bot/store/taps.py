"""Taps of readers that are told apart, where the operator wants to know who read what: off unless set."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Lead
from bot.store.database import insert
from bot.store.schema import alert_taps, alerts


async def note(connection: AsyncConnection, now: datetime, tapped: Iterable[tuple[int, Lead]]) -> None:
    """Note that readers went where their alerts lead, given by alert and lead; of each the first time counts.

    Of alerts that are gone by now nothing is kept.
    """
    pairs = set(tapped)
    ids = {alert_id for alert_id, _ in pairs}
    if not ids:
        return
    there = select(alerts.c.id).where(alerts.c.id.in_(ids)).with_for_update(read=True, key_share=True)
    known = set((await connection.execute(there)).scalars())
    rows = [
        {"alert_id": alert_id, "lead": lead, "tapped_at": now} for alert_id, lead in sorted(pairs) if alert_id in known
    ]
    if rows:
        await connection.execute(insert(connection, alert_taps).on_conflict_do_nothing(), rows)
