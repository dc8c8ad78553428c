"""Sending: alerts leave the outbox at the pace that Telegram allows."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import metrics
from bot.alerts import digest, holding, pacing
from bot.alerts.delivery import Delivery, Landed
from bot.alerts.digest import Parcel
from bot.alerts.message import Site
from bot.alerts.purse import Purse, Purses
from bot.errors import StoreUnreachable
from bot.loops import LONGEST_PAUSE, repeat
from bot.model import Alert
from bot.store import corrections, outbox, outcomes
from bot.store.database import Database
from bot.store.outcomes import GivenBack, Moved, Postponed, Rested, Sent
from bot.telegram.application import TelegramBot

log = structlog.stdlib.get_logger()

LEASE = timedelta(seconds=45)
"""After it, an alert whose sender died is taken again. Longer than the longest send, which tries twice for 15 s."""
IN_FLIGHT = 256
"""At 1000 a second each may wait for its answer for a quarter of a second; each takes a connection."""
RECORD_EVERY = timedelta(seconds=pacing.BATCH_SECONDS)
"""Outcomes wait so long to be written down together."""
CORRECTED_WITHIN = timedelta(days=2)
"""What a reader was told longer ago stays as it was."""
CORRECTED_EVERY = timedelta(seconds=2)
"""So often it is looked whether there is something to correct."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How many messages a second the bot may send, and whether it pays for more than the free ones."""

    per_second: float
    paid: bool = False


