"""Links for the site: for each of its tags the one with which its readers follow it on Telegram."""

import json
from html import escape
from typing import Literal, TextIO

from telegram.error import InvalidToken, TelegramError

from bot.errors import SettingsError, TelegramUnreachable
from bot.settings import Settings
from bot.store import topics
from bot.store.database import Database
from bot.telegram.application import make_bot
from bot.topics.deep_links import link

Form = Literal["text", "html", "json"]
"""Name, tab and link; a link to be put beside the tag; an object a line."""


async def print_links(settings: Settings, form: Form, out: TextIO) -> None:
    """Print a line for each tag, the most used first. The bot's name is Telegram's to say.

    Raises SettingsError where Telegram refuses the token, and TelegramUnreachable where it does not answer.
    """
    bot = await _bot_name(settings)
    async with Database(settings.engine_url) as database:
        await database.check_version()
        async with database.read() as connection:
            names = [topic.name for topic in await topics.most_used(connection)]
    out.writelines(_line(name, link(bot, name), form) + "\n" for name in names)


async def _bot_name(settings: Settings) -> str:
    bot = make_bot(settings.token, settings.bot_api_url)
    try:
        async with bot:
            return bot.username
    except InvalidToken:
        raise SettingsError("BOT_TOKEN is refused by Telegram: copy the one that @BotFather shows") from None
    except TelegramError as error:
        raise TelegramUnreachable(f"Telegram does not say what the bot is called: {error.message}") from None


def _line(name: str, link: str, form: Form) -> str:
    match form:
        case "text":
            return f"{' '.join(name.split())}\t{link}"
        case "html":
            return f'<a href="{link}" rel="nofollow noopener">Follow {escape(name)} on Telegram</a>'
        case "json":
            return json.dumps({"topic": name, "link": link}, ensure_ascii=False)
