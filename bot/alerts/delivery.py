"""One alert's way to Telegram: it is sent, and whatever Telegram answers has its path.

A send of which no answer came may have been delivered. It is sent again all the same: between an alert twice, which is
rare and harmless, and one never, the reader is better served by the first.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot import metrics
from bot.alerts import pacing
from bot.alerts.message import Message, Site, render
from bot.errors import StoreUnreachable
from bot.language import translation
from bot.model import Alert
from bot.store import chats, outcomes
from bot.store import pace as pace_store
from bot.store.database import Database
from bot.telegram.application import NOT_PATIENT, TelegramBot, refusal_lasts

log = structlog.stdlib.get_logger()

MAX_ATTEMPTS = 100
"""After so many an alert is put aside: with the pauses in between that is most of a day."""
LONGEST_RETRY = timedelta(minutes=15)
WRONG_TOKEN_PAUSE = timedelta(minutes=1)
RECORD_PAUSE = timedelta(seconds=1)
"""Between two attempts to record an outcome while the database is away."""

Outcome = Callable[[AsyncConnection], Awaitable[None]]
"""Writes down what became of an alert."""


def retry_at(now: datetime, attempts: int) -> datetime:
    """When to try an alert again that has failed so often for no fault of its own."""
    return now + min(timedelta(seconds=2.0 ** min(attempts, 20)), LONGEST_RETRY)


class Delivery:
    """Sends claimed alerts. ``stop`` ends waiting for a database that is away."""

    def __init__(
        self,
        database: Database,
        bot: TelegramBot,
        site: Site,
        clock: Callable[[], datetime],
        *,
        paid: bool,
        stop: asyncio.Event,
    ) -> None:
        self._database = database
        self._bot = bot
        self._site = site
        self._clock = clock
        self._paid = paid
        self._stop = stop

    async def deliver(self, alert: Alert) -> None:
        """Send the alert and record what became of it."""
        try:
            await self._record(alert, await self._send(alert))
        except Exception as error:  # a bug with one alert must not keep all others from leaving
            log.exception("alert failed", alert=alert.id)
            await self._record(alert, partial(self._try_again, alert, f"bug: {type(error).__name__}"))

    async def _send(self, alert: Alert) -> Outcome:
        message = render(alert, self._site, translation(alert.language))
        try:
            if alert.message_id is not None:
                await self._correct(alert, alert.message_id, message)
                return partial(self._corrected, alert)
            sent = await self._bot.send_message(
                alert.chat_id,
                message.text,
                reply_markup=message.keyboard,
                link_preview_options=message.preview,
                allow_paid_broadcast=self._paid or None,
                rate_limit_args=NOT_PATIENT,
            )
        except TelegramError as error:
            return partial(self._refused, alert, error)
        return partial(self._sent, alert, sent.message_id)

    async def _correct(self, alert: Alert, message_id: int, message: Message) -> None:
        await self._bot.edit_message_text(
            message.text,
            chat_id=alert.chat_id,
            message_id=message_id,
            reply_markup=message.keyboard,
            link_preview_options=message.preview,
            rate_limit_args=NOT_PATIENT,
        )

    async def _record(self, alert: Alert, outcome: Outcome) -> None:
        """Write the outcome down as soon as the database lets us: what is sent and not recorded would be sent twice."""
        while True:
            try:
                async with self._database.write() as connection:
                    await outcome(connection)
            except StoreUnreachable as error:
                if self._stop.is_set():
                    log.error("outcome not recorded; the alert is taken again", alert=alert.id, error=str(error))
                    return
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), RECORD_PAUSE.total_seconds())
            else:
                return

    async def _sent(self, alert: Alert, message_id: int, connection: AsyncConnection) -> None:
        now = self._clock()
        await outcomes.mark_sent(connection, alert, message_id, now)
        metrics.ALERTS.labels("sent").inc()
        if (delay := alert.delay(now)) is not None:
            metrics.ALERT_DELAY.observe(delay.total_seconds())
        log.debug("alert sent", alert=alert.id)

    async def _corrected(self, alert: Alert, connection: AsyncConnection) -> None:
        await outcomes.mark_corrected(connection, alert)
        metrics.ALERTS.labels("corrected").inc()
        log.debug("alert corrected", alert=alert.id)

    async def _refused(self, alert: Alert, error: TelegramError, connection: AsyncConnection) -> None:
        match error:
            case RetryAfter():
                wait = refusal_lasts(error)
                if await self._halt(alert, wait, connection):
                    log.warning("Telegram asks to wait", seconds=wait.total_seconds())
            case InvalidToken():
                if await self._halt(alert, WRONG_TOKEN_PAUSE, connection):
                    log.error("Telegram refuses BOT_TOKEN; alerts are kept until it is right", error=error.message)
            case ChatMigrated():
                await self._migrate(alert, error.new_chat_id, connection)
            case Forbidden():
                await self._rest(alert, error.message, connection)
            case BadRequest() if alert.message_id is not None:  # not modified, or deleted, or too old to be edited
                await self._corrected(alert, connection)
            case BadRequest() if "chat not found" in error.message.lower():
                await self._rest(alert, error.message, connection)
            case BadRequest():
                await self._give_up(alert, error.message, connection)
            case _:
                await self._try_again(alert, error.message, connection)

    async def _halt(self, alert: Alert, wait: timedelta, connection: AsyncConnection) -> bool:
        """Let everything wait; whether nothing had to before."""
        now = self._clock()
        pace = await pace_store.read(connection, self._bot.id, pacing.fresh(now))
        await pace_store.write(connection, self._bot.id, pacing.halt(pace, now, wait))
        await outcomes.give_back(connection, [alert.id], now + wait)
        return pace.halted_until is None or pace.halted_until <= now

    async def _migrate(self, alert: Alert, new_id: int, connection: AsyncConnection) -> None:
        await chats.migrate(connection, alert.chat_id, new_id)
        await outcomes.give_back(connection, [alert.id], self._clock())
        log.info("group became a supergroup", chat=alert.chat_id, now=new_id)

    async def _rest(self, alert: Alert, reason: str, connection: AsyncConnection) -> None:
        if alert.message_id is not None:
            await outcomes.mark_corrected(connection, alert)
        await chats.rest(connection, alert.chat_id, self._clock(), reason)
        metrics.ALERTS.labels("rested").inc()
        log.info("chat rests", chat=alert.chat_id, reason=reason)

    async def _give_up(self, alert: Alert, reason: str, connection: AsyncConnection) -> None:
        if alert.message_id is None:
            await outcomes.mark_failed(connection, alert, reason, self._clock())
        else:
            await outcomes.mark_corrected(connection, alert)
        metrics.ALERTS.labels("failed").inc()
        log.error("alert given up", alert=alert.id, article=alert.article.id, attempts=alert.attempts, reason=reason)

    async def _try_again(self, alert: Alert, reason: str, connection: AsyncConnection) -> None:
        if alert.attempts >= MAX_ATTEMPTS:
            await self._give_up(alert, reason, connection)
            return
        again = retry_at(self._clock(), alert.attempts)
        await outcomes.postpone(connection, alert.id, again, reason)
        metrics.ALERTS.labels("again").inc()
        log.warning("alert not sent", alert=alert.id, attempts=alert.attempts, again_at=again, reason=reason)
