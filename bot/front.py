"""The front: everything that the outside may call, put together on one web server, and one for metrics."""

import asyncio
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from urllib.parse import urlsplit

from aiohttp import web

from bot.alerts import astray
from bot.alerts.links import Links
from bot.feeds.hosts import Hosts
from bot.feeds.pings import Pings
from bot.language import translation
from bot.settings import Settings
from bot.store import feeds
from bot.store.database import Database
from bot.telegram.application import TelegramApplication, TelegramBot
from bot.telegram.connection import persist
from bot.web import health, metrics, server, taps, webhook, websub
from bot.web.newsroom.app import PATH as NEWSROOM
from bot.web.newsroom.app import newsroom
from bot.web.newsroom.census import Census


@dataclass(frozen=True, slots=True)
class Front:
    """What is served, and where it comes from."""

    settings: Settings
    database: Database
    bot: TelegramBot
    clock: Callable[[], datetime]

    async def serve(self, application: TelegramApplication, pings: Pings, stop: asyncio.Event) -> None:
        """Serve everything at PORT, and have Telegram call there, until told to stop."""
        settings = self.settings
        receiver = webhook.Receiver(self.database, application, self.clock)
        tally = taps.Tally(self.database, self.clock)
        routes = [
            *health.routes(self._readiness()),
            *webhook.routes(settings.derived_webhook_secret, receiver.take),
            *websub.routes(pings),
            *(self._metrics() if settings.metrics_token else []),
        ]
        if links := counted_links(settings):
            routes += taps.routes(links.read, tally.add, partial(_astray, settings.feeds[0]))
        # some proxies take the path of PUBLIC_URL away before they hand a call on, and others do not
        starts = dict.fromkeys(("", settings.public_path))
        routes = [route for start in starts for route in server.starting(routes, start)]
        census = Census(self.database)
        parts = {start + NEWSROOM: part for start in starts if (part := await self._newsroom(census))}
        counting = census.kept() if parts else nullcontext()
        async with tally.kept(), counting, server.serving(routes, settings.port, parts):
            tell = partial(
                webhook.register, self.bot, self.database, settings.webhook_url, settings.derived_webhook_secret
            )
            await persist(tell, stop)
            await stop.wait()

    async def serve_metrics(self, port: int, stop: asyncio.Event) -> None:
        """Serve health and metrics at a port of their own, to this machine alone unless set, until told to stop."""
        routes = [*health.routes(self._readiness()), *self._metrics()]
        async with server.serving(routes, port, host=self.settings.metrics_host, name="METRICS_PORT"):
            await stop.wait()

    async def _newsroom(self, census: Census) -> web.Application | None:
        """The newsroom's pages; None without editors."""
        settings = self.settings
        if settings.public_url is None or not settings.admin_chat_ids:
            return None
        async with self.database.read() as connection:
            title = settings.site_name or await feeds.site_title(connection, settings.feeds)
        site = title or urlsplit(settings.feeds[0]).hostname or ""
        return newsroom(self.database, self.clock, census, settings.admin_chat_ids, settings.public_url, site)

    def _readiness(self) -> health.Readiness:
        return health.Readiness(self.database, self.bot, self.settings.feeds, self.clock)

    def _metrics(self) -> list[web.RouteDef]:
        token = self.settings.metrics_token.get_secret_value() if self.settings.metrics_token else None
        return metrics.routes(self.database, self.settings.feeds, self.clock, token)


def counted_links(settings: Settings) -> Links | None:
    """What makes and reads counted links; None without an address at which they could be followed."""
    if settings.public_url is None:
        return None
    pages = filter(None, (settings.subscribe_url, settings.sign_in_url))
    hosts = Hosts.of([*settings.feeds, *pages], settings.site.site.hosts)
    return Links(settings.public_url, settings.taps_key, hosts, per_reader=settings.taps_per_reader)


def _astray(feed_url: str, language: str | None) -> str:
    return astray.page(feed_url, translation(language))
