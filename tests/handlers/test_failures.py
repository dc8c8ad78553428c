from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import text

from bot.sandbox.telegram import BotApiServer, Fault, User
from bot.store.database import Database
from bot.telegram.application import TelegramApplication
from bot.telegram.connection import take_update
from tests.handlers.conftest import one_database
from tests.handlers.test_following import followed
from tests.logged import Logged

SORRY = "Sorry, that did not work just now. Please try again in a minute."


@asynccontextmanager
async def broken(database: Database) -> AsyncIterator[None]:
    """The database, unable to do its work: on SQLite it does not answer, on PostgreSQL it shows a bug of ours."""
    async with database.write() as connection:
        await connection.execute(text("ALTER TABLE follows RENAME TO hidden"))
    yield
    async with database.write() as connection:
        await connection.execute(text("ALTER TABLE hidden RENAME TO follows"))


async def test_what_breaks_is_logged_without_the_words_and_apologised_for(
    database: Database, ada: User, logged: Logged
) -> None:
    async with broken(database):
        await ada.say("/follow a private matter")
        await ada.wait_for_text(SORRY)
    expected = "answer not possible" if database.is_sqlite else "update failed"
    (entry,) = logged.of(expected)
    assert entry["level"] == "error"
    assert entry["update"] > 0
    assert "private matter" not in str({**entry, "exc_info": None, "error": None})
    await ada.say("/follow Mali")
    await ada.wait_for_text("You now follow Mali.")
    assert await followed(database, ada) == ["Mali"]


async def test_a_tap_that_breaks_is_apologised_for_where_it_was_made(
    database: Database, ada: User, logged: Logged
) -> None:
    await ada.say("/follow Mali")
    message = await ada.wait_for_text("You now follow Mali.")
    async with broken(database):
        tap = await ada.tap(message, "✓ Mali")
        answer = await tap.answer()
    assert (answer["text"], answer["show_alert"]) == (SORRY, True)
    assert await followed(database, ada) == ["Mali"]


@one_database
@pytest.mark.parametrize(
    ("fault", "event", "level"),
    [
        ("403", "answer refused", "info"),
        ("400", "answer refused", "info"),
        ("500", "answer not sent", "warning"),
        ("reset", "answer not sent", "warning"),
    ],
)
async def test_an_answer_that_telegram_does_not_take_is_one_line(
    telegram: BotApiServer, ada: User, logged: Logged, fault: str, event: str, level: str
) -> None:
    telegram.faults.add(Fault(fault, method="sendMessage"))
    await ada.say("/help")
    assert (await logged.wait_for(event))["level"] == level
    await ada.say("/topics")
    await ada.wait_for_text("You follow no topics yet")
    assert len(ada.received) == 1


@one_database
async def test_a_wait_too_long_for_an_answer_is_not_waited_for(
    telegram: BotApiServer, ada: User, logged: Logged
) -> None:
    telegram.faults.add(Fault("429", method="sendMessage", retry_after=31))
    await ada.say("/help")
    await logged.wait_for("answer not sent")


async def test_an_apology_that_cannot_be_sent_is_one_line_more(
    telegram: BotApiServer, database: Database, ada: User, logged: Logged
) -> None:
    telegram.faults.add(Fault("500", method="sendMessage"))
    async with broken(database):
        await ada.say("/topics")
        await logged.wait_for("apology not sent")
    assert ada.received == []


@one_database
async def test_an_error_that_belongs_to_no_update_is_logged(bot: TelegramApplication, logged: Logged) -> None:
    await bot.process_error(None, ZeroDivisionError("a bug"))
    (entry,) = logged.of("update failed")
    assert (entry["update"], repr(entry["exc_info"])) == (None, "ZeroDivisionError('a bug')")


async def message(telegram: BotApiServer, bot: TelegramApplication, user: User, **content: Any) -> None:
    """A message of this user's, of a kind that the local server does not make."""
    about = {"message_id": 99, "date": 1, "chat": user.chat.about, "from": telegram.world.users[user.id]}
    await take_update(bot, {"update_id": 900 + len(content), "message": about | content})


@one_database
@pytest.mark.parametrize(
    "content",
    [
        {"photo": [{"file_id": "1", "file_unique_id": "1", "width": 1, "height": 1}]},
        {"photo": [], "caption": "/follow Mali"},
        {"dice": {"emoji": "🎲", "value": 1}},
        {},
    ],
)
async def test_what_is_not_words_gets_a_helpful_answer(
    telegram: BotApiServer, bot: TelegramApplication, ada: User, content: dict[str, Any]
) -> None:
    await ada.say("/start")
    await ada.wait_for_text("Welcome!")
    await message(telegram, bot, ada, **content)
    await ada.wait_for_text("I understand only words")


@one_database
async def test_what_the_app_itself_says_gets_no_answer(
    telegram: BotApiServer, bot: TelegramApplication, ada: User
) -> None:
    await message(telegram, bot, ada, message_auto_delete_timer_changed={"message_auto_delete_time": 60})
    await ada.say("/start")
    await ada.wait_for_text("Welcome!")
    assert len(ada.received) == 1


async def test_an_edited_message_gets_no_second_answer(
    telegram: BotApiServer, bot: TelegramApplication, database: Database, ada: User
) -> None:
    said = await ada.say("/follow Mali")
    await ada.wait_for_text("You now follow Mali.")
    edited = said | {"edit_date": 2, "text": "/follow Chad"}
    await take_update(bot, {"update_id": 950, "edited_message": edited})
    await ada.say("/topics")
    await ada.wait_for_text("You follow 1 topic.")
    assert await followed(database, ada) == ["Mali"]
    assert len(ada.received) == 2
