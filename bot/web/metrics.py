"""``/metrics`` for Prometheus: what this process has counted, and how the outbox and the feeds stand now."""

import asyncio
import hmac
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from aiohttp import web
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily

from bot.errors import StoreUnreachable
from bot.metrics import REGISTRY
from bot.store import feeds, outbox
from bot.store.database import Database
from bot.store.touching import touch
from bot.web.health import CHECK_SECONDS, FAILING, OVERDUE

PATH = "/metrics"


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand, the same whichever process is asked; None for what the database does not tell now."""

    due: int | None = None
    oldest_seconds: float | None = None
    feeds: int | None = None
    neglected: int | None = None

    def collect(self) -> Iterable[Metric]:
        """All that this process shows, as prometheus_client wants it."""
        yield from REGISTRY.collect()
        yield _gauge("database_up", "Whether the database answers and takes writes", int(self.due is not None))
        if self.due is not None:
            yield _gauge("queue_alerts", "Alerts that are due and not sent", self.due)
            yield _gauge("queue_age_seconds", "How long the oldest of them is due", self.oldest_seconds or 0)
            yield _gauge("feeds", "Feeds that the bot follows", self.feeds or 0)
            yield _gauge("feeds_neglected", "Feeds that are not read, or not looked at", self.neglected or 0)


def routes(
    database: Database, urls: Sequence[str], clock: Callable[[], datetime], token: str | None
) -> list[web.RouteDef]:
    """``GET /metrics`` for whoever knows the token, else 401; without a token for everyone who gets there."""
    expected = f"Bearer {token}".encode()

    async def show(request: web.Request) -> web.Response:
        told = request.headers.get("Authorization", "").encode(errors="surrogateescape")
        if token is not None and not hmac.compare_digest(told, expected):
            return web.Response(status=HTTPStatus.UNAUTHORIZED, headers={"WWW-Authenticate": "Bearer"})
        standing = await _standing(database, urls, clock())
        return web.Response(body=generate_latest(standing), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})

    return [web.get(PATH, show)]


async def _standing(database: Database, urls: Sequence[str], now: datetime) -> Standing:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            async with database.write() as connection:
                await touch(connection)
            async with database.read() as connection:
                due, oldest = await outbox.backlog(connection, now)
                neglected = await feeds.neglected(connection, urls, now, overdue=OVERDUE, failing=FAILING)
    except (StoreUnreachable, TimeoutError):
        return Standing()
    return Standing(due, (now - oldest).total_seconds() if oldest else 0, len(urls), len(neglected))


def _gauge(name: str, says: str, value: float) -> Metric:
    return GaugeMetricFamily(f"tagalong_{name}", says, value=value)
