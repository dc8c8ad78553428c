"""What Telegram shows of the bot before anybody writes to it: the menu of commands, the description, the about text."""

from itertools import product

from telegram import (
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeChat,
    BotCommandScopeDefault,
)

from bot.language import ENGLISH, Language, available, translation
from bot.telegram.application import TelegramBot
from bot.telegram.buttons import shortened

MAX_DESCRIPTION = 512
MAX_ABOUT = 120
"""Characters, https://core.telegram.org/bots/api#setmydescription and #setmyshortdescription."""

_CODE = 2
"""Letters of a language as these methods know it."""

_IN_GROUPS = ("latest", "topics", "privacy", "help")
_ADMINS = (
    "follow", "topics", "latest", "unfollow", "settings", "digest", "quiet", "mute", "language", "privacy", "help",
)  # fmt: skip


async def publish(bot: TelegramBot, site: str | None) -> None:
    """Tell Telegram, in every language there is, what differs from what it shows. ``site`` is the site's name."""
    languages: dict[str | None, Language] = {None: translation(ENGLISH)}
    languages |= {name: translation(name) for name in available() if len(name) == _CODE}
    for (code, language), scope in product(languages.items(), _scopes()):
        await _publish_commands(bot, scope, code, language)
    for code, language in languages.items():
        await _publish_description(bot, code, language, site or language.gettext("the site"))


async def speak(bot: TelegramBot, chat_id: int, chosen: str | None) -> None:
    """Show a private chat its menu in the language that it chose; None for the one that Telegram would."""
    scope = BotCommandScopeChat(chat_id)
    if chosen is None:
        await bot.delete_my_commands(scope)
    else:
        await bot.set_my_commands(tuple(commands(scope, translation(chosen)).items()), scope)


def commands(scope: BotCommandScope, language: Language) -> dict[str, str]:
    """The commands that a menu shows, with what they do: in groups only what those who see it may do there."""
    _ = language.gettext
    described = {
        "follow": _("Follow a topic"),
        "topics": _("See what you follow"),
        "latest": _("See the latest articles"),
        "unfollow": _("Stop following a topic"),
        "settings": _("Choose when and how news comes"),
        "digest": _("Get news together, once a day or week"),
        "quiet": _("Choose hours without news"),
        "mute": _("Have a break"),
        "language": _("Choose my language"),
        "channel": _("Choose what your channel posts"),
        "privacy": _("See what I keep about you, and delete it"),
        "help": _("See what I can do"),
    }
    shown = {BotCommandScope.ALL_GROUP_CHATS: _IN_GROUPS, BotCommandScope.ALL_CHAT_ADMINISTRATORS: _ADMINS}
    return {name: described[name] for name in shown.get(scope.type, tuple(described))}


def _scopes() -> tuple[BotCommandScope, ...]:
    return BotCommandScopeDefault(), BotCommandScopeAllGroupChats(), BotCommandScopeAllChatAdministrators()


async def _publish_commands(bot: TelegramBot, scope: BotCommandScope, code: str | None, language: Language) -> None:
    wanted = tuple(commands(scope, language).items())
    shown = await bot.get_my_commands(scope, code)
    if tuple((command.command, command.description) for command in shown) != wanted:
        await bot.set_my_commands(wanted, scope, code)


async def _publish_description(bot: TelegramBot, code: str | None, language: Language, site: str) -> None:
    _ = language.gettext
    name = shortened(site, 60)
    description = _(
        "I tell you when {site} publishes something on the topics that you follow: a name, a place, a subject."
        " At once or once a day, as you like. Press Start and follow your first topic."
    ).format(site=name)[:MAX_DESCRIPTION]
    about = _("News of {site} on the topics that you follow.").format(site=name)[:MAX_ABOUT]
    if (await bot.get_my_description(code)).description != description:
        await bot.set_my_description(description, code)
    if (await bot.get_my_short_description(code)).short_description != about:
        await bot.set_my_short_description(about, code)
