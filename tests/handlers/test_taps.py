from typing import Any

import pytest
from telegram import InlineKeyboardMarkup

from bot.model import Topic
from bot.sandbox.telegram import BotApiServer, Room, Tap, User, buttons
from bot.store import topics
from bot.store.database import Database
from bot.telegram.application import TelegramApplication
from bot.telegram.buttons import chips, in_rows
from bot.telegram.connection import take_update
from bot.topics.deep_links import link
from tests.handlers.conftest import Clock, one_database
from tests.handlers.test_following import followed
from tests.logged import Logged

STALE = "This button no longer works. /topics shows what you follow."


async def with_chips(bot: TelegramApplication, database: Database, room: Room, *names: str) -> dict[str, Any]:
    """A message of the bot's with chips to follow topics, as under an alert."""
    async with database.write() as connection:
        made = await topics.ensure(connection, names, as_tags=False)
    await bot.bot.send_message(room.id, "An alert", reply_markup=InlineKeyboardMarkup(in_rows(chips(made))))
    return await room.wait_for_text("An alert")


def labels(message: dict[str, Any]) -> set[str]:
    return {button["text"] for button in buttons(message)}


async def test_two_chips_tapped_at_once_both_show_it(bot: TelegramApplication, database: Database, ada: User) -> None:
    await ada.say("hello")
    message = await with_chips(bot, database, ada, "Mali", "Chad", "Togo")
    for name in ("Mali", "Togo"):
        await ada.tap(message, f"+ {name}")
    await ada.wait_for(lambda message: labels(message) == {"✓ Mali", "+ Chad", "✓ Togo"})
    assert await followed(database, ada) == ["Mali", "Togo"]


async def test_in_a_group_a_chip_is_the_admins(
    telegram: BotApiServer, bot: TelegramApplication, database: Database, ada: User, ben: User
) -> None:
    group = telegram.group("Readers", [ada, ben])
    message = await with_chips(bot, database, group, "Mali", "Chad")
    await ada.tap(message, "+ Mali")
    message = await group.wait_for(lambda message: labels(message) == {"✓ Mali", "+ Chad"})
    assert (await (await ben.tap(message, "✓ Mali")).answer())["text"].startswith("Only admins")
    assert (await (await ben.tap(message, "+ Chad")).answer())["url"] == link("sandbox_bot", "Chad")
    forged = await ben.tap(message, "follow:4711", forged=True)
    assert (await forged.answer())["text"].startswith("Only admins")
    await ada.tap(message, "+ Chad")
    await group.wait_for(lambda message: labels(message) == {"✓ Mali", "✓ Chad"})
    assert await followed(database, group) == ["Mali", "Chad"]
    assert await followed(database, ada) == await followed(database, ben) == []


async def test_a_tap_that_is_read_late_counts(
    bot: TelegramApplication, database: Database, ada: User, clock: Clock
) -> None:
    await ada.say("Mali")
    offer = await ada.wait_for_text("Shall I tell you")
    await ada.tap(offer, "+ Follow")
    clock.moved += 3600
    answer = await ada.wait_for_text("You now follow Mali.")
    await ada.tap(answer, "✓ Mali")
    clock.moved += 3600
    await ada.wait_for(lambda message: labels(message) == {"+ Mali"})
    assert await followed(database, ada) == []


async def test_other_readers_topics_cannot_be_counted_through(database: Database, ada: User, ben: User) -> None:
    await ada.say("/follow a private matter")
    await ada.wait_for_text("You now follow")
    await ben.say("/follow Mali")
    message = await ben.wait_for_text("You now follow Mali.")
    tap = await ben.tap(message, "follow:1", forged=True)
    answer = await tap.answer()
    assert (answer["text"], answer["show_alert"]) == (STALE, True)
    assert await followed(database, ben) == ["Mali"]


