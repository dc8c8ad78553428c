import signal
from pathlib import Path

import pytest

from bot.database_url import engine_url
from bot.errors import StoreTaken, StoreUnreachable
from bot.store.alone import alone
from bot.store.database import Database
from tests.postgres import Postgres
from tests.process import running

HOLD = """
import sys, time
from pathlib import Path
from bot.store.alone import alone
with alone(Path(sys.argv[1])):
    print("mine", flush=True)
    time.sleep(60)
"""


async def test_a_second_process_is_refused_until_the_first_is_dead(tmp_path: Path) -> None:
    path = tmp_path / "tagalong.db"
    async with running(["-c", HOLD, str(path)], {}) as first:
        await first.wait_for("mine")
        with pytest.raises(StoreTaken, match=r"tagalong\.db is in use .* stop that one first.* copy --to"), alone(path):
            raise AssertionError("it was let in")
        await first.end(signal.SIGKILL)
        with alone(path):
            pass


def test_another_name_of_the_file_is_the_same_file(tmp_path: Path) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(tmp_path / "tagalong.db")
    with alone(tmp_path / "tagalong.db"), pytest.raises(StoreTaken), alone(link):
        raise AssertionError("it was let in")


def test_an_error_of_what_is_done_meanwhile_is_its_own(tmp_path: Path) -> None:
    with pytest.raises(BlockingIOError), alone(tmp_path / "tagalong.db"):
        raise BlockingIOError


def test_where_nothing_can_be_locked_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "tagalong.db.lock").mkdir()
    with pytest.raises(StoreUnreachable, match="cannot be locked"), alone(tmp_path / "tagalong.db"):
        raise AssertionError("it was let in")


async def test_a_postgres_is_everybody_s(postgres: Postgres) -> None:
    async with Database(engine_url(postgres.url)) as one, Database(engine_url(postgres.url)) as other:
        with one.alone(), other.alone():
            pass
