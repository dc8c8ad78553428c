"""Asking hubs over HTTP: bounded in time, size and redirects, and only where a feed may send us."""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from types import TracebackType
from typing import Self

import aiohttp

from bot import __version__
from bot.feeds.addresses import absolute
from bot.feeds.plain import cut, one_line
from bot.feeds.websub import has_tls

SECONDS = 10
"""For a hub to answer; it only has to say that it will call."""
MAX_REDIRECTS = 3
MAX_REASON = 200
"""Characters of a hub's explanation that are read."""

_ONWARD = {HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT}

MayBeAsked = Callable[[str, str], Awaitable[bool]]
"""Whether the first address, which comes from outside, may be reached for the sake of the feed at the second."""


class Hubs:
    """Carries requests to hubs, as an async context manager."""

    def __init__(self, may_be_asked: MayBeAsked) -> None:
        self._may_be_asked = may_be_asked

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=SECONDS),
            headers={"User-Agent": f"Tagalong/{__version__} (subscribes to feeds)"},
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def ask(self, hub: str, form: Mapping[str, str], *, feed_url: str) -> str | None:
        """Put the request to a hub: None where it will see to it, else why not, in words for the operator.

        A hub may send us on to another, https://www.w3.org/TR/websub/#subscription-response-details, but never to one
        where what we tell it could be overheard sooner.
        """
        address: str | None = hub
        try:
            for _ in range(MAX_REDIRECTS + 1):
                if address is None or (has_tls(hub) and not has_tls(address)):
                    return "it leads to where no feed is subscribed to"
                if not await self._may_be_asked(address, feed_url):
                    return "it is at an address that is not public, or that nobody knows"
                async with self._session.post(address, data=form, allow_redirects=False) as response:
                    if response.status not in _ONWARD:
                        return await _outcome(response)
                    address = absolute(response.headers.get("Location", ""), address)
        except TimeoutError:
            return f"it gave no answer within {SECONDS} seconds"
        except (aiohttp.ClientError, ValueError) as error:  # aiohttp lets some addresses fall through as ValueError
            return f"it could not be reached: {type(error).__name__}"
        return f"it redirects more than {MAX_REDIRECTS} times"


async def _outcome(response: aiohttp.ClientResponse) -> str | None:
    if HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
        return None
    said = (await response.content.read(MAX_REASON)).decode(errors="replace")
    return f"it answers with status {response.status}: {cut(one_line(said), MAX_REASON)}"
