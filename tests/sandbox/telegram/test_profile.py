"""What the bot says of itself: commands by scope and language, descriptions."""

import pytest
from telegram import BotCommand, BotCommandScopeAllPrivateChats, BotCommandScopeChat, BotCommandScopeChatMember

from bot.telegram.application import TelegramBot
from tests.sandbox.telegram.calling import Http, unknown_fields

HELP = BotCommand("help", "See what I can do")
FOLLOW = BotCommand("follow", "Follow a topic")


async def test_who_the_bot_is(bot: TelegramBot) -> None:
    me = await bot.get_me()
    assert (me.id, me.is_bot, me.username) == (123456789, True, "sandbox_bot")
    assert unknown_fields(me) == {}


async def test_commands_are_kept_by_scope_and_language(bot: TelegramBot) -> None:
    private, chat = BotCommandScopeAllPrivateChats(), BotCommandScopeChat(-1001)
    await bot.set_my_commands([HELP])
    await bot.set_my_commands([HELP, FOLLOW], private)
    await bot.set_my_commands([FOLLOW], private, "de")
    await bot.set_my_commands([FOLLOW], BotCommandScopeChatMember("@readers", 5))
    assert await bot.get_my_commands() == (HELP,)
    assert await bot.get_my_commands(private) == (HELP, FOLLOW)
    assert await bot.get_my_commands(private, "de") == (FOLLOW,)
    assert await bot.get_my_commands(BotCommandScopeChatMember("@readers", 5)) == (FOLLOW,)
    assert await bot.get_my_commands(chat) == ()
    await bot.delete_my_commands(private)
    assert await bot.get_my_commands(private) == ()
    assert await bot.get_my_commands(private, "de") == (FOLLOW,)
    await bot.set_my_commands([])
    assert await bot.get_my_commands() == ()


@pytest.mark.parametrize(
    ("commands", "reason"),
    [
        ("{", "can't parse commands JSON object"),
        ({}, "expected an Array of BotCommand"),
        ([7], "can't parse BotCommand: expected an Object"),
        ([{"command": "x"}], "can't parse BotCommand: can't find field \"description\""),
        ([{"command": " / ", "description": "x"}], "command must be non-empty"),
        ([{"command": "x" * 33, "description": "x"}], "command length must not exceed 32"),
        ([{"command": "x", "description": " "}], "command description must be non-empty"),
        ([{"command": "x", "description": "x" * 257}], "command description length must not exceed 256"),
        ([{"command": "Help", "description": "x"}], "BOT_COMMAND_INVALID"),
        ([{"command": "x", "description": "x"}] * 101, "BOT_COMMANDS_TOO_MUCH"),
    ],
)
async def test_commands_that_telegram_does_not_take_are_refused(http: Http, commands: object, reason: str) -> None:
    assert (await http.refusal("setMyCommands", commands=commands)).lower() == reason.lower()


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"language_code": "deu"}, "invalid language code specified"),
        ({"scope": "{"}, "can't parse BotCommandScope JSON object"),
        ({"scope": []}, "can't parse BotCommandScope: botCommandScope must be an Object"),
        ({"scope": {}}, "can't parse BotCommandScope: can't find field \"type\""),
        ({"scope": {"type": "universe"}}, "can't parse BotCommandScope: unsupported type specified"),
        ({"scope": {"type": "chat", "chat_id": ""}}, "can't parse BotCommandScope: empty chat_id specified"),
        (
            {"scope": {"type": "chat_member", "chat_id": 1, "user_id": 0}},
            "can't parse BotCommandScope: invalid user_id specified",
        ),
    ],
)
async def test_scopes_that_there_are_not_are_refused(http: Http, parameters: dict[str, object], reason: str) -> None:
    assert (await http.refusal("getMyCommands", **parameters)).lower() == reason.lower()


async def test_descriptions_are_kept_by_language(bot: TelegramBot) -> None:
    await bot.set_my_description("All of it")
    await bot.set_my_description("Alles", "de")
    await bot.set_my_short_description("Short")
    assert (await bot.get_my_description()).description == "All of it"
    assert [(await bot.get_my_description(code)).description for code in ("de", "fr")] == ["Alles", "All of it"]
    assert (await bot.get_my_short_description("de")).short_description == "Short"
    assert unknown_fields(await bot.get_my_short_description()) == {}


@pytest.mark.parametrize(
    ("method", "name", "length", "reason"),
    [
        ("setMyDescription", "description", 512, "BOT_DESCRIPTION_TOO_LONG"),
        ("setMyShortDescription", "short_description", 120, "BOT_SHORT_DESCRIPTION_TOO_LONG"),
    ],
)
async def test_descriptions_have_their_lengths(http: Http, method: str, name: str, length: int, reason: str) -> None:
    assert await http.result(method, **{name: "x" * length}) is True
    assert await http.refusal(method, **{name: "x" * (length + 1)}) == reason
