"""A poller with real feeds, a real database and a clock of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import select

from bot.alerts.intake import Intake
from bot.feeds.fetching import Fetcher
from bot.feeds.polling import Poller
from bot.feeds.premium import PremiumRules
from bot.store import feeds
from bot.store.database import Database
from bot.store.fan_out import fan_out
from bot.store.schema import alerts, articles, notices
from bot.store.schema import feeds as feed_table
from bot.topics.matching import Matcher
from tests.feeds.connected import a_fetcher
from tests.logged import Logged, logged
from tests.make import NOW, NoPages, a_follower
from tests.web_server import Answer

__all__ = ["logged"]

EVERY = timedelta(minutes=1)
ADMIN = 42
READER = 7


@dataclass
class Newsroom:
    """A poller at work with a clock of its own; ``log`` is what it has logged."""

    database: Database
    fetcher: Fetcher
    urls: list[str]
    logged: Logged
    now: datetime = NOW
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        intake = Intake(self.database, Matcher(), lambda: self.now, news=self.news, pages=NoPages())
        rules = PremiumRules()
        self.poller = Poller(
            self.database, self.fetcher, intake.take, self.urls, EVERY, rules, lambda: self.now, [ADMIN]
        )
        self.stop = asyncio.Event()

    async def poll(self, *, later: timedelta = EVERY * 2) -> list[dict[str, Any]]:
        """Let time pass and every feed that is due be polled once; what was logged of the polls."""
        self.now += later
        start = len(self.logged.entries)
        async with asyncio.TaskGroup() as group:
            await self.poller._step(group)
        return self.logged.entries[start:]

    async def headlines(self, *, news_only: bool = False) -> list[str]:
        """What is stored, in its order; of news, those that still wait for their fan-out."""
        query = select(articles.c.headline).order_by(articles.c.id)
        if news_only:
            query = query.where(articles.c.fanned_out_at.is_(None))
        async with self.database.read() as connection:
            return list((await connection.execute(query)).scalars())

    async def follower(self, topic: str) -> None:
        """Let a reader follow a topic."""
        async with self.database.write() as connection:
            await a_follower(connection, READER, topic)

    async def alerts(self) -> list[str]:
        """The headlines of which the reader gets alerts, in their order, once all are fanned out."""
        owed = (
            select(articles.c.headline)
            .join(alerts, alerts.c.article_id == articles.c.id)
            .where(alerts.c.chat_id == READER)
            .order_by(alerts.c.id)
        )
        async with self.database.write() as connection:
            while await fan_out(connection, self.now + timedelta(seconds=1), 100):
                pass
            return list((await connection.execute(owed)).scalars())

    async def notices(self) -> list[str]:
        """What the admins are owed."""
        async with self.database.read() as connection:
            return list((await connection.execute(select(notices.c.text).order_by(notices.c.id))).scalars())

    async def feed(self, url: str) -> Any:
        """The feed's row."""
        async with self.database.read() as connection:
            return (await connection.execute(select(feed_table).where(feed_table.c.url == url))).one()


Open = Callable[..., Coroutine[Any, Any, Newsroom]]


@pytest.fixture
async def newsroom(database: Database, logged: Logged) -> AsyncIterator[Open]:
    """Opens a newsroom for feeds at these addresses, from ``now`` on."""
    async with AsyncExitStack() as stack:

        async def open_newsroom(
            *urls: str, now: datetime = NOW, fetcher: Fetcher | None = None, database: Database = database
        ) -> Newsroom:
            async with database.write() as connection:
                await feeds.register(connection, urls, now)
            if fetcher is None:
                fetcher = await stack.enter_async_context(a_fetcher(*urls))
            return Newsroom(database, fetcher, list(urls), logged, now)

        yield open_newsroom


@asynccontextmanager
async def at_work(room: Newsroom) -> AsyncIterator[None]:
    """The poller's own loop, until the test is done with it."""
    task = asyncio.create_task(room.poller.run(room.stop), name="polling")
    yield
    room.stop.set()
    async with asyncio.timeout(10):
        await task


def newspaper(pages: Sequence[list[str]]) -> Answer:
    """A site whose feed has these pages of headlines, which may change."""

    async def answer(request: web.Request) -> web.Response:
        number = int(request.query.get("paged", "1"))
        if number > len(pages):
            return web.Response(status=404)
        names = pages[number - 1]
        items = "".join(f"<item><title>{n}</title><link>http://x.example/{n}</link></item>" for n in names)
        return web.Response(text=f'<rss version="2.0"><channel><title>T</title>{items}</channel></rss>')

    return answer
