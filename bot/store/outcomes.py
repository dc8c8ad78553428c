"""What became of alerts that were claimed: many are written down in one transaction."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Alert
from bot.store import chats, statistics
from bot.store.outbox import HELD_BACK
from bot.store.schema import alerts
from bot.store.statistics import Event, What


@dataclass(frozen=True, slots=True)
class Sent:
    """Telegram has taken the alert, as its article was told when it was claimed."""

    alert: Alert
    message_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Corrected:
    """The chat sees what the article said when the correction was claimed, or never will."""

    alert: Alert


@dataclass(frozen=True, slots=True)
class Deleted:
    """The message is gone from the chat, as an editor stopped its article; who releases it has it sent again."""

    alert: Alert


@dataclass(frozen=True, slots=True)
class Failed:
    """The alert can never be sent."""

    alert: Alert
    error: str


@dataclass(frozen=True, slots=True)
class Postponed:
    """An attempt has failed; the next is from ``until`` on."""

    alert: Alert
    until: datetime
    error: str


@dataclass(frozen=True, slots=True)
class GivenBack:
    """The alert must wait for reasons not its own: this counts as no attempt."""

    alert: Alert
    until: datetime


@dataclass(frozen=True, slots=True)
class Rested:
    """Telegram refuses the whole chat."""

    alert: Alert
    error: str


@dataclass(frozen=True, slots=True)
class Moved:
    """The chat is a supergroup now, under another id: there the alert is to go."""

    alert: Alert
    new_id: int
    until: datetime


Outcome = Sent | Corrected | Deleted | Failed | Postponed | GivenBack | Rested | Moved


async def write(connection: AsyncConnection, outcomes: Iterable[Outcome], now: datetime) -> None:
    """Write them down, those of one kind in one go, and count what the newsroom counts."""
    by_kind: dict[type, list[Outcome]] = {}
    happened: Counter[Event] = Counter()
    for outcome in sorted(outcomes, key=lambda outcome: outcome.alert.id):  # all take locks in one order
        by_kind.setdefault(type(outcome), []).append(outcome)
        happened.update(_events(outcome))
    for kind, statement in _UPDATES.items():
        if some := by_kind.get(kind):
            await connection.execute(statement, [_values(outcome) for outcome in some])
    for outcome in by_kind.get(Rested, []) + by_kind.get(Moved, []):
        match outcome:
            case Rested(alert, error):
                await chats.rest(connection, alert.chat_id, now, error)
            case Moved(alert, new_id):
                await chats.migrate(connection, alert.chat_id, new_id)
    await statistics.count(connection, now, happened)


_ONE = alerts.c.id == bindparam("alert")
_UNSETTLED = alerts.c.state != "failed"
_SENT: dict[str, object] = {
    "state": "sent",
    "sent_at": bindparam("moment"),
    "due_at": bindparam("moment"),
    "error": None,
    "attempts": 0,
}
_LATER: dict[str, object] = {"due_at": bindparam("moment")}
_CORRECTED: dict[str, object] = {"revision": bindparam("seen"), "attempts": 0}
_UPDATES = {
    Sent: update(alerts).where(_ONE).values(**_SENT, message_id=bindparam("message"), revision=bindparam("seen")),
    Corrected: update(alerts).where(_ONE).values(_CORRECTED),
    Deleted: update(alerts).where(_ONE).values(**_CORRECTED, state="failed", error=HELD_BACK, message_id=None),
    Rested: update(alerts).where(_ONE, alerts.c.state == "sent").values(_CORRECTED),
    Failed: update(alerts).where(_ONE).values(state="failed", error=bindparam("reason")),
    Postponed: update(alerts).where(_ONE, _UNSETTLED).values(**_LATER, error=bindparam("reason")),
    GivenBack: update(alerts).where(_ONE, _UNSETTLED).values(**_LATER, attempts=alerts.c.attempts - 1),
    Moved: update(alerts).where(_ONE, _UNSETTLED).values(**_LATER, attempts=alerts.c.attempts - 1),
}


def _values(outcome: Outcome) -> dict[str, object]:
    values: dict[str, object] = {"alert": outcome.alert.id}
    match outcome:
        case Sent(alert, message_id, at):
            values |= {"moment": at, "message": message_id, "seen": alert.article.revision}
        case Corrected(alert) | Deleted(alert) | Rested(alert):
            values |= {"seen": alert.article.revision}
        case Failed(_, error):
            values |= {"reason": error}
        case Postponed(_, until, error):
            values |= {"moment": until, "reason": error}
        case GivenBack(_, until) | Moved(_, _, until):
            values |= {"moment": until}
    return values


def _events(outcome: Outcome) -> dict[Event, int]:
    article_id = outcome.alert.article.id
    match outcome:
        case Sent(alert, _, at):
            events = {Event(What.TOLD, topic_id): 1 for topic_id in alert.followed | {alert.topic_id}}
            events[Event(What.SENT, article_id=article_id)] = 1
            if (delay := alert.delay(at)) is not None:
                events[Event(What.PROMPT, article_id=article_id)] = 1
                events[Event(What.SECONDS, article_id=article_id)] = round(delay.total_seconds())
            return events
        case Failed():
            return {Event(What.FAILED, article_id=article_id): 1}
        case _:
            return {}
