"""Processes that die, databases that go away, disks that are full; ``tests.bench.kills`` has more of the first."""

import asyncio
import os
import random
import resource
import signal
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import text

from bot.database_url import engine_url
from bot.sandbox.site import Site
from bot.sandbox.telegram import TOKEN, BotApiServer, User
from bot.store.database import Database
from tests.broadcast import IMPATIENT, Broadcast, broadcasting, through_kills
from tests.postgres import OwnServer, Postgres, own_postgres
from tests.process import Running, running, settings
from tests.web.outside import free_port

WORKER = ("-c", IMPATIENT, "worker")
SET_BACK = """
import signal
from datetime import timedelta
from bot.store.clock import Clock
back, real = [timedelta(0)], Clock.__call__
Clock.__call__ = lambda self: real(self) - back[0]
signal.signal(signal.SIGUSR1, lambda *_: back.append(back.pop() + timedelta(hours=1)))
from bot.cli import main
main()
"""
"""The bot, whose clock a signal sets back."""


@pytest.fixture
async def url(postgres: Postgres) -> AsyncIterator[str]:
    """The address of an empty PostgreSQL database."""
    async with postgres.fresh_database() as url:
        yield url


@pytest.fixture(scope="module")
def own_server() -> Iterator[OwnServer]:
    """A PostgreSQL server that may be stopped."""
    with own_postgres() as server:
        if server is None:
            pytest.skip("there is no PostgreSQL that may be stopped")
        yield server


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of its own that has 16 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a small disk needs the right to mount one")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.timeout(300)
async def test_whoever_is_killed_every_chat_gets_its_alert_and_few_get_it_twice(url: str) -> None:
    chance = random.Random()  # noqa: S311 - chance, no secret
    async with broadcasting(url, 60, probability=0.02) as broadcast:
        toll = await through_kills(broadcast, 2, chance, within=120, arguments=WORKER)
    assert toll.missing == 0
    assert toll.duplicates <= toll.in_flight <= 2 * 64


@pytest.mark.timeout(300)
async def test_of_two_workers_one_is_killed_and_the_other_takes_over(url: str) -> None:
    async with (
        broadcasting(url, 60, probability=0) as broadcast,
        broadcast.worker(WORKER) as one,
        broadcast.worker(WORKER),
    ):
        await broadcast.publish()
        await _reach(broadcast, 20)
        os.killpg(one.process.pid, signal.SIGKILL)
        await broadcast.finish(within=60)
        assert broadcast.missing() == 0
        assert broadcast.duplicates() <= 64


@pytest.mark.timeout(300)
async def test_a_postgres_that_restarts_in_the_middle_is_waited_for(url: str, postgres: Postgres) -> None:
    async with broadcasting(url, 60, probability=0) as broadcast, broadcast.worker(WORKER) as worker:
        await broadcast.publish()
        await _reach(broadcast, 20)
        async with _away(postgres, url):
            await _written(worker, "database away")
        await broadcast.finish(within=60)
        os.killpg(worker.process.pid, signal.SIGTERM)
        await worker.process.wait()
    assert worker.process.returncode == 0
    assert "Traceback" not in worker.output
    assert broadcast.missing() == 0
    assert broadcast.duplicates() <= 64


@pytest.mark.timeout(300)
async def test_a_postgres_server_that_is_stopped_and_started_in_the_middle_is_waited_for(own_server: OwnServer) -> None:
    async with (
        own_server.postgres.fresh_database() as url,
        broadcasting(url, 60, probability=0) as broadcast,
        broadcast.worker(WORKER) as one,
        broadcast.worker(WORKER) as other,
    ):
        await broadcast.publish()
        await _reach(broadcast, 20)
        await own_server.stop()
        for worker in (one, other):
            await _written(worker, "database away")
        await own_server.start()
        await broadcast.finish(within=60)
        for worker in (one, other):
            os.killpg(worker.process.pid, signal.SIGTERM)
            assert await worker.process.wait() == 0
            assert "Traceback" not in worker.output
        assert broadcast.missing() == 0
        assert broadcast.duplicates() <= 64