class Sender:
    """Sends what is due. ``due`` wakes it when the outbox has something new.

    It works in steps of one transaction: what has landed is written down, and what may leave is claimed. So the cost of
    a transaction is shared by many alerts, and with the database away nothing leaves whose outcome could not be kept.
    Any number of senders keep one pace, for the bot and for each chat.
    """

    def __init__(
        self,
        database: Database,
        bot: TelegramBot,
        site: Site,
        rate: Rate,
        clock: Callable[[], datetime],
        *,
        due: asyncio.Event,
    ) -> None:
        self._database = database
        self._purses = Purses(database, bot.id, rate.per_second)
        self._site = site
        self._delivery = Delivery(bot, site, clock, paid=rate.paid)
        self._clock = clock
        self._due = due
        self._flying: dict[int, Parcel] = {}  # by the id of the first alert
        self._landed: list[Landed] = []
        self._more_due = False  # more than the last claim had room for
        self._wants_room = False  # and that room is what it lacked
        self._looked_for_corrections: datetime | None = None
        self._looked_for_stopped: datetime | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop, and then until what is in flight has its answer and that is written down."""
        async with asyncio.TaskGroup() as group:

            async def step() -> timedelta:
                parcels, pause = await self._take()
                for parcel in parcels:
                    group.create_task(self._fly(parcel), name=f"send alert {parcel[0].id}")
                return pause

            await repeat("sending", step, wake=self._due, stop=stop)
        await self._write_down_the_last()

    async def _take(self) -> tuple[list[Parcel], timedelta]:
        """What may leave now, and how long until there can be more. What has landed is written down."""
        now = self._clock()
        pause = await self._until_due(now)
        if pause > timedelta(0) and not self._landed:
            return [], self._until_landed(pause)
        landed, self._landed = self._landed, []
        try:
            async with self._purses.opened(now) as purse:
                await self._write_down(purse, landed, now)
                parcels, wait = await self._claim(purse, now) if pause <= timedelta(0) else ([], pause)
        except BaseException:
            self._landed = landed + self._landed
            raise
        _report(landed)
        self._flying |= {parcel[0].id: parcel for parcel in parcels}
        took = self._clock() - now  # tokens come meanwhile, too
        return parcels, max(self._until_landed(wait) - took, timedelta(0))

    def _until_landed(self, wait: timedelta) -> timedelta:
        """So long, but not while something has landed, or may, that is to be written down."""
        return min(wait, RECORD_EVERY) if self._flying or self._landed else wait

    async def _until_due(self, now: datetime) -> timedelta:
        """How long nothing is due; zero where something is and there is room for it."""
        if len(self._flying) >= IN_FLIGHT:
            return RECORD_EVERY
        if self._more_due:
            return timedelta(0)
        async with self._database.read() as connection:
            if await self._is_outdated(connection, now):
                return timedelta(0)
            next_due = await outbox.next_due(connection, now)
        return LONGEST_PAUSE if next_due is None else max(next_due - now, timedelta(0))

    async def _is_outdated(self, connection: AsyncConnection, now: datetime) -> bool:
        """Whether something is to be corrected, which is looked for every now and then."""
        if _is_lately(self._looked_for_corrections, now):
            return False
        outdated = await corrections.any_due(connection, now, within=CORRECTED_WITHIN)
        self._looked_for_corrections = None if outdated else now
        return outdated

    async def _write_down(self, purse: Purse, landed: Sequence[Landed], now: datetime) -> None:
        """Write down what has landed, and what it means for the pace."""
        if not landed:
            return
        await outcomes.write(purse.connection, [one.outcome for one in landed], now)
        refused = {one.outcome.alert.chat_id: now + one.chat_waits for one in landed if one.chat_waits is not None}
        if refused:
            await purse.shut(refused)
        if waits := [one.all_wait for one in landed if one.all_wait is not None]:
            if refused and not purse.is_halted:
                log.warning("Telegram asks to wait", seconds=max(waits).total_seconds())
            purse.halt(max(waits))

    async def _claim(self, purse: Purse, now: datetime) -> tuple[list[Parcel], timedelta]:
        """What may leave now, and how long until there can be more."""
        connection, free = purse.connection, IN_FLIGHT - len(self._flying)
        room = min(purse.allowed, free)
        if room <= 0:
            return [], purse.wait
        stopped = await self._stopped(connection, now, room)
        room = max(room - len(stopped), 0)
        claimed = await outbox.claim(connection, now, LEASE, room)
        self._more_due = len(claimed) >= room
        self._wants_room = self._more_due and purse.allowed > free
        alerts = await holding.let_through(connection, self._not_in_flight(claimed), now)
        if (rest := room - len(alerts)) > 0 and self._looked_for_corrections is None:
            outdated = await corrections.claim(connection, now, LEASE, rest, within=CORRECTED_WITHIN)
            alerts += self._not_in_flight(outdated)
        alerts = stopped + alerts
        free_at = await purse.free_at({alert.chat_id for alert in alerts})
        turns = pacing.in_turn(digest.parcels(alerts, self._site), now, free_at)
        crowded = [GivenBack(alert, at) for parcel, at in turns.later for alert in parcel]
        await outcomes.write(connection, crowded, now)
        await purse.spend(len(turns.first), turns.free_at)
        return turns.first, purse.wait

    async def _stopped(self, connection: AsyncConnection, now: datetime, room: int) -> list[Alert]:
        """What was sent of articles that an editor has stopped since: it is deleted before anything else is sent."""
        if _is_lately(self._looked_for_stopped, now):
            return []
        stopped = await corrections.claim(connection, now, LEASE, room, within=CORRECTED_WITHIN, stopped=True)
        self._looked_for_stopped = None if stopped else now
        return self._not_in_flight(stopped)

    def _not_in_flight(self, alerts: Iterable[Alert]) -> list[Alert]:
        """One whose lease ran out while its outcome waits for the database is not to be sent again."""
        taken = {alert.id for parcel in self._flying.values() for alert in parcel}
        taken |= {one.outcome.alert.id for one in self._landed}
        return [alert for alert in alerts if alert.id not in taken]

    async def _fly(self, parcel: Parcel) -> None:
        landed = await self._delivery.deliver(parcel)
        self._landed += landed  # in a step of its own: what has landed meanwhile may be written down by now
        del self._flying[parcel[0].id]
        if self._wants_room and len(self._flying) <= IN_FLIGHT // 2:
            self._wants_room = False
            self._due.set()

    async def _write_down_the_last(self) -> None:
        landed, now = self._landed, self._clock()
        if not landed:
            return
        try:
            async with self._purses.opened(now) as purse:
                await self._write_down(purse, landed, now)
        except StoreUnreachable as error:
            log.error("outcomes not recorded; the alerts are taken again", alerts=len(landed), error=str(error))
        else:
            _report(landed)


def _is_lately(looked: datetime | None, now: datetime) -> bool:
    """Whether it was looked for corrections then so lately that it need not be now; clocks are set back, too."""
    return looked is not None and timedelta(0) <= now - looked < CORRECTED_EVERY


def _report(landed: Sequence[Landed]) -> None:
    """Count and log what was written down."""
    for kind, number in Counter(type(one.outcome) for one in landed).items():
        metrics.ALERTS.labels(_COUNTED.get(kind, kind.__name__.lower())).inc(number)
    for one in landed:
        match one.outcome:
            case Sent(alert, _, at):
                if (delay := alert.delay(at)) is not None:
                    metrics.ALERT_DELAY.observe(delay.total_seconds())
                log.debug("alert sent", alert=alert.id)
            case Rested(alert, reason):
                log.info("chat rests", chat=alert.chat_id, reason=reason)
            case Moved(alert, new_id):
                log.info("group became a supergroup", chat=alert.chat_id, now=new_id)


_COUNTED = {Postponed: "again", GivenBack: "again", Moved: "again"}
