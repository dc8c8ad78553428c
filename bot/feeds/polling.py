"""Polling: look at each feed when it is due, hand on what it holds, and decide when to look again."""

import asyncio
import hashlib
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog

from bot.errors import FeedError, StoreUnreachable
from bot.feeds.fetching import Fetcher, without_password
from bot.feeds.parsing import read_feed_apart
from bot.feeds.premium import PremiumRules
from bot.loops import LONGEST_PAUSE, repeat
from bot.model import Article, Feed
from bot.store import feeds as feed_store
from bot.store.database import Database

log = structlog.stdlib.get_logger()

LEASE = timedelta(seconds=75)
"""After it, a feed whose poll died is polled again. Longer than the longest fetch and parse together."""
LONGEST_BACK_OFF = timedelta(minutes=30)
"""It is the publisher's own site: whatever ails it, look again at least this often."""
JITTER = 0.1
_BEGINNING = datetime.min.replace(tzinfo=UTC)


class Take(Protocol):
    """Takes a feed's articles in, oldest first; how many were new. As news, or only to fill the archive."""

    def __call__(self, feed_id: int, articles: Sequence[Article], *, as_news: bool) -> Awaitable[int]:
        """Store what is new; doing it twice changes nothing."""
        ...


def pause(every: timedelta, failures: int, retry_after: timedelta | None, chance: float) -> timedelta:
    """How long until the next poll, after so many failures in a row; ``chance`` in 0..1 spreads feeds a little."""
    if failures:
        every = max(every, min(every * 2 ** min(failures, 20), LONGEST_BACK_OFF))
    return max(every * (1 - JITTER * chance), retry_after or timedelta(0))


def oldest_first(articles: Sequence[Article]) -> list[Article]:
    """A feed's articles in the order in which they appeared; those without a date keep their place in the feed."""
    dated = all(article.published_at for article in articles)
    in_reverse = list(reversed(articles))
    return sorted(in_reverse, key=lambda article: article.published_at or _BEGINNING) if dated else in_reverse


class Poller:
    """Polls the site's feeds, each on its own: one that hangs or breaks disturbs no other."""

    def __init__(
        self,
        database: Database,
        fetcher: Fetcher,
        take: Take,
        urls: Sequence[str],
        every: timedelta,
        rules: PremiumRules,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._fetcher = fetcher
        self._take = take
        self._urls = urls
        self._every = every
        self._rules = rules
        self._clock = clock

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop. A poll that is under way then is dropped: the next one finds the same."""
        async with asyncio.TaskGroup() as group:
            polls: set[asyncio.Task[None]] = set()
            await repeat("polling", lambda: self._step(group, polls), wake=asyncio.Event(), stop=stop)
            for poll in polls:
                poll.cancel()

    async def _step(self, group: asyncio.TaskGroup, polls: set[asyncio.Task[None]]) -> timedelta:
        now = self._clock()
        async with self._database.read() as connection:
            next_due = await feed_store.next_due(connection, self._urls)
        if next_due is None or next_due > now:
            return next_due - now if next_due else LONGEST_PAUSE
        async with self._database.write() as connection:
            due = await feed_store.claim_due(connection, self._urls, now, LEASE)
        for feed in due:
            task = group.create_task(self._poll_or_report(feed), name=f"poll {without_password(feed.url)}")
            polls.add(task)
            task.add_done_callback(polls.discard)
        return timedelta(0)

    async def _poll_or_report(self, feed: Feed) -> None:
        address = without_password(feed.url)
        try:
            await self._poll(feed)
        except StoreUnreachable as error:
            log.error("poll not recorded; the feed is polled again later", feed=address, error=str(error))
        except FeedError as error:
            await self._record_failure(feed, str(error), error.retry_after)
        except Exception as error:  # a bug with one feed must not keep the others from being read
            log.exception("poll failed", feed=address)
            await self._record_failure(feed, f"bug: {type(error).__name__}", None)

    async def _poll(self, feed: Feed) -> None:
        fetched = await self._fetcher.fetch(feed.url, etag=feed.etag, last_modified=feed.last_modified)
        if fetched is None:
            await self._record_success(feed, unchanged=True)
            return
        body_hash = hashlib.sha256(fetched.body).hexdigest()
        learnt = replace(feed, etag=fetched.etag, last_modified=fetched.last_modified, body_hash=body_hash)
        if body_hash == feed.body_hash:
            await self._record_success(learnt, unchanged=True)
            return
        contents = await read_feed_apart(
            fetched.body,
            url=fetched.url,
            content_type=fetched.content_type,
            rules=self._rules,
        )
        new = await self._take(feed.id, oldest_first(contents.articles), as_news=feed.filled_at is not None)
        if contents.skipped:
            address = without_password(feed.url)
            log.warning("entries skipped", feed=address, entries=len(contents.skipped), first=contents.skipped[0])
        learnt = replace(learnt, title=contents.title, filled_at=feed.filled_at or self._clock())
        await self._record_success(learnt, articles=len(contents.articles), new=new)

    async def _record_success(self, feed: Feed, **told: object) -> None:
        wait = pause(self._every, 0, None, random.random())  # noqa: S311 - spreads load, keeps no secret
        async with self._database.write() as connection:
            await feed_store.record_success(connection, feed, self._clock() + wait)
        recovered = {"after_failures": feed.failures} if feed.failures else {}
        log.info("feed polled", feed=without_password(feed.url), **told, **recovered)

    async def _record_failure(self, feed: Feed, reason: str, retry_after: timedelta | None) -> None:
        wait = pause(self._every, feed.failures + 1, retry_after, random.random())  # noqa: S311 - as above
        again = self._clock() + wait
        try:
            async with self._database.write() as connection:
                await feed_store.record_failure(connection, feed.id, reason, again)
        except StoreUnreachable as error:
            log.error("poll not recorded; the feed is polled again later", error=str(error))
        log.warning(
            "feed not read", reason=reason, failures=feed.failures + 1, again_in=f"{wait.total_seconds():.0f} s"
        )
