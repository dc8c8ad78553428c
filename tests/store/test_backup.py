import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from bot.database_url import engine_url
from bot.errors import StoreUnreachable
from bot.store.backup import back_up
from bot.store.database import Database
from bot.store.schema import counters
from bot.store.versions import OLDEST_CODE


@pytest.fixture
def path(migrated_sqlite: Path, tmp_path: Path) -> Path:
    """A migrated SQLite database."""
    path = tmp_path / "tagalong.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    return path


async def test_a_backup_is_one_moment_of_a_database_at_work(path: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup.db"
    backed_up = asyncio.Event()
    async with Database(engine_url(f"sqlite:///{path}")) as database:

        async def write() -> int:
            number = 0
            while not backed_up.is_set() or number < 10:
                async with database.write() as connection:  # two rows or none
                    rows = [{"name": f"{number} {half}", "value": number} for half in "ab"]
                    await connection.execute(insert(counters), rows)
                number += 1
            return number

        writing = asyncio.create_task(write())
        size = await asyncio.to_thread(back_up, path, file)
        backed_up.set()
        written = await writing
    assert size > 0
    async with Database(engine_url(f"sqlite:///{file}")) as restored:
        await restored.check_version()
        async with restored.read() as connection:
            found = (await connection.execute(select(func.count()).where(counters.c.name != OLDEST_CODE))).scalar_one()
    assert found % 2 == 0
    assert found <= written * 2


def test_it_is_one_file_for_the_same_people(path: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup.db"
    path.chmod(0o640)
    assert back_up(path, file) == file.stat().st_size
    assert file.stat().st_mode == path.stat().st_mode
    assert [one.name for one in tmp_path.glob("*backup*")] == ["backup.db"]


def test_the_backup_of_before_stays_until_the_new_one_is_whole(path: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup.db"
    back_up(path, file)
    before = file.read_bytes()
    path.write_bytes(b"no database at all " * 1000)
    with pytest.raises(StoreUnreachable, match="failed: file is not a database"):
        back_up(path, file)
    assert file.read_bytes() == before
    assert list(tmp_path.glob(".*")) == []


def test_what_cannot_be_is_said(path: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreUnreachable, match="is the database itself"):
        back_up(path, tmp_path / "." / "tagalong.db")
    with pytest.raises(StoreUnreachable, match="cannot be written: No such file or directory"):
        back_up(path, tmp_path / "missing" / "backup.db")
    with pytest.raises(StoreUnreachable, match="There is no database at"):
        back_up(tmp_path / "none.db", tmp_path / "backup.db")
    assert not (tmp_path / "none.db").exists()
    assert not (tmp_path / "backup.db").exists()


def test_a_database_that_is_damaged_is_not_taken_for_a_backup(path: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET rootpage = 3 WHERE name = 'counters'")
        connection.commit()
    with pytest.raises(StoreUnreachable, match="failed"):
        back_up(path, tmp_path / "backup.db")
    assert not (tmp_path / "backup.db").exists()
