"""Polling: look at each feed when it is due, hand on what it holds, and decide when to look again."""

import asyncio
import hashlib
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol

import structlog

from bot.addresses import without_password
from bot.errors import NotAFeed, StoreUnreachable
from bot.feeds.fetching import Fetcher
from bot.feeds.gaps import catch_up
from bot.feeds.parsing import read_feed_apart
from bot.feeds.premium import PremiumRules
from bot.feeds.recording import NOT_RECORDED, Record
from bot.feeds.subscribing import Subscriber
from bot.feeds.websub import agreed
from bot.loops import LONGEST_PAUSE, repeat
from bot.model import Article, Feed, FeedContents, Fetched
from bot.store import articles as article_store
from bot.store import feeds as feed_store
from bot.store.database import Database

log = structlog.stdlib.get_logger()

LEASE = timedelta(seconds=75)
"""After it, a feed whose poll died is polled again. Of a poll that lives it is renewed."""
CLOCK_SLACK = timedelta(seconds=10)
"""By so much a clock may be set back and nobody minds."""
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
    """Polls the site's feeds, each on its own: one that hangs or breaks disturbs no other. ``due`` wakes it."""

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
        *,
        subscriber: Subscriber | None = None,
        due: asyncio.Event | None = None,
    ) -> None:
        self._database = database
        self._fetcher = fetcher
        self._take = take
        self._urls = urls
        self._rules = rules
        self._clock = clock
        self._due = due or asyncio.Event()
        self._subscriber = subscriber
        self._record = Record(database, every, clock, admins, subscriber)
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._looked_at = self._renewed_at = self._started_at = clock()
        self._read_at: dict[int, datetime] = {}
        self._heard: Counter[int] = Counter()
        self._turns: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop. A poll that is under way then is dropped: the next one finds the same."""
        async with asyncio.TaskGroup() as group:
            await repeat("polling", lambda: self._step(group), wake=self._due, stop=stop)
            for poll in self._under_way.values():
                poll.cancel()

    async def _step(self, group: asyncio.TaskGroup) -> timedelta:
        now = self._clock()
        await self._mind_the_clock(now)
        await self._renew_leases(now)
        async with self._database.read() as connection:
            next_due = await feed_store.next_due(connection, self._urls, but=self._under_way)
        if next_due is None or next_due > now:
            return next_due - now if next_due else LONGEST_PAUSE
        async with self._database.write() as connection:
            claimed = await feed_store.claim_due(connection, self._urls, now, LEASE, but=self._under_way)
        for feed in claimed:
            task = group.create_task(self._poll_or_report(feed), name=f"poll {without_password(feed.url)}")
            self._under_way[feed.id] = task
            task.add_done_callback(partial(self._done, feed.id))
        return timedelta(0)

    def _done(self, feed_id: int, _: asyncio.Task[None]) -> None:
        del self._under_way[feed_id]

    async def _mind_the_clock(self, now: datetime) -> None:
        """Where the clock was set back, what was to be polled soon would have to wait until it is as late again."""
        back = self._looked_at - now
        if back > CLOCK_SLACK:
            log.warning("the clock was set back; all feeds are polled now", by=f"{back.total_seconds():.0f} s")
            async with self._database.write() as connection:
                await feed_store.look_now(connection, self._urls, now)
            self._renewed_at = now
        self._looked_at = now

    async def _renew_leases(self, now: datetime) -> None:
        if self._under_way and now - self._renewed_at >= LEASE / 3:
            async with self._database.write() as connection:
                await feed_store.renew(connection, self._under_way, now, LEASE)
            self._renewed_at = now

    async def _poll_or_report(self, feed: Feed) -> None:
        try:
            await self._poll(feed)
        except StoreUnreachable as error:
            log.error(NOT_RECORDED, feed=without_password(feed.url), error=str(error))
        except Exception as error:  # noqa: BLE001 - said there; a bug with one feed must not keep the others from being read
            await self._record.failure(feed, error)

    async def _poll(self, feed: Feed) -> None:
        url, heard = feed.moved_to or feed.url, self._heard[feed.id]
        fetched = await self._fetcher.fetch(url, etag=feed.etag, last_modified=feed.last_modified)
        async with self._turns[feed.id]:
            await self._take_answer(feed, fetched, is_late=heard != self._heard[feed.id])

    async def _take_answer(self, feed: Feed, fetched: Fetched | None, *, is_late: bool) -> None:
        if is_late:  # the hub has brought something meanwhile, which may be newer than this
            async with self._database.write() as connection:
                await feed_store.look_now(connection, [feed.url], self._clock())
        elif fetched is not None:
            await self.take_in(feed, fetched)
        else:
            await self._record.unchanged(feed)
            self._is_read(feed)

    async def take_from_hub(self, feed_id: int, body: bytes, content_type: str | None) -> None:
        """Take in what a feed's hub has brought. Raises FeedError where the feed is to be polled instead."""
        async with self._turns[feed_id]:
            async with self._database.read() as connection:
                feed = await feed_store.get(connection, feed_id)
            if feed is None or feed.filled_at is None:
                raise NotAFeed("nothing of the feed is known before its first poll")
            url = without_password(feed.moved_to or feed.url)  # articles' relative links are seen from it
            brought = Fetched(url, body, content_type, etag=feed.etag, last_modified=feed.last_modified)
            await self.take_in(feed, brought, from_hub=True)
            self._heard[feed_id] += 1

    async def take_in(self, feed: Feed, fetched: Fetched, *, from_hub: bool = False) -> None:
        """Take in what the feed's server has answered, or its hub has brought. Raises FeedError, StoreUnreachable."""
        body_hash = hashlib.sha256(fetched.body).hexdigest()
        learnt = replace(feed, moved_to=fetched.moved_to or feed.moved_to)
        is_same = body_hash == feed.body_hash
        if not is_same or feed.etag or feed.last_modified:  # of a feed that broke off none were kept
            learnt = replace(learnt, etag=fetched.etag, last_modified=fetched.last_modified)
        if is_same and feed.filled_at is None:  # it breaks off twice at the same place, so this is all of it
            learnt = replace(learnt, filled_at=self._clock())
        if is_same and from_hub:
            return
        if learnt == feed and is_same:
            await self._record.unchanged(feed)
        elif is_same:
            await self._record.success(learnt, unchanged=True)
        else:
            was_read = feed.body_hash is not None
            changed = replace(learnt, body_hash=body_hash)
            await self._take_changed(changed, fetched, from_hub=from_hub, was_read=was_read)
        if not from_hub:  # of what hubs lose the next poll shall see the gap
            self._is_read(feed)

    def _is_read(self, feed: Feed) -> None:
        # never earlier than before, whatever the clock says: it was set back, and what was known is
        self._read_at[feed.id] = max(self._clock(), self._read_at.get(feed.id, self._started_at))

    async def _take_changed(self, feed: Feed, fetched: Fetched, *, from_hub: bool, was_read: bool) -> None:
        contents = await self._read(fetched)
        subscriber = None if from_hub else self._subscriber  # what a hub brings may be less than the feed has
        if subscriber:
            hub = agreed(fetched.links, (contents.hub, contents.self_url), fetched.url)
            await subscriber.found_hub(feed, hub)
        articles: Sequence[Article] = contents.articles
        is_news = feed.filled_at is not None
        if is_news and not from_hub:
            reaches_known = partial(self._reaches_known, feed.id)
            url = feed.moved_to or feed.url  # not the one that answered, which lacks the password
            articles = await catch_up(articles, url, self._read_page, reaches_known, failures=feed.failures)
        new = await self._take(feed.id, oldest_first(articles), as_news=is_news, site=contents.site)
        if subscriber and new and is_news:
            await subscriber.found_news(feed)
        if contents.skipped:
            address = without_password(feed.url)
            log.warning("entries skipped", feed=address, entries=len(contents.skipped), first=contents.skipped[0])
        hint = min((span for span in (contents.every, fetched.max_age) if span is not None), default=None)
        learnt = replace(
            feed,
            etag=feed.etag if contents.is_whole else None,  # or what it lacks would be taken for known
            last_modified=feed.last_modified if contents.is_whole else None,
            title=contents.title,
            # what a first poll that breaks off lacks shall be no news of the second
            filled_at=feed.filled_at or (self._clock() if contents.is_whole or was_read else None),
            hint_seconds=int(hint.total_seconds()) if hint is not None else None,
        )
        if from_hub:
            await self._record.brought(learnt, articles=len(articles), new=new)
        else:
            await self._record.success(learnt, articles=len(articles), new=new)

    async def _read(self, fetched: Fetched) -> FeedContents:
        return await read_feed_apart(
            fetched.body, url=fetched.url, content_type=fetched.content_type, rules=self._rules
        )

    async def _read_page(self, url: str) -> Sequence[Article]:
        fetched = await self._fetcher.fetch(url)
        return (await self._read(fetched)).articles if fetched else ()

    async def _reaches_known(self, feed_id: int, articles: Sequence[Article]) -> bool:
        """Whether a page goes back to what was known when this feed was last read.

        What another feed has brought since fills no gap in this, nor do articles that are pinned to its top.
        """
        until = self._read_at.get(feed_id, self._started_at)
        async with self._database.read() as connection:
            ids = await article_store.known(connection, articles, until=until)
        known = [stored is not None for stored in ids]
        return known[-1] or sum(known) > article_store.PINNED
