"""What is kept of a chat can be handed over and deleted, all of it."""

import asyncio
import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.model import Chat, ChatKind
from bot.store import chats, notices, passes, personal
from bot.store.database import Database
from bot.store.fan_out import fan_out
from bot.store.passes import Kind
from bot.store.schema import alerts, metadata
from bot.store.schema import chats as chat_table
from tests.make import NOW, a_follower, an_article, news
from tests.postgres import waits


def test_every_table_that_knows_a_chat_is_among_them() -> None:
    for table in metadata.tables.values():
        to_chats = [column for column in table.c if any(key.column.table is chat_table for key in column.foreign_keys)]
        named = [column for column in table.c if "chat" in column.name or "user" in column.name]
        if to_chats or named:
            assert table in personal.KEPT, f"{table.name} is neither exported nor forgotten"


async def everything_kept_of(database: Database, chat_id: int) -> dict[str, int]:
    async with database.read() as connection:
        kept = {}
        for table in metadata.tables.values():
            rows = (await connection.execute(select(table))).all()
            kept[table.name] = sum(chat_id in row for row in rows)
        return {name: number for name, number in kept.items() if number}


async def a_reader(database: Database, chat_id: int) -> None:
    async with database.write() as connection:
        (topic,) = await a_follower(connection, chat_id, "North Korea")
        await news(connection, an_article(f"of {chat_id}", headline="Kim speaks"), [topic.id])
        await fan_out(connection, NOW, 100)
        await notices.add(connection, [chat_id], "Listen", NOW)
        await passes.issue(connection, Kind.SESSION, chat_id, NOW, timedelta(hours=1))


async def test_all_of_it_is_exported_in_words(database: Database) -> None:
    await a_reader(database, 770_001)
    async with database.read() as connection:
        kept = json.loads(json.dumps(await personal.export(connection, 770_001)))
    assert {name: len(rows) for name, rows in kept.items() if rows} == await everything_kept_of(database, 770_001)
    assert kept["follows"][0]["topic"] == "North Korea"
    assert kept["alerts"][0]["article"] == ["Kim speaks", "http://127.0.0.1/of 770001/"]
    assert kept["chats"][0]["created_at"] == "2026-03-01T12:00:00+00:00"


async def test_all_of_it_is_forgotten_and_nothing_else(database: Database) -> None:
    for chat_id in (770_001, 770_002):
        await a_reader(database, chat_id)
    async with database.write() as connection:
        await chats.configure(connection, Chat(770_002, ChatKind.PRIVATE), 770_001, NOW)
    others = await everything_kept_of(database, 770_002)
    async with database.write() as connection:
        await personal.forget(connection, 770_001, NOW)
    assert await everything_kept_of(database, 770_001) == {}
    assert await everything_kept_of(database, 770_002) == others


@pytest.mark.parametrize("database_kind", ["postgres"], indirect=True)
@pytest.mark.parametrize("moves", [False, True], ids=["forgotten", "moved"])
async def test_a_chat_that_goes_while_an_article_is_fanned_out_leaves_no_alert_behind(
    database: Database, *, moves: bool
) -> None:
    await a_reader(database, 770_001)
    async with database.write() as connection:
        (topic,) = await a_follower(connection, 770_001, "North Korea")
        await news(connection, an_article("another"), [topic.id])
    async with asyncio.timeout(10), asyncio.TaskGroup() as group, database.write() as fanning_out:
        await fan_out(fanning_out, NOW, 100)

        async def go() -> None:
            async with database.write() as connection:
                if moves:
                    await chats.migrate(connection, 770_001, -770_002)
                else:
                    await personal.forget(connection, 770_001, NOW)

        going = group.create_task(go())
        await waits(going, database)
    async with database.read() as connection:
        told = (await connection.execute(select(alerts.c.chat_id))).scalars().all()
    assert told == ([-770_002] * 2 if moves else [])
