"""Who sends in the benchmarks, a process of its own: ``python -m tests.bench.broadcaster WHO URL NUMBER [RATE]``.

WHO is ``ours``, the whole way from the outbox and back; ``ptb``, python-telegram-bot as it comes; or ``aiohttp`` alone.
It prints messages a second and the seconds of CPU that all of them took.
"""

import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime

import aiohttp
import structlog
from sqlalchemy import insert
from telegram.ext import AIORateLimiter, ExtBot

from bot import metrics
from bot.alerts.links import Links
from bot.alerts.message import Site
from bot.alerts.sending import Rate, Sender
from bot.database_url import engine_url
from bot.feeds.hosts import Hosts
from bot.sandbox.telegram import TOKEN
from bot.service import spare_collector
from bot.store.database import Database
from bot.store.fan_out import fan_out
from bot.store.schema import chats, follows
from bot.telegram.application import TelegramBot, make_bot
from tests.bench.databases import settle
from tests.make import FEED, NOW, a_follower, an_article, news

AT_ONCE = 64
"""For those that have no outbox to draw from."""
SITE = Site(links=Links("https://bot.example", b"key", Hosts.of([FEED])))
PARAGRAPH = "A teaser of the length that newspapers like, with a second sentence in it. " * 2


async def ours(url: str, number: int, rate: float) -> tuple[float, float]:
    """Claimed, rendered, sent through python-telegram-bot and marked by one sender on SQLite."""
    with tempfile.TemporaryDirectory(prefix="tagalong-bench-") as folder:
        async with (
            Database(engine_url(f"sqlite:///{folder}/tagalong.db")) as database,
            make_bot(TOKEN, url) as bot,
        ):
            await fill(database, number)
            return await sent_by(a_sender(database, bot, rate), number)


async def ptb(url: str, number: int, _: float) -> tuple[float, float]:
    """With its own limiter wide open, where aiolimiter is installed."""
    limiter = None
    with suppress(RuntimeError):
        limiter = AIORateLimiter(overall_max_rate=100_000, overall_time_period=1, group_max_rate=0)
    async with ExtBot(TOKEN, base_url=f"{url}/bot", rate_limiter=limiter) as bot:
        return await _sent(lambda chat: bot.send_message(chat, PARAGRAPH), number)


async def bare(url: str, number: int, _: float) -> tuple[float, float]:
    """The same text as JSON, and the answer's bytes."""
    async with aiohttp.ClientSession() as session:

        async def send(chat: int) -> None:
            async with session.post(f"{url}/bot{TOKEN}/sendMessage", json={"chat_id": chat, "text": PARAGRAPH}) as sent:
                await sent.read()

        return await _sent(send, number)


Measured = tuple[float, float]
"""Messages a second, and seconds of CPU."""
WHO: dict[str, Callable[[str, int, float], Awaitable[Measured]]] = {"ours": ours, "ptb": ptb, "aiohttp": bare}


async def sent_by(sender: Sender, number: int) -> tuple[float, float]:
    """Let the sender work until so many are marked as sent; alerts a second, and seconds of CPU."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    spare_collector()
    stop, before = asyncio.Event(), _sent_in_all()
    began, cpu = time.perf_counter(), time.process_time()
    sending = asyncio.create_task(sender.run(stop))
    while _sent_in_all() < before + number:  # noqa: ASYNC110 - a counter has no event
        await asyncio.sleep(0.05)
    stop.set()
    await sending
    return (_sent_in_all() - before) / (time.perf_counter() - began), time.process_time() - cpu


def a_sender(database: Database, bot: TelegramBot, rate: float) -> Sender:
    """A sender that pays for its rate."""
    return Sender(database, bot, SITE, Rate(rate, paid=True), lambda: datetime.now(UTC), due=asyncio.Event())


def _sent_in_all() -> int:
    return int(metrics.REGISTRY.get_sample_value("tagalong_alerts_total", {"outcome": "sent"}) or 0)


async def _sent(send: Callable[[int], Awaitable[object]], number: int) -> tuple[float, float]:
    left = iter(range(1, number + 1))

    async def work() -> None:
        for chat in left:
            await send(chat)

    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return number / (time.perf_counter() - began), time.process_time() - cpu


async def fill(database: Database, number: int) -> None:
    """Have an empty database owe so many alerts, to chats from 1 on."""
    await database.migrate()
    async with database.write() as connection:
        (mali,) = await a_follower(connection, 1, "Mali")
        for first in range(2, number + 1, 50_000):
            ids = range(first, min(first + 50_000, number + 1))
            known = [{"id": chat, "kind": "private", "language": "en", "created_at": NOW} for chat in ids]
            await connection.execute(insert(chats), known)
            following = [{"chat_id": chat, "topic_id": mali.id, "created_at": NOW} for chat in ids]
            await connection.execute(insert(follows), following)
        article = an_article(tags=["Chad", "Mali", "Sahel"], teaser=PARAGRAPH, premium=True)
        await news(connection, article, [mali.id])
    chunk = None
    while chunk is None or not chunk.done:
        async with database.write() as connection:
            chunk = await fan_out(connection, NOW, 20_000)
    await settle(database)


async def main(who: str, url: str, number: str, rate: str = "100000") -> None:
    """Send, and say what it took."""
    per_second, cpu = await WHO[who](url, int(number), float(rate))
    print(f"sent {per_second:.1f} a second, {cpu:.3f} s of CPU", flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
