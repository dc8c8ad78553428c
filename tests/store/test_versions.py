import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, Row, Table

from bot.database_url import engine_url
from bot.errors import StoreTooNew
from bot.store import versions
from bot.store.database import Database
from bot.store.schema import metadata
from tests.logged import Logged, logged
from tests.store.filling import all_rows, fill, reflected

__all__ = ["logged"]

TAKE_AWAY = {"0010", "0019"}
"""They came before the first release: there is no older program."""
TOMORROW = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"
{more}

def upgrade() -> None:
    op.add_column("chats", sa.Column("mood", sa.Text()))
"""


async def test_every_migration_keeps_every_row_and_lets_older_programs_go_on_writing(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade = command.upgrade
    async with Database(engine_url(database_url)) as database:
        then, before = MetaData(), dict[str, list[Any]]()
        for number, revision in enumerate(versions.revisions(), 1):
            with monkeypatch.context() as that_time:
                that_time.setattr(command, "upgrade", lambda config, _, to=revision: upgrade(config, to))
                await database.migrate()
            async with database.write() as connection:
                if revision in TAKE_AWAY:
                    then = _left(then, await connection.run_sync(reflected))
                    before = {table.name: _columns(table, before[table.name]) for table in then.sorted_tables}
                assert await connection.run_sync(all_rows, then) == before, revision
                await connection.run_sync(fill, then, number * 1000)  # as a program of before goes on to write
                then = await connection.run_sync(reflected)
                await connection.run_sync(fill, then, number)
                before = await connection.run_sync(all_rows, then)
        await database.check_version()
    assert then.tables.keys() == metadata.tables.keys()


@pytest.mark.parametrize("more", ["", 'oldest_code = "0001"'])
async def test_what_only_adds_leaves_older_programs_at_work(
    database_url: str,
    of_tomorrow: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
    logged: Logged,
    more: str,
) -> None:
    async with Database(engine_url(database_url)) as database:
        with monkeypatch.context() as tomorrow:
            tomorrow.setattr(versions, "MIGRATIONS", of_tomorrow(more))
            await database.migrate()
        await database.check_version()
        await database.migrate()
    assert logged.of("the database is newer than this Tagalong, which can work on it")[0]["database"] == "9999"


async def test_what_takes_away_leaves_older_programs_behind(
    database_url: str, of_tomorrow: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Database(engine_url(database_url)) as database:
        with monkeypatch.context() as tomorrow:
            tomorrow.setattr(versions, "MIGRATIONS", of_tomorrow('oldest_code = "9999"'))
            await database.migrate()
            await database.check_version()
        with pytest.raises(StoreTooNew, match="of version 9999, and this Tagalong is too old for it"):
            await database.check_version()
        with pytest.raises(StoreTooNew):
            await database.migrate()


def test_each_migration_begins_its_name_with_its_revision() -> None:
    walked = ScriptDirectory(str(versions.MIGRATIONS)).walk_revisions()
    assert [script.revision for script in walked] == versions.revisions()[::-1]


async def test_of_two_that_migrate_at_once_one_does_it(database_url: str, logged: Logged) -> None:
    async with Database(engine_url(database_url)) as one, Database(engine_url(database_url)) as other:
        await asyncio.gather(*(database.migrate() for database in (one, other, one, other)))
        await one.check_version()
    assert len(logged.of("Brought the database up to date")) == 1


@pytest.fixture
def of_tomorrow(tmp_path: Path) -> Callable[[str], Path]:
    """Makes the migrations of a program with one more, which says ``more``."""

    def of(more: str) -> Path:
        copy = shutil.copytree(versions.MIGRATIONS, tmp_path / "migrations")
        tomorrow = TOMORROW.format(head=versions.revisions()[-1], more=more)
        (copy / "versions" / "9999_tomorrow.py").write_text(tomorrow)
        return copy

    return of


def _left(then: MetaData, now: MetaData) -> MetaData:
    """Of the tables that there were, those that there are, as they are."""
    kept = MetaData()
    for name in then.tables.keys() & now.tables.keys():
        now.tables[name].to_metadata(kept)
    return kept


def _columns(table: Table, rows: list[Row[Any]]) -> list[tuple[Any, ...]]:
    return [tuple(row._mapping[column.name] for column in table.columns) for row in rows]
