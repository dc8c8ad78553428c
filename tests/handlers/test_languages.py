"""Readers are spoken to in their language, in private, in groups and in channels, whatever they are told of."""

from typing import Any

import pytest
from telegram import BotCommandScopeChat

from bot.language import translation
from bot.sandbox.telegram import BotApiServer, Room, User, buttons
from bot.store.database import Database
from bot.telegram.application import TelegramApplication
from bot.text import units
from tests.handlers.conftest import one_database
from tests.handlers.test_following import followed
from tests.hostile import HOSTILE
from tests.logged import Logged
from tests.make import an_article, news


async def answered(reader: User, words: str, room: Room | None = None) -> dict[str, Any]:
    said = await reader.say(words, to=room)
    return await (room or reader).wait_for(lambda message: message["message_id"] > said["message_id"])


async def own_menu(bot: TelegramApplication, reader: User) -> dict[str, str]:
    """The commands that Telegram shows in this chat and in no other."""
    shown = await bot.bot.get_my_commands(BotCommandScopeChat(reader.id))
    return {command.command: command.description for command in shown}


async def test_a_language_is_telegrams_until_another_is_chosen(
    telegram: BotApiServer, bot: TelegramApplication, talking: None
) -> None:
    zoe = telegram.user(1003, language_code="fr")
    await zoe.say("/follow Corée du Nord")
    await zoe.wait_for_text("Vous suivez maintenant Corée du Nord.")
    question = await answered(zoe, "/language")
    assert [button["text"] for button in buttons(question)] == [
        "Afrikaans", "English", "Español", "Français", "✓ Comme dans Telegram", "‹ Réglages",
    ]  # fmt: skip
    await zoe.tap(question, "Afrikaans")
    await zoe.wait_for(lambda message: "✓ Afrikaans" in str(message.get("reply_markup")))
    await answered(zoe, "/topics")
    await zoe.wait_for_text("Jy volg 1 onderwerp.")
    assert (await own_menu(bot, zoe))["follow"] == "Volg ’n onderwerp"
    await zoe.tap(question, "Soos in Telegram")
    await zoe.wait_for(lambda message: "✓ Comme dans Telegram" in str(message.get("reply_markup")))
    await zoe.tap(question, "language:xx", forged=True)
    await answered(zoe, "/topics")
    await zoe.wait_for_text("Vous suivez 1 sujet.")
    assert await own_menu(bot, zoe) == {}


@one_database
@pytest.mark.parametrize("words", ["fr", "Français", "français", "French", "francaise"])
async def test_a_language_is_chosen_by_its_name(telegram: BotApiServer, talking: None, words: str) -> None:
    ada = telegram.user(1001, language_code="en")
    await answered(ada, f"/language {words}")
    if words == "francaise":
        await ada.wait_for_text("I did not understand that.\n\nWhich language shall I speak?")
    else:
        page = await ada.wait_for_text("Quelle langue dois-je parler")
        assert "✓ Français" in [button["text"] for button in buttons(page)]


@one_database
async def test_a_group_has_one_language(telegram: BotApiServer, database: Database, talking: None) -> None:
    zoe, ben = telegram.user(1003, language_code="es"), telegram.user(1002, language_code="en")
    group = telegram.group("Lectores", [zoe, ben])
    await answered(zoe, "/follow Mali", group)
    await group.wait_for_text("Ahora sigues Mali.")
    await answered(ben, "/topics", group)
    await group.wait_for_text("Sigues 1 tema.")
    await answered(ben, "/follow Chad", group)
    await group.wait_for_text("Solo los administradores")
    page = await answered(zoe, "/language", group)
    await zoe.tap(page, "English")
    await group.wait_for_text("Which language shall I speak?")
    await answered(ben, "/topics", group)
    await group.wait_for_text("You follow 1 topic.")


@one_database
async def test_a_channel_is_configured_in_the_admins_language(
    telegram: BotApiServer, database: Database, talking: None
) -> None:
    zoe = telegram.user(1003, language_code="af")
    await answered(zoe, "/help")
    channel = telegram.group("Nuus", [zoe], kind="channel")
    await zoe.tap(await zoe.wait_for_text("Ek is nou in die kanaal Nuus."), "Kies die onderwerpe")
    await zoe.wait_for_text("📣 Nuus\n\nVan nou af")
    await answered(zoe, "/follow Mali")
    await zoe.wait_for_text("📣 Nuus\n\nJy volg nou Mali.")
    assert await followed(database, channel) == ["Mali"]


@one_database
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
async def test_telegram_takes_every_answer_whatever_it_is_about(
    telegram: BotApiServer, database: Database, talking: None, logged: Logged, hostile: str, language: str
) -> None:
    async with database.write() as connection:
        await news(connection, an_article(headline=hostile, teaser=hostile[:900], tags=[hostile[:200], "Mali"]), [])
    zoe = telegram.user(1003, first_name=hostile[:60], language_code=language)
    group = telegram.group(hostile[:100], [zoe])
    said = hostile[:3000]
    for words in (f"/follow {said}", "/follow Mali", "/topics", "/latest", "/latest Mali", f"/latest {said}",
                  f"/unfollow {said}", said.lstrip("/"), "/settings", "/privacy"):  # fmt: skip
        await answered(zoe, words)
    await answered(zoe, "/follow Mali", group)
    assert [call for call in telegram.calls.of() if call["status"] != 200] == []
    assert logged.of("update failed") == []
    assert translation(language).gettext("Read") in str(zoe.received)


@one_database
@pytest.mark.parametrize("language", ["fr", "es"])
async def test_as_many_names_and_words_as_one_message_holds_are_answered(
    telegram: BotApiServer, database: Database, talking: None, language: str
) -> None:
    emoji, letters, queries = ("𝔘" * 99, "Ü" * 98, f'"{"w" * 90}" AND "{"v" * 90}"')
    async with database.write() as connection:
        tags = [f"{letters}{number:02}" for number in range(50)]
        await news(connection, an_article(tags=tags), [])
    zoe = telegram.user(1003, language_code=language)
    for names in (
        [f"{letters}{number:02}" if number % 2 else f"{number:02}{letters}" for number in range(20)],
        [f"{number:02}{emoji[:80]}" for number in range(20)],
        [f"{number:02}{emoji}" for number in range(19)],
        [queries.replace("v", chr(ord("a") + number)) for number in range(18)],
        [*(f"(mali {number} AND" for number in range(3)), "x" * 400, "🚀", "the", *tags[30:40]],
    ):
        said = ", ".join(names)
        assert units(said) < 4000
        for words in (f"/follow {said}", said, f"/latest {names[0]}", f"/unfollow {said}", f"/follow {said}"):
            await answered(zoe, words)
    assert len(await followed(database, zoe)) > 50
    assert [call for call in telegram.calls.of() if call["status"] != 200] == []


@one_database
async def test_a_hundred_follows_and_the_longest_topics_fit(
    telegram: BotApiServer, database: Database, talking: None
) -> None:
    zoe = telegram.user(1003, language_code="fr")
    for first in range(0, 100, 20):
        names = ", ".join(f"{number} {'Ü' * 90}" for number in range(first, first + 20))
        await answered(zoe, f"/follow {names}")
    assert len(await followed(database, zoe)) == 100
    for words in ("/topics", "/unfollow", "/follow one more", "/export", "/mute 8h"):
        await answered(zoe, words)
    assert [call for call in telegram.calls.of() if call["status"] != 200] == []
