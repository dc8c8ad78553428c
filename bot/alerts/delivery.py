"""A message's way to Telegram: the alerts in it are sent together, and whatever Telegram answers has its path.

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
from bot.alerts import digest, pacing
from bot.alerts.digest import Parcel
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
"""Writes down what became of a message's alerts."""


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

    async def deliver(self, parcel: Parcel) -> None:
        """Send the alerts in one message and record what became of them.

        A digest that Telegram refuses as such goes in pieces, so that what is wrong with one article stops no other.
        """
        try:
            outcome = await self._send(parcel)
        except BadRequest as error:
            log.error("digest refused; its alerts go one by one", alerts=len(parcel), reason=error.message)
            for alert in parcel:
                await self.deliver((alert,))
            return
        except Exception as error:  # a bug with one message must not keep all others from leaving
            log.exception("alert failed", alert=parcel[0].id)
            outcome = partial(self._try_again, parcel, f"bug: {type(error).__name__}")
        await self._record(parcel, outcome)

    async def _send(self, parcel: Parcel) -> Outcome:
        """Raises BadRequest where several alerts are refused and may be none of them is at fault."""
        alert, *more = parcel
        language = translation(alert.language)
        message = digest.render(parcel, self._site, language) if more else render(alert, self._site, language)
        try:
            if alert.message_id is not None:
                await self._correct(alert, alert.message_id, message)
                return partial(self._corrected, parcel)
            sent = await self._bot.send_message(
                alert.chat_id,
                message.text,
                reply_markup=message.keyboard,
                link_preview_options=message.preview,
                disable_notification=alert.settings.silent,
                allow_paid_broadcast=self._paid or None,
                rate_limit_args=NOT_PATIENT,
            )
        except TelegramError as error:
            if more and alert.message_id is None and isinstance(error, BadRequest) and not _is_gone(error):
                raise
            return partial(self._refused, parcel, error)
        return partial(self._sent, parcel, sent.message_id)

    async def _correct(self, alert: Alert, message_id: int, message: Message) -> None:
        await self._bot.edit_message_text(
            message.text,
            chat_id=alert.chat_id,
            message_id=message_id,
            reply_markup=message.keyboard,
            link_preview_options=message.preview,
            rate_limit_args=NOT_PATIENT,
        )

    async def _record(self, parcel: Parcel, outcome: Outcome) -> None:
        """Write the outcome down as soon as the database lets us: what is sent and not recorded would be sent twice."""
        while True:
            try:
                async with self._database.write() as connection:
                    await outcome(connection)
            except StoreUnreachable as error:
                if self._stop.is_set():
                    log.error("outcome not recorded; the alert is taken again", alert=parcel[0].id, error=str(error))
                    return
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), RECORD_PAUSE.total_seconds())
            else:
                return

    async def _sent(self, parcel: Parcel, message_id: int, connection: AsyncConnection) -> None:
        now = self._clock()
        for alert in parcel:
            await outcomes.mark_sent(connection, alert, message_id, now)
            metrics.ALERTS.labels("sent").inc()
            if (delay := alert.delay(now)) is not None:
                metrics.ALERT_DELAY.observe(delay.total_seconds())
            log.debug("alert sent", alert=alert.id)

    async def _corrected(self, parcel: Parcel, connection: AsyncConnection) -> None:
        for alert in parcel:
            await outcomes.mark_corrected(connection, alert)
            metrics.ALERTS.labels("corrected").inc()
            log.debug("alert corrected", alert=alert.id)

    async def _refused(self, parcel: Parcel, error: TelegramError, connection: AsyncConnection) -> None:
        match error:
            case RetryAfter():
                wait = refusal_lasts(error)
                if await self._halt(parcel, wait, connection):
                    log.warning("Telegram asks to wait", seconds=wait.total_seconds())
            case InvalidToken():
                if await self._halt(parcel, WRONG_TOKEN_PAUSE, connection):
                    log.error("Telegram refuses BOT_TOKEN; alerts are kept until it is right", error=error.message)
            case ChatMigrated():
                await self._migrate(parcel, error.new_chat_id, connection)
            case Forbidden():
                await self._rest(parcel, error.message, connection)
            case BadRequest() if parcel[0].message_id is not None:  # not modified, or deleted, or too old to be edited
                await self._corrected(parcel, connection)
            case BadRequest() if _is_gone(error):
                await self._rest(parcel, error.message, connection)
            case BadRequest():
                await self._give_up(parcel, error.message, connection)
            case _:
                await self._try_again(parcel, error.message, connection)

    async def _halt(self, parcel: Parcel, wait: timedelta, connection: AsyncConnection) -> bool:
        """Let everything wait; whether nothing had to before."""
        now = self._clock()
        pace = await pace_store.read(connection, self._bot.id, pacing.fresh(now))
        await pace_store.write(connection, self._bot.id, pacing.halt(pace, now, wait))
        await outcomes.give_back(connection, [alert.id for alert in parcel], now + wait)
        return pace.halted_until is None or pace.halted_until <= now

    async def _migrate(self, parcel: Parcel, new_id: int, connection: AsyncConnection) -> None:
        old_id = parcel[0].chat_id
        await chats.migrate(connection, old_id, new_id)
        await outcomes.give_back(connection, [alert.id for alert in parcel], self._clock())
        log.info("group became a supergroup", chat=old_id, now=new_id)

    async def _rest(self, parcel: Parcel, reason: str, connection: AsyncConnection) -> None:
        for alert in parcel:
            if alert.message_id is not None:
                await outcomes.mark_corrected(connection, alert)
        await chats.rest(connection, parcel[0].chat_id, self._clock(), reason)
        metrics.ALERTS.labels("rested").inc()
        log.info("chat rests", chat=parcel[0].chat_id, reason=reason)

    async def _give_up(self, parcel: Parcel, reason: str, connection: AsyncConnection) -> None:
        for alert in parcel:
            if alert.message_id is None:
                await outcomes.mark_failed(connection, alert, reason, self._clock())
            else:
                await outcomes.mark_corrected(connection, alert)
            metrics.ALERTS.labels("failed").inc()
            article, attempts = alert.article.id, alert.attempts
            log.error("alert given up", alert=alert.id, article=article, attempts=attempts, reason=reason)

    async def _try_again(self, parcel: Parcel, reason: str, connection: AsyncConnection) -> None:
        attempts = max(alert.attempts for alert in parcel)
        if attempts >= MAX_ATTEMPTS:
            await self._give_up(parcel, reason, connection)
            return
        again = retry_at(self._clock(), attempts)
        for alert in parcel:
            await outcomes.postpone(connection, alert.id, again, reason)
        metrics.ALERTS.labels("again").inc()
        log.warning("alert not sent", alert=parcel[0].id, attempts=attempts, again_at=again, reason=reason)


def _is_gone(error: BadRequest) -> bool:
    """Whether there is no such chat, or none that lets the bot in."""
    return "chat not found" in error.message.lower()
