"""Each database that the bot works with, empty: what a benchmark makes of them, one after the other."""

import tempfile
from collections.abc import Awaitable, Callable, Sequence

from bot.store.database import Database
from tests.bench.figures import Figure, Skipped
from tests.postgres import find_postgres


async def settle(database: Database) -> None:
    """Have the database know what it holds, as it does by itself where it is in use: not every server's is set to."""
    async with database.driver_connection() as driver:
        await driver.execute("ANALYZE" if database.is_sqlite else "VACUUM ANALYZE")


async def on_each(what: str, figures: Callable[[str, str], Awaitable[Sequence[Figure]]]) -> list[Figure | Skipped]:
    """The figures by the name and address of each; where there is no PostgreSQL, that ``what`` is skipped there."""
    with tempfile.TemporaryDirectory(prefix="tagalong-bench-") as folder:
        rows: list[Figure | Skipped] = [*await figures("SQLite", f"sqlite:///{folder}/tagalong.db")]
    with find_postgres() as postgres:
        if postgres is None:
            return [*rows, Skipped(f"{what} on PostgreSQL", "there is none")]
        async with postgres.fresh_database() as url:
            return [*rows, *await figures("PostgreSQL", url)]
