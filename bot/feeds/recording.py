"""Recording: what became of each poll, for the store, for the log, and for the admins where a feed is dead or back."""

import asyncio
import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from bot import metrics
from bot.addresses import without_password
from bot.errors import FeedError, StoreUnreachable
from bot.feeds import pace
from bot.feeds.subscribing import Subscriber
from bot.model import Feed
from bot.store import feeds as feed_store
from bot.store import notices
from bot.store.database import Database

log = structlog.stdlib.get_logger()

NOT_RECORDED = "poll not recorded; the feed is polled again later"


class Record:
    """Writes down what became of polls, and decides when to look at each feed next.

    Trouble with a feed is said as a warning once, until it is over or another; as long as it lasts, with how often it
    has come.
    """

    def __init__(
        self,
        database: Database,
        every: timedelta,
        clock: Callable[[], datetime],
        admins: Sequence[int],
        subscriber: Subscriber | None,
    ) -> None:
        self._database = database
        self._every = every
        self._clock = clock
        self._admins = admins
        self._subscriber = subscriber
        self._unchanged: dict[int, datetime] = {}
        self._turn = asyncio.Lock()

    async def unchanged(self, feed: Feed) -> None:
        """Nothing was learnt. Raises StoreUnreachable.

        Most polls end so, and those that do at the same moment share one transaction.
        """
        if feed.failures or feed.told_at is not None:
            await self.success(feed, unchanged=True)
            return
        wait = await self._wait(feed)
        self._unchanged[feed.id] = self._clock() + wait
        async with self._turn:
            together, self._unchanged = self._unchanged, {}
            if together:  # else another's transaction took this feed along
                async with self._database.write() as connection:
                    await feed_store.record_unchanged(connection, together, self._clock())
        metrics.POLLS.labels("unchanged").inc()
        log.info("feed polled", feed=without_password(feed.url), unchanged=True)

    async def success(self, feed: Feed, **told: object) -> None:
        """Keep what was learnt; ``told`` is what the log is to say of it. Raises StoreUnreachable."""
        wait = await self._wait(feed)
        now = self._clock()
        address = without_password(feed.url)
        async with self._database.write() as connection:
            await feed_store.record_success(connection, feed, now, now + wait)
            if feed.told_at is not None:
                await notices.add(connection, self._admins, f"The feed {address} is read again.", now)
        metrics.POLLS.labels("unchanged" if told.get("unchanged") else "changed").inc()
        recovered = {"after_failures": feed.failures} if feed.failures else {}
        log.info("feed polled", feed=address, **told, **recovered)

    async def brought(self, feed: Feed, **told: object) -> None:
        """Keep what a hub has brought, which says nothing of whether the feed itself can be read."""
        async with self._database.write() as connection:
            await feed_store.record_brought(connection, feed)
        log.info("feed brought by its hub", feed=without_password(feed.url), **told)

    async def failure(self, feed: Feed, error: Exception) -> None:
        """Count a failure, which is a bug where it is no FeedError."""
        metrics.POLLS.labels("failed").inc()
        trouble = error if isinstance(error, FeedError) else None
        reason = f"bug: {type(error).__name__}" if trouble is None else str(trouble)
        retry_after = trouble.retry_after if trouble else None
        wait = pace.pause(self._every, feed.failures + 1, retry_after, random.random())  # noqa: S311 - keeps no secret
        is_other = await self._count(feed, reason, trouble, wait)
        told = {"feed": without_password(feed.url), "reason": reason, "failures": feed.failures + 1}
        again_in = f"{wait.total_seconds():.0f} s"
        if is_other and trouble is None:
            log.error("poll failed", feed=told["feed"], exc_info=error)
        if is_other:
            log.warning("feed not read", **told, again_in=again_in)
        else:
            log.info("feed still not read", **told, again_in=again_in)

    async def _count(self, feed: Feed, reason: str, error: FeedError | None, wait: timedelta) -> bool:
        now = self._clock()
        try:
            async with self._database.write() as connection:
                is_other = await feed_store.record_failure(connection, feed, reason, now, now + wait)
                if feed.told_at is None and pace.is_dead(feed, error, now):
                    await feed_store.record_told(connection, feed.id, now)
                    await notices.add(connection, self._admins, f"A feed needs you. {reason}", now)
        except StoreUnreachable as away:
            log.error(NOT_RECORDED, feed=without_password(feed.url), error=str(away))
            return True
        return is_other

    async def _wait(self, feed: Feed) -> timedelta:
        usual = pace.every(self._every, feed.hint_seconds)
        if self._subscriber:
            usual = await self._subscriber.until_next_poll(feed, usual)
        return pace.pause(usual, 0, None, random.random())  # noqa: S311 - spreads load, keeps no secret