@pytest.mark.timeout(300)
async def test_a_disk_that_is_full_is_waited_for(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    async with _run(small_disk, "-m", "bot", "run") as (site, (ada, _), bot):
        _fill(small_disk / "tagalong.db", ballast)
        headline = _publish(site)
        await bot.wait_for("database away.*disk is full")
        ballast.unlink()
        await ada.wait_for_text(headline, within=40)
        assert await bot.end(signal.SIGTERM) == 0
    assert sum(message["text"].startswith(headline) for message in ada.received) == 1
    assert "Traceback" not in bot.output


@pytest.mark.timeout(300)
async def test_with_a_full_disk_nothing_is_lost_and_work_goes_on_by_itself(tmp_path: Path) -> None:
    port = free_port()
    watched = f"http://127.0.0.1:{port}"
    async with _run(tmp_path, "-m", "bot", "run", METRICS_PORT=str(port)) as (site, (ada, _), bot):
        limits = resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, (0, limits[1]))
        headline = _publish(site)
        await bot.wait_for("database away")
        async with aiohttp.ClientSession() as client:
            async with client.get(f"{watched}/readyz") as response:
                assert (await response.json())["database"] == ["does not answer, or takes no writes"]
            async with client.get(f"{watched}/metrics") as response:
                assert "tagalong_database_up 0.0" in await response.text()
        known = len(ada.received)
        await ada.say("/follow Mali")
        await ada.wait_for(lambda _: len(ada.received) > known, within=30)
        assert "You now follow" not in ada.received[-1]["text"]
        resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, limits)
        await ada.wait_for_text(headline, within=40)
        await ada.say("/follow Mali")
        await ada.wait_for(lambda message: "You now follow" in message["text"] and "Mali" in message["text"], within=30)
        assert await bot.end(signal.SIGTERM) == 0
    assert sum(message["text"].startswith(headline) for message in ada.received) == 1
    assert "Traceback" not in bot.output


@pytest.mark.timeout(300)
async def test_a_clock_set_back_an_hour_keeps_nobody_waiting(tmp_path: Path) -> None:
    async with _run(tmp_path, "-c", SET_BACK, "run") as (site, (ada, ben), bot):
        before = _publish(site)
        await ada.wait_for_text(before, within=30)
        bot.process.send_signal(signal.SIGUSR1)
        await bot.wait_for("the clock was set back; nothing waits")
        after = _publish(site)
        await ben.wait_for_text(after, within=30)
        assert await bot.end(signal.SIGTERM) == 0
    for headline in (before, after):
        for reader in (ada, ben):
            assert sum(message["text"].startswith(headline) for message in reader.received) <= 1
    assert "Traceback" not in bot.output


@asynccontextmanager
async def _run(tmp_path: Path, *arguments: str, **more: str) -> AsyncIterator[tuple[Site, list[User], Running]]:
    """The bot on SQLite, its archive filled, and two readers who follow much of what the sample site writes on."""
    async with Site() as site, BotApiServer(TOKEN) as telegram:
        environment = settings(site, telegram, f"sqlite:///{tmp_path}/tagalong.db", **more)
        async with running(arguments, environment) as bot:
            await bot.wait_for("feed polled")
            readers = [telegram.user(number) for number in (1, 2)]
            for reader, topics in zip(readers, ("North Korea", "World, Science, Business"), strict=True):
                await reader.say(f"/follow {topics}")
                await reader.wait_for_text("You now follow", within=30)
            yield site, readers, bot


def _fill(database: Path, ballast: Path) -> None:
    """Leave no room on the database's disk, nor in its write-ahead log."""
    with closing(sqlite3.connect(database, timeout=30)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass


def _publish(site: Site) -> str:
    article = site.publish_next()
    assert article is not None
    return article.story.headline


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
