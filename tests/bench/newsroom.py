"""The newsroom's pages with 100,000 chats, a million follows and what a month has left, on both databases.

Each page is loaded again and again over HTTP; the slowest load counts, and the first is one of them.
"""

import tempfile
import time
from datetime import timedelta

from bot.database_url import engine_url
from bot.store import passes
from bot.store.database import Database
from bot.store.passes import Kind
from bot.web.newsroom.app import PATH, newsroom
from bot.web.newsroom.census import Census
from bot.web.newsroom.pages import PAGES
from bot.web.server import serving
from tests.bench.callers import calling
from tests.bench.figures import Figure, Skipped
from tests.crowd import Crowd, fill
from tests.make import NOW
from tests.postgres import find_postgres
from tests.web.outside import free_port

EDITOR = 1
LOADS = 10
WITHIN_MS = 300


async def measure() -> list[Figure | Skipped]:
    """Each database, each page."""
    with tempfile.TemporaryDirectory(prefix="tagalong-bench-") as folder:
        rows: list[Figure | Skipped] = [*await _figures("SQLite", f"sqlite:///{folder}/tagalong.db")]
    with find_postgres() as postgres:
        if postgres is None:
            return [*rows, Skipped("newsroom pages on PostgreSQL", "there is none")]
        async with postgres.fresh_database() as url:
            return [*rows, *await _figures("PostgreSQL", url)]


async def _figures(name: str, url: str) -> list[Figure]:
    crowd, port = Crowd(), free_port()
    async with Database(engine_url(url)) as database:
        await database.migrate()
        async with database.write() as connection:
            await fill(connection, NOW, crowd)
            session = await passes.issue(connection, Kind.SESSION, EDITOR, NOW, timedelta(hours=1))
        census = Census(database)
        part = newsroom(database, lambda: NOW, census, [EDITOR], f"http://127.0.0.1:{port}", "A large newsroom")
        async with census.kept(), serving([], port, {PATH: part}):
            took = {title: await _slowest(port, page, session) for page, (title, _) in PAGES.items()}
    about = f"newsroom on {name}, {crowd.chats:,} chats"
    return [Figure(f"{about}: {title}", slowest, WITHIN_MS) for title, slowest in took.items()]


async def _slowest(port: int, page: str, session: str) -> float:
    """Milliseconds of the slowest load."""
    address = f"{PATH}/{page}".rstrip("/")
    request = f"GET {address} HTTP/1.1\r\nHost: bot.example\r\nCookie: newsroom={session}\r\n\r\n".encode()
    took = []
    async with calling(port) as caller:
        for _ in range(LOADS):
            start = time.perf_counter()
            status, _ = await caller.call(request)
            took.append(time.perf_counter() - start)
            assert status == 200, (page, status)
    return max(took) * 1000
