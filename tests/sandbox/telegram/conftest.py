"""A local Bot API server, a bot that speaks with it through python-telegram-bot, and a user who has written to it."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession

from bot.sandbox.telegram import TOKEN, BotApiServer, Limits, User
from bot.telegram.application import TelegramBot, make_bot
from tests.sandbox.telegram.calling import Clock, Http


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def server(clock: Clock) -> AsyncIterator[BotApiServer]:
    async with BotApiServer(TOKEN, Limits.off(), clock=clock, webhook_delay=0.0) as server:
        yield server


@pytest.fixture
async def http(server: BotApiServer) -> AsyncIterator[Http]:
    async with ClientSession() as session:
        yield Http(session, server.url)


@pytest.fixture
async def bot(server: BotApiServer) -> AsyncIterator[TelegramBot]:
    async with make_bot(TOKEN, server.url) as bot:
        yield bot


@pytest.fixture
async def ada(server: BotApiServer) -> User:
    """A user who has written to the bot."""
    ada = server.user(1001, first_name="Ada", last_name="Byron", username="ada", language_code="en")
    await ada.say("/start")
    return ada
