"""Alerts that were claimed are let through, or held until their chat may be disturbed.

The fan-out holds alerts by what was last known of a chat. Here, just before sending, the rule is asked again: quiet
hours may have begun since. What may not go is put off, and until when is noted for the fan-out. So nothing runs only
because some time has come, and a chat that gets no alerts costs nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts import timing
from bot.model import Alert
from bot.store import holding
from bot.store.holding import Standing

LONGEST_DAY = timedelta(hours=27)
"""Where the clock is set back a day is longer; a bound, to read no more than can matter."""


async def let_through(connection: AsyncConnection, claimed: Sequence[Alert], now: datetime) -> list[Alert]:
    """Those of the alerts that may go now, in their order. The others are held until they may."""
    moments = {alert.id: _moment(alert, now) for alert in claimed}
    limited = [alert for alert in claimed if _counts(alert) and moments[alert.id] <= now]
    if limited:
        chats = {alert.chat_id for alert in limited}
        counted = await holding.standing(connection, chats, now - LONGEST_DAY)
        over = beyond_limit(limited, counted, now)
        moments |= {alert.id: timing.next_morning(alert.settings, now) for alert in over}
    later: dict[datetime, list[int]] = defaultdict(list)
    for alert_id, moment in moments.items():
        if moment > now:
            later[moment].append(alert_id)
    for moment, ids in later.items():
        await holding.put_off(connection, ids, moment)
    await holding.hold(connection, _not_to_be_disturbed(claimed, now))
    return [alert for alert in claimed if moments[alert.id] <= now]


def beyond_limit(claimed: Iterable[Alert], counted: Iterable[Standing], now: datetime) -> list[Alert]:
    """Those of the alerts that exceed the limit of their chat's day: so many were sent today or stand before them."""
    standing: dict[int, list[Standing]] = defaultdict(list)
    for each in counted:
        standing[each.chat_id].append(each)

    def is_beyond(alert: Alert) -> bool:
        began = timing.day_began(alert.settings, now)
        before = (
            each.sent_at >= began if each.sent_at else each.alert_id < alert.id for each in standing[alert.chat_id]
        )
        return alert.settings.daily_cap is not None and sum(before) >= alert.settings.daily_cap

    return list(filter(is_beyond, claimed))


def _moment(alert: Alert, now: datetime) -> datetime:
    """When the alert may go. One that was held has waited for its digest; now only silence can hold it."""
    return (timing.opens if alert.held else timing.next_moment)(alert.settings, now)


def _counts(alert: Alert) -> bool:
    return alert.settings.daily_cap is not None and not alert.held


def _not_to_be_disturbed(claimed: Iterable[Alert], now: datetime) -> dict[int, datetime]:
    """Until when chats are not, of which alerts were claimed."""
    settings = {alert.chat_id: alert.settings for alert in claimed}
    moments = {chat_id: timing.next_moment(chosen, now) for chat_id, chosen in settings.items()}
    return {chat_id: moment for chat_id, moment in moments.items() if moment > now}
