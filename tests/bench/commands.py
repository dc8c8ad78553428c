"""Readers' commands, taken in by webhook and answered, while a broadcast runs.

Each is brought at its time, whether those before are answered or not, and waits from then until it is acknowledged,
which is after its answer. The issue's 300 a second were seen beside bare aiohttp at some 7,500; on a slower machine it
is the same part of what bare aiohttp does there, a twenty-fifth. The rate is set to that of the answers and 30 a second
for the broadcast beside them.
"""

import asyncio
import json
import os
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path

from bot.database_url import engine_url
from bot.sandbox.site import Site
from bot.sandbox.telegram import TOKEN
from bot.settings import Settings
from bot.store.database import Database
from tests.bench.broadcast import bare_bot_api, bare_rate
from tests.bench.broadcaster import fill
from tests.bench.callers import Caller, calling, p99
from tests.bench.figures import Figure, Skipped
from tests.postgres import find_postgres
from tests.process import running
from tests.web.outside import MESSAGE, free_port

A_SECOND = 300
PART = 25
"""Of bare aiohttp's calls a second."""
SECONDS = 10
WITHIN_MS = 200
ALERTS = 3_000
FREE_RATE = 30
READERS = 500
CONNECTIONS = 100
"""The most that Telegram opens."""
SAID = ("/topics", "/follow Chad", "/settings", "/help", "/unfollow Chad")
_TICKS = os.sysconf("SC_CLK_TCK")


async def measure() -> Sequence[Figure | Skipped]:
    """One process on SQLite; ``web`` beside ``worker`` on PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="tagalong-bench-") as folder:
        url = f"sqlite:///{folder}/tagalong.db"
        rows: list[Figure | Skipped] = [*await _figures("one process on SQLite", url, "run")]
    with find_postgres() as postgres:
        if postgres is None:
            return [*rows, Skipped("commands on PostgreSQL", "there is none")]
        async with postgres.fresh_database() as url:
            return [*rows, *await _figures("web beside worker on PostgreSQL", url, "web", "worker")]


async def _figures(name: str, url: str, *roles: str) -> list[Figure]:
    rate = min(A_SECOND, round(await bare_rate() / PART))  # as the machine is now
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(Database(engine_url(url)))
        await fill(database, ALERTS)
        site = await stack.enter_async_context(Site())
        api = await stack.enter_async_context(bare_bot_api())
        environment = {
            "BOT_TOKEN": TOKEN,
            "BOT_API_URL": api,
            "FEED_URLS": f"{site.url}/feed/",
            "DATABASE_URL": url,
            "PUBLIC_URL": "https://bot.example",
            "PORT": str(free_port()),
            "MESSAGES_PER_SECOND": str(rate + FREE_RATE),
            "PAID_BROADCAST": "true",
            "LOG_LEVEL": "info",
        }
        front, *others = [await stack.enter_async_context(running(["-m", "bot", role], environment)) for role in roles]
        await front.wait_for("webhook set")
        for worker in others:
            await worker.wait_for("feed polled")
        settings = Settings.model_validate({name.lower(): value for name, value in environment.items()})
        secret, port = settings.derived_webhook_secret, int(environment["PORT"])
        await _bring(port, secret, rate, 0, 1)
        cpu = _cpu(front.process.pid)
        took = await _bring(port, secret, rate, rate, SECONDS)
        cpu = _cpu(front.process.pid) - cpu
    return [
        Figure(f"{rate} commands a second answered during a broadcast, {name}, p99", p99(took), WITHIN_MS),
        Figure("CPU of one of them, beside what so many leave of a core", cpu / len(took) * 1000, 1000 / rate),
    ]


async def _bring(port: int, secret: str, rate: int, first: int, seconds: int) -> list[float]:
    """Seconds that each update took from its time on."""
    took: list[float] = []
    due_now: asyncio.Queue[tuple[int, float]] = asyncio.Queue()

    async def serve(caller: Caller) -> None:
        while True:
            number, due = await due_now.get()
            status, _ = await caller.call(_update(secret, number))
            assert status == 200, status
            took.append(time.perf_counter() - due)
            due_now.task_done()

    async with AsyncExitStack() as stack:
        callers = [await stack.enter_async_context(calling(port)) for _ in range(CONNECTIONS)]
        serving = [asyncio.create_task(serve(caller), name="a connection of Telegram's") for caller in callers]
        start = time.perf_counter()
        for number in range(rate * seconds):
            due = start + number / rate
            await asyncio.sleep(max(due - time.perf_counter(), 0))
            due_now.put_nowait((first + number, due))
        await due_now.join()
        for task in serving:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
    return took


def _update(secret: str, number: int) -> bytes:
    said = SAID[number % len(SAID)]
    chat = {"id": number // len(SAID) % READERS + 1, "first_name": "Ada"}
    about = {"chat": chat | {"type": "private"}, "from": chat | {"is_bot": False, "language_code": "en"}, "text": said}
    command = [{"type": "bot_command", "offset": 0, "length": len(said.split()[0])}]
    body = json.dumps({"update_id": 1_000_000 + number, "message": {**MESSAGE, **about, "entities": command}}).encode()
    head = f"POST /telegram HTTP/1.1\r\nHost: bot.example\r\nX-Telegram-Bot-Api-Secret-Token: {secret}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _cpu(pid: int) -> float:
    """Seconds of CPU that a process has taken."""
    values = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(values[11]) + int(values[12])) / _TICKS
