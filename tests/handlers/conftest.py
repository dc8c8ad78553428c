"""A bot that readers talk with, over HTTP through the local Bot API server."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.sandbox.telegram import TOKEN, BotApiServer, Limits, User
from bot.store.database import Database
from bot.telegram.application import make_application, make_bot
from bot.telegram.connection import long_poll
from handlers.registry import register, set_menu
from handlers.turn import Desk
from tests.make import FEED, NOW


@pytest.fixture
async def telegram() -> AsyncIterator[BotApiServer]:
    async with BotApiServer(TOKEN, Limits.off()) as server:
        yield server


@pytest.fixture
async def talking(telegram: BotApiServer, database: Database) -> AsyncIterator[None]:
    """The bot takes updates and answers."""
    application = make_application(make_bot(TOKEN, telegram.url))
    register(application, Desk(database, lambda: NOW, (FEED,), "The Daily Sample"))
    stop = asyncio.Event()
    async with application:
        await set_menu(application.bot)
        await application.start()
        polling = asyncio.create_task(long_poll(application, stop), name="long polling")
        yield
        stop.set()
        await polling
        await application.stop()


@pytest.fixture
async def ada(telegram: BotApiServer, talking: None) -> User:
    return telegram.user(1001, first_name="Ada", language_code="en")


@pytest.fixture
async def ben(telegram: BotApiServer, talking: None) -> User:
    return telegram.user(1002, first_name="Ben")
