"""A bot that readers talk with, over HTTP through the local Bot API server."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Collection, Mapping
from datetime import datetime, timedelta

import pytest

from bot.alerts.message import Site
from bot.sandbox.telegram import TOKEN, BotApiServer, Limits, User
from bot.store.database import Database
from bot.telegram.application import TelegramApplication, make_application, make_bot
from bot.telegram.connection import long_poll
from bot.topics.catalogue import Catalogue
from handlers.registry import register
from handlers.turn import Desk
from tests.logged import logged
from tests.make import FEED, NOW

__all__ = ["logged"]


one_database = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
"""For what is said alike whatever database there is."""


class Clock:
    """A clock that a test can move ahead; seconds, as Telegram's patience counts them."""

    def __init__(self) -> None:
        self.moved = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.moved


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def telegram(clock: Clock) -> AsyncIterator[BotApiServer]:
    async with BotApiServer(TOKEN, Limits.off(), clock=clock) as server:
        yield server


@pytest.fixture
def site_name() -> str | None:
    """What the site is called; a test may say otherwise."""
    return "The Daily Sample"


@pytest.fixture
def follows_per_chat() -> int:
    """How many topics a chat may follow; a test may say otherwise."""
    return 100


@pytest.fixture
def aliases() -> Mapping[str, Collection[str]]:
    """What the publisher says that topics are called, too; a test may say otherwise."""
    return {}


@pytest.fixture
def zone() -> str | None:
    """Where the publisher says that readers are; a test may say otherwise."""
    return None


@pytest.fixture
def site() -> Site:
    """What alerts need to know of the site; a test may say otherwise."""
    return Site()


@pytest.fixture
def desk(
    database: Database,
    site_name: str | None,
    follows_per_chat: int,
    aliases: Mapping[str, Collection[str]],
    zone: str | None,
    site: Site,
    clock: Clock,
) -> Desk:
    """What the bot works with. Each look at its clock is a second later."""
    ticks = itertools.count()

    def now() -> datetime:
        return NOW + timedelta(seconds=next(ticks) + clock.moved)

    return Desk(database, now, (FEED,), site_name, Catalogue(aliases), follows_per_chat, site, zone=zone)


@pytest.fixture
async def bot(telegram: BotApiServer, desk: Desk) -> AsyncIterator[TelegramApplication]:
    """The bot, which answers, but takes no updates by itself."""
    application = make_application(make_bot(TOKEN, telegram.url))
    register(application, desk)
    async with application:
        await application.start()
        yield application
        await application.stop()


@pytest.fixture
async def talking(bot: TelegramApplication) -> AsyncIterator[None]:
    """The bot takes updates."""
    stop = asyncio.Event()
    polling = asyncio.create_task(long_poll(bot, stop), name="long polling")
    yield
    stop.set()
    await polling


@pytest.fixture
async def ada(telegram: BotApiServer, talking: None) -> User:
    return telegram.user(1001, first_name="Ada", language_code="en")


@pytest.fixture
async def ben(telegram: BotApiServer, talking: None) -> User:
    return telegram.user(1002, first_name="Ben")
