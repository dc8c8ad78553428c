"""Subscribing: finds out which hubs call for which feeds, asks them to, and asks again in time."""

import asyncio
import random
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from bot.addresses import without_password
from bot.feeds.hubs import Hubs
from bot.feeds.websub import LEASE, back_off, between_polls
from bot.loops import LONGEST_PAUSE, repeat
from bot.model import Feed
from bot.store import websub as store
from bot.store.database import Database
from bot.store.websub import State, Subscription

log = structlog.stdlib.get_logger()

CLAIM = timedelta(seconds=90)
"""After it, a hub whose asking died is asked again. Longer than all redirects of one take together."""
AT_ONCE = 10
FAREWELLS = 3
"""How often a hub is asked to let go; after that it will see by itself, for we answer that we are gone."""
ANNOUNCED_WITHIN = timedelta(minutes=5)
"""News counts as announced that is found so soon after the hub was last heard, or a hub would have to outrun a poll."""


class Subscriber:
    """Keeps feeds subscribed to at their hubs, which call below ``callback``; without it feeds are only polled."""

    def __init__(
        self,
        database: Database,
        hubs: Hubs,
        urls: Sequence[str],
        callback: str | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._hubs = hubs
        self._urls = urls
        self._callback = callback
        self._clock = clock
        self._is_settled = False

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop. What is under way then is finished, which takes no longer than a hub may."""
        if self._callback is not None:
            await repeat("websub", self._step, wake=asyncio.Event(), stop=stop)

    async def found_hub(self, feed: Feed, agreed: tuple[str, str] | None) -> None:
        """Take in what a feed says of its hub and of the address by which that knows it, or that it has none."""
        async with self._database.read() as connection:
            if await store.current(connection, feed.id) == agreed:
                return
        async with self._database.write() as connection:
            await store.unwant(connection, feed.id, self._clock())
            if agreed is not None:
                token, secret = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
                await store.want(connection, feed.id, *agreed, token=token, secret=secret, now=self._clock())

    async def until_next_poll(self, feed: Feed, every: timedelta) -> timedelta:
        """How long to wait until the feed is polled again: ``every``, or longer while its hub calls."""
        if self._callback is None:
            return every
        async with self._database.read() as connection:
            until = await store.relied_upon_until(connection, feed.id)
        return between_polls(every, None if until is None else until - self._clock())

    async def found_news(self, feed: Feed) -> None:
        """Take in that a poll has found news: a hub that said nothing is not relied upon until it calls again."""
        async with self._database.write() as connection:
            doubted = await store.doubt(connection, feed.id, self._clock(), ANNOUNCED_WITHIN)
        if doubted:
            log.warning("hub said nothing of news; polled as if there were none", feed=without_password(feed.url))

    async def _step(self) -> timedelta:
        now = self._clock()
        if not self._is_settled:
            async with self._database.write() as connection:
                await store.keep_only(connection, self._urls, now)
                await store.move(connection, f"{self._callback}/", now)
            self._is_settled = True
        async with self._database.read() as connection:
            next_due = await store.next_due(connection)
        if next_due is None or next_due > now:
            return next_due - now if next_due else LONGEST_PAUSE
        async with self._database.write() as connection:
            due = await store.claim_due(connection, now, CLAIM, AT_ONCE)
        for error in await asyncio.gather(*map(self._see_to, due), return_exceptions=True):
            if error is not None:
                raise error
        return timedelta(0)

    async def _see_to(self, subscription: Subscription) -> None:
        if subscription.state is State.UNWANTED and subscription.failures >= FAREWELLS:
            async with self._database.write() as connection:
                await store.remove(connection, subscription.id)
        else:
            await self._ask(subscription)

    async def _ask(self, subscription: Subscription) -> None:
        now, leaving = self._clock(), subscription.state is State.UNWANTED
        # what a hub is to end it knows by the address that it was told, which may be one of before
        callback = (subscription.callback if leaving else None) or f"{self._callback}/{subscription.token}"
        again = back_off(subscription.failures + 1, random.random())  # noqa: S311 - spreads load, keeps no secret
        async with self._database.write() as connection:
            if not await store.record_asking(connection, subscription, callback, now, now + again):
                return
        form = {
            "hub.mode": "unsubscribe" if leaving else "subscribe",
            "hub.topic": subscription.topic,
            "hub.callback": callback,
        }
        if not leaving:
            form |= {"hub.secret": subscription.secret, "hub.lease_seconds": f"{LEASE.total_seconds():.0f}"}
        refusal = await self._hubs.ask(subscription.hub, form, feed_url=subscription.feed_url)
        told = {"feed": without_password(subscription.feed_url), "hub": subscription.hub, "to": form["hub.mode"]}
        if refusal is None:
            log.info("hub asked", **told, in_vain=subscription.failures)
        else:
            log.warning("hub not asked", **told, reason=refusal, again_in=f"{again.total_seconds():.0f} s")
