"""Sending: alerts leave the outbox at the pace that Telegram allows, and every answer has its path.

A send of which no answer came may have been delivered. It is sent again all the same: between an alert twice, which is
rare and harmless, and one never, the reader is better served by the first.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.alerts import pacing
from bot.alerts.message import Site, render
from bot.errors import StoreUnreachable
from bot.language import translation
from bot.loops import LONGEST_PAUSE, repeat
from bot.model import Alert
from bot.store import chats, outbox
from bot.store.database import Database
from bot.telegram.application import NOT_PATIENT, TelegramBot, refusal_lasts

log = structlog.stdlib.get_logger()

LEASE = timedelta(seconds=30)
"""After it, an alert whose sender died is taken again. Longer than the longest send, 15 s."""
IN_FLIGHT = 64
MAX_ATTEMPTS = 100
"""After so many an alert is put aside: with the pauses in between that is most of a day."""
LONGEST_RETRY = timedelta(minutes=15)
WRONG_TOKEN_PAUSE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Rate:
    """How many messages a second the bot may send, and whether it pays for more than the free ones."""

    per_second: float
    paid: bool = False


def retry_at(now: datetime, attempts: int) -> datetime:
    """When to try an alert again that has failed so often for no fault of its own."""
    return now + min(timedelta(seconds=2.0 ** min(attempts, 20)), LONGEST_RETRY)


class Sender:
    """Sends what is due. ``due`` wakes it when the outbox has something new."""

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
        self._sends: set[asyncio.Task[None]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop, and then until what is in flight has its answer."""
        async with asyncio.TaskGroup() as group:
            await repeat("sending", lambda: self._step(group), wake=self._due, stop=stop)

    async def _step(self, group: asyncio.TaskGroup) -> timedelta:
        async with self._database.read() as connection:
            next_due = await outbox.next_due(connection)
        now = self._clock()
        if next_due is None or next_due > now:
            return LONGEST_PAUSE if next_due is None else next_due - now
        alerts, pause = await self._claim(now)
        for alert in alerts:
            task = group.create_task(self._send_or_report(alert), name=f"send alert {alert.id}")
            self._sends.add(task)
            task.add_done_callback(self._sends.discard)
        return pause

    async def _claim(self, now: datetime) -> tuple[list[Alert], timedelta]:
        bot_id, rate = self._bot.id, self._rate.per_second
        async with self._database.write() as connection:
            pace = pacing.refill(await outbox.read_pace(connection, bot_id, pacing.fresh(now)), now, rate)
            room = min(pacing.allowed(pace, now), IN_FLIGHT - len(self._sends))
            claimed = await outbox.claim(connection, now, LEASE, room) if room > 0 else []
            alerts, later = pacing.one_a_chat(claimed)
            for seconds, crowded in later.items():
                await outbox.give_back(connection, crowded, now + timedelta(seconds=seconds))
            pace = pacing.spend(pace, len(alerts))
            await outbox.write_pace(connection, bot_id, pace)
        return alerts, pacing.wait(pace, now, rate)

    async def _send_or_report(self, alert: Alert) -> None:
        try:
            await self._send(alert)
        except StoreUnreachable as error:
            log.error("alert not recorded; it is taken again later", alert=alert.id, error=str(error))
        except Exception as error:  # a bug with one alert must not keep all others from leaving
            log.exception("alert failed", alert=alert.id)
            await self._try_again(alert, f"bug: {type(error).__name__}")

    async def _send(self, alert: Alert) -> None:
        message = render(alert, self._site, translation(alert.language))
        try:
            sent = await self._bot.send_message(
                alert.chat_id,
                message.text,
                reply_markup=message.keyboard,
                allow_paid_broadcast=self._rate.paid or None,
                rate_limit_args=NOT_PATIENT,
            )
        except TelegramError as error:
            await self._record_refusal(alert, error)
            return
        async with self._database.write() as connection:
            await outbox.mark_sent(connection, alert.id, sent.message_id, self._clock())
        log.debug("alert sent", alert=alert.id)

    async def _record_refusal(self, alert: Alert, error: TelegramError) -> None:
        match error:
            case RetryAfter():
                await self._halt(alert, refusal_lasts(error))
                log.warning("Telegram asks to wait", seconds=refusal_lasts(error).total_seconds())
            case InvalidToken():
                await self._halt(alert, WRONG_TOKEN_PAUSE)
                log.error("Telegram refuses BOT_TOKEN; alerts are kept until it is right", error=error.message)
            case ChatMigrated():
                await self._migrate(alert, error.new_chat_id)
            case Forbidden():
                await self._rest(alert, error.message)
            case BadRequest() if "chat not found" in error.message.lower():
                await self._rest(alert, error.message)
            case BadRequest():
                await self._give_up(alert, error.message)
            case _:
                await self._try_again(alert, error.message)

    async def _halt(self, alert: Alert, wait: timedelta) -> None:
        now = self._clock()
        async with self._database.write() as connection:
            pace = await outbox.read_pace(connection, self._bot.id, pacing.fresh(now))
            await outbox.write_pace(connection, self._bot.id, pacing.halt(pace, now, wait))
            await outbox.give_back(connection, [alert.id], now + wait)

    async def _migrate(self, alert: Alert, new_id: int) -> None:
        async with self._database.write() as connection:
            await chats.migrate(connection, alert.chat_id, new_id)
            await outbox.give_back(connection, [alert.id], self._clock())
        log.info("group became a supergroup", chat=alert.chat_id, now=new_id)
        self._due.set()

    async def _rest(self, alert: Alert, reason: str) -> None:
        async with self._database.write() as connection:
            await chats.rest(connection, alert.chat_id, self._clock(), reason)
        log.info("chat rests", chat=alert.chat_id, reason=reason)

    async def _give_up(self, alert: Alert, reason: str) -> None:
        async with self._database.write() as connection:
            await outbox.mark_failed(connection, alert.id, reason)
        log.error("alert given up", alert=alert.id, article=alert.article.id, attempts=alert.attempts, reason=reason)

    async def _try_again(self, alert: Alert, reason: str) -> None:
        if alert.attempts >= MAX_ATTEMPTS:
            await self._give_up(alert, reason)
            return
        again = retry_at(self._clock(), alert.attempts)
        async with self._database.write() as connection:
            await outbox.postpone(connection, alert.id, again, reason)
        log.warning("alert not sent", alert=alert.id, attempts=alert.attempts, again_at=again, reason=reason)
