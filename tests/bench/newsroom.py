"""The newsroom's pages with 100,000 chats, a million follows and what a month has left, on both databases.

Each page is loaded again and again over HTTP; half of the loads are faster than what is shown. Where others compute on
this machine, a page has as many times longer as a loop beside it takes.
"""

import time
from datetime import timedelta
from statistics import median

from bot.database_url import engine_url
from bot.store import passes
from bot.store.database import Database
from bot.store.passes import Kind
from bot.web.newsroom.app import PATH, newsroom
from bot.web.newsroom.census import Census
from bot.web.newsroom.pages import PAGES
from bot.web.server import serving
from tests.bench.callers import calling
from tests.bench.databases import on_each
from tests.bench.figures import Figure, Skipped
from tests.crowd import Crowd, fill
from tests.make import NOW
from tests.web.outside import free_port

EDITOR = 1
LOADS = 10
LOOP_SECONDS = 0.05
WITHIN_MS = 300


async def measure() -> list[Figure | Skipped]:
    """Each database, each page."""
    return await on_each("newsroom pages", _figures)


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
            return [
                await _figure(f"newsroom on {name}, {crowd.chats:,} chats: {title}", port, page, session)
                for page, (title, _) in PAGES.items()
            ]


async def _figure(what: str, port: int, page: str, session: str) -> Figure:
    request = f"GET {PATH}/{page}".rstrip("/") + f" HTTP/1.1\r\nHost: bot.example\r\nCookie: newsroom={session}\r\n\r\n"
    took, held_up = [], []
    async with calling(port) as caller:
        for _ in range(LOADS):
            start = time.perf_counter()
            status, _ = await caller.call(request.encode())
            took.append((time.perf_counter() - start) * 1000)
            held_up.append(_held_up())
            assert status == 200, (page, status)
    slower = median(held_up)
    return Figure(what + (f" (×{slower:.1f})" if slower > 1.1 else ""), median(took), WITHIN_MS * slower)


def _held_up() -> float:
    """How many times as long as it computes a loop takes here and now: 1 where nobody else computes."""
    began, computed = time.perf_counter(), time.process_time()
    while time.process_time() - computed < LOOP_SECONDS:
        pass
    return (time.perf_counter() - began) / (time.process_time() - computed)
