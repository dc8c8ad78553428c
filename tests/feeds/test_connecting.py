"""Connections to the site: few in all, and none to where nobody has put it."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from aiohttp import web

from bot.errors import FeedUnreachable
from bot.feeds.connecting import CONNECTIONS_PER_HOST, SiteConnector
from bot.feeds.fetching import Fetcher
from bot.feeds.hubs import Hubs
from bot.feeds.pages import Pages
from tests.feeds.connected import a_fetcher
from tests.feeds.page_reading import RULES
from tests.web_server import serving


async def test_feeds_pages_and_the_sites_own_hub_share_two_connections() -> None:
    sockets: set[object] = set()

    async def answer(request: web.Request) -> web.Response:
        sockets.add(request.transport)
        return web.Response(text="<p>…</p>", content_type="text/html")

    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(serving(answer))
        connector = await stack.enter_async_context(SiteConnector([site]))
        fetcher = await stack.enter_async_context(Fetcher(connector))
        pages = await stack.enter_async_context(Pages(connector, [site], RULES))
        hubs = await stack.enter_async_context(Hubs(connector))
        for _ in range(2):
            await asyncio.gather(
                *(fetcher.fetch(f"{site}/feed/{number}") for number in range(4)),
                *(pages.status(f"{site}/page/{number}") for number in range(4)),
                *(hubs.ask(f"{site}/hub/{number}", {}, feed_url=site) for number in range(4)),
            )
    assert len(sockets) == CONNECTIONS_PER_HOST


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_feed_cannot_lead_to_a_private_address(host: str) -> None:
    asked = asyncio.Event()

    async def other(_: web.Request) -> web.Response:
        asked.set()
        return web.Response()

    async with serving(other) as private:
        target = private.replace("127.0.0.1", host)

        async def answer(_: web.Request) -> web.Response:
            return web.Response(status=301, headers={"Location": f"{target}/admin"})

        async with serving(answer) as site, a_fetcher(site) as fetcher:
            with pytest.raises(FeedUnreachable, match="private address, and no feed is there"):
                await fetcher.fetch(f"{site}/feed/")
    assert not asked.is_set()