@one_database
@pytest.mark.parametrize(
    "topic",
    ["the #metoo movement", "#NorthKorea", "news24.com", "who is @elonmusk now", "a 🚀 of #spacex", "/ or /help it",
     "see https://news.example/a?b=1 today", "write to ada@news.example", "$TSLA shares", "<b>a</b> & #b"],
)  # fmt: skip
async def test_an_offer_keeps_its_topic_whole(database: Database, ada: User, topic: str) -> None:
    await ada.say(f"x {topic}")
    await ada.tap(await ada.wait_for_text("Shall I tell you"), "+ Follow")
    await ada.wait_for_text("You now follow")
    assert await followed(database, ada) == [f"x {topic}"]


async def test_a_chip_from_before_the_database_was_lost_says_so(
    bot: TelegramApplication, database: Database, ada: User
) -> None:
    await ada.say("hello")
    lost = in_rows(chips([Topic(4711, "mali", "Mali")]))
    await bot.bot.send_message(ada.id, "An alert", reply_markup=InlineKeyboardMarkup(lost))
    tap = await ada.tap(await ada.wait_for_text("An alert"), "+ Mali")
    assert (await tap.answer())["text"] == STALE
    assert await followed(database, ada) == []


async def test_a_tap_that_changes_nothing_leaves_the_keyboard(telegram: BotApiServer, ada: User) -> None:
    await ada.say("/follow Mali")
    message = await ada.wait_for_text("You now follow Mali.")
    tap = await ada.tap(message, "follow:1", forged=True)
    assert (await tap.answer())["text"] == "You now follow Mali."
    await ada.say("/topics")
    await ada.wait_for_text("You follow 1 topic.")
    assert telegram.calls.of("editMessageReplyMarkup") == []


async def test_an_offer_counts_only_where_it_stands(database: Database, ada: User) -> None:
    await ada.say("/follow Mali")
    message = await ada.wait_for_text("You now follow Mali.")
    tap = await ada.tap(message, "offer", forged=True)
    assert (await tap.answer())["text"] == STALE


async def handed_over(telegram: BotApiServer, bot: TelegramApplication, user: User, query: dict[str, Any]) -> Tap:
    """A tap of this user's as Telegram hands it over."""
    (query_id, author) = (
        telegram.world.tap(user.chat, user.messages[-1]["message_id"], "x"),
        telegram.world.users[user.id],
    )
    await take_update(
        bot, {"update_id": 900, "callback_query": {"id": query_id, "from": author, "chat_instance": "1", **query}}
    )
    return Tap(user.chat, query_id)


@one_database
@pytest.mark.parametrize("data", ["offer", "follow:1", "x"])
async def test_a_tap_on_a_message_too_old_to_be_seen_says_so(
    telegram: BotApiServer, bot: TelegramApplication, database: Database, data: str
) -> None:
    ada = telegram.user(1001)
    await ada.say("hello")
    await with_chips(bot, database, ada, "Mali")
    unseen = {"chat": ada.chat.about, "message_id": ada.received[-1]["message_id"], "date": 0}
    tap = await handed_over(telegram, bot, ada, {"message": unseen, "data": data})
    assert (await tap.answer())["text"] == STALE
    assert await followed(database, ada) == []


@one_database
@pytest.mark.parametrize("query", [{"game_short_name": "chess"}, {}])
async def test_a_tap_that_says_nothing_says_so(
    telegram: BotApiServer, bot: TelegramApplication, query: dict[str, Any]
) -> None:
    ada = telegram.user(1001)
    message = await ada.say("hello")
    tap = await handed_over(telegram, bot, ada, {"message": message, **query})
    assert (await tap.answer())["text"] == STALE


@one_database
async def test_a_tap_without_a_message_harms_nothing(
    telegram: BotApiServer, bot: TelegramApplication, logged: Logged
) -> None:
    ada = telegram.user(1001)
    await ada.say("hello")
    await handed_over(telegram, bot, ada, {"inline_message_id": "1", "data": "offer"})
    message = {"message_id": 5, "date": 1, "chat": ada.chat.about, "from": telegram.world.users[1001], "text": "Mali"}
    await take_update(bot, {"update_id": 901, "message": message})
    await ada.wait_for_text("Shall I tell you")
    assert logged.of("update failed") == []
