"""A bot that hubs call, and a hub that calls: over HTTP, through the web server's routes, into a real database."""

import asyncio
import hmac
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import aiohttp
import pytest
from aiohttp import web

from bot.feeds.pings import Pings
from bot.store import feeds, websub
from bot.store.database import Database
from bot.store.websub import State, Subscription
from bot.web import websub as route
from tests.logged import Logged
from tests.make import FEED, NOW

TOKEN, KEY = "an-unguessable-token", b"the secret between us"
HUB, TOPIC = "http://hub.example/", "http://paper.example/feed/"
RSS = "application/rss+xml"
BODY = b"<rss><channel/></rss>"
LATER = timedelta(hours=1)


def sign(body: bytes, method: str = "sha256") -> str:
    """What the hub's calls are known by."""
    return f"{method}={hmac.new(KEY, body, method).hexdigest()}"


@dataclass
class Office:
    """A web server that hubs call, what it has taken, and a clock that the test holds."""

    database: Database
    logged: Logged
    now: datetime = NOW
    taken: list[tuple[int, bytes, str | None]] = field(default_factory=list)
    error: Exception | None = None
    due: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, feed_id: int, body: bytes, content_type: str | None) -> None:
        """Take a feed's content, or fail."""
        if self.error is not None:
            raise self.error
        self.taken.append((feed_id, body, content_type))

    async def subscribe(self, state: State = State.LIVE, *, asked: bool = True) -> None:
        """A subscription in this state; its feed is due later."""
        async with self.database.write() as connection:
            await feeds.register(connection, [FEED], NOW)
            await websub.want(connection, 1, HUB, TOPIC, token=TOKEN, secret=KEY.decode(), now=NOW)
            subscription = await websub.by_token(connection, TOKEN)
            assert subscription is not None
            if asked:
                await websub.record_asking(connection, subscription, "http://x/", NOW, NOW + LATER)
            match state:
                case State.LIVE:
                    await websub.record_confirmed(connection, subscription.id, NOW, NOW + 2 * LATER, NOW + LATER)
                case State.DENIED:
                    await websub.record_denied(connection, subscription, NOW + LATER)
                case State.UNWANTED:
                    await websub.unwant(connection, 1, NOW)
                    leaving = await websub.by_token(connection, TOKEN)
                    assert leaving is not None
                    await websub.record_asking(connection, leaving, "http://x/", NOW, NOW + LATER)

        await self.poll()

    async def poll(self) -> None:
        """Do as if the feed had been polled: it is due later."""
        async with self.database.write() as connection:
            await feeds.claim_due(connection, [FEED], self.now, LATER)

    async def subscription(self) -> Subscription:
        """The subscription."""
        async with self.database.read() as connection:
            subscription = await websub.by_token(connection, TOKEN)
        assert subscription is not None
        return subscription

    async def is_forgotten(self) -> bool:
        """Whether there is no subscription."""
        async with self.database.read() as connection:
            return await websub.by_token(connection, TOKEN) is None

    async def is_due(self) -> bool:
        """Whether the feed is to be polled at once."""
        async with self.database.read() as connection:
            due = await feeds.next_due(connection, [FEED])
        assert due is not None
        return due <= self.now


class Outside:
    """A hub that calls."""

    def __init__(self, client: aiohttp.ClientSession, url: str) -> None:
        self._client, self._url = client, url

    async def ask(self, token: str = TOKEN, mode: str = "subscribe", **more: str) -> tuple[int, str, str]:
        """Verify, or deny: status, body and kind of the answer."""
        question = {"mode": mode, "topic": TOPIC, "challenge": "<b>c&1</b>", "lease_seconds": "3600", **more}
        params = {f"hub.{name}": value for name, value in question.items()}
        async with self._client.get(f"{self._url}{route.PATH}/{token}", params=params) as response:
            assert (response.headers.get("X-Content-Type-Options") == "nosniff") == (response.status == 200)
            return response.status, await response.text(), response.headers["Content-Type"]

    async def call(self, body: bytes = BODY, *, token: str = TOKEN, signature: str | None = None) -> int:
        """Announce news: the status of the answer, which says nothing."""
        headers = {"Content-Type": RSS, "X-Hub-Signature": sign(body) if signature is None else signature}
        async with self._client.post(f"{self._url}{route.PATH}/{token}", data=body, headers=headers) as response:
            assert await response.read() == b""
            return response.status

    async def status_of(self, method: str, path: str) -> int:
        """The status of the answer to any other request."""
        async with self._client.request(method, self._url + path) as response:
            return response.status


@pytest.fixture
def office(database: Database, logged: Logged) -> Office:
    return Office(database, logged)


@pytest.fixture
async def hub(office: Office) -> AsyncIterator[Outside]:
    app = web.Application()
    app.add_routes(route.routes(Pings(office.database, lambda: office.now, office.take, due=office.due)))
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession() as client:
        yield Outside(client, f"http://127.0.0.1:{runner.addresses[0][1]}")
    await runner.cleanup()
