"""What reads the site, with connections of its own."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from aiohttp.abc import AbstractResolver

from bot.feeds.connecting import SiteConnector
from bot.feeds.fetching import NOBODY, Fetcher
from bot.feeds.hubs import Hubs
from bot.feeds.pages import Pages
from bot.feeds.premium import PremiumRules


@asynccontextmanager
async def a_fetcher(*feeds: str, who: str = NOBODY, resolver: AbstractResolver | None = None) -> AsyncIterator[Fetcher]:
    """One for these feeds."""
    async with SiteConnector(feeds, resolver=resolver) as connector, Fetcher(connector, who) as fetcher:
        yield fetcher


@asynccontextmanager
async def some_pages(
    feed: str, rules: PremiumRules, hosts: Iterable[str] = (), *, resolver: AbstractResolver | None = None
) -> AsyncIterator[Pages]:
    """Those of the site with this feed and of further hosts."""
    async with SiteConnector([feed], resolver=resolver) as connector, Pages(connector, [feed], rules, hosts) as pages:
        yield pages


@asynccontextmanager
async def some_hubs(*feeds: str, resolver: AbstractResolver | None = None) -> AsyncIterator[Hubs]:
    """Those of these feeds."""
    async with SiteConnector(feeds, resolver=resolver) as connector, Hubs(connector) as hubs:
        yield hubs
