"""Replies to readers' commands pass before alerts: they never wait for the pace, and alerts pay for them by waiting."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.alerts import pacing, purse
from bot.loops import repeat
from bot.store import pace as pace_store
from bot.store.database import Database
from bot.telegram.application import PatientReplies, TelegramBot

EVERY = timedelta(milliseconds=250)
"""So often it is written down what replies took: each by itself would cost more than it."""


class Replies:
    """Draws what was sent beside alerts from the pace of the bot and of the chats."""

    def __init__(self, database: Database, bot: TelegramBot, rate: float, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._bot = bot
        self._rate = rate
        self._clock = clock

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop."""
        await repeat("counting replies", self._step, wake=asyncio.Event(), stop=stop)

    async def _step(self) -> timedelta:
        replies = self._bot.rate_limiter
        if not isinstance(replies, PatientReplies) or not replies.sent:
            return EVERY
        sent, now = dict(replies.sent), self._clock()
        async with (
            self._database.write() as connection,
            purse.opened(connection, self._bot.id, self._rate, now) as pace,
        ):
            pace.spend(sum(sent.values()))
            free_at = await pace_store.read_chats(connection, sent)
            named = {chat: number for chat, number in sent.items() if chat}
            then = {chat: pacing.after_messages(chat, named[chat], now, free_at.get(chat)) for chat in named}
            await pace_store.write_chats(connection, then, now)
        replies.sent.subtract(sent)
        replies.sent = +replies.sent
        return EVERY
