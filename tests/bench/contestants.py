"""Who polls in the benchmark of polls, each in a process of its own.

``python -m tests.bench.contestants NAME`` reads the feeds' addresses from standard input, polls them all once to know
them and once more to be measured, and prints the second time's seconds and seconds of CPU; or what
module it lacks. Our processes that parse are started in the first round, as they are when the bot starts, and stay.
"""

import asyncio
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from pathlib import Path

import structlog
from sqlalchemy import make_url
from structlog.typing import EventDict

from bot.alerts.intake import Intake
from bot.feeds.apart import get_ready
from bot.feeds.connecting import SiteConnector
from bot.feeds.fetching import Fetcher
from bot.feeds.polling import Poller
from bot.feeds.premium import PremiumRules
from bot.store import feeds
from bot.store.database import Database
from bot.topics.matching import Matcher
from tests.make import NoPages

AT_ONCE = 100
"""Requests of a peer that are under way together; ours makes two a site, and 100 in all."""


class _Polled:
    """The log of the polls; sets ``stop`` when each feed has been read once."""

    def __init__(self, expected: int) -> None:
        self.stop = asyncio.Event()
        self._left = expected

    def __call__(self, logger: object, level: str, event: EventDict) -> EventDict:
        if event["event"] != "feed polled":
            raise RuntimeError(f"unexpected in the log: {event}")
        self._left -= 1
        if not self._left:
            self.stop.set()
        raise structlog.DropEvent


def tagalong(urls: Sequence[str], folder: str) -> None:
    """One round of our polls, with everything that belongs to them: the claim, the intake, what is recorded."""
    asyncio.run(_tagalong(urls, folder))


async def _tagalong(urls: Sequence[str], folder: str) -> None:
    def now() -> datetime:
        return datetime.now(UTC)

    get_ready()
    polled = _Polled(len(urls))
    async with (
        Database(make_url(f"sqlite+aiosqlite:///{folder}/tagalong.db")) as database,
        SiteConnector(urls) as connector,
        Fetcher(connector) as fetcher,
    ):
        await database.migrate()
        structlog.configure(processors=[polled])
        async with database.write() as connection:
            await feeds.register(connection, urls, now())
        intake = Intake(database, Matcher(), now, news=asyncio.Event(), pages=NoPages())
        every = timedelta(hours=1)
        await Poller(database, fetcher, intake.take, urls, every, PremiumRules(), now).run(polled.stop)


def httpx(urls: Sequence[str], folder: str) -> None:
    """The requests alone, with httpx: nothing is parsed and nothing kept."""
    asyncio.run(_httpx(urls))


async def _httpx(urls: Sequence[str]) -> None:
    import httpx

    turn = asyncio.Semaphore(AT_ONCE)
    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=AT_ONCE)) as client:

        async def poll(url: str) -> None:
            async with turn:
                await client.get(url, headers={"If-None-Match": '"1"'})

        await asyncio.gather(*map(poll, urls))


def reader(urls: Sequence[str], folder: str) -> None:
    """The library reader, which parses and keeps what it reads in SQLite, too."""
    from reader import make_reader

    with make_reader(f"{folder}/reader.db") as library:
        for url in urls:
            library.add_feed(url, exist_ok=True)
        library.update_feeds(workers=10, scheduled=False)
        if broken := library.get_feed_counts().broken:
            raise RuntimeError(f"{broken} feeds not read")


CONTESTANTS: dict[str, Callable[[Sequence[str], str], None]] = {
    "tagalong": tagalong,
    "httpx": httpx,
    "reader": reader,
}


def _cpu() -> float:
    """Seconds of CPU of this process and of all that it has started, ended or not: ours parses in such."""
    spent = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in spent) + sum(map(_of_child, Path("/proc").glob("[0-9]*")))


def _of_child(process: Path) -> float:
    """What a process has spent, with its own children, where it is one of ours; see proc_pid_stat(5)."""
    try:
        parent, *times = itemgetter(1, 11, 12, 13, 14)((process / "stat").read_text().rpartition(")")[2].split())
    except OSError:  # it has ended meanwhile
        return 0
    return sum(map(int, times)) / os.sysconf("SC_CLK_TCK") if int(parent) == os.getpid() else 0


def main(name: str) -> None:
    """Poll and print."""
    urls: list[str] = json.load(sys.stdin)
    with tempfile.TemporaryDirectory(prefix="tagalong-bench-") as folder:
        CONTESTANTS[name](urls, folder)
        started, cpu = time.perf_counter(), _cpu()
        CONTESTANTS[name](urls, folder)
        print(json.dumps({"seconds": time.perf_counter() - started, "cpu": _cpu() - cpu}))


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except ModuleNotFoundError as error:
        print(json.dumps({"lacks": error.name}))
