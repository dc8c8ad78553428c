"""Cursors that take their first rows along: what SQLAlchemy gets is what SQLite has, however many rows there are."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bot.database_url import engine_url
from bot.store.connecting import sqlite_thread
from bot.store.database import Database


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(sqlite_thread, "FIRST", 3)
    with sqlite3.connect(tmp_path / "numbers.db") as connection:
        connection.execute("CREATE TABLE numbers (n INTEGER PRIMARY KEY)")
    connection.close()
    return f"sqlite:///{tmp_path}/numbers.db"


@pytest.mark.parametrize("rows", [0, 1, 2, 3, 4, 6, 7])
async def test_all_rows_come_in_their_order(url: str, rows: int) -> None:
    numbers = list(range(rows))
    async with Database(engine_url(url)) as database:
        async with database.write() as connection:
            for number in numbers:
                await connection.execute(text("INSERT INTO numbers VALUES (:n)"), {"n": number})
        async with database.read() as connection:
            query = text("SELECT n FROM numbers ORDER BY n")
            assert (await connection.execute(query)).scalars().all() == numbers
            assert [row.n async for row in await connection.stream(query)] == numbers
            first = (await connection.execute(query)).first()  # the others are let go
            assert (first and first.n) == (0 if rows else None)
            assert (await connection.execute(query)).scalars().all() == numbers


async def test_what_a_statement_has_changed_is_known(url: str) -> None:
    async with Database(engine_url(url)) as database:
        async with database.write() as connection:
            many = [{"n": number} for number in range(5)]
            await connection.execute(text("INSERT INTO numbers VALUES (:n)"), many)
            assert (await connection.execute(text("UPDATE numbers SET n = n + 10 WHERE n > 1"))).rowcount == 3
            gone = await connection.execute(text("DELETE FROM numbers RETURNING n"))
            assert sorted(gone.scalars()) == [0, 1, 12, 13, 14]
        with pytest.raises(IntegrityError):
            async with database.write() as connection:
                await connection.execute(text("INSERT INTO numbers VALUES (1), (1)"))
        async with database.read() as connection:
            assert (await connection.execute(text("SELECT count(*) FROM numbers"))).scalar() == 0
