"""Alerts that are really sent: both databases, and the local Bot API server over HTTP."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler
from sqlalchemy import URL, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts import timing
from bot.alerts.message import Site
from bot.alerts.sending import Rate, Sender
from bot.database_url import engine_url
from bot.errors import StoreUnreachable
from bot.model import Article
from bot.sandbox.telegram import TOKEN, BotApiServer, Limits, Room, User
from bot.store import follows
from bot.store.database import Database
from bot.store.fan_out import Late, fan_out
from bot.store.schema import PENDING, alerts
from bot.telegram.application import TelegramBot, make_bot
from tests.logged import logged
from tests.make import NOW, a_follower, an_article, news

__all__ = ["logged"]

SITE = Site("https://news.example/subscribe/", "https://news.example/sign-in/", "From R99 a month.")
FAST = Rate(1000)


class Clock:
    """A clock that runs, and that a test can move ahead."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self.moved = 0.0

    def __call__(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds())

    def seconds(self) -> float:
        """Seconds since it was started, as Telegram's limits count them."""
        return time.monotonic() - self._started + self.moved


@dataclass
class Office:
    """Where alerts are owed and sent."""

    database: Database
    telegram: BotApiServer
    bot: TelegramBot
    clock: Clock
    due: asyncio.Event = field(default_factory=asyncio.Event)

    async def reader(self, user_id: int, *names: str) -> User:
        """A user who talks with the bot and follows topics."""
        user = self.telegram.user(user_id)
        await user.say("/start")
        await self.follower(user_id, *names)
        return user

    async def follower(self, chat_id: int, *names: str) -> None:
        """Let a chat follow topics, all of them "Mali" without any."""
        async with self.database.write() as connection:
            await a_follower(connection, chat_id, *(names or ("Mali",)))

    async def owe(self, *written: Article, topic: str = "Mali") -> None:
        """Put alerts of these articles, or of one, for the topic's followers into the outbox."""
        async with self.database.write() as connection:
            (found,) = await a_follower(connection, NOBODY, topic)
            await follows.remove(connection, NOBODY, found.id, NOW)
            for article in reversed(written or (an_article(),)):  # the newest goes first
                await news(connection, article, [found.id])
            late = Late(timing.LATE, timing.gathered(self.clock()))
            while await fan_out(connection, self.clock(), 1000, late=late):
                pass

    def sender(self, rate: Rate = FAST, *, database: Database | None = None) -> Sender:
        """A sender."""
        return Sender(database or self.database, self.bot, SITE, rate, self.clock, due=self.due)

    @asynccontextmanager
    async def sending(self, *senders: Sender) -> AsyncIterator[asyncio.Event]:
        """Senders at work; at the end they are told to stop and everything is recorded. Gives what tells them."""
        stop = asyncio.Event()
        working = [asyncio.create_task(sender.run(stop)) for sender in senders or (self.sender(),)]
        try:
            yield stop
        finally:
            stop.set()
            async with asyncio.timeout(10):
                await asyncio.gather(*working)

    def later(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.moved += seconds
        self.due.set()

    async def states(self) -> dict[str, int]:
        """How many alerts are in each state, those that are due and those that wait as ``pending``."""
        async with self.database.read() as connection:
            state = case((PENDING, "pending"), else_=alerts.c.state)
            counted = select(state, func.count()).group_by(state)
            return {row[0]: row[1] for row in await connection.execute(counted)}

    async def followed_by(self, chat_id: int) -> list[str]:
        """The names of what a chat follows."""
        async with self.database.read() as connection:
            return [topic.name for topic in await follows.of_chat(connection, chat_id)]

    def answers(self) -> list[int]:
        """The HTTP statuses of all messages that were sent, or tried."""
        return [call["status"] for call in self.telegram.calls.of("sendMessage")]


class Unsteady(Database):
    """A database that is away when a test says so."""

    def __init__(self, url: URL) -> None:
        super().__init__(url)
        self.away = False

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """As a database does."""
        self._check()
        async with super().read() as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """As a database does."""
        self._check()
        async with super().write() as connection:
            yield connection

    def _check(self) -> None:
        if self.away:
            raise StoreUnreachable("away")


NOBODY = 1
"""A chat that follows nothing in the end."""


def headlines(room: Room) -> list[str]:
    """The headlines that a chat was sent, in their order."""
    return [message["text"].splitlines()[0] for message in room.received]


def written(names: Iterable[object]) -> list[Article]:
    """Articles of these names."""
    return [an_article(str(name)) for name in names]


@pytest.fixture
async def unsteady(database: Database, migrated_url: str) -> AsyncIterator[Unsteady]:
    """The same database, through an unsteady line."""
    async with Unsteady(engine_url(migrated_url)) as unsteady:
        yield unsteady


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limits() -> Limits:
    """What the Bot API server allows; a test may say otherwise."""
    return Limits.off()


class Gate:
    """Where messages wait on their way to Telegram while it is shut."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.arrived = asyncio.Queue[None]()

    def stand_before(self, app: web.Application) -> None:
        """Let the server's messages through here."""
        app.middlewares.append(self._pass)

    @web.middleware
    async def _pass(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.endswith("/sendMessage"):
            self.arrived.put_nowait(None)
            await self.open.wait()
        return await handler(request)


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
async def telegram(limits: Limits, clock: Clock, gate: Gate) -> AsyncIterator[BotApiServer]:
    async with BotApiServer(TOKEN, limits, clock=clock.seconds, extend=gate.stand_before) as server:
        yield server
        gate.open.set()


@pytest.fixture
async def office(database: Database, telegram: BotApiServer, clock: Clock) -> AsyncIterator[Office]:
    async with make_bot(TOKEN, telegram.url) as bot:
        yield Office(database, telegram, bot, clock)
