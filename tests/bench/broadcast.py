"""A paid broadcast the whole way: claimed, rendered, sent through python-telegram-bot and marked, by one worker.

Beside it, in the same run and to the same server, python-telegram-bot as it comes, with its AIORateLimiter where
aiolimiter is installed, and bare aiohttp. The server is a process of its own that keeps nothing; all that send are this
process, on one core.
"""

import asyncio
import logging
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import aiohttp
import structlog
from sqlalchemy import func, insert, select
from telegram.ext import AIORateLimiter, ExtBot

from bot.alerts.message import Site
from bot.alerts.sending import Rate, Sender
from bot.database_url import engine_url
from bot.sandbox.telegram import TOKEN
from bot.store.database import Database
from bot.store.fan_out import fan_out
from bot.store.schema import alerts, chats, follows
from bot.telegram.application import make_bot
from tests.bench.figures import Figure
from tests.make import NOW, a_follower, an_article, news
from tests.process import running

MESSAGES = 5_000
FEW = 500
"""For those that are slow."""
AT_ONCE = 64
LATENCY = 0.05


async def measure() -> list[Figure]:
    """Alerts a second with nothing in the way; the paid rate with latency, and the CPU that it takes."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    async with _server(0) as url:
        ours, _ = await _broadcast(url, 100_000, MESSAGES)
        default = await _default(url)
        bare = await _bare(url)
    async with _server(LATENCY) as url:
        held, cpu = await _broadcast(url, 1000, MESSAGES)
    return [
        Figure("paid broadcast, the whole way, one worker", ours, 1500, "a second", more_is_better=True),
        Figure("the same beside PTB as it comes, sending only", ours, default, "a second", more_is_better=True),
        Figure("the same beside bare aiohttp, sending only, a quarter of it", ours, bare / 4, "a second",
               more_is_better=True),
        Figure("1,000 a second held, with 50 ms of latency", held, 980, "a second", more_is_better=True),
        Figure("CPU that it takes, of one core", cpu * 100, 70, "%"),
    ]  # fmt: skip


@asynccontextmanager
async def _server(latency: float) -> AsyncIterator[str]:
    async with running(["-m", "tests.bench.bare_bot_api", str(latency)], {}) as server:
        port = (await server.wait_for(r"^port ([0-9]+)"))[1]
        yield f"http://127.0.0.1:{port}"


async def _broadcast(url: str, rate: float, number: int) -> tuple[float, float]:
    """Alerts a second, and the share of a core that they took."""
    with tempfile.TemporaryDirectory(prefix="tagalong-bench-") as folder:
        async with Database(engine_url(f"sqlite:///{folder}/tagalong.db")) as database, make_bot(TOKEN, url) as bot:
            await database.migrate()
            await owe(database, number)
            due, stop = asyncio.Event(), asyncio.Event()
            sender = Sender(database, bot, Site(), Rate(rate, paid=True), lambda: datetime.now(UTC), due=due)
            began, cpu = time.perf_counter(), time.process_time()
            sending = asyncio.create_task(sender.run(stop))
            while await unsent(database):  # noqa: ASYNC110 - the outbox has no event for when it is empty
                await asyncio.sleep(0.1)
            took, cpu = time.perf_counter() - began, time.process_time() - cpu
            stop.set()
            await sending
    return number / took, cpu / took


async def owe(database: Database, number: int) -> None:
    """Put an alert for each of so many chats into the outbox."""
    async with database.write() as connection:
        (mali,) = await a_follower(connection, 1, "Mali")
        ids = range(2, number + 1)
        await connection.execute(
            insert(chats), [{"id": chat, "kind": "private", "language": "en", "created_at": NOW} for chat in ids]
        )
        await connection.execute(
            insert(follows), [{"chat_id": chat, "topic_id": mali.id, "created_at": NOW} for chat in ids]
        )
        await news(connection, an_article(tags=["Chad", "Mali"], premium=True), [mali.id])
    chunk = None
    while chunk is None or not chunk.done:
        async with database.write() as connection:
            chunk = await fan_out(connection, NOW, 20_000)


async def unsent(database: Database) -> int:
    """How many alerts are not marked as sent."""
    async with database.read() as connection:
        query = select(func.count()).where(alerts.c.state != "sent")
        return (await connection.execute(query)).scalar_one()


async def _default(url: str) -> float:
    """Messages a second of python-telegram-bot as it comes, with its own limiter wide open where that is installed."""
    try:
        limiter = AIORateLimiter(overall_max_rate=100_000, overall_time_period=1, group_max_rate=0)
    except RuntimeError:  # it wants aiolimiter
        limiter = None
    async with ExtBot(TOKEN, base_url=f"{url}/bot", rate_limiter=limiter) as bot:
        return await _rate(lambda chat: bot.send_message(chat, "A headline and a teaser"), FEW)


async def _bare(url: str) -> float:
    """Messages a second of aiohttp alone."""
    async with aiohttp.ClientSession() as session:

        async def send(chat: int) -> None:
            body = {"chat_id": chat, "text": "A headline and a teaser"}
            async with session.post(f"{url}/bot{TOKEN}/sendMessage", json=body) as response:
                await response.read()

        return await _rate(send, MESSAGES)


async def _rate(send: Callable[[int], Awaitable[object]], number: int) -> float:
    left = iter(range(1, number + 1))

    async def work() -> None:
        for chat in left:
            await send(chat)

    began = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return number / (time.perf_counter() - began)
