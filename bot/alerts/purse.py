"""The bot's pace within one transaction: read and locked at its beginning, and written when it was drawn from."""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts import pacing
from bot.model import Pace
from bot.store import pace as pace_store
from bot.store.database import Database


class Purse:
    """What may be sent at this moment, by the bot and to each chat; ``pacing`` has the rules."""

    def __init__(self, connection: AsyncConnection, pace: Pace, now: datetime, rate: float) -> None:
        self.connection = connection
        self.pace = pace
        self._now = now
        self._rate = rate

    @property
    def allowed(self) -> int:
        """How many messages may go now."""
        return pacing.allowed(self.pace, self._now)

    @property
    def wait(self) -> timedelta:
        """How long until the next batch may go."""
        return pacing.wait(self.pace, self._now, self._rate)

    @property
    def is_halted(self) -> bool:
        """Whether Telegram has asked to wait and that time is not over."""
        return self.pace.halted_until is not None and self.pace.halted_until > self._now

    async def free_at(self, chat_ids: Collection[int]) -> dict[int, datetime]:
        """When each of these chats is free, as far as they got something lately."""
        return await pace_store.read_chats(self.connection, chat_ids)

    async def spend(self, messages: int, free_at: Mapping[int, datetime]) -> None:
        """So many messages go, and their chats are free then."""
        self.pace = pacing.spend(self.pace, messages)
        await pace_store.write_chats(self.connection, free_at, self._now)

    async def spend_anyway(self, messages: Mapping[int, int]) -> None:
        """So many messages go to each chat, by its id, whether it is free or not; under 0 to those not known by one."""
        known = {chat: number for chat, number in messages.items() if chat}
        before = await self.free_at(known)
        then = {chat: pacing.after_messages(chat, known[chat], self._now, before.get(chat)) for chat in known}
        await self.spend(sum(messages.values()), then)

    async def shut(self, until: Mapping[int, datetime]) -> None:
        """Telegram has refused each of these chats a message until then: it takes less than is set."""
        closed = {chat: pacing.shut_until(chat, moment) for chat, moment in until.items()}
        await pace_store.write_chats(self.connection, closed, self._now)
        self.pace = pacing.slow(self.pace, self._now, self._rate)

    def halt(self, retry_after: timedelta) -> None:
        """Telegram has asked to wait: nothing goes until then."""
        self.pace = pacing.halt(self.pace, self._now, retry_after)


@dataclass(frozen=True, slots=True)
class Purses:
    """Where whoever sends gets the bot's purse; ``rate`` messages a second come into it."""

    database: Database
    bot_id: int
    rate: float

    @asynccontextmanager
    async def opened(self, now: datetime) -> AsyncIterator[Purse]:
        """The bot's purse, which nobody else opens before its transaction ends."""
        async with self.database.write() as connection:
            start = await pace_store.read(connection, self.bot_id, pacing.fresh(now))
            pace = pacing.refill(start, now, self.rate)
            purse = Purse(connection, pace, now, self.rate)
            yield purse
            if purse.pace != pace:
                await pace_store.write(connection, self.bot_id, purse.pace)
