"""The list of everything that a reader can say, who answers, and who may say it in a group."""

import functools
from collections.abc import Callable, Coroutine
from typing import Any

from telegram import Update
from telegram.ext import (
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    InlineQueryHandler,
    MessageHandler,
    filters,
)

from bot.alerts.message import More
from bot.alerts.notices import HearNotices
from bot.alerts.offering import DeclineDigest, TakeDigest
from bot.telegram import presses
from bot.telegram.application import TelegramApplication
from bot.telegram.buttons import Follow, Unfollow
from bot.telegram.presses import Press
from handlers import (
    alerts,
    channels,
    editors,
    failures,
    follow,
    groups,
    inline,
    languages,
    latest,
    notices,
    offers,
    panel,
    privacy,
    settings,
    settings_zone,
    start,
    taps,
    topics,
    unfollow,
)
from handlers.admission import admit, counted
from handlers.channels import Configure
from handlers.editors import HoldBack, Leave, PutFirst, SayToAll
from handlers.keyboards import Offer, Words
from handlers.languages import SetLanguage, ShowLanguages
from handlers.latest import Newer, Older
from handlers.panel import Closed, Less, Listed
from handlers.privacy import Forget, Keep
from handlers.settings_choices import CHOICES, Open, SetMute, ShowZones
from handlers.taps import Answer
from handlers.topics import StopAll
from handlers.turn import Context, Desk, Handler

COMMANDS: dict[str, Handler] = {
    "start": start.start,
    "help": start.help_,
    "follow": follow.follow,
    "unfollow": unfollow.unfollow,
    "topics": topics.show,
    "latest": latest.latest,
    "settings": settings.settings,
    "digest": settings.digest,
    "quiet": settings.quiet,
    "mute": alerts.mute,
    "zone": settings_zone.zone,
    "language": languages.language,
    "channel": channels.choose,
    "privacy": privacy.privacy,
    "export": privacy.export,
    "forget": privacy.forget,
    "newsroom": editors.newsroom,
    "breaking": editors.breaking,
    "hold": editors.hold,
    "say": editors.say,
}

TAPS: dict[type[Press], Answer] = {
    Follow: taps.chip,
    Unfollow: taps.chip,
    Offer: offers.accept,
    Words: offers.accept,
    More: alerts.more,
    Closed: alerts.close,
    **dict.fromkeys(panel.CHANGES, panel.press),
    Less: alerts.less,
    Listed: topics.leaf,
    StopAll: topics.stop_all,
    Older: latest.leaf,
    Newer: latest.leaf,
    Configure: channels.configure,
    ShowLanguages: languages.show,
    SetLanguage: languages.choose,
    Forget: privacy.answer,
    Keep: privacy.answer,
    Open: settings.open_page,
    ShowZones: settings_zone.show_zones,
    SetMute: settings.mute_for,
    TakeDigest: settings.take_digest,
    DeclineDigest: settings.decline_digest,
    **dict.fromkeys(CHOICES, settings.choose),
    **dict.fromkeys((PutFirst, HoldBack, SayToAll, Leave), editors.answer),
    HearNotices: notices.hear,
}
"""What buttons send back, and who answers that."""

FOR_EVERYBODY: frozenset[str | type[Press]] = frozenset(
    {"start", "help", "topics", "latest", "channel", "privacy", More, Closed, Listed, Older, Newer}
)
"""What changes nothing. All else is for admins only where it is said in a group or under a channel's post."""


def register(application: TelegramApplication, desk: Desk) -> None:
    """Give the application its handlers; of those in a group the first that fits an update takes it."""

    def taken(
        handler: Handler, *, for_everybody: bool = True
    ) -> Callable[[Update, Context], Coroutine[Any, Any, None]]:
        counted(handler)  # from now on it is seen, at 0
        return functools.partial(admit, handler, desk, for_everybody=for_everybody)

    application.add_handler(CommandHandler("start", taken(start.start, for_everybody=False), has_args=True))  # follows
    for command, handler in COMMANDS.items():
        callback = taken(handler, for_everybody=command in FOR_EVERYBODY)
        application.add_handler(CommandHandler(command, callback, filters=filters.UpdateType.MESSAGE))
    private = filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE
    messages: dict[filters.BaseFilter, Handler] = {
        filters.StatusUpdate.CHAT_SHARED: channels.shared,
        filters.LOCATION: settings_zone.location,
        filters.COMMAND: functools.partial(failures.unknown_command, known=COMMANDS),
        filters.TEXT: offers.offer,
        ~filters.StatusUpdate.ALL: failures.not_words,
    }
    for kind, handler in messages.items():
        application.add_handler(MessageHandler(private & kind, taken(handler)))
    tap = functools.partial(taps.tap, answers=TAPS)
    application.add_handler(CallbackQueryHandler(taken(tap), pattern=_changes_nothing))
    application.add_handler(CallbackQueryHandler(taken(tap, for_everybody=False)))
    application.add_handler(InlineQueryHandler(functools.partial(inline.answer, desk=desk)))
    application.add_handler(ChatMemberHandler(functools.partial(groups.membership_changed, desk=desk)))
    application.add_handler(MessageHandler(filters.StatusUpdate.MIGRATE, functools.partial(groups.migrated, desk=desk)))
    application.add_error_handler(functools.partial(failures.report, desk=desk))


def _changes_nothing(data: object) -> bool:
    press = presses.read(data)
    return press is None or type(press) in FOR_EVERYBODY
