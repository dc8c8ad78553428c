"""What Telegram shows of the bot: set once, and again only where it differs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from telegram import BotCommandScopeAllChatAdministrators, BotCommandScopeAllGroupChats

from bot import language
from bot.language import forget_catalogues
from bot.sandbox.telegram import BotApiServer
from bot.telegram.application import TelegramApplication
from handlers.menu import publish
from handlers.registry import COMMANDS, FOR_EVERYBODY
from tests.catalogues import write_catalogue
from tests.handlers.conftest import one_database


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """English, and a little German."""
    write_catalogue(tmp_path / "locale", "de", {"Follow a topic": "Einem Thema folgen"})
    monkeypatch.setattr(language, "_CATALOGUES", tmp_path / "locale")
    forget_catalogues()
    yield
    forget_catalogues()


def sets(telegram: BotApiServer) -> int:
    return sum(call["method"].startswith("setMy") for call in telegram.calls.of())


@one_database
async def test_menus_are_in_the_readers_language_and_hold_what_the_reader_may(
    german: None, bot: TelegramApplication
) -> None:
    await publish(bot.bot, "The Daily Sample")
    everything = [command.command for command in await bot.bot.get_my_commands()]
    for_all = [command.command for command in await bot.bot.get_my_commands(BotCommandScopeAllGroupChats())]
    admins = [command.command for command in await bot.bot.get_my_commands(BotCommandScopeAllChatAdministrators())]
    assert set(everything) <= set(COMMANDS)
    assert set(for_all) <= FOR_EVERYBODY & set(everything)
    assert set(for_all) < set(admins) < set(everything)
    assert (await bot.bot.get_my_commands(language_code="de"))[0].description == "Einem Thema folgen"
    assert "The Daily Sample" in (await bot.bot.get_my_description()).description
    assert "The Daily Sample" in (await bot.bot.get_my_short_description("de")).short_description


@one_database
async def test_nothing_is_set_twice(german: None, telegram: BotApiServer, bot: TelegramApplication) -> None:
    await publish(bot.bot, None)
    first = sets(telegram)
    await publish(bot.bot, None)
    assert sets(telegram) == first > 0
    await bot.bot.set_my_commands([("help", "x")], language_code="de")
    await publish(bot.bot, None)
    assert sets(telegram) == first + 2


@one_database
async def test_the_longest_name_of_a_site_fits(bot: TelegramApplication) -> None:
    await publish(bot.bot, "🚀" * 1000)
