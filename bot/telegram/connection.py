"""Getting through to Telegram, and taking updates from it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

import structlog
from telegram import Update
from telegram.error import Conflict, InvalidToken, TelegramError

from bot.errors import SettingsError
from bot.telegram.application import UPDATES, TelegramApplication

log = structlog.stdlib.get_logger()

FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(seconds=30)
POLL_SECONDS = 30
"""How long Telegram holds a request for updates when there are none."""


async def persist(call: Callable[[], Awaitable[object]], stop: asyncio.Event) -> bool:
    """Make a call to Telegram, waiting for it as long as it takes; False if told to stop before.

    Raises SettingsError when Telegram does not know the token.
    """
    pause = FIRST_PAUSE
    while not stop.is_set():
        try:
            await call()
        except InvalidToken:
            raise SettingsError(
                "BOT_TOKEN is refused by Telegram: copy the one that @BotFather shows for your bot, whole; if it was"
                " revoked, there is a new one"
            ) from None
        except TelegramError as error:
            log.warning("Telegram not reached", reason=error.message, again_in=f"{pause.total_seconds():.0f} s")
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause.total_seconds())
            pause = min(pause * 2, LONGEST_PAUSE)
        else:
            return True
    return False


async def long_poll(application: TelegramApplication, stop: asyncio.Event) -> None:
    """Take updates by asking for them, until told to stop. Outages are waited for, and said once."""
    updater = application.updater
    if updater is None:
        raise RuntimeError("This application has no updater")
    if not await persist(lambda: application.bot.delete_webhook(), stop):
        return
    await updater.start_polling(
        timeout=timedelta(seconds=POLL_SECONDS), allowed_updates=UPDATES, error_callback=_Troubles().report
    )
    try:
        await stop.wait()
    finally:
        await updater.stop()


async def take_update(application: TelegramApplication, data: object) -> None:
    """Queue an update that came by webhook. Raises ValueError where the data is no update."""
    update = None
    if isinstance(data, dict):
        with suppress(TypeError, KeyError, AttributeError):
            update = Update.de_json(data, application.bot)
    if update is None:
        raise ValueError("this JSON is no update")
    await application.update_queue.put(update)


class _Troubles:
    """Says each kind of trouble with long polling once, until another kind comes."""

    def __init__(self) -> None:
        self._last: str | None = None

    def report(self, error: TelegramError) -> None:
        if error.message == self._last:
            return
        self._last = error.message
        if isinstance(error, Conflict):
            log.error("updates go elsewhere: another process asks with the same BOT_TOKEN; stop one of the two")
        else:
            log.warning("no updates for now", reason=error.message)
