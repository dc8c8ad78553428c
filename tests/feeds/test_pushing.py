"""From a publisher's word to its hub to a stored article: the poller, its subscriptions and a hub nobody here wrote."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp import web
from sqlalchemy import select

from bot import loops
from bot.alerts.intake import Intake
from bot.feeds.connecting import SiteConnector
from bot.feeds.fetching import Fetcher
from bot.feeds.hubs import Hubs
from bot.feeds.pages import Pages
from bot.feeds.pings import Pings
from bot.feeds.polling import Poller
from bot.feeds.subscribing import Subscriber
from bot.feeds.websub import SAFETY_NET
from bot.store import feeds
from bot.store.database import Database
from bot.store.schema import articles
from bot.topics.matching import Matcher
from bot.web import websub as route
from bot.web.server import serving as web_server
from tests.feeds.hub import is_installed, running_hub
from tests.feeds.page_reading import RULES
from tests.logged import Logged, logged
from tests.web.outside import free_port
from tests.web_server import serving

__all__ = ["logged"]

pytestmark = pytest.mark.skipif(not is_installed(), reason="Flask-WebSub and celery are not installed")

LINK = '<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="{}" href="{}"/>'
ITEM = "<item><title>News {0}</title><link>http://127.0.0.1/{0}/</link><guid>{0}</guid></item>"


def now() -> datetime:
    return datetime.now(UTC)


class Paper:
    """A feed at a hub; ``in_feed`` and ``in_headers`` say where it names it, ``thin`` what the hub is given."""

    def __init__(self, hub: str, *, in_feed: bool, thin: bool) -> None:
        self.hub, self.url, self.news = hub, "", 1
        self._in_feed, self._thin = in_feed, thin

    async def answer(self, request: web.Request) -> web.Response:
        """The feed, and 404 for its pages."""
        if request.path != "/feed/":
            return web.Response(status=404)
        for_us = "Tagalong" in request.headers["User-Agent"]
        named = {"Link": f'<{self.hub}>; rel="hub", <{self.url}>; rel="self"'}
        headers = {"Content-Type": "application/rss+xml", **({} if for_us and self._in_feed else named)}
        links = LINK.format("hub", self.hub) + LINK.format("self", self.url) if self._in_feed else ""
        items = "".join(ITEM.format(at) for at in range(self.news, 0, -1))
        text = f"<rss version='2.0'><channel><title>Paper</title>{links}{items}</channel></rss>"
        return web.Response(text="" if self._thin and not for_us else text, headers=headers)

    async def publish(self) -> None:
        """One more article, and a word to the hub."""
        self.news += 1
        form = {"hub.mode": "publish", "hub.topic": self.url}
        async with aiohttp.ClientSession() as client, client.post(self.hub, data=form) as response:
            assert response.status == 202


@pytest.fixture(scope="module")
def hubs() -> Iterator[str]:
    with running_hub() as address:
        yield address


@pytest.fixture(params=["fat", "thin"])
def thin(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "thin")


@pytest.fixture(params=["in feed", "in headers"])
async def paper(request: pytest.FixtureRequest, hubs: str, thin: bool) -> AsyncIterator[Paper]:
    paper = Paper(f"{hubs}/sha256", in_feed=request.param == "in feed", thin=thin)
    async with serving(paper.answer) as site:
        paper.url = f"{site}/feed/"
        yield paper


async def test_an_article_is_stored_when_its_hub_says_so_and_polling_is_the_safety_net(
    database: Database, logged: Logged, paper: Paper, thin: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loops, "LONGEST_PAUSE", timedelta(milliseconds=20))
    port, stop, news, due = free_port(), asyncio.Event(), asyncio.Event(), asyncio.Event()
    async with AsyncExitStack() as stack:
        connector = await stack.enter_async_context(SiteConnector([paper.url]))
        fetcher = await stack.enter_async_context(Fetcher(connector))
        pages = await stack.enter_async_context(Pages(connector, [paper.url], RULES))
        hubs = await stack.enter_async_context(Hubs(connector))
        subscriber = Subscriber(database, hubs, [paper.url], f"http://127.0.0.1:{port}{route.PATH}", now)
        take = Intake(database, Matcher(), now, news=news, pages=pages).take
        every = timedelta(minutes=1)
        poller = Poller(database, fetcher, take, [paper.url], every, RULES, now, subscriber=subscriber, due=due)
        pings = Pings(database, now, poller.take_from_hub, due=due)
        await stack.enter_async_context(web_server(route.routes(pings), port))
        async with database.write() as connection:
            await feeds.register(connection, [paper.url], now())
        group = await stack.enter_async_context(asyncio.TaskGroup())
        group.create_task(poller.run(stop))
        group.create_task(subscriber.run(stop))

        await logged.wait_for("hub calls")
        await logged.wait_for("feed polled", times=2)
        await paper.publish()
        assert (await logged.wait_for("hub called"))["taken"] != thin
        if thin:
            await logged.wait_for("feed polled", times=3)
        stop.set()

    assert news.is_set()
    async with database.read() as connection:
        stored = (await connection.execute(select(articles.c.headline).order_by(articles.c.id))).scalars().all()
        next_poll = await feeds.next_due(connection, [paper.url])
    assert stored == ["News 1", "News 2"]
    assert next_poll is not None
    assert every < next_poll - now() <= SAFETY_NET
