from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.sandbox.telegram import BotApiServer, Room, User, buttons
from bot.store import follows
from bot.store.database import Database
from bot.store.schema import chats
from bot.store.schema import feeds as feed_table
from bot.store.schema import topics as topic_table
from tests.handlers.conftest import one_database
from tests.make import a_feed, an_article, news


async def followed(database: Database, reader: Room) -> list[str]:
    async with database.read() as connection:
        return [topic.name for topic in await follows.of_chat(connection, reader.id)]


async def tag_articles(database: Database, *tags: str) -> None:
    async with database.write() as connection:
        await news(connection, an_article(tags=tags), [])


async def test_follow_one_topic(database: Database, ada: User, ben: User) -> None:
    await ada.say("/follow North Korea")
    answer = await ada.wait_for_text("You now follow North Korea.")
    assert [button["text"] for button in buttons(answer)] == ["✓ North Korea"]
    assert await followed(database, ada) == ["North Korea"]
    assert await followed(database, ben) == []


async def test_follow_several(database: Database, ada: User) -> None:
    await ada.say("/follow North Korea, Vladimir Putin ,\n Mali")
    await ada.wait_for_text("You now follow North Korea, Vladimir Putin and Mali.")
    assert set(await followed(database, ada)) == {"North Korea", "Vladimir Putin", "Mali"}


async def test_follow_again_in_another_spelling(database: Database, ada: User) -> None:
    await ada.say("/follow North Korea")
    await ada.wait_for_text("You now follow")
    await ada.say("/follow NORTH-KOREA, Mali")
    answer = await ada.wait_for_text("You already follow North Korea.")
    assert "You now follow Mali." in answer["text"]


async def test_the_newsrooms_spelling_is_shown(database: Database, ada: User) -> None:
    await tag_articles(database, "Kim Jong-Un")
    await ada.say("/follow kim jong un")
    await ada.wait_for_text("You now follow Kim Jong-Un.")


async def test_bare_follow_offers_the_most_used_tags_that_are_not_followed(database: Database, ada: User) -> None:
    await tag_articles(database, "North Korea", "Mali")
    await ada.say("/follow Mali")
    await ada.wait_for_text("You now follow Mali")
    await ada.say("/follow")
    answer = await ada.wait_for_text("The Daily Sample writes most about these")
    assert [button["text"] for button in buttons(answer)] == ["+ North Korea"]
    tap = await ada.tap(answer, "+ North Korea")
    assert (await tap.answer())["text"] == "You now follow North Korea."
    await ada.wait_for(lambda message: [button["text"] for button in buttons(message)] == ["✓ North Korea"])
    assert await followed(database, ada) == ["Mali", "North Korea"]


async def test_bare_follow_without_any_tags_says_how(ada: User) -> None:
    await ada.say("/follow")
    answer = await ada.wait_for_text("/follow North Korea")
    assert buttons(answer) == []


async def test_a_chip_pressed_twice_stays_as_it_says(database: Database, ada: User) -> None:
    await ada.say("/follow Mali")
    answer = await ada.wait_for_text("You now follow Mali")
    for _ in range(2):
        tap = await ada.tap(answer, "unfollow:1", forged=True)
        assert (await tap.answer())["text"] == "You no longer follow Mali."
    assert await followed(database, ada) == []
    tap = await ada.tap(answer, "+ Mali")
    await tap.answer()
    assert await followed(database, ada) == ["Mali"]


async def test_unfollow(database: Database, ada: User) -> None:
    await ada.say("/follow North Korea, Mali")
    await ada.wait_for_text("You now follow")
    await ada.say("/unfollow north korea")
    answer = await ada.wait_for_text("You no longer follow North Korea.")
    assert [button["text"] for button in buttons(answer)] == ["+ North Korea"]
    assert await followed(database, ada) == ["Mali"]


