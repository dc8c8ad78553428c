"""Health: what a platform asks to know whether the process lives, and whether all does that it needs.

A platform should restart by ``/healthz`` and alarm by ``/readyz``: no restart mends a database, Telegram or a feed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

from aiohttp import web
from telegram.error import InvalidToken, RetryAfter, TelegramError

from bot.errors import StoreUnreachable
from bot.store import feeds
from bot.store.database import Database
from bot.store.touching import touch
from bot.telegram.application import NOT_PATIENT, TelegramBot
from bot.telegram.calling import understood

CHECK_SECONDS = 3.0
"""How long each check may take; all are made at once."""
HOLDS = timedelta(seconds=2)
"""How long an answer is given again: whoever asks more often learns nothing new."""
REACHED_LATELY = timedelta(seconds=30)
"""So long Telegram is not asked again."""
OVERDUE = timedelta(minutes=5)
"""So long after it was due a feed is missed."""
FAILING = timedelta(minutes=30)
"""So long a feed may fail: servers are restarted."""
NO_ANSWER = f"no answer within {CHECK_SECONDS:.0f} s"

Troubles = dict[str, list[str]]
"""What is wrong, in words, with ``database``, ``telegram`` and ``feeds``."""


class Readiness:
    """Checks database, Telegram and feeds."""

    def __init__(
        self, database: Database, bot: TelegramBot, urls: Sequence[str], clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._bot = bot
        self._urls = urls
        self._clock = clock
        self._turn = asyncio.Lock()
        self._looked_at: datetime | None = None
        self._reached_at: datetime | None = None
        self._troubles: Troubles = {}

    async def troubles(self) -> Troubles:
        """What is wrong, or was a moment ago."""
        async with self._turn:
            now = self._clock()
            if self._looked_at is None or not timedelta(0) <= now - self._looked_at < HOLDS:
                store, telegram = await asyncio.gather(
                    _bounded(self._of_store(now), otherwise={"database": [NO_ANSWER], "feeds": []}),
                    _bounded(self._of_telegram(now), otherwise={"telegram": [NO_ANSWER]}),
                )
                self._troubles, self._looked_at = {**store, **telegram}, now
            return self._troubles

    async def _of_store(self, now: datetime) -> Troubles:
        try:
            async with self._database.write() as connection:
                await touch(connection)
            async with self._database.read() as connection:
                missed = await feeds.neglected(connection, self._urls, now, overdue=OVERDUE, failing=FAILING)
        except StoreUnreachable:
            return {"database": ["does not answer, or takes no writes"], "feeds": []}
        return {"database": [], "feeds": [f"{self._shown(url)} was {why}" for url, why in missed.items()]}

    async def _of_telegram(self, now: datetime) -> Troubles:
        if self._reached_at is not None and timedelta(0) <= now - self._reached_at < REACHED_LATELY:
            return {"telegram": []}
        try:
            await understood(self._bot.get_me(rate_limit_args=NOT_PATIENT))
        except RetryAfter:
            pass  # it is there, and busy
        except TelegramError as error:
            return {"telegram": ["refuses BOT_TOKEN" if isinstance(error, InvalidToken) else error.message]}
        self._reached_at = now
        return {"telegram": []}

    def _shown(self, url: str) -> str:
        """A feed by its place in FEED_URLS and its host, for anybody may ask: its address may be a secret."""
        return f"feed {self._urls.index(url) + 1} of {len(self._urls)}, at {urlsplit(url).hostname},"


def routes(readiness: Readiness) -> list[web.RouteDef]:
    """``GET /healthz``: 200 as long as the process takes part in the world. ``GET /readyz``: 200 where all is well.

    Else 503; in any case JSON that says what is wrong with what.
    """

    async def ready(_: web.Request) -> web.Response:
        troubles = await readiness.troubles()
        is_ready = not any(troubles.values())
        status = HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE
        return web.json_response({"ready": is_ready, **troubles}, status=status, headers=_NOT_KEPT)

    return [web.get("/healthz", _alive), web.get("/readyz", ready)]


async def _alive(_: web.Request) -> web.Response:
    return web.Response(text="ok\n", headers=_NOT_KEPT)


async def _bounded(check: Awaitable[Troubles], *, otherwise: Troubles) -> Troubles:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check
    except TimeoutError:
        return otherwise


_NOT_KEPT = {"Cache-Control": "no-store"}
