"""/privacy, /export and /forget."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.alerts.links import Links
from bot.alerts.message import Site
from bot.feeds.hosts import Hosts
from bot.sandbox.telegram import BotApiServer, Group, User, buttons
from bot.store import pace
from bot.store.database import Database
from bot.store.schema import chats
from tests.handlers.conftest import one_database
from tests.handlers.test_following import followed
from tests.make import NOW


async def kept(database: Database) -> list[int]:
    async with database.read() as connection:
        return list((await connection.execute(select(chats.c.id))).scalars())


@one_database
async def test_privacy_says_what_is_kept(ada: User) -> None:
    await ada.say("/privacy")
    answer = await ada.wait_for_text("What I keep, and what not")
    assert "/export" in answer["text"]
    assert "/forget" in answer["text"]
    assert "opened" not in answer["text"]


@one_database
@pytest.mark.parametrize("site", [Site(links=Links("https://bot.example", b"key", Hosts.of([]), per_reader=True))])
async def test_privacy_says_so_where_it_is_kept_who_read_what(ada: User) -> None:
    await ada.say("/privacy")
    await ada.wait_for_text("I also keep which of them were opened here.")


async def test_export_sends_everything_as_a_file(telegram: BotApiServer, database: Database, ada: User) -> None:
    await ada.say("/follow Mali, بحر")
    await ada.wait_for_text("You now follow")
    await ada.say("/export")
    answer = await ada.wait_for(lambda message: "document" in message)
    assert answer["document"]["file_name"] == "tagalong.json"
    given = json.loads(telegram.file(answer))
    assert [chat["id"] for chat in given["chats"]] == [ada.id]
    assert [follow["topic"] for follow in given["follows"]] == ["Mali", "بحر"]


@one_database
async def test_of_who_follows_nothing_there_is_nothing_to_export(database: Database, ada: User) -> None:
    async with database.write() as connection:  # as the answer before leaves it
        await pace.write_chats(connection, {ada.id: NOW}, NOW - timedelta(days=1))
    await ada.say("/export")
    await ada.wait_for_text("I keep nothing about this chat.")
    assert await kept(database) == []


async def test_forget_deletes_everything_after_a_confirmation(database: Database, ada: User, ben: User) -> None:
    for reader in (ada, ben):
        await reader.say("/follow Mali")
        await reader.wait_for_text("You now follow")
    await ada.say("/forget")
    question = await ada.wait_for_text("Shall I delete everything")
    assert await followed(database, ada) == ["Mali"]
    await ada.tap(question, "Delete everything")
    answer = await ada.wait_for_text("Done: I have forgotten this chat.")
    assert buttons(answer) == []
    assert await kept(database) == [ben.id]
    await ada.say("/topics")
    await ada.wait_for_text("You follow no topics yet")
    assert await kept(database) == [ben.id]


@one_database
async def test_forget_can_be_thought_better_of(database: Database, ada: User) -> None:
    await ada.say("/follow Mali")
    await ada.wait_for_text("You now follow")
    await ada.say("/forget")
    await ada.tap(await ada.wait_for_text("Shall I delete everything"), "Keep it")
    await ada.wait_for_text("Everything stays as it is.")
    assert await followed(database, ada) == ["Mali"]


@one_database
async def test_in_a_group_only_an_admin_lets_it_be_forgotten(
    telegram: BotApiServer, database: Database, ada: User, ben: User
) -> None:
    group: Group = telegram.group("Readers", [ada, ben])
    await ada.say("/follow Mali", to=group)
    await group.wait_for_text("You now follow")
    await ada.say("/forget", to=group)
    question = await group.wait_for_text("Shall I delete everything")
    assert "Only admins" in (await (await ben.tap(question, "Delete everything")).answer())["text"]
    assert await followed(database, group) == ["Mali"]
    await ada.tap(question, "Delete everything")
    await group.wait_for_text("Done: I have forgotten this chat.")
    assert await kept(database) == []