async def test_unfollow_what_is_not_followed_shows_what_is(ada: User) -> None:
    await ada.say("/follow Mali")
    await ada.wait_for_text("You now follow")
    await ada.say("/unfollow <Chad>")
    answer = await ada.wait_for_text("You do not follow <Chad>.")
    assert [button["text"] for button in buttons(answer)] == ["✓ Mali"]


async def test_bare_unfollow_shows_what_is_followed_with_buttons_to_stop(database: Database, ada: User) -> None:
    await ada.say("/unfollow")
    await ada.wait_for_text("You follow no topics yet")
    await ada.say("/follow Mali, North Korea")
    await ada.wait_for_text("You now follow")
    await ada.say("/unfollow")
    answer = await ada.wait_for(lambda message: "ap " in message["text"] and len(buttons(message)) == 2)
    tap = await ada.tap(answer, "✓ Mali")
    await tap.answer()
    await ada.wait_for(lambda message: {button["text"] for button in buttons(message)} == {"+ Mali", "✓ North Korea"})
    assert await followed(database, ada) == ["North Korea"]


@pytest.mark.parametrize("follows_per_chat", [120])
async def test_a_hundred_follows_fit_on_a_keyboard(database: Database, ada: User) -> None:
    for start in range(0, 120, 20):
        await ada.say("/follow " + ", ".join(f"Topic number {number}" for number in range(start, start + 20)))
        await ada.wait_for_text(f"number {start},")
    await ada.say("/unfollow")
    answer = await ada.wait_for_text("… and 30 more")
    assert len(buttons(answer)) == 90


async def test_plain_text_offers_to_follow_it(database: Database, ada: User) -> None:
    await ada.say("North Korea")
    offer = await ada.wait_for_text("Shall I tell you about new articles on North Korea?")
    assert await followed(database, ada) == []
    async with database.read() as connection:
        assert (await connection.execute(select(func.count()).select_from(topic_table))).scalar_one() == 0
    for _ in range(2):
        await ada.tap(offer, "+ Follow")
    await ada.wait_for_text("You now follow North Korea.")
    assert await followed(database, ada) == ["North Korea"]


def comes_after(said: dict[str, Any], answer: dict[str, Any]) -> bool:
    return bool(answer["message_id"] > said["message_id"])


async def test_of_who_follows_nothing_nothing_is_kept(database: Database, ada: User) -> None:
    for words in ("/start", "/help", "/topics", "/latest", "/latest Mali", "hello", "/nonsense"):
        said = await ada.say(words)
        await ada.wait_for(partial(comes_after, said))
    async with database.read() as connection:
        assert (await connection.execute(select(func.count()).select_from(chats))).scalar_one() == 0


@one_database
@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("/follow " + "x" * 500, "too long for a topic"),
        ("x" * 500, "too long for a topic"),
        ("/follow 🚀🔥", "I can only follow words"),
        ("🚀", "I can only follow words"),
        ("/follow ,", "What do you want to follow?"),
        ("/follow " + ",".join(f"topic {number}" for number in range(21)), "at most 20 topics"),
        ("/follow <b>bold</b> & <script>", "You now follow <b>bold</b> & <script>."),
        ("<i>Mali</i> & so", "new articles on <i>Mali</i> & so?"),
        ("/follow Mali, " + "x" * 500, "You now follow Mali."),
        ("/unfollow " + "x" * 4000, "You follow no topics yet"),
        ("/nonsense <b>", "I do not know /nonsense."),
        ("/folow Mali", "You now follow Mali."),
        ("/Langauge", "Which language shall I speak?"),
        ("/seetings@sandbox_bot", "Tap what you want to change."),
        ("/stop", "You follow no topics yet"),
        ("/newsrom", "I do not know /newsrom."),
        ("/follow\nMali", "You now follow Mali."),
        ("/follow  \n Mali,\nNorth Korea", "You now follow Mali and North Korea."),
        ("/ Mali", "new articles on Mali?"),
        ("/START", "Welcome!"),
        ("/start a-payload", "new articles on a payload?"),
        ("/start _not-coded", "I do not know the topic of this link."),
        ("/help", "/unfollow North Korea — stop following a topic"),
    ],
)
async def test_words_of_all_kinds_get_a_helpful_answer(ada: User, words: str, answer: str) -> None:
    await ada.say(words)
    await ada.wait_for_text(answer)


