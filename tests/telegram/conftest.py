"""A bot that talks with the local Bot API server."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from bot.sandbox.telegram import TOKEN, BotApiServer, Limits
from bot.telegram.application import TelegramBot, make_bot
from tests.logged import logged

__all__ = ["logged"]


class Arrivals:
    """The calls as they arrive, before they are answered."""

    def __init__(self) -> None:
        self._methods = asyncio.Queue[str]()

    def watch(self, app: web.Application) -> None:
        """See the server's calls."""
        app.middlewares.append(self._see)

    async def first(self, method: str) -> None:
        """Wait for the next call of a method."""
        async with asyncio.timeout(10):
            while await self._methods.get() != method:
                pass

    @web.middleware
    async def _see(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self._methods.put_nowait(request.path.rpartition("/")[2])
        return await handler(request)


@pytest.fixture
def arrivals() -> Arrivals:
    return Arrivals()


@pytest.fixture
async def telegram(arrivals: Arrivals) -> AsyncIterator[BotApiServer]:
    async with BotApiServer(TOKEN, Limits.off(), extend=arrivals.watch) as server:
        yield server


@pytest.fixture
async def bot(telegram: BotApiServer) -> AsyncIterator[TelegramBot]:
    async with make_bot(TOKEN, telegram.url) as bot:
        yield bot
