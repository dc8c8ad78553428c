"""The webhook: Telegram hands over updates, https://core.telegram.org/bots/api#setwebhook."""

import hmac
import json
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web

from bot.settings import WEBHOOK_PATH

log = structlog.stdlib.get_logger()

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name, not its value


def routes(secret: str, take: Callable[[object], Awaitable[None]]) -> list[web.RouteDef]:
    """``POST /telegram`` hands each update on to ``take``; 401 without the secret, 400 where it is no update.

    ``take`` is given whatever JSON came, and raises ValueError where it is no update.
    """

    async def receive(request: web.Request) -> web.Response:
        told = request.headers.get(SECRET_HEADER, "").encode(errors="surrogateescape")  # as aiohttp decoded it
        if not hmac.compare_digest(told, secret.encode()):
            return web.Response(status=401, text=f"{SECRET_HEADER} is missing or wrong\n")
        try:
            await take(json.loads(await request.read()))
        except (ValueError, RecursionError) as error:
            log.warning("webhook call is no update", error=str(error))
            return web.Response(status=400, text="this is no update\n")
        return web.Response()

    return [web.post(WEBHOOK_PATH, receive)]
