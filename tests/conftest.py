"""What all tests share: no network past loopback, a clean environment, and a database of each kind."""

import os
import sys
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings
from sqlalchemy import make_url

from bot.settings import Settings, engine_url
from bot.store.database import Database
from tests.postgres import Postgres, find_postgres

hypothesis_settings.register_profile("tagalong", deadline=None)  # no timing is asserted
hypothesis_settings.load_profile("tagalong")

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
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The address of an empty database of each kind, as a publisher would write it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/tagalong.db"
        return
    server: Postgres = request.getfixturevalue("postgres")
    async with server.fresh_database() as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A migrated database of each kind."""
    async with Database(engine_url(database_url)) as database:
        await database.migrate()
        yield database


def pytest_report_header() -> list[str]:
    """Say what of the machine the tests will use."""
    url = os.environ.get("TEST_POSTGRES_URL")
    return [
        f"postgres: {make_url(url).render_as_string() if url else 'looked for on 127.0.0.1:5432, else started'}",
        f"shared data: {'here' if SHARED_DATA.is_dir() else 'not here; tests that need it are skipped'}",
    ]
