"""Subscriptions at a hub that nobody here wrote: asked, verified, called, left, denied."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp import web
from sqlalchemy import update

from bot import loops
from bot.feeds.link_headers import from_headers
from bot.feeds.pings import Pings
from bot.feeds.subscribing import Subscriber
from bot.feeds.websub import LEASE, METHODS, agreed
from bot.model import Feed
from bot.store import feeds, websub
from bot.store.database import Database
from bot.store.schema import subscriptions
from bot.store.websub import State, Subscription
from bot.web import websub as route
from bot.web.server import serving as web_server
from tests.feeds.connected import some_hubs
from tests.feeds.hub import is_installed, running_hub
from tests.logged import Logged, logged
from tests.web.outside import free_port
from tests.web_server import serving

__all__ = ["logged"]

pytestmark = pytest.mark.skipif(not is_installed(), reason="Flask-WebSub and celery are not installed")

RSS = "application/rss+xml"


def now() -> datetime:
    return datetime.now(UTC)


class Paper:
    """A feed that names its hub, and a bot that subscribes to it there."""

    def __init__(self, database: Database, logged: Logged) -> None:
        self._database, self.logged = database, logged
        self.hub = self.url = ""
        self.body = b"<rss version='2.0'><channel><title>Paper</title></channel></rss>"
        self.taken: list[bytes] = []

    async def answer(self, request: web.Request) -> web.Response:
        """The feed, with its hub and its own address in its headers."""
        link = f'<{self.hub}>; rel="hub", <{self.url}>; rel="self"'
        return web.Response(body=self.body, headers={"Link": link, "Content-Type": RSS})

    async def take(self, feed_id: int, body: bytes, content_type: str | None) -> None:
        """Take what the hub sent for the feed."""
        assert (feed_id, content_type) == (1, RSS)
        self.taken.append(body)

    @property
    def feed(self) -> Feed:
        """The feed, as it is polled."""
        return Feed(1, self.url)

    async def read(self) -> tuple[str, str]:
        """The hub that the feed names, and what that knows it by."""
        async with aiohttp.ClientSession() as client, client.get(self.url) as response:
            found = agreed(from_headers(response.headers.getall("Link"), self.url), (None, None), self.url)
        assert found == (self.hub, self.url)
        return found

    async def publish(self) -> None:
        """Tell the hub that there is news."""
        form = {"hub.mode": "publish", "hub.topic": self.url}
        async with aiohttp.ClientSession() as client, client.post(self.hub, data=form) as response:
            assert response.status == 202

    async def subscription(self) -> Subscription | None:
        """The only subscription there is."""
        async with self._database.write() as connection:
            found = await websub.claim_due(connection, now() + 2 * LEASE, timedelta(days=99), 9)
        return found[0] if found else None

    async def poll(self) -> None:
        """Do as if the feed had been polled: it is due later."""
        async with self._database.write() as connection:
            await feeds.claim_due(connection, [self.url], now(), timedelta(hours=1))

    async def is_due(self) -> bool:
        """Whether the feed is to be polled at once."""
        async with self._database.read() as connection:
            due = await feeds.next_due(connection, [self.url])
        assert due is not None
        return due <= now()


@pytest.fixture(scope="module")
def hubs() -> Iterator[str]:
    with running_hub() as address:
        yield address


@pytest.fixture
async def paper(database: Database, logged: Logged) -> AsyncIterator[Paper]:
    paper = Paper(database, logged)
    async with serving(paper.answer) as site:
        paper.url = f"{site}/feed"
        async with database.write() as connection:
            await feeds.register(connection, [paper.url], now())
        yield paper


@pytest.fixture
async def subscriber(database: Database, paper: Paper, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Subscriber]:
    """The bot's part: what asks, and what is called."""
    monkeypatch.setattr(loops, "LONGEST_PAUSE", timedelta(milliseconds=20))
    port, stop = free_port(), asyncio.Event()
    routes = route.routes(Pings(database, now, paper.take))
    callback = f"http://127.0.0.1:{port}{route.PATH}"
    async with some_hubs(paper.url) as asking, web_server(routes, port), asyncio.TaskGroup() as group:
        subscriber = Subscriber(database, asking, [paper.url], callback, now)
        group.create_task(subscriber.run(stop))
        yield subscriber
        stop.set()


@pytest.mark.parametrize("method", METHODS)
async def test_from_the_feeds_headers_to_what_its_hub_sends_and_back(
    hubs: str, paper: Paper, subscriber: Subscriber, method: str
) -> None:
    paper.hub = f"{hubs}/{method}"
    await subscriber.found_hub(paper.feed, await paper.read())
    await paper.logged.wait_for("hub calls")
    live = await paper.subscription()
    assert live is not None
    assert (live.state, live.failures) == (State.LIVE, 0)
    assert live.expires_at is not None
    assert LEASE - timedelta(minutes=5) < live.expires_at - now() <= LEASE

    await paper.poll()
    await paper.publish()
    await paper.logged.wait_for("hub called")
    assert paper.taken == [paper.body]
    assert not await paper.is_due()

    await subscriber.found_hub(paper.feed, None)
    await paper.logged.wait_for("hub calls no more, as asked")
    assert await paper.subscription() is None


async def test_a_hub_that_sends_nothing_has_the_feed_polled(hubs: str, paper: Paper, subscriber: Subscriber) -> None:
    paper.hub = f"{hubs}/sha512"
    await subscriber.found_hub(paper.feed, await paper.read())
    await paper.logged.wait_for("hub calls")
    await paper.poll()
    paper.body = b""
    await paper.publish()
    await paper.logged.wait_for("hub called")
    assert paper.taken == []
    assert await paper.is_due()


async def test_a_hub_that_is_asked_to_go_on_goes_on(
    hubs: str, paper: Paper, subscriber: Subscriber, database: Database
) -> None:
    paper.hub = f"{hubs}/sha256"
    await subscriber.found_hub(paper.feed, await paper.read())
    await paper.logged.wait_for("hub calls")
    async with database.write() as connection:
        await connection.execute(update(subscriptions).values(next_at=now()))
    await paper.logged.wait_for("hub calls", times=2)
    await paper.publish()
    await paper.logged.wait_for("hub called")
    assert paper.taken == [paper.body]


async def test_a_hub_that_denies(hubs: str, paper: Paper, subscriber: Subscriber) -> None:
    paper.hub = f"{hubs}/denies"
    await subscriber.found_hub(paper.feed, await paper.read())
    told = await paper.logged.wait_for("hub refuses to call")
    assert told["reason"] == "this hub denies everything"
    denied = await paper.subscription()
    assert denied is not None
    assert denied.state is State.DENIED


async def test_a_hub_that_calls_without_our_secret_is_not_believed(
    hubs: str, paper: Paper, subscriber: Subscriber, database: Database
) -> None:
    paper.hub = f"{hubs}/sha384"
    await subscriber.found_hub(paper.feed, await paper.read())
    await paper.logged.wait_for("hub calls")
    async with database.write() as connection:
        await connection.execute(update(subscriptions).values(secret="another"))
    await paper.poll()
    await paper.publish()
    await paper.logged.wait_for("a call that no hub signed is ignored, as will be more like it")
    assert paper.taken == []
    assert not await paper.is_due()
