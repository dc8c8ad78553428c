"""The bot's pace within one transaction: read and locked at its beginning, and written when it was drawn from."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts import pacing
from bot.model import Pace
from bot.store import pace as pace_store


class Purse:
    """What may be sent at this moment; ``pacing`` has the rules."""

    def __init__(self, pace: Pace, now: datetime, rate: float) -> None:
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

    def spend(self, messages: int) -> None:
        """So many messages go."""
        self.pace = pacing.spend(self.pace, messages)

    def slow(self) -> None:
        """Telegram has refused a message: it takes less than is set."""
        self.pace = pacing.slow(self.pace, self._now, self._rate)

    def halt(self, retry_after: timedelta) -> None:
        """Telegram has asked to wait: nothing goes until then."""
        self.pace = pacing.halt(self.pace, self._now, retry_after)


@asynccontextmanager
async def opened(connection: AsyncConnection, bot_id: int, rate: float, now: datetime) -> AsyncIterator[Purse]:
    """The bot's purse, which nobody else opens before the transaction ends; ``rate`` a second come into it."""
    pace = pacing.refill(await pace_store.read(connection, bot_id, pacing.fresh(now)), now, rate)
    purse = Purse(pace, now, rate)
    yield purse
    if purse.pace != pace:
        await pace_store.write(connection, bot_id, purse.pace)
