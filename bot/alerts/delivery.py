"""A message's way to Telegram: the alerts in it are sent together, and whatever Telegram answers has its path.

A send of which no answer came may have been delivered. It is sent again all the same: between an alert twice, which is
rare and harmless, and one never, the reader is better served by the first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.alerts import digest
from bot.alerts.digest import Parcel
from bot.alerts.message import Message, Site, render
from bot.alerts.refusals import Refusals
from bot.language import translation
from bot.model import Alert
from bot.store.outcomes import Corrected, Deleted, Failed, GivenBack, Moved, Outcome, Postponed, Rested, Sent
from bot.telegram.application import NOT_PATIENT, TelegramBot, refusal_lasts
from bot.telegram.calling import call

log = structlog.stdlib.get_logger()

MAX_ATTEMPTS = 100
"""After so many an alert is put aside: with the pauses in between that is most of a day."""
LONGEST_RETRY = timedelta(minutes=15)
WRONG_TOKEN_PAUSE = timedelta(minutes=1)
LONGEST_ID = 1 << 63
LONGEST_REASON = 500

NO_CHAT = (
    "chat not found", "peer_id_invalid", "user_id_invalid", "group chat was deactivated", "not enough rights",
    "have no rights", "need administrator rights", "chat_write_forbidden", "chat_admin_required", "chat_restricted",
)  # fmt: skip
"""By such words a 400 says that nothing can be sent to the chat."""
NO_THREAD = ("thread not found", "topic_closed", "topic_deleted")
"""By these that only its thread is gone; then the chat itself gets the alert."""
NO_BUTTON = ("button_url_invalid", "button url", "web page url", "wrong http url", "url host is empty")
"""By these that a link is refused as a button; then the alert goes without links as buttons."""


@dataclass(frozen=True, slots=True)
class Landed:
    """What became of an alert, and for how long its chat, or everything, has to wait."""

    outcome: Outcome
    chat_waits: timedelta | None = None
    all_wait: timedelta | None = None


def retry_at(now: datetime, attempts: int) -> datetime:
    """When to try an alert again that has failed so often for no fault of its own."""
    return now + min(timedelta(seconds=2.0 ** min(attempts, 20)), LONGEST_RETRY)


class Delivery:
    """Sends what was claimed; raises nothing."""

    def __init__(self, bot: TelegramBot, site: Site, clock: Callable[[], datetime], *, paid: bool) -> None:
        self._bot = bot
        self._site = site
        self._clock = clock
        self._paid = paid
        self._refusals = Refusals()
        self._refuses_token = False

    async def deliver(self, parcel: Parcel) -> list[Landed]:
        """Send the alerts in one message; what became of each.

        A digest that Telegram refuses as such goes in pieces, so that what is wrong with one article stops no other.
        """
        alert, *more = parcel
        language = translation(alert.language)
        try:
            message = digest.render(parcel, self._site, language) if more else render(alert, self._site, language)
            message_id = await self._send(alert, message, alert.thread_id)
        except TelegramError as error:
            if not more or not _is_of_the_message(error):
                return [self._refused(one, error) for one in parcel]
            log.error("digest refused; its alerts go one by one", alerts=len(parcel), reason=error.message)
            return [landed for one in parcel for landed in await self.deliver((one,))]
        except Exception as error:  # a bug with one message must not keep all others from leaving
            log.exception("alert failed", alert=alert.id)
            return [Landed(self._again(one, f"bug: {type(error).__name__}")) for one in parcel]
        self._refusals.taken()
        self._refuses_token = False
        now = self._clock()
        if _is_to_be_deleted(alert):
            return [Landed(Deleted(alert))]
        return [Landed(Corrected(one) if one.message_id is not None else Sent(one, message_id, now)) for one in parcel]

    async def _send(self, alert: Alert, message: Message, thread_id: int | None) -> int:
        """Send the message, or correct the one that was sent; without what Telegram refuses of it. Its id."""
        try:
            return await self._call(alert, message, thread_id)
        except BadRequest as error:
            if thread_id is not None and _says(error, NO_THREAD):
                return await self._send(alert, message, None)
            plain = message.without_links()
            if plain == message or not _says(error, NO_BUTTON):
                raise
        log.warning("links refused as buttons, sent without", alert=alert.id, article=alert.article.id)
        return await self._send(alert, plain, thread_id)

    async def _call(self, alert: Alert, message: Message, thread_id: int | None) -> int:
        if alert.message_id is not None:
            if _is_to_be_deleted(alert):
                await self._bot.delete_message(alert.chat_id, alert.message_id, rate_limit_args=NOT_PATIENT)
            else:
                there = {"chat_id": alert.chat_id, "message_id": alert.message_id}
                await call(self._bot, "editMessageText", there, message.written)
            return alert.message_id
        own = {
            "chat_id": alert.chat_id,
            "message_thread_id": thread_id,
            "disable_notification": alert.settings.silent or None,
            "allow_paid_broadcast": self._paid or None,
        }
        sent = await call(self._bot, "sendMessage", own, message.written)
        message_id = sent.get("message_id") if isinstance(sent, dict) else None
        if not isinstance(message_id, int) or not 0 <= message_id < LONGEST_ID:
            raise NetworkError("Telegram's answer has no message in it")
        return message_id

    def _refused(self, alert: Alert, error: TelegramError) -> Landed:
        now = self._clock()
        match error:
            case RetryAfter():
                waits = refusal_lasts(error)
                everybody = self._refusals.refused(alert.chat_id)
                return Landed(GivenBack(alert, now + waits), waits, waits if everybody else None)
            case InvalidToken():
                if not self._refuses_token:
                    log.error("Telegram refuses BOT_TOKEN; alerts are kept until it is right", error=error.message)
                self._refuses_token = True
                return Landed(GivenBack(alert, now + WRONG_TOKEN_PAUSE), all_wait=WRONG_TOKEN_PAUSE)
            case ChatMigrated():
                return Landed(Moved(alert, error.new_chat_id, now))
            case Forbidden():
                return Landed(Rested(alert, _reason(error)))
            case BadRequest() if alert.message_id is not None:  # not modified, or deleted, or too old to be edited
                return Landed(Corrected(alert))
            case BadRequest() if _says(error, NO_CHAT):
                return Landed(Rested(alert, _reason(error)))
            case BadRequest():
                return Landed(_given_up(alert, _reason(error)))
            case _:
                return Landed(self._again(alert, _reason(error)))

    def _again(self, alert: Alert, reason: str) -> Outcome:
        if alert.attempts >= MAX_ATTEMPTS:
            return _given_up(alert, reason)
        again = retry_at(self._clock(), alert.attempts)
        log.warning("alert not sent", alert=alert.id, attempts=alert.attempts, again_at=again, reason=reason)
        return Postponed(alert, again, reason)


def _given_up(alert: Alert, reason: str) -> Outcome:
    log.error("alert given up", alert=alert.id, article=alert.article.id, attempts=alert.attempts, reason=reason)
    return Corrected(alert) if alert.message_id is not None else Failed(alert, reason)


def _is_to_be_deleted(alert: Alert) -> bool:
    """Whether the message is about an article alone that an editor stopped; within a digest it is only struck out."""
    return alert.message_id is not None and alert.article.held_back and not alert.held


def _is_of_the_message(error: TelegramError) -> bool:
    """Whether the message itself is what Telegram refuses."""
    return isinstance(error, BadRequest) and not _says(error, NO_CHAT)


def _says(error: BadRequest, words: tuple[str, ...]) -> bool:
    said = error.message.lower()
    return any(word in said for word in words)


def _reason(error: TelegramError) -> str:
    return error.message.replace("\0", "")[:LONGEST_REASON]  # no database keeps a NUL
