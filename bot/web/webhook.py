"""The webhook: Telegram hands over updates, https://core.telegram.org/bots/api#setwebhook.

An update is answered before Telegram is told that it was taken, so that none is lost with a process, and its text is
kept nowhere. That also keeps each chat's updates in order over any number of processes: Telegram sends a chat's next
one only when the last is taken, and different chats' side by side (WebhookActor.cpp in
https://github.com/tdlib/telegram-bot-api has a queue for each).
"""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus

import structlog
from aiohttp import web
from telegram import Update

from bot import metrics
from bot.errors import StoreUnreachable
from bot.settings import WEBHOOK_PATH
from bot.store import updates, webhooks
from bot.store.database import Database
from bot.store.together import Together
from bot.store.updates import Claim
from bot.telegram.application import UPDATES, TelegramApplication, TelegramBot, handle
from bot.telegram.calling import understood
from bot.telegram.connection import read_update

log = structlog.stdlib.get_logger()

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name, not its value
CONNECTIONS = 100
"""Chats whose updates Telegram may bring at the same time, the most that it allows."""
READ_SECONDS = 10.0
HANDLING_SECONDS = 45.0
"""How long one update may take; Telegram waits for 60."""
LEASE = timedelta(seconds=60)
"""After it, an update is handled again whose process died. Longer than handling may take."""
AGAIN_IN = {"Retry-After": "2"}
"""Telegram heeds it; without it waits longer each time."""

Take = Callable[[object], Awaitable[Claim]]


class Receiver:
    """Has each update handled once, on whichever process it arrives."""

    def __init__(self, database: Database, application: TelegramApplication, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._application = application
        self._clock = clock
        self._claiming = Together(self._claim)
        self._settling = Together(self._settle)

    async def take(self, data: object) -> Claim:
        """Handle the update, unless that was done or is being done; raises ValueError where the data is none.

        Raises StoreUnreachable where it could not be seen to or not be written down that it was.
        """
        update = read_update(self._application.bot, data)
        claim = await self._claiming.ask(update.update_id)
        if claim is Claim.OURS:
            await self._handle(update)
            await self._settling.ask(update.update_id)
        return claim

    async def _claim(self, update_ids: Sequence[int]) -> Sequence[Claim]:
        async with self._database.write_at_once() as connection:
            return await updates.claim(connection, update_ids, self._clock(), LEASE)

    async def _settle(self, update_ids: Sequence[int]) -> Sequence[None]:
        async with self._database.write_at_once() as connection:
            await updates.settle(connection, update_ids)
        return [None] * len(update_ids)

    async def _handle(self, update: Update) -> None:
        try:
            async with asyncio.timeout(HANDLING_SECONDS):
                await handle(self._application, update)
        except TimeoutError:
            log.error("update not answered in time, and left", update=update.update_id)


def routes(secret: str, take: Take) -> list[web.RouteDef]:
    """``POST /telegram`` hands each update on to ``take``; 200 when it is handled, now or before, or not understood.

    401 without the secret; 503 where Telegram is to send it again, because the database is away or another process has
    not finished with it.
    """
    expected = secret.encode()

    async def receive(request: web.Request) -> web.Response:
        told = request.headers.get(SECRET_HEADER, "").encode(errors="surrogateescape")  # as aiohttp decoded it
        if not hmac.compare_digest(told, expected):
            metrics.UPDATES.labels("refused").inc()
            return web.Response(status=HTTPStatus.UNAUTHORIZED, text=f"{SECRET_HEADER} is missing or wrong\n")
        try:
            async with asyncio.timeout(READ_SECONDS):
                data = json.loads(await request.read())
        except TimeoutError:
            return web.Response(status=HTTPStatus.REQUEST_TIMEOUT)
        except (ValueError, RecursionError) as error:
            log.warning("webhook call is no JSON", error=str(error))
            return web.Response(status=HTTPStatus.BAD_REQUEST, text="this is no JSON\n")
        return await _taken(take, data)

    return [web.post(WEBHOOK_PATH, receive)]


async def _taken(take: Take, data: object) -> web.Response:
    try:
        claim = await take(data)
    except ValueError as error:  # to refuse it would keep all that its chat says afterwards waiting, for a day
        metrics.UPDATES.labels("refused").inc()
        log.warning("update not understood, and left out", error=str(error))
        return web.Response()
    except StoreUnreachable as error:
        log.error("update left to Telegram for now", error=str(error))
        return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE, headers=AGAIN_IN)
    metrics.UPDATES.labels(_RESULTS[claim]).inc()
    if claim is Claim.TOO_EARLY:
        return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE, headers=AGAIN_IN)
    return web.Response()


async def register(bot: TelegramBot, database: Database, url: str, secret: str) -> None:
    """Tell Telegram where to call, if it has something else in mind.

    The secret it does not show, so its hash is kept. Where calls were lately refused for it, it is told again.
    """
    wanted = hashlib.sha256(secret.encode()).hexdigest()
    async with database.read() as connection:
        known = await webhooks.secret_hash(connection, bot.id)
    info = await understood(bot.get_webhook_info())
    is_refused = str(HTTPStatus.UNAUTHORIZED.value) in (info.last_error_message or "")
    there = (info.url, info.max_connections, set(info.allowed_updates or ()))
    if there == (url, CONNECTIONS, set(UPDATES)) and known == wanted and not is_refused:
        log.info("webhook is set already", address=url)
        return
    await bot.set_webhook(url, secret_token=secret, allowed_updates=UPDATES, max_connections=CONNECTIONS)
    async with database.write() as connection:
        await webhooks.set_secret_hash(connection, bot.id, wanted)
    log.info("webhook set", address=url)


_RESULTS = {Claim.OURS: "handled", Claim.HANDLED: "repeated", Claim.TOO_EARLY: "too_early"}
