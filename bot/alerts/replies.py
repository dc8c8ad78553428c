"""Replies to readers' commands pass before alerts: they never wait for the pace, and alerts pay for them by waiting."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.alerts.purse import Purses
from bot.loops import repeat
from bot.store.database import Database
from bot.telegram.application import PatientReplies, TelegramBot

EVERY = timedelta(milliseconds=250)
"""So often it is written down what replies took: each by itself would cost more than it."""


class Replies:
    """Draws what was sent beside alerts from the pace of the bot and of the chats."""

    def __init__(self, database: Database, bot: TelegramBot, rate: float, clock: Callable[[], datetime]) -> None:
        self._purses = Purses(database, bot.id, rate)
        self._bot = bot
        self._clock = clock

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop."""
        await repeat("counting replies", self._step, wake=asyncio.Event(), stop=stop)

    async def _step(self) -> timedelta:
        replies = self._bot.rate_limiter
        if not isinstance(replies, PatientReplies) or not replies.sent:
            return EVERY
        sent = dict(replies.sent)
        async with self._purses.opened(self._clock()) as purse:
            await purse.spend_anyway(sent)
        replies.sent.subtract(sent)
        replies.sent = +replies.sent
        return EVERY
