"""Pings: what hubs call us for. They verify what we asked, deny it, and announce news."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from random import random
from typing import Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.addresses import without_password
from bot.errors import FeedError
from bot.feeds.websub import AFTER_DENIAL, Confirmed, Denied, Ended, Forged, Gone, Take, heed, meaning, renewal
from bot.store import websub as store
from bot.store.database import Database
from bot.store.websub import State, Subscription

log = structlog.stdlib.get_logger()


class TakeContents(Protocol):
    """Takes what a hub sent for a feed's content; raises FeedError where it is none."""

    def __call__(self, feed_id: int, body: bytes, content_type: str | None) -> Awaitable[object]:
        """Store what is new; doing it twice changes nothing."""
        ...


class Pings:
    """Answers hubs. What they send is handed to ``take``; without it, their feeds are polled at once instead.

    It sets ``due`` when a feed is to be polled, for a poller in the same process; one elsewhere finds it in the store.
    """

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        take: TakeContents | None = None,
        *,
        due: asyncio.Event | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._take = take
        self._due = due or asyncio.Event()
        self._forged: set[int] = set()

    async def verify(self, token: str, question: Mapping[str, str]) -> str | None:
        """What to answer a hub that asks or tells something; None where it is no business of that token's."""
        async with self._database.write() as connection:
            subscription = await store.by_token(connection, token)
            if subscription is None:
                return None
            meant = meaning(subscription, question)
            await self._record(connection, subscription, meant)
        match meant:
            case None:
                log.warning("hub asked what we did not", **_named(subscription), mode=question.get("hub.mode", ""))
                return None
            case Confirmed(challenge, lease):
                log.info("hub calls", **_named(subscription), for_seconds=lease.total_seconds())
                return challenge
            case Ended(challenge):
                log.info("hub calls no more, as asked", **_named(subscription))
                return challenge
            case Denied(reason):
                log.warning("hub refuses to call", **_named(subscription), reason=reason)
                return ""

    async def _record(
        self, connection: AsyncConnection, subscription: Subscription, meant: Confirmed | Ended | Denied | None
    ) -> None:
        now = self._clock()
        match meant:
            case Confirmed(_, lease):
                again = now + renewal(lease, random())  # noqa: S311 - spreads load, keeps no secret
                await store.record_confirmed(connection, subscription.id, now, now + lease, again)
                if subscription.state is not State.LIVE:  # what came out since the last poll no hub will announce
                    await store.poll_now(connection, subscription.feed_id, now)
            case Denied() if subscription.state is not State.UNWANTED:
                await store.record_denied(connection, subscription, now + AFTER_DENIAL)
                await store.poll_now(connection, subscription.feed_id, now)
            case Ended() | Denied():
                await store.remove(connection, subscription.id)

    async def expects(self, token: str) -> bool:
        """Whether anybody may call at this token; what nobody may say need not be read."""
        return not isinstance(heed(await self._find(token), {}, b""), Gone)

    async def ping(self, token: str, headers: Mapping[str, str], body: bytes) -> bool:
        """Take in a hub's call; whether one of that token was expected. One that is forged is not told so."""
        subscription = await self._find(token)
        heard = heed(subscription, headers, body)
        if subscription is None or isinstance(heard, Gone):
            return False
        if isinstance(heard, Forged):
            if subscription.id not in self._forged:
                log.warning("a call that no hub signed is ignored, as will be more like it", **_named(subscription))
            self._forged.add(subscription.id)
            return True
        self._forged.discard(subscription.id)
        taken = isinstance(heard, Take) and await self._has_taken(subscription, heard)
        async with self._database.write() as connection:
            await store.record_ping(connection, subscription.id, self._clock())
            if not taken:
                await store.poll_now(connection, subscription.feed_id, self._clock())
        if not taken:
            self._due.set()
        log.info("hub called", **_named(subscription), bytes=len(body), taken=taken)
        return True

    async def _has_taken(self, subscription: Subscription, call: Take) -> bool:
        if self._take is None:
            return False
        try:
            await self._take(subscription.feed_id, call.body, call.content_type)
        except FeedError as error:
            log.warning("hub sent no feed; it is polled", **_named(subscription), reason=str(error))
            return False
        return True

    async def _find(self, token: str) -> Subscription | None:
        async with self._database.read() as connection:
            return await store.by_token(connection, token)


def _named(subscription: Subscription) -> dict[str, str]:
    return {"feed": without_password(subscription.feed_url), "hub": subscription.hub}
