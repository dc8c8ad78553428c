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
from bot.feeds import pace
from bot.feeds.fetching import Fetcher, without_password
from bot.feeds.gaps import catch_up
from bot.feeds.parsing import read_feed_apart
from bot.feeds.premium import PremiumRules
from bot.loops import LONGEST_PAUSE, repeat
from bot.model import Article, Feed, FeedContents, Fetched
from bot.store import articles as article_store
from bot.store import feeds as feed_store
from bot.store import notices
from bot.store.database import Database

log = structlog.stdlib.get_logger()

LEASE = timedelta(seconds=75)
"""After it, a feed whose poll died is polled again. Longer than the longest fetch and parse together."""
_BEGINNING = datetime.min.replace(tzinfo=UTC)


class Take(Protocol):
    """Takes a feed's articles in, oldest first; how many were new. As news, or only to fill the archive."""

    def __call__(self, feed_id: int, articles: Sequence[Article], *, as_news: bool, site: str | None) -> Awaitable[int]:
        """Store what is new; doing it twice changes nothing."""
        ...


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
        admins: Sequence[int] = (),
    ) -> None:
        self._database = database
        self._fetcher = fetcher
        self._take = take
        self._urls = urls
        self._every = every
        self._rules = rules
        self._clock = clock
        self._admins = admins

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
            await self._record_failure(feed, str(error), error)
        except Exception as error:  # a bug with one feed must not keep the others from being read
            log.exception("poll failed", feed=address)
            await self._record_failure(feed, f"bug: {type(error).__name__}", None)

    async def _poll(self, feed: Feed) -> None:
        url = feed.moved_to or feed.url
        fetched = await self._fetcher.fetch(url, etag=feed.etag, last_modified=feed.last_modified)
        if fetched is None:
            await self._record_success(feed, unchanged=True)
            return
        await self.take_in(feed, fetched)

    async def take_in(self, feed: Feed, fetched: Fetched) -> None:
        """Take in what the feed's server has answered, or its hub has brought. Raises FeedError, StoreUnreachable."""
        body_hash = hashlib.sha256(fetched.body).hexdigest()
        learnt = replace(
            feed,
            etag=fetched.etag,
            last_modified=fetched.last_modified,
            body_hash=body_hash,
            moved_to=fetched.moved_to or feed.moved_to,
        )
        if body_hash == feed.body_hash:
            await self._record_success(learnt, unchanged=True)
            return
        contents = await self._read(fetched)
        articles: Sequence[Article] = contents.articles
        if feed.filled_at is not None:
            articles = await catch_up(articles, fetched.url, self._read_page, self._any_known, failures=feed.failures)
        is_news = feed.filled_at is not None
        new = await self._take(feed.id, oldest_first(articles), as_news=is_news, site=contents.site)
        if contents.skipped:
            address = without_password(feed.url)
            log.warning("entries skipped", feed=address, entries=len(contents.skipped), first=contents.skipped[0])
        hint = min((span for span in (contents.every, fetched.max_age) if span is not None), default=None)
        learnt = replace(
            learnt,
            title=contents.title,
            filled_at=feed.filled_at or self._clock(),
            hint_seconds=int(hint.total_seconds()) if hint is not None else None,
        )
        await self._record_success(learnt, articles=len(articles), new=new)

    async def _read(self, fetched: Fetched) -> FeedContents:
        return await read_feed_apart(
            fetched.body, url=fetched.url, content_type=fetched.content_type, rules=self._rules
        )

    async def _read_page(self, url: str) -> Sequence[Article]:
        fetched = await self._fetcher.fetch(url)
        return (await self._read(fetched)).articles if fetched else ()

    async def _any_known(self, articles: Sequence[Article]) -> bool:
        async with self._database.read() as connection:
            return any(stored is not None for stored in await article_store.known(connection, articles))

    async def _record_success(self, feed: Feed, **told: object) -> None:
        usual = pace.every(self._every, feed.hint_seconds)
        wait = pace.pause(usual, 0, None, random.random())  # noqa: S311 - spreads load, keeps no secret
        address = without_password(feed.url)
        async with self._database.write() as connection:
            await feed_store.record_success(connection, feed, self._clock() + wait)
            if feed.told_at is not None:
                await notices.add(connection, self._admins, f"The feed {address} is read again.", self._clock())
        recovered = {"after_failures": feed.failures} if feed.failures else {}
        log.info("feed polled", feed=address, **told, **recovered)

    async def _record_failure(self, feed: Feed, reason: str, error: FeedError | None) -> None:
        retry_after = error.retry_after if error else None
        wait = pace.pause(self._every, feed.failures + 1, retry_after, random.random())  # noqa: S311 - as above
        now = self._clock()
        try:
            async with self._database.write() as connection:
                await feed_store.record_failure(connection, feed, reason, now, now + wait)
                if feed.told_at is None and pace.is_dead(feed, error, now):
                    await feed_store.record_told(connection, feed.id, now)
                    await notices.add(connection, self._admins, f"A feed needs you. {reason}", now)
        except StoreUnreachable as away:
            log.error("poll not recorded; the feed is polled again later", error=str(away))
        log.warning(
            "feed not read", reason=reason, failures=feed.failures + 1, again_in=f"{wait.total_seconds():.0f} s"
        )
