"""What all tests share: no network past loopback, a clean environment, and a database of each kind."""

import gc
import os
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import asyncpg
import pytest
from hypothesis import settings as hypothesis_settings
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.database_url import engine_url
from bot.settings import Settings
from bot.store.database import Database
from bot.store.schema import metadata
from tests.postgres import Postgres, find_postgres, run_apart

hypothesis_settings.register_profile("tagalong", deadline=None)  # no timing is asserted
hypothesis_settings.load_profile("tagalong")

# Dozens of tests start the program, and every worker loads every test: what one has compiled, the others find.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A shell that starts the tests in the background has them, and what they start, ignore Ctrl-C; tests send it.
signal.signal(signal.SIGINT, signal.default_int_handler)

gc.disable()  # till all tests are collected: they and the libraries stay, and are not to be looked through all the time

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


def _is_loopback(host: object) -> bool:
    if host in {None, "", "localhost", b"localhost"}:
        return True
    try:
        return ip_address(host.decode() if isinstance(host, bytes) else str(host)).is_loopback
    except ValueError:
        return False


def _keep_to_loopback(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if not _is_loopback(host):
        raise AssertionError(f"A test reaches past loopback: {event} {host!r}")


sys.addaudithook(_keep_to_loopback)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of this machine's, and no .env, reaches a test."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(time, "sleep", _no_sleep)


def _no_sleep(_: float) -> None:
    raise AssertionError("No sleeps in tests: wait for the event, with a bound")


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with find_postgres() as found:
        if found is None:
            pytest.skip("no PostgreSQL: none at TEST_POSTGRES_URL, none on 127.0.0.1:5432, none that pip brought")
        yield found


@pytest.fixture(params=["sqlite", "postgres"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Every test with a database runs on each kind."""
    return str(request.param)


@pytest.fixture
async def database_url(request: pytest.FixtureRequest, database_kind: str, tmp_path: Path) -> AsyncIterator[str]:
    """The address of an empty database, as a publisher would write it."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path}/tagalong.db"
        return
    server: Postgres = request.getfixturevalue("postgres")
    async with server.fresh_database() as url:
        yield url


async def _migrate(url: str) -> str:
    async with Database(engine_url(url)) as database:
        await database.migrate()
    return url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "tagalong.db"
    run_apart(_migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Postgres) -> Iterator[str]:
    """The address of a migrated PostgreSQL database, to be emptied."""
    url = run_apart(postgres.create())
    try:
        yield run_apart(_migrate(url))
    finally:
        run_apart(postgres.drop(url))


_EMPTY = "; ".join(
    [str(table.delete()) for table in reversed(metadata.sorted_tables)]  # TRUNCATE takes ten times as long
    + ["SELECT setval(oid, 1, false) FROM pg_class WHERE relkind = 'S'"]
)


@pytest.fixture
async def migrated_url(request: pytest.FixtureRequest, database_kind: str, tmp_path: Path) -> str:
    """The address of a migrated database with nothing in it: to migrate one takes longer than most tests."""
    if database_kind == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "tagalong.db")
        return "sqlite:///tagalong.db"  # in the test's own folder, and by the same address for all tests
    url: str = request.getfixturevalue("migrated_postgres")
    connection = await asyncpg.connect(url)
    await connection.execute(_EMPTY)
    await connection.close()
    return url


@pytest.fixture(scope="session")
def engines() -> dict[str, AsyncEngine]:
    """An engine for each address: it knows the statements of earlier tests, and need not compile them anew."""
    return {}


@pytest.fixture
async def database(migrated_url: str, engines: dict[str, AsyncEngine]) -> AsyncIterator[Database]:
    """A migrated database with nothing in it."""
    async with Database(engine_url(migrated_url), engines.get(migrated_url)) as database:
        engines[migrated_url] = database._engine
        yield database


def pytest_collection_finish() -> None:
    """Have the garbage collector pass over what stays till the end: thousands of tests and all libraries."""
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_report_header() -> list[str]:
    """Say what of the machine the tests will use."""
    url = os.environ.get("TEST_POSTGRES_URL")
    return [
        f"postgres: {make_url(url).render_as_string() if url else 'looked for on 127.0.0.1:5432, else started'}",
        f"shared data: {'here' if SHARED_DATA.is_dir() else 'not here; tests that need it are skipped'}",
    ]
