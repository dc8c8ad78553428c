"""Who gets very many alerts is asked, once, whether they rather had a digest."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

import structlog
from telegram import InlineKeyboardMarkup
from telegram.error import TelegramError

from bot.alerts import timing
from bot.language import translation
from bot.loops import LONGEST_PAUSE, repeat
from bot.store import offers
from bot.store.database import Database
from bot.store.offers import Reading
from bot.telegram.application import TelegramBot
from bot.telegram.presses import Press, button

log = structlog.stdlib.get_logger()

WEEK = timedelta(days=7)
CHUNK = 500
"""Chats looked at together: some milliseconds of the database's time."""
PAUSE = timedelta(minutes=1)
"""Between two chunks. A hundred thousand chats are looked at within four hours, which is soon enough."""
FROM_THE_FIRST = -(1 << 62)


@dataclass(frozen=True, slots=True)
class TakeDigest(Press):
    """Rather have a digest."""

    WORD: ClassVar[str] = "offer_taken"


@dataclass(frozen=True, slots=True)
class DeclineDigest(Press):
    """Keep it as it is."""

    WORD: ClassVar[str] = "offer_declined"


class Offering:
    """Looks at a few chats at a time, and goes round all of them again and again."""

    def __init__(self, database: Database, bot: TelegramBot, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._bot = bot
        self._clock = clock
        self._after = FROM_THE_FIRST
        self._next_at = clock()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop."""
        await repeat("offering digests", self._step, wake=asyncio.Event(), stop=stop)

    async def _step(self) -> timedelta:
        now = self._clock()
        if self._next_at <= now:
            await self._look(now)
            self._next_at = now + PAUSE
        return LONGEST_PAUSE

    async def _look(self, now: datetime) -> None:
        async with self._database.read() as connection:
            chunk = await offers.readings(connection, now - WEEK, after=self._after, size=CHUNK)
        self._after = chunk[-1].chat_id if len(chunk) == CHUNK else FROM_THE_FIRST
        for reading in chunk:
            undisturbed = timing.opens(reading.settings, now) <= now
            if undisturbed and timing.deserves_digest(reading.settings, reading.sent):
                await self._offer(reading, now)

    async def _offer(self, reading: Reading, now: datetime) -> None:
        """Noted before it is asked: not to be asked is better than to be asked twice."""
        async with self._database.write() as connection:
            if not await offers.offered(connection, reading.chat_id, now):
                return
        language = translation(reading.language)
        _ = language.gettext
        text = language.ngettext(
            "You got {number} alert in the last week. Would you rather have them together, once a day?",
            "You got {number} alerts in the last week. Would you rather have them together, once a day?",
            reading.sent,
        ).format(number=reading.sent)
        buttons = [button(_("Once a day"), TakeDigest()), button(_("No, thanks"), DeclineDigest())]
        try:
            await self._bot.send_message(
                reading.chat_id,
                text,
                reply_markup=InlineKeyboardMarkup([buttons]),
                disable_notification=reading.settings.silent or None,
            )
        except TelegramError as error:
            log.warning("digest not offered", chat=reading.chat_id, reason=error.message)
        else:
            log.info("digest offered", chat=reading.chat_id, alerts=reading.sent)
