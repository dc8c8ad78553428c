"""Asking hubs over HTTP: bounded in time, size and redirects, and only where a feed may send us."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from bot import __version__
from bot.feeds.addresses import absolute
from bot.feeds.connecting import CONNECTIONS_PER_HOST, SiteConnector
from bot.feeds.hosts import is_public
from bot.feeds.plain import cut, one_line
from bot.feeds.websub import has_tls

SECONDS = 10
"""For a hub to answer; it only has to say that it will call."""
MAX_REDIRECTS = 3
MAX_REASON = 200
"""Characters of a hub's explanation that are read."""

_ONWARD = {HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT}


class Hubs:
    """Carries requests to hubs, as an async context manager.

    A hub's address comes from a feed: it is asked on the open internet only, unless the feed itself is on a private
    address, where the operator has put the both of them. ``connector`` is the site's, for hubs that are at it or in the
    open; ``agent`` is what we call ourselves.
    """

    def __init__(self, connector: SiteConnector, agent: str = f"Tagalong/{__version__}") -> None:
        self._connector = connector
        self._agent = agent

    async def __aenter__(self) -> Self:
        self._unbounded = aiohttp.TCPConnector(limit_per_host=CONNECTIONS_PER_HOST)
        self._usual = self._session(self._connector)
        self._anywhere = self._session(self._unbounded)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._usual.close()
        await self._anywhere.close()
        await self._unbounded.close()

    async def ask(self, hub: str, form: Mapping[str, str], *, feed_url: str) -> str | None:
        """Put the request to a hub: None where it will see to it, else why not, in words for the operator.

        A hub may send us on to another, https://www.w3.org/TR/websub/#subscription-response-details.
        """
        try:
            async with asyncio.timeout(SECONDS):
                return await self._ask(hub, form, among_us=await self._connector.is_inside(URL(feed_url)))
        except TimeoutError:
            return f"it gave no answer within {SECONDS} seconds"
        except (aiohttp.ClientError, ValueError) as error:  # some addresses are no address only to aiohttp's parts
            return f"it could not be reached: {type(error).__name__}"

    async def _ask(self, hub: str, form: Mapping[str, str], *, among_us: bool) -> str | None:
        address: str | None = hub
        for _ in range(MAX_REDIRECTS + 1):
            if address is None:
                return "it sends us to where no feed can be subscribed to"
            is_private = await _is_private(address)
            if is_private and not among_us:
                return "it is at a private address, and the feed is not"
            session = self._anywhere if is_private and not self._connector.is_home(URL(address)) else self._usual
            async with session.post(address, data=form, allow_redirects=False) as response:
                if response.status not in _ONWARD:
                    return await _outcome(response)
                address = onward(address, response.headers.get("Location", ""))
        return f"it redirects more than {MAX_REDIRECTS} times"

    def _session(self, connector: aiohttp.BaseConnector) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=connector,
            connector_owner=False,
            headers={"User-Agent": self._agent},
            cookie_jar=aiohttp.DummyCookieJar(),
        )


def onward(address: str, location: str) -> str | None:
    """Where a hub at this address may send us; never to where what we tell could be overheard sooner."""
    target = absolute(location, address)
    return target if target and has_tls(target) >= has_tls(address) else None


async def _is_private(url: str) -> bool:
    """Whether the address leads to this machine or its network; one that cannot be found does not."""
    try:
        host = urlsplit(url).hostname or ""
        if is_public(host):
            return False
        found = await asyncio.get_running_loop().getaddrinfo(host, None)
    except (OSError, ValueError):
        return False
    return not any(is_public(str(address[0])) for *_, address in found)


async def _outcome(response: aiohttp.ClientResponse) -> str | None:
    if HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
        return None
    said = (await response.content.read(MAX_REASON)).decode(errors="replace")
    return f"it answers with status {response.status}: {cut(one_line(said), MAX_REASON)}"
