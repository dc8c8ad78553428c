"""Connecting: the connections to the site, which all who read it share, so that together they stay polite."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from bot.feeds.hosts import AddressRefused, Hosts, SiteResolver, is_number, is_public, place

if TYPE_CHECKING:
    from aiohttp.client import ClientTimeout
    from aiohttp.client_reqrep import ClientRequest
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

CONNECTIONS_PER_HOST = 2


class SiteConnector(aiohttp.TCPConnector):
    """Connects to two places a host at most, however many sessions share it; whoever makes it closes it.

    It connects to the open internet only, and to the private hosts and ports at which these feeds are: wherever a
    redirect or a name may lead. ``resolver`` looks names up; it is not closed here.
    """

    def __init__(self, feeds: Iterable[str], *, resolver: AbstractResolver | None = None) -> None:
        self._homes = Hosts.of(feeds).homes
        self._names = SiteResolver(self._homes, resolver or aiohttp.ThreadedResolver())
        super().__init__(limit_per_host=CONNECTIONS_PER_HOST, resolver=self._names)

    def is_home(self, address: URL) -> bool:
        """Whether one of the feeds is at this host and port."""
        return place(address) in self._homes

    async def is_inside(self, feed: URL) -> bool:
        """Whether the operator's feed is at a private address, and was from its first look-up on."""
        host, port = place(feed)
        if is_number(host):
            return not is_public(host)
        try:
            found = await self._names.resolve(host, port)
        except OSError:
            return False
        return not any(is_public(each["host"]) for each in found)

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        return self

    async def connect(
        self,
        req: "ClientRequest",
        traces: list["Trace"],
        timeout: "ClientTimeout",  # noqa: ASYNC109 - aiohttp's own
    ) -> "Connection":
        """As aiohttp connects. Raises ClientConnectorDNSError for a private number, which no resolver gets to see."""
        host, _ = place(req.url)
        if is_number(host) and not is_public(host) and not self.is_home(req.url):
            refused = AddressRefused(f"{host} is a private address, and no feed is there")
            raise aiohttp.ClientConnectorDNSError(req.connection_key, refused)
        return await super().connect(req, traces, timeout)
