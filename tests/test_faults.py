"""Processes that die, databases that go away, disks that are full; ``tests.bench.kills`` has more of the first."""

import asyncio
import os
import random
import resource
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.sandbox.site import Site
from bot.sandbox.telegram import TOKEN, BotApiServer
from bot.settings import engine_url
from bot.store.database import Database
from tests.broadcast import IMPATIENT, Broadcast, broadcasting, through_kills
from tests.postgres import Postgres
from tests.process import Running, running

WORKER = ("-c", IMPATIENT, "worker")


@pytest.fixture
async def url(postgres: Postgres) -> AsyncIterator[str]:
    """The address of an empty PostgreSQL database."""
    async with postgres.fresh_database() as url:
        yield url


@pytest.mark.timeout(120)
async def test_whoever_is_killed_every_chat_gets_its_alert_and_few_get_it_twice(url: str) -> None:
    chance = random.Random()  # noqa: S311 - chance, no secret
    async with broadcasting(url, 100, probability=0.02) as broadcast:
        toll = await through_kills(broadcast, 3, chance, within=60, arguments=WORKER)
    assert toll.missing == 0
    assert toll.duplicates <= toll.in_flight <= 3 * 64


@pytest.mark.timeout(120)
async def test_of_two_workers_one_is_killed_and_the_other_takes_over(url: str) -> None:
    async with (
        broadcasting(url, 90, probability=0) as broadcast,
        broadcast.worker(WORKER) as one,
        broadcast.worker(WORKER),
    ):
        await broadcast.publish()
        await _reach(broadcast, 30)
        os.killpg(one.process.pid, signal.SIGKILL)
        await broadcast.finish(within=60)
        assert broadcast.missing() == 0
        assert broadcast.duplicates() <= 64


@pytest.mark.timeout(120)
async def test_a_postgres_that_restarts_in_the_middle_is_waited_for(url: str, postgres: Postgres) -> None:
    async with broadcasting(url, 90, probability=0) as broadcast, broadcast.worker(WORKER) as worker:
        await broadcast.publish()
        await _reach(broadcast, 30)
        async with _away(postgres, url):
            await _written(worker, "database away")
        await broadcast.finish(within=60)
        os.killpg(worker.process.pid, signal.SIGTERM)
        await worker.process.wait()
    assert worker.process.returncode == 0
    assert "Traceback" not in worker.output
    assert broadcast.missing() == 0
    assert broadcast.duplicates() <= 64


@pytest.mark.timeout(120)
async def test_with_a_full_disk_nothing_is_lost_and_work_goes_on_by_itself(tmp_path: Path) -> None:
    async with Site() as site, BotApiServer(TOKEN) as telegram:
        environment = {
            "BOT_TOKEN": TOKEN,
            "BOT_API_URL": telegram.url,
            "FEED_URLS": f"{site.url}/feed/",
            "POLL_SECONDS": "1",
            "DATABASE_URL": f"sqlite:///{tmp_path}/tagalong.db",
        }
        ada, ben = telegram.user(1), telegram.user(2)
        async with running(["-m", "bot", "run"], environment) as bot:
            await bot.wait_for("feed polled")
            await ada.say("/follow World, Science, Politics, Sport, Business, Culture")
            await ada.wait_for_text("You now follow", within=30)
            limits = resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, (0, limits[1]))
            article = site.publish_next()
            assert article is not None
            await bot.wait_for("could not be recorded|database away|not recorded")
            await ben.say("/follow Sport")
            await ben.wait_for(lambda _: True, within=30)
            assert "You now follow" not in ben.received[-1]["text"]
            resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, limits)
            await ada.wait_for_text(article.story.headline, within=40)
            await ben.say("/follow Sport")
            await ben.wait_for_text("You now follow", within=30)
            assert await bot.end(signal.SIGTERM) == 0
        assert sum(message["text"].startswith(article.story.headline) for message in ada.received) == 1
        assert "Traceback" not in bot.output


async def _reach(broadcast: Broadcast, number: int) -> None:
    async with asyncio.timeout(60):
        await broadcast.sends.reach(number)


async def _written(worker: Running, words: str) -> None:
    """Wait until a worker whose log is being read has written this."""
    async with asyncio.timeout(60):
        while words not in worker.output:  # noqa: ASYNC110 - another task reads it
            await asyncio.sleep(0.05)


@asynccontextmanager
async def _away(postgres: Postgres, url: str) -> AsyncIterator[None]:
    """Let the server end all connections to a database, and take none in until the end."""
    name = engine_url(url).database
    async with Database(engine_url(postgres.url)) as server:

        async def execute(statement: str) -> None:
            async with server.write() as connection:
                await connection.execute(text(statement), {"name": name} if ":name" in statement else {})

        await execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        await execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
        try:
            yield
        finally:
            await execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
