"""Statements that go straight to the driver come to what SQLAlchemy makes of them."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Select, bindparam, delete, func, insert, literal, select, text, tuple_, update
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.connecting import plans, sqlite_thread
from bot.store.database import Database
from bot.store.schema import articles, counters, feeds, pace
from tests.make import an_article, news

Rows = list[Any]
_LISTED = select(counters.c.name).where(counters.c.name.in_(bindparam("names", expanding=True))).order_by("name")


@pytest.fixture
async def counted(database: Database) -> Database:
    async with database.write() as connection:
        await connection.execute(delete(counters))
        await connection.execute(insert(counters), [{"name": name, "value": ord(name)} for name in "abcde"])
    return database


async def both(
    connection: AsyncConnection, statement: Select[Any], given: dict[str, Any]
) -> tuple[list[Any], list[Any]]:
    """Rows as they come straight, and by way of SQLAlchemy."""
    straight = await connection.execute(statement, given)
    around = await AsyncConnection.execute(connection, statement, given)
    assert list(straight.keys()) == list(around.keys())
    return straight.all(), around.all()


@pytest.mark.parametrize("names", [[], ["a"], ["b", "a"], ["a", "x", "c"], ["a"] * 60, {"a", "b"}])
async def test_lists_of_any_length_are_taken_in_turn(counted: Database, names: list[str]) -> None:
    async with counted.read() as connection:
        for _ in range(2):  # the second is known
            straight, around = await both(connection, _LISTED, {"names": names})
            assert straight == around == [(name,) for name in sorted({*names} & {*"abcde"})]


async def test_so_are_lists_that_stand_in_the_statement_itself(counted: Database) -> None:
    async with counted.read() as connection:
        for names in (["a"], ["b"], ["c", "d"], []):
            found = await connection.execute(select(counters.c.name).where(counters.c.name.in_(names)))
            assert sorted(found.scalars()) == names


async def test_statements_that_differ_in_their_values_alone_keep_their_own(counted: Database) -> None:
    async with counted.read() as connection:
        for name in "abcba":
            found = await connection.execute(select(counters.c.value).where(counters.c.name == name))
            assert found.scalar_one() == ord(name)


async def test_rows_are_those_of_sqlalchemy(database: Database) -> None:
    async with database.write() as connection:
        article = await news(connection, an_article(), [])
    everything = select(articles, feeds.c.url, func.count().over().label("number"), (literal(3) / 2).label("half"))
    given = everything.join(feeds, feeds.c.id == articles.c.feed_id).where(articles.c.id == bindparam("article"))
    async with database.read() as connection:
        straight, around = await both(connection, given, {"article": article})
        assert straight == around
        assert straight[0].seen_at.tzinfo == UTC
        assert straight[0]._mapping["headline"] == straight[0].headline


async def test_pairs_go_around(counted: Database) -> None:
    async with counted.read() as connection:
        pairs = tuple_(counters.c.name, counters.c.value).in_([("a", 97), ("b", 0)])
        assert (await connection.execute(select(counters.c.name).where(pairs))).scalars().all() == ["a"]


async def test_many_are_written_in_one_go_and_come_back_where_asked(counted: Database) -> None:
    many = [{"name": name, "value": 1} for name in "xyz"]
    async with counted.write() as connection:
        back = await connection.execute(insert(counters).returning(counters.c.name), many)
        assert sorted(back.scalars()) == ["x", "y", "z"]
        later = update(counters).where(counters.c.name == bindparam("which")).values(value=bindparam("number"))
        await connection.execute(later, [{"which": "x", "number": 7}, {"which": "y", "number": 8}])
        changed = select(counters.c.value).where(counters.c.name.in_(["x", "y", "z"])).order_by(counters.c.name)
        assert (await connection.execute(changed)).scalars().all() == [7, 8, 1]
        assert (await connection.execute(update(counters).values(value=0))).rowcount == 8
        assert (await connection.execute(delete(counters).where(counters.c.name == "none"))).rowcount == 0


async def test_what_is_missing_or_nonsense_is_told_as_ever(counted: Database) -> None:
    async with counted.write() as connection:
        with pytest.raises(StatementError, match="A value is required for bind parameter 'names'"):
            await connection.execute(_LISTED)
        with pytest.raises(StatementError, match="without a time zone"):
            await connection.execute(update(pace).values(counted_at=datetime(2026, 3, 1)))  # noqa: DTZ001
    with pytest.raises(IntegrityError):
        async with counted.write() as connection:
            await connection.execute(insert(counters), {"name": "a", "value": 1})


async def test_what_goes_around_stands_in_the_same_transaction(counted: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with counted.write() as connection:
            await connection.execute(text("UPDATE counters SET value = 1"))
            await connection.execute(update(counters).values(value=2))
            assert (await connection.execute(text("SELECT min(value) FROM counters"))).scalar() == 2
            raise ZeroDivisionError
    async with counted.read() as connection:
        assert (await connection.execute(select(func.max(counters.c.value)))).scalar() == ord("e")


async def test_what_writes_at_once_is_there_for_others_before_it_ends(counted: Database) -> None:
    async with counted.write_at_once() as connection:
        await connection.execute(delete(counters).where(counters.c.name == "a"))
        async with counted.read() as other:
            assert (await other.execute(select(func.count()).select_from(counters))).scalar() == 4


async def test_columns_that_come_to_be_meanwhile_are_no_trouble(counted: Database) -> None:
    everything = select(counters).order_by(counters.c.name)
    async with counted.read() as connection:
        before = (await connection.execute(everything)).all()
    async with counted.write() as connection:
        await connection.execute(text("ALTER TABLE counters ADD COLUMN more INTEGER"))
    try:
        async with counted.read() as connection:
            assert (await connection.execute(everything)).all() == before
    finally:
        async with counted.write() as connection:
            await connection.execute(text("ALTER TABLE counters DROP COLUMN more"))


async def test_no_more_is_remembered_than_may_be(counted: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "KNOWN", 2)
    monkeypatch.setattr(plans, "SHAPES", 2)
    async with counted.read() as connection:
        for number in range(1, 6):
            names = list("abcde"[:number])
            assert (await connection.execute(_LISTED, {"names": names})).scalars().all() == names
            plus = select(*(counters.c.value.label(f"value_{place}") for place in range(number)))
            assert len((await connection.execute(plus.limit(1))).one()) == number


async def test_short_reads_of_sqlite_are_done_on_the_spot_and_long_ones_in_the_thread(
    counted: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not counted.is_sqlite:
        return
    went: list[str] = []
    there = sqlite_thread.Connection.there

    async def noted(self: sqlite_thread.Connection, work: Any, *arguments: object) -> Any:
        went.append(str(arguments[0]) if arguments else "")
        return await there(self, work, *arguments)

    monkeypatch.setattr(sqlite_thread.Connection, "there", noted)
    one, two = counters.alias(), counters.alias()
    async with counted.read() as connection:
        assert (await connection.execute(select(func.count()).select_from(counters))).scalar() == 5
        assert went == []
        four = [counters.alias() for _ in range(4)]
        long = select(func.count()).select_from(*four, one, two)
        assert (await connection.execute(long)).scalar() == 5**6
        assert len(went) == 1
        assert (await connection.execute(select(func.count()).select_from(counters))).scalar() == 5
    async with counted.write() as connection:  # what writes is never broken off
        everywhere = select(func.count()).select_from(*four, one, two).scalar_subquery()
        await connection.execute(update(counters).values(value=everywhere))
    async with counted.read() as connection:
        assert (await connection.execute(select(func.min(counters.c.value)))).scalar() == 5**6


async def test_a_long_read_that_nobody_waits_for_any_more_holds_nobody_up(counted: Database) -> None:
    if not counted.is_sqlite:
        return
    many = [counters.alias() for _ in range(11)]

    async def read() -> None:
        async with counted.read() as connection:
            begun.set()
            await connection.execute(select(func.count()).select_from(*many))

    begun = asyncio.Event()
    reading = asyncio.create_task(read(), name="reading")
    await begun.wait()
    await asyncio.sleep(0)
    reading.cancel()
    async with counted.read() as connection, asyncio.timeout(timedelta(seconds=5).total_seconds()):
        assert (await connection.execute(select(func.count()).select_from(counters))).scalar() == 5
    with pytest.raises(asyncio.CancelledError):
        await reading
