"""Getting through to Telegram, and taking updates from it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from urllib.parse import urlencode

import structlog
from telegram import Update
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.errors import SettingsError
from bot.telegram.application import UPDATES, TelegramApplication, TelegramBot, refusal_lasts
from bot.telegram.request import ANSWER_SECONDS

log = structlog.stdlib.get_logger()

FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(seconds=30)
LARGEST_ID = 2**53
"""Of an update: JSON's integers are safe up to here, and Telegram's ids have 32 bits."""
POLL_SECONDS = 30
"""How long Telegram holds a request for updates when there are none."""


async def persist(call: Callable[[], Awaitable[object]], stop: asyncio.Event) -> bool:
    """Make a call to Telegram, waiting for it as long as it takes; False if told to stop before.

    What keeps it from coming through is said once, and again when it is something else. Raises SettingsError when
    Telegram does not know the token.
    """
    pause, said = FIRST_PAUSE, ""
    while True:
        try:
            if not await _until(stop, call):
                return False
        except InvalidToken:
            raise SettingsError(
                "BOT_TOKEN is refused by Telegram: copy the one that @BotFather shows for your bot, whole; if it was"
                " revoked, there is a new one"
            ) from None
        except TelegramError as error:
            if error.message != said:
                _say(error)
            said = error.message
            told = refusal_lasts(error) if isinstance(error, RetryAfter) else pause
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), max(told, pause).total_seconds())
            pause = min(pause * 2, LONGEST_PAUSE)
        else:
            if said:
                log.info("Telegram reached again")
            return True


async def long_poll(application: TelegramApplication, stop: asyncio.Event) -> None:
    """Take updates by asking for them, until told to stop. Outages are waited for.

    python-telegram-bot's own Updater does the same, but falls silent for good after one refusal of the token, and
    waits out its pause, up to half a minute, when it should stop. Raises SettingsError as ``persist`` does.
    """
    bot, offset = application.bot, 0

    async def ask(seconds: int = POLL_SECONDS) -> None:
        # Not bot.get_updates: that fails for all updates where it cannot read one, each time they come again.
        nonlocal offset
        wanted = {"offset": offset, "timeout": seconds, "allowed_updates": json.dumps(UPDATES)}
        url = f"{bot.base_url}/getUpdates?{urlencode(wanted)}"
        given = await bot.request.post(url, read_timeout=seconds + ANSWER_SECONDS)
        if not isinstance(given, list):
            raise TelegramError("Telegram's answer is no list of updates")
        for data in given:
            number = data.get("update_id") if isinstance(data, dict) else None
            try:
                await take_update(application, data)
            except ValueError:
                log.warning("update not understood, and left out", update=number)
            if isinstance(number, int):
                offset = number + 1

    if not await persist(bot.delete_webhook, stop):
        return
    while await persist(ask, stop):
        pass
    with suppress(TelegramError):  # tells Telegram what has been taken, so that it does not come again
        await ask(0)


def read_update(bot: TelegramBot, data: object) -> Update:
    """The update that this JSON is. Raises ValueError where it is none."""
    update = None
    if isinstance(data, dict):
        with suppress(TypeError, KeyError, AttributeError, OverflowError, OSError):
            update = Update.de_json(data, bot)
    number: object = update and update.update_id
    if update is None or not isinstance(number, int) or not 0 <= number <= LARGEST_ID:
        raise ValueError("this JSON is no update")
    return update


async def take_update(application: TelegramApplication, data: object) -> None:
    """Queue an update. Raises ValueError where the data is none."""
    await application.update_queue.put(read_update(application.bot, data))


async def _until(stop: asyncio.Event, call: Callable[[], Awaitable[object]]) -> bool:
    """Make the call, and break it off when told to stop; whether it came through. Raises what it raises."""
    calling = asyncio.ensure_future(call())
    stopping = asyncio.create_task(stop.wait(), name="waiting to stop")
    try:
        await asyncio.wait({calling, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if calling.done():
            await calling
        return calling.done()
    finally:
        for task in (calling, stopping):
            task.cancel()
        await asyncio.gather(calling, stopping, return_exceptions=True)


def _say(error: TelegramError) -> None:
    if isinstance(error, Conflict):
        log.error("updates go elsewhere: another process asks with the same BOT_TOKEN; stop one of the two")
    else:
        log.warning("Telegram not reached, trying again", reason=error.message)
