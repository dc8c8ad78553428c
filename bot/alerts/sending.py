"""Sending: alerts leave the outbox at the pace that Telegram allows."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts import digest, holding, pacing
from bot.alerts.delivery import Delivery
from bot.alerts.digest import Parcel
from bot.alerts.message import Site
from bot.loops import LONGEST_PAUSE, repeat
from bot.model import Alert
from bot.store import corrections, outbox, outcomes
from bot.store import pace as pace_store
from bot.store.database import Database
from bot.telegram.application import TelegramBot

log = structlog.stdlib.get_logger()

LEASE = timedelta(seconds=30)
"""After it, an alert whose sender died is taken again. Longer than the longest send, 15 s."""
IN_FLIGHT = 64
CORRECTED_WITHIN = timedelta(days=2)
"""What a reader was told longer ago stays as it was."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How many messages a second the bot may send, and whether it pays for more than the free ones."""

    per_second: float
    paid: bool = False


class Sender:
    """Sends what is due. ``due`` wakes it when the outbox has something new.

    Any number of senders keep one pace. That one chat's alerts come apart each sees to by itself; where two overdo it
    in one chat, Telegram asks to wait.
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
        self._bot = bot
        self._site = site
        self._rate = rate
        self._clock = clock
        self._due = due
        self._free_at: dict[int, datetime] = {}
        self._in_flight: set[Parcel] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop, and then until what is in flight has its answer."""
        delivery = Delivery(self._database, self._bot, self._site, self._clock, paid=self._rate.paid, stop=stop)
        async with asyncio.TaskGroup() as group:

            async def step() -> timedelta:
                parcels, pause = await self._take()
                for parcel in parcels:
                    group.create_task(self._fly(delivery, parcel), name=f"send alert {parcel[0].id}")
                return pause

            await repeat("sending", step, wake=self._due, stop=stop)

    async def _take(self) -> tuple[list[Parcel], timedelta]:
        """What may leave now, and how long until there can be more."""
        if len(self._in_flight) >= IN_FLIGHT:
            return [], LONGEST_PAUSE  # the next one to land wakes us
        async with self._database.read() as connection:
            next_due = await outbox.next_due(connection)
            outdated = await corrections.any_due(connection, self._clock(), within=CORRECTED_WITHIN)
        now = self._clock()
        if not outdated and (next_due is None or next_due > now):
            return [], LONGEST_PAUSE if next_due is None else next_due - now
        return await self._claim(now)

    async def _claim(self, now: datetime) -> tuple[list[Parcel], timedelta]:
        bot_id, rate = self._bot.id, self._rate.per_second
        async with self._database.write() as connection:
            pace = pacing.refill(await pace_store.read(connection, bot_id, pacing.fresh(now)), now, rate)
            room = min(pacing.allowed(pace, now), IN_FLIGHT - len(self._in_flight))
            alerts = await self._claim_up_to(connection, now, room) if room > 0 else []
            turns = pacing.in_turn(digest.parcels(alerts, self._site), now, self._free_at)
            for at, crowded in turns.later.items():
                await outcomes.give_back(connection, crowded, at)
            pace = pacing.spend(pace, len(turns.first))
            await pace_store.write(connection, bot_id, pace)
        self._free_at = turns.free_at
        self._in_flight.update(turns.first)
        return turns.first, pacing.wait(pace, now, rate)

    async def _claim_up_to(self, connection: AsyncConnection, now: datetime, room: int) -> list[Alert]:
        """What is due and may go; where that leaves room, what is to be corrected."""
        due = self._not_in_flight(await outbox.claim(connection, now, LEASE, room))
        claimed = await holding.let_through(connection, due, now)
        if (rest := room - len(claimed)) > 0:
            outdated = await corrections.claim(connection, now, LEASE, rest, within=CORRECTED_WITHIN)
            claimed += self._not_in_flight(outdated)
        return claimed

    def _not_in_flight(self, alerts: Iterable[Alert]) -> list[Alert]:
        """One whose lease ran out while its outcome waits for the database is not to be sent again."""
        flying = {alert.id for parcel in self._in_flight for alert in parcel}
        return [alert for alert in alerts if alert.id not in flying]

    async def _fly(self, delivery: Delivery, parcel: Parcel) -> None:
        try:
            await delivery.deliver(parcel)
        finally:
            if len(self._in_flight) >= IN_FLIGHT:
                self._due.set()
            self._in_flight.discard(parcel)
