"""Notices leave one by one; those to all readers below the alerts. What Telegram cannot take now is tried again."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from typing import ClassVar

import structlog
from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, ChatMigrated, Forbidden, TelegramError

from bot.alerts.purse import Purses
from bot.language import Language, translation
from bot.loops import LONGEST_PAUSE, repeat
from bot.store import notices, outbox
from bot.store.database import Database
from bot.store.notices import Notice
from bot.telegram.application import NOT_PATIENT, TelegramBot
from bot.telegram.calling import understood
from bot.telegram.presses import Press, button

log = structlog.stdlib.get_logger()

LEASE = timedelta(minutes=1)
"""After it a notice is tried again that was not taken, whatever the reason. Longer than the longest send."""


@dataclass(frozen=True, slots=True)
class HearNotices(Press):
    """A reader wants to hear what the newsroom says to all, where ``on`` is 1, or no more."""

    WORD: ClassVar[str] = "notices"
    on: int


def choice(language: Language, *, on: bool) -> InlineKeyboardButton:
    """The button with which a reader hears such notices again, or no more."""
    label = language.gettext("Hear of these again") if on else language.gettext("No more of these")
    return button(label, HearNotices(int(on)))


class Notices:
    """Sends what the store owes to single chats, at the pace that alerts have, ``rate`` messages a second."""

    def __init__(self, database: Database, bot: TelegramBot, rate: float, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._purses = Purses(database, bot.id, rate)
        self._bot = bot
        self._clock = clock

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop."""
        await repeat("notices", self._step, wake=asyncio.Event(), stop=stop)

    async def _step(self) -> timedelta:
        now = self._clock()
        async with self._database.read() as connection:
            if not await notices.any_due(connection, now):
                return LONGEST_PAUSE
        async with self._purses.opened(now) as purse:
            if purse.allowed < 1:
                return purse.wait
            alert_due = await outbox.next_due(purse.connection, now)
            quiet = alert_due is None or alert_due > now
            notice = await notices.claim(purse.connection, now, LEASE, to_all=quiet)
            if notice is None:  # alerts go first, or another process was quicker
                return LONGEST_PAUSE
            await purse.spend_anyway({notice.chat_id: 1})
        if await self._is_settled(notice):
            async with self._database.write() as connection:
                await notices.settle(connection, notice.id)
        return timedelta(0)

    async def _is_settled(self, notice: Notice) -> bool:
        """Send it; whether it need not be tried again."""
        refuse = InlineKeyboardMarkup([[choice(translation(notice.language), on=False)]]) if notice.to_all else None
        try:
            await understood(
                self._bot.send_message(
                    notice.chat_id, escape(notice.text), reply_markup=refuse, rate_limit_args=NOT_PATIENT
                )
            )
        except (BadRequest, Forbidden, ChatMigrated) as error:
            log.warning("notice refused", chat=notice.chat_id, reason=error.message)
        except TelegramError as error:
            log.warning("notice not sent", chat=notice.chat_id, reason=error.message)
            return False
        return True
