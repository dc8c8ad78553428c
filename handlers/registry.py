"""The list of everything that a reader can say, and who answers."""

import functools

from telegram import BotCommand
from telegram.ext import CallbackQueryHandler, CommandHandler, MessageHandler, filters

from bot.language import translation
from bot.telegram.application import TelegramApplication, TelegramBot
from bot.telegram.buttons import Follow, Unfollow
from bot.telegram.presses import Press
from handlers import failures, follow, start, taps
from handlers.keyboards import Offer, Words
from handlers.taps import Answer
from handlers.turn import Desk, Handler, take

COMMANDS: dict[str, Handler] = {
    "start": start.start,
    "help": start.help_,
    "follow": follow.follow,
    "unfollow": follow.unfollow,
    "topics": follow.list_topics,
}

TAPS: dict[type[Press], Answer] = {
    Follow: taps.chip,
    Unfollow: taps.chip,
    Offer: follow.accept,
    Words: follow.accept,
}
"""What buttons send back, and who answers that."""


def register(application: TelegramApplication, desk: Desk) -> None:
    """Give the application its handlers; of those in a group the first that fits an update takes it."""
    for command, handler in COMMANDS.items():
        application.add_handler(CommandHandler(command, take(handler, desk), filters=filters.UpdateType.MESSAGE))
    private = filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE
    messages = {
        filters.COMMAND: failures.unknown_command,
        filters.TEXT: follow.offer,
        ~filters.StatusUpdate.ALL: failures.not_words,
    }
    for kind, handler in messages.items():
        application.add_handler(MessageHandler(private & kind, take(handler, desk)))
    application.add_handler(CallbackQueryHandler(take(functools.partial(taps.tap, answers=TAPS), desk)))
    application.add_error_handler(functools.partial(failures.report, desk=desk))


async def set_menu(bot: TelegramBot) -> None:
    """Tell Telegram the commands that it shows behind the menu button."""
    _ = translation(None).gettext
    await bot.set_my_commands(
        [
            BotCommand("follow", _("Follow a topic")),
            BotCommand("topics", _("See what you follow")),
            BotCommand("unfollow", _("Stop following a topic")),
            BotCommand("help", _("See what I can do")),
        ]
    )
