"""A broadcast to many chats by workers that are killed, over real processes: who gets what, and how often."""

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler
from sqlalchemy import insert, select

from bot.database_url import engine_url
from bot.sandbox.site import Site
from bot.sandbox.telegram import TOKEN, BotApiServer, Fault, User
from bot.store import topics
from bot.store.database import Database
from bot.store.schema import alerts, articles, chats, follows
from tests.make import NOW, an_article, news
from tests.process import Running, running

WORKER = ("-m", "bot", "worker")
IMPATIENT = (
    "from datetime import timedelta; import bot.alerts.sending as s; s.LEASE = timedelta(seconds=3);"
    "import bot.telegram.request as r; r.ANSWER_SECONDS = 2.0;"
    "from bot.cli import main; main()"
)
"""The bot, with alerts taken again three seconds after their sender died instead of half a minute."""
FAULTS = ("429", "500", "timeout", "reset")
SETTLED = ("sent", "failed")
FIRST_CHAT = 1000
MOST_BEFORE_A_KILL = 40
"""Alerts that a worker sends at most before it is killed."""


@dataclass
class Sends:
    """The calls of sendMessage that have come, answered or not."""

    number: int = 0
    refused: int = 0
    """With 429."""
    times: list[float] = field(default_factory=list)
    """When each was taken, by a clock in seconds that never goes back."""
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    def count_in(self, app: web.Application) -> None:
        """Count what comes to this server."""
        app.middlewares.append(self._count)

    async def reach(self, number: int) -> None:
        """Return as soon as so many have come."""
        while self.number < number:
            self._more.clear()
            await self._more.wait()

    @web.middleware
    async def _count(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.endswith("/sendMessage"):
            self.number += 1
            self._more.set()
        answer = await handler(request)
        if request.path.endswith("/sendMessage"):
            self.refused += answer.status == HTTPStatus.TOO_MANY_REQUESTS
            self.times += [time.perf_counter()] if answer.status == HTTPStatus.OK else []
        return answer


@dataclass
class Broadcast:
    """Chats that all follow one topic, and a Telegram that takes their alerts."""

    database: Database
    telegram: BotApiServer
    sends: Sends
    readers: list[User]
    environment: Mapping[str, str]
    headlines: list[str] = field(default_factory=list)

    async def publish(self) -> None:
        """Let one more article wait to be told to all of them."""
        headline = f"Article {len(self.headlines)} of a busy day"
        async with self.database.write() as connection:
            (topic,) = await topics.ensure(connection, ["Mali"], as_tags=False)
            await news(connection, an_article(f"{len(self.headlines)}", headline=headline), [topic.id])
        self.headlines.append(headline)

    async def pending(self) -> set[tuple[int, str]]:
        """The alerts that are not known to be sent, of those that are written: by chat and headline."""
        unsettled = select(alerts.c.chat_id, articles.c.headline).join(articles, articles.c.id == alerts.c.article_id)
        async with self.database.read() as connection:
            found = await connection.execute(unsettled.where(alerts.c.state.not_in(SETTLED)))
            return {(row.chat_id, row.headline) for row in found}

    def arrived(self) -> Counter[tuple[int, str]]:
        """How often each alert has arrived."""
        return Counter(
            (reader.id, message["text"].partition("\n")[0]) for reader in self.readers for message in reader.received
        )

    def missing(self) -> int:
        """How many alerts have not arrived."""
        there = self.arrived()
        return sum((reader.id, headline) not in there for reader in self.readers for headline in self.headlines)

    def duplicates(self) -> int:
        """How many have arrived that had arrived before."""
        there = self.arrived()
        return there.total() - len(there)

    @asynccontextmanager
    async def worker(self, arguments: tuple[str, ...] = WORKER) -> AsyncIterator[Running]:
        """A worker at work; what it writes is read, so that it can go on writing."""
        async with running(arguments, self.environment) as worker:
            reading = asyncio.create_task(worker.end(), name="a worker's log")
            try:
                yield worker
            finally:
                if worker.process.returncode is None:
                    os.killpg(worker.process.pid, signal.SIGKILL)
                await reading

    async def finish(self, within: float) -> None:
        """Let workers that run send the rest."""
        async with asyncio.timeout(within):
            while self.missing() or await self.pending():  # noqa: ASYNC110 - of the last mark nothing tells
                await asyncio.sleep(0.2)


@asynccontextmanager
async def broadcasting(
    url: str, readers: int, *, probability: float = 0.01, per_second: int = 30
) -> AsyncIterator[Broadcast]:
    """So many readers on this empty database; each kind of fault hits a send with this probability."""
    sends = Sends()
    async with (
        Site() as site,
        BotApiServer(TOKEN, extend=sends.count_in) as telegram,
        Database(engine_url(url)) as database,
    ):
        await database.migrate()
        users = [telegram.user(FIRST_CHAT + number) for number in range(readers)]
        for user in users:
            await user.say("/start")
        await _let_follow(database, [user.id for user in users])
        if probability:
            for fault in FAULTS:
                telegram.faults.add(Fault(fault, method="sendMessage", times=10**9, probability=probability))
        environment = {
            "BOT_TOKEN": TOKEN,
            "BOT_API_URL": telegram.url,
            "FEED_URLS": f"{site.url}/feed/",
            "POLL_SECONDS": "5",
            "DATABASE_URL": url,
            "MESSAGES_PER_SECOND": str(per_second),
            "PAID_BROADCAST": "true" if per_second > 30 else "false",
        }
        yield Broadcast(database, telegram, sends, users, environment)


async def _let_follow(database: Database, chat_ids: list[int]) -> None:
    async with database.write() as connection:
        (topic,) = await topics.ensure(connection, ["Mali"], as_tags=False)
        known = [{"id": chat_id, "kind": "private", "created_at": NOW} for chat_id in chat_ids]
        await connection.execute(insert(chats), known)
        following = [{"chat_id": chat_id, "topic_id": topic.id, "created_at": NOW} for chat_id in chat_ids]
        await connection.execute(insert(follows), following)


@dataclass(frozen=True, slots=True)
class Toll:
    """What the kills have cost."""

    kills: int
    missing: int
    duplicates: int
    in_flight: int
    """Alerts that had arrived, and were not marked as sent, when their worker was killed."""


async def through_kills(
    broadcast: Broadcast, kills: int, chance: random.Random, *, within: float, arguments: tuple[str, ...] = WORKER
) -> Toll:
    """Broadcast while workers are killed at random moments, and let the last one finish."""
    in_flight = 0
    await broadcast.publish()
    for number in range(kills):
        if number and len(await broadcast.pending()) < 2 * MOST_BEFORE_A_KILL:
            await broadcast.publish()  # every kill shall hit a broadcast, also where some alerts are put off for long
        before = broadcast.arrived()
        async with broadcast.worker(arguments) as worker:
            async with asyncio.timeout(within):
                if chance.random() < 0.1:  # while it starts, or has just begun
                    await asyncio.sleep(chance.uniform(0, 3))
                else:
                    await broadcast.sends.reach(broadcast.sends.number + chance.randint(1, MOST_BEFORE_A_KILL))
                    await asyncio.sleep(chance.uniform(0, 0.05))  # or it would always be when a send has just come
            os.killpg(worker.process.pid, signal.SIGKILL)
            await worker.process.wait()
        since, unmarked = broadcast.arrived() - before, await broadcast.pending()
        in_flight += sum(times for alert, times in since.items() if alert in unmarked)
    async with broadcast.worker(arguments):
        await broadcast.finish(within)
    return Toll(kills, broadcast.missing(), broadcast.duplicates(), in_flight)
