"""Versions of the schema: bring a database up to date, and say whether this program can work on it.

While a new version is deployed, programs of both work on one database. So a migration only adds: tables, indexes, and
columns that are nullable or have a default of the database's, so that older programs can go on writing. A value that
older programs would not understand is read by one version and written from the next one on. What nothing uses any more
goes a version later; the migration that takes it away names, as ``oldest_code = "000N"``, the revision that a program
must know to do without it. One that does not refuses to start; one that is merely older says so, and works.
"""

from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

import structlog
from sqlalchemy import Connection, delete, func, insert, inspect, select, text

from bot.errors import StoreTooNew
from bot.store.schema import counters

log = structlog.stdlib.get_logger()

MIGRATIONS = Path(__file__).parent / "migrations"
"""Each begins its name with its revision."""
LOCK_SECONDS = 10
"""How long a migration waits for a table that others use: all that come after would wait behind it."""
OLDEST_CODE = "oldest code"
"""The counter that says so, where a migration has."""
_TURN = 0x74_61_67
"""A number that no other lock in the database has."""


def current(connection: Connection) -> str | None:
    """The version that the database is of; None before the first migration."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return version


def revisions() -> list[str]:
    """The versions that this program knows, the oldest first."""
    return sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("*_*.py"))


def is_outdated(connection: Connection) -> bool:
    """Whether the database must be migrated. Raises StoreTooNew where it has left this program behind."""
    *known, head = revisions()
    version = current(connection)
    if version is None or version in {*known, head}:
        return version != head
    oldest = connection.execute(select(counters.c.value).where(counters.c.name == OLDEST_CODE)).scalar() or 0
    if oldest > int(head):
        raise StoreTooNew(
            f"The database is of version {version}, and this Tagalong is too old for it: a newer one wrote it."
            " Run that version again, or restore a backup from before"
        )
    log.warning("the database is newer than this Tagalong, which can work on it", database=version, tagalong=head)
    return False


def migrate(connection: Connection) -> None:
    """Bring the database up to date. Of several that try at once one does it, and the others find it done."""
    if connection.dialect.name == "postgresql":  # on SQLite all that write take turns
        connection.execute(select(func.pg_advisory_xact_lock(_TURN)))
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
    if not is_outdated(connection):
        return
    from alembic import command  # here, since most starts find nothing to migrate
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    if connection.dialect.name == "sqlite":  # which does not look itself while migrations are made
        astray = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        assert astray is None, f"a migration has left {astray} astray"  # noqa: S101 - a bug; nothing is changed then
    _keep_oldest_code(connection, [script.module for script in ScriptDirectory.from_config(config).walk_revisions()])
    log.info("Brought the database up to date")


def _keep_oldest_code(connection: Connection, migrations: Iterable[ModuleType]) -> None:
    oldest = max(getattr(migration, "oldest_code", "0") for migration in migrations)
    connection.execute(delete(counters).where(counters.c.name == OLDEST_CODE))
    if int(oldest):
        connection.execute(insert(counters).values(name=OLDEST_CODE, value=int(oldest)))