async def test_long_words_to_stop_are_answered_too(ada: User) -> None:
    await ada.say("/follow Mali")
    await ada.wait_for_text("You now follow Mali")
    await ada.say("/unfollow " + ",".join(f"{number}" + "x" * 80 for number in range(45)))
    await ada.wait_for_text("You do not follow 0xxx")


async def test_of_very_many_topics_the_first_are_named(database: Database, ada: User) -> None:
    names = [f"A rather long name of a topic, number {number}".replace(",", "") for number in range(60)]
    for start in range(0, 60, 20):
        await ada.say("/follow " + ", ".join(names[start : start + 20]))
        await ada.wait_for_text(f"number {start},")
    await ada.say("/unfollow " + ",".join(names))
    answer = await ada.wait_for_text("You no longer follow")
    assert answer["text"].endswith("number 19 and 40 more.")
    assert len(buttons(answer)) == 60
    assert await followed(database, ada) == []


async def test_long_names_fit_on_a_keyboard(database: Database, ada: User) -> None:
    for start in range(0, 60, 20):
        await ada.say("/follow " + ",".join(f"{number} " + "é" * 60 for number in range(start, start + 20)))
        await ada.wait_for_text(f"follow {start} ")
    await ada.say("/unfollow")
    answer = await ada.wait_for_text(" more")
    shown = len(buttons(answer))
    assert f"… and {60 - shown} more" in answer["text"]


async def test_a_language_that_a_client_makes_up_harms_nobody(telegram: BotApiServer, talking: None) -> None:
    eve = telegram.user(1003, language_code="x" * 5000)
    await eve.say("/follow Mali")
    await eve.wait_for_text("You now follow Mali.")


@one_database
@pytest.mark.parametrize("site_name", [None])
@pytest.mark.parametrize(("title", "expected"), [("Le <Monde>", "when Le <Monde> publishes"), (None, "when the site")])
async def test_the_sites_name_is_the_feeds_where_it_is_not_set(
    database: Database, ada: User, title: str | None, expected: str
) -> None:
    async with database.write() as connection:
        await a_feed(connection)
        await connection.execute(feed_table.update().values(title=title))
    for words in ("/start", "/help"):
        said = await ada.say(words)
        assert expected in (await ada.wait_for(partial(comes_after, said)))["text"]


async def test_start_offers_topics(database: Database, ada: User) -> None:
    await tag_articles(database, "North Korea", "Mali")
    await ada.say("/start")
    answer = await ada.wait_for_text("Welcome! I tell you when The Daily Sample publishes")
    assert {button["text"] for button in buttons(answer)} == {"+ North Korea", "+ Mali"}


@one_database
@pytest.mark.parametrize(
    "data",
    ["", "x", "follow:", "follow:0", "follow:-1", "follow:999999", "follow:9999999999999999999", "follow:1;drop",
     "unfollow:١", "offer:1", "\x00", "f" * 4000],
)  # fmt: skip
async def test_buttons_that_a_hostile_client_makes_up(database: Database, ada: User, data: str) -> None:
    await ada.say("/start")
    message = await ada.wait_for_text("Welcome!")
    tap = await ada.tap(message, data, forged=True)
    assert "no longer works" in (await tap.answer())["text"]
    assert await followed(database, ada) == []


async def test_a_made_up_offer_follows_only_what_stands_in_bold(database: Database, ada: User) -> None:
    await ada.say("/help")
    message = await ada.wait_for_text("I tell you when")
    await ada.tap(message, "offer", forged=True)
    await ada.say("/topics")
    await ada.wait_for_text("You follow no topics yet")
    assert await followed(database, ada) == []
