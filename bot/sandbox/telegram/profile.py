"""The methods about the bot itself and about its chats."""

import re

from bot.sandbox.telegram.answers import Json, Refusal, bad_request
from bot.sandbox.telegram.arguments import Arguments
from bot.sandbox.telegram.desk import Desk
from bot.sandbox.telegram.fields import expect_object, integer_field, text_field
from bot.sandbox.telegram.membership import chat_member, status_of
from bot.sandbox.telegram.messages import find_chat

COMMANDS = 100
COMMAND_LENGTH = 32
COMMAND_DESCRIPTION_LENGTH = 256
DESCRIPTION_LENGTH = 512
SHORT_DESCRIPTION_LENGTH = 120

_COMMAND = re.compile("[a-z0-9_]+")
_LANGUAGE = re.compile("(?:[a-z]{2})?")
_SCOPES = {
    "default": (),
    "all_private_chats": (),
    "all_group_chats": (),
    "all_chat_administrators": (),
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}


async def get_me(desk: Desk, _: Arguments) -> Json:
    """https://core.telegram.org/bots/api#getme"""
    return desk.world.bot | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": True,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


async def get_chat(desk: Desk, arguments: Arguments) -> Json:
    """https://core.telegram.org/bots/api#getchat"""
    chat = find_chat(desk, arguments)
    chat.check_readable()
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    full = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": dict.fromkeys(gifts, chat.private)}
    return chat.about | full


async def get_chat_member(desk: Desk, arguments: Arguments) -> Json:
    """https://core.telegram.org/bots/api#getchatmember"""
    user_id = arguments.integer("user_id")
    if user_id <= 0:
        raise bad_request("Invalid user_id specified")
    chat = find_chat(desk, arguments)
    chat.check_readable()
    bot = desk.world.bot
    user = bot if user_id == bot["id"] else desk.world.users.get(user_id)
    if user is None or (chat.private and user["id"] not in (bot["id"], chat.id)):
        raise bad_request("Member not found")
    return chat_member(chat, user, status_of(chat, user))


async def get_chat_administrators(desk: Desk, arguments: Arguments) -> list[Json]:
    """https://core.telegram.org/bots/api#getchatadministrators"""
    chat = find_chat(desk, arguments)
    if chat.private:
        raise bad_request("there are no administrators in the private chat")
    chat.check_writable()
    everyone = [*chat.people.values(), desk.world.bot]
    members = [chat_member(chat, user, status_of(chat, user)) for user in everyone]
    return [member for member in members if member["status"] in ("creator", "administrator")]


async def leave_chat(desk: Desk, arguments: Arguments) -> bool:
    """https://core.telegram.org/bots/api#leavechat"""
    chat = find_chat(desk, arguments)
    if chat.private:
        raise bad_request("Can't leave private chats")
    chat.check_readable()
    desk.world.set_bot_status(chat, "left", by_bot=True)
    return True


async def set_my_commands(desk: Desk, arguments: Arguments) -> bool:
    """https://core.telegram.org/bots/api#setmycommands"""
    given = arguments.json("commands", "commands") if arguments.text("commands") else []
    if not isinstance(given, list):
        raise bad_request("Expected an Array of BotCommand")
    key = _scope(arguments), _language(arguments)
    commands = [_command(value) for value in given]
    if len(commands) > COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    desk.commands[key] = commands
    return True


async def get_my_commands(desk: Desk, arguments: Arguments) -> list[Json]:
    """https://core.telegram.org/bots/api#getmycommands"""
    return desk.commands.get((_scope(arguments), _language(arguments)), [])


async def delete_my_commands(desk: Desk, arguments: Arguments) -> bool:
    """https://core.telegram.org/bots/api#deletemycommands"""
    desk.commands.pop((_scope(arguments), _language(arguments)), None)
    return True


async def set_my_description(desk: Desk, arguments: Arguments) -> bool:
    """https://core.telegram.org/bots/api#setmydescription"""
    return _describe(desk, arguments, "description", DESCRIPTION_LENGTH)


async def get_my_description(desk: Desk, arguments: Arguments) -> Json:
    """https://core.telegram.org/bots/api#getmydescription"""
    return _description(desk, arguments, "description")


async def set_my_short_description(desk: Desk, arguments: Arguments) -> bool:
    """https://core.telegram.org/bots/api#setmyshortdescription"""
    return _describe(desk, arguments, "short_description", SHORT_DESCRIPTION_LENGTH)


async def get_my_short_description(desk: Desk, arguments: Arguments) -> Json:
    """https://core.telegram.org/bots/api#getmyshortdescription"""
    return _description(desk, arguments, "short_description")


def _describe(desk: Desk, arguments: Arguments, name: str, longest: int) -> bool:
    text, language = arguments.utf8(name, name).strip(), _language(arguments)
    if len(text) > longest:
        raise bad_request(f"BOT_{name.upper()}_TOO_LONG")
    desk.descriptions[name, language] = text
    return True


def _description(desk: Desk, arguments: Arguments, name: str) -> Json:
    descriptions = desk.descriptions
    return {name: descriptions.get((name, _language(arguments))) or descriptions.get((name, ""), "")}


def _command(value: object) -> Json:
    try:
        given = expect_object(value, "expected an Object")
        command = text_field(given, "command", required=True).strip().removeprefix("/")
        description = text_field(given, "description", required=True).strip()
    except Refusal as wrong:
        reason = wrong.description.removeprefix("Bad Request: ")
        raise bad_request(f"Can't parse BotCommand: {reason}") from None
    for text, what, longest in (
        (command, "Command", COMMAND_LENGTH),
        (description, "Command description", COMMAND_DESCRIPTION_LENGTH),
    ):
        if not text:
            raise bad_request(f"{what} must be non-empty")
        if len(text) > longest:
            raise bad_request(f"{what} length must not exceed {longest}")
    if not _COMMAND.fullmatch(command):
        raise bad_request("BOT_COMMAND_INVALID")
    return {"command": command, "description": description}


def _scope(arguments: Arguments) -> str:
    """The scope as one string, so that equal scopes are equal."""
    value = arguments.json("scope", "BotCommandScope")
    if value is None and not arguments.text("scope"):
        return "default"
    try:
        scope = expect_object(value, "BotCommandScope must be an Object")
        kind = text_field(scope, "type", required=True)
        if kind not in _SCOPES:
            raise bad_request("Unsupported type specified")
        return " ".join([kind, *(_scope_field(scope, name) for name in _SCOPES[kind])])
    except Refusal as wrong:
        reason = wrong.description.removeprefix("Bad Request: ")
        raise bad_request(f"Can't parse BotCommandScope: {reason}") from None


def _scope_field(scope: Json, name: str) -> str:
    if name == "chat_id":
        chat_id = text_field(scope, name, required=True)
        if not chat_id:
            raise bad_request("Empty chat_id specified")
        return chat_id
    user_id = integer_field(scope, name, required=True, bound=1 << 63)
    if user_id <= 0:
        raise bad_request("Invalid user_id specified")
    return str(user_id)


def _language(arguments: Arguments) -> str:
    code = arguments.text("language_code")
    if not _LANGUAGE.fullmatch(code):
        raise bad_request("Invalid language code specified")
    return code
