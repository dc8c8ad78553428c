"""What editors can do by command: the newsroom's link, breaking news, stopping an article, a word to all readers."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from bot.alerts.notices import Notices
from bot.sandbox.telegram import BotApiServer, User, buttons
from bot.sandbox.telegram.answers import Json
from bot.store import articles, chats, passes
from bot.store import notices as notice_store
from bot.store.database import Database
from bot.store.fan_out import fan_out
from bot.store.schema import alerts, notices
from bot.store.schema import articles as article_table
from bot.telegram.application import TelegramApplication
from handlers.turn import Desk
from tests.handlers.conftest import one_database
from tests.make import NOW, a_feed, a_follower, an_article, news

EDITOR, READER = 1001, 1002
LINK = "http://127.0.0.1/one/"


@pytest.fixture
def desk(desk: Desk) -> Desk:
    return replace(desk, editors=(EDITOR,), public_url="https://bot.example")


async def an_article_for(database: Database, *names: str, archived: bool = False) -> int:
    """An article on North Korea, which is in the outbox for its followers unless it is of the archive."""
    async with database.write() as connection:
        await a_feed(connection)
        (korea,) = await a_follower(connection, READER, "North Korea")
        for at, name in enumerate(names):
            await a_follower(connection, READER + 1 + at, name)
        article_id = await news(
            connection, an_article("one", headline="Kim <speaks>", tags=["North Korea"]), [korea.id]
        )
        if archived:
            told = {"fanned_out_at": NOW}
            await connection.execute(article_table.update().values(told))
        else:
            await fan_out(connection, NOW, 100)
    return article_id


async def states(database: Database) -> dict[int, tuple[str, int]]:
    """State and rank of the alert of each chat."""
    async with database.read() as connection:
        rows = await connection.execute(select(alerts.c.chat_id, alerts.c.state, alerts.c.rank))
        return {row.chat_id: (row.state, row.rank) for row in rows}


@one_database
@pytest.mark.parametrize("command", ["/newsroom", "/breaking", "/hold", "/say"])
async def test_to_readers_these_commands_do_not_exist(ben: User, command: str) -> None:
    await ben.say(f"{command} {LINK}")
    await ben.wait_for_text(f"I do not know {command}.")


async def test_an_editor_gets_a_link_into_the_newsroom(database: Database, ada: User) -> None:
    await ada.say("/newsroom")
    answer = await ada.wait_for_text("This link works once")
    (button,) = buttons(answer)
    link = urlsplit(button["url"])
    assert (link.netloc, link.path) == ("bot.example", "/newsroom/enter")
    async with database.write() as connection:
        assert await passes.redeem(connection, parse_qs(link.query)["key"][0], NOW) == EDITOR


async def test_breaking_news_goes_before_all_others(database: Database, ada: User) -> None:
    article_id = await an_article_for(database)
    await ada.say("/breaking https://127.0.0.1/two")
    await ada.wait_for_text("I know no article of this link")
    await ada.say(f"/breaking {LINK}?utm_source=x")
    question = await ada.wait_for_text(
        "Send Kim <speaks> before all other alerts? 0 chats have not got it, 1 chat wait"
    )
    assert (await states(database))[READER] == ("fresh", -article_id)
    await ada.tap(question, "Send it now")
    await ada.wait_for_text("It goes before all others now")
    state, rank = (await states(database))[READER]
    assert state == "fresh"
    assert rank < -article_id


async def test_breaking_news_may_be_of_the_archive_and_for_another_topics_followers(
    database: Database, ada: User
) -> None:
    await an_article_for(database, "Missiles", archived=True)
    await ada.say(f"/breaking {LINK} Nothing of ours")
    await ada.wait_for_text("There is no topic Nothing of ours.")
    await ada.say(f"/breaking {LINK} Missiles")
    question = await ada.wait_for_text("2 chats have not got it")
    await ada.tap(question, "Send it now")
    await ada.wait_for_text("It goes before all others now")
    async with database.write() as connection:
        await fan_out(connection, NOW, 100)
    assert set(await states(database)) == {READER, READER + 1}


async def test_an_article_is_held_back_and_released(database: Database, ada: User) -> None:
    article_id = await an_article_for(database)
    await ada.say(f"/hold {LINK}")
    question = await ada.wait_for_text("Stop Kim <speaks>? 1 chat wait for it")
    await ada.tap(question, "Leave it")
    await ada.wait_for_text("Nothing is done.")
    assert (await states(database))[READER][0] == "fresh"
    await ada.say(f"/hold {LINK}")
    await ada.tap(await ada.wait_for_text("Stop Kim <speaks>?"), "Stop it")
    await ada.wait_for_text("Stopped.")
    assert (await states(database))[READER][0] == "failed"
    async with database.read() as connection:
        assert (await articles.get(connection, [article_id]))[article_id].held_back
    await ada.say(f"/hold {LINK}")
    await ada.wait_for_text("Kim <speaks> is stopped already.")
    await ada.say(f"/breaking {LINK}")
    await ada.tap(await ada.wait_for_text("Send Kim <speaks>"), "Send it now")
    await ada.wait_for_text("It goes before all others now")
    assert (await states(database))[READER][0] == "waiting"


async def test_what_the_newsroom_says_reaches_all_who_hear_it(database: Database, ada: User, ben: User) -> None:
    await ada.say("/say")
    await ada.wait_for_text("Write the notice behind the command")
    async with database.write() as connection:
        for chat_id in (READER, READER + 1, READER + 2):
            await a_follower(connection, chat_id, "North Korea")
        await chats.hear_notices(connection, READER + 1, hears=False)
        await chats.rest(connection, READER + 2, NOW, "gone")
    await ada.say("/say We <moved>\nto another house.")
    question = await ada.wait_for_text("We <moved>\nto another house.")
    await ada.tap(question, "Say it to 1 reader")
    await ada.wait_for_text("1 reader is told")
    async with database.read() as connection:
        rows = (await connection.execute(select(notices.c.chat_id, notices.c.text, notices.c.to_all))).all()
    assert [tuple(row) for row in rows] == [(READER, "We <moved>\nto another house.", True)]


@one_database
async def test_a_reader_who_makes_up_an_editors_button_does_nothing(database: Database, ben: User) -> None:
    article_id = await an_article_for(database)
    await ben.say("/topics")
    message = await ben.wait_for_text("North Korea")
    for data in (f"hold:{article_id}", f"first:{article_id}:0", "sayall"):
        tap = await ben.tap(message, data, forged=True)
        assert "no longer works" in (await tap.answer())["text"]
    assert (await states(database))[READER] == ("fresh", -article_id)


async def test_a_reader_hears_no_more_of_what_is_said_to_all_and_hears_it_again(
    telegram: BotApiServer, bot: TelegramApplication, database: Database, ben: User
) -> None:
    await ben.say("/follow Mali")
    await ben.wait_for_text("You now follow")
    async with database.write() as connection:
        await notice_store.add_for_all(connection, "We moved.", NOW)
    ticks = itertools.count()
    teller = Notices(database, bot.bot, 30, lambda: NOW + timedelta(seconds=next(ticks)))
    for _ in range(2):
        await teller._step()
    for label, hearing in (("No more of these", 0), ("Hear of these again", 1)):
        message = await ben.wait_for(shows(label))
        await (await ben.tap(message, label)).answer()
        async with database.read() as connection:
            assert await notice_store.number_of_readers(connection) == hearing


def shows(label: str) -> Callable[[Json], bool]:
    """Of a message: whether it has this button."""
    return lambda message: any(button["text"] == label for button in buttons(message))
