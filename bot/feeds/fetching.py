"""Fetching: a feed's bytes over HTTP, conditionally, and bounded in time, size and redirects."""

import asyncio
import os
import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import aiohttp

from bot import __version__
from bot.addresses import without_password
from bot.errors import FeedError, FeedRefused, FeedTooLarge, FeedUnreachable
from bot.feeds.connecting import CONNECTIONS_PER_HOST
from bot.feeds.hosts import AddressRefused
from bot.feeds.link_headers import from_headers
from bot.model import Fetched

CONNECT_SECONDS = 10
WHOLE_SECONDS = 30
MAX_BYTES = 10 * 1024 * 1024
"""Of a feed, unpacked. Those of news sites have some 100 kB; with whole articles in them, some 500 kB."""
MAX_REDIRECTS = 5
LONGEST_RETRY_AFTER = timedelta(hours=1)
"""As long as a server can keep us away: it is the publisher's own, and its readers wait."""
MAX_VALIDATOR = 1000
"""Characters of an ETag or a date that are worth keeping."""

_HEADERS = {
    "Accept": "application/rss+xml, application/atom+xml, application/rdf+xml, application/xml;q=0.9,"
    " text/xml;q=0.9, */*;q=0.1",
    "Accept-Encoding": "gzip, deflate, br",
}
NOBODY = "https://core.telegram.org/bots"
"""Where it is explained what a bot is, for requests of which the bot's name is not known."""
_MAX_AGE = re.compile(r"\bmax-age=([0-9]{1,9})\b", re.IGNORECASE)
_WAY_OUT = {
    401: "it wants a name and a password: put them into FEED_URLS as https://name:password@host/…",
    403: "the site keeps us out: allow this machine, or this User-Agent, in its firewall",
    404: "there is nothing at this address: correct FEED_URLS",
    410: "the feed is gone for good: correct FEED_URLS",
    429: "the site wants to be asked less often: raise POLL_SECONDS",
}


class Fetcher:
    """Fetches feeds, as an async context manager: connections are kept between polls.

    ``connector`` makes the connections, within its bounds; ``who`` is an address at which the site's people can see
    whose requests these are.
    """

    def __init__(self, connector: aiohttp.BaseConnector, who: str = NOBODY) -> None:
        self._connector = connector
        self._agent = user_agent(who)
        self._turns: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(CONNECTIONS_PER_HOST))

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=self._connector,
            connector_owner=False,
            timeout=aiohttp.ClientTimeout(total=WHOLE_SECONDS, sock_connect=CONNECT_SECONDS),
            headers={**_HEADERS, "User-Agent": self._agent},
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def fetch(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Fetched | None:
        """What is at this address, or None where it is what it was when these validators came along.

        Raises FeedUnreachable, FeedRefused or FeedTooLarge; their texts name the address, without its password.
        See https://www.rfc-editor.org/rfc/rfc9110#name-conditional-requests.
        """
        async with self._turns[urlsplit(url).netloc.rpartition("@")[2].lower()]:
            # the time for an answer begins when it is asked for: a slow site with many feeds is not a dead one
            return await self._fetch(url, etag, last_modified)

    async def _fetch(self, url: str, etag: str | None, last_modified: str | None) -> Fetched | None:
        address = without_password(url)
        validators = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        conditions = {name: value for name, value in validators.items() if value}
        try:
            async with self._session.get(url, headers=conditions, max_redirects=MAX_REDIRECTS) as response:
                if response.status == HTTPStatus.NOT_MODIFIED and conditions:
                    return None
                if response.status != HTTPStatus.OK:
                    raise _refused(address, response.status, response.headers)
                return Fetched(
                    url=str(response.url),
                    body=await _read(response, address),
                    content_type=response.headers.get("Content-Type"),
                    etag=_validator(response.headers.get("ETag")),
                    last_modified=_validator(response.headers.get("Last-Modified")),
                    moved_to=_moved_to(response, url),
                    max_age=_max_age(response.headers.get("Cache-Control", "")),
                    links=from_headers(response.headers.getall("Link", ()), str(response.url)),
                )
        except TimeoutError:
            raise FeedUnreachable(f"{address} gave no whole answer within {WHOLE_SECONDS} seconds") from None
        except aiohttp.TooManyRedirects:
            raise FeedUnreachable(f"{address} redirects more than {MAX_REDIRECTS} times: correct FEED_URLS") from None
        except aiohttp.ClientError as error:
            raise FeedUnreachable(f"{address} could not be reached: {_reason(error)}") from None


def user_agent(who: str) -> str:
    """What the bot calls itself where it reads."""
    return f"Tagalong/{__version__} (+{who})"


async def _read(response: aiohttp.ClientResponse, address: str) -> bytes:
    body = bytearray()
    async for part in response.content.iter_any():  # unpacked in bounded steps, so that no bomb goes off between two
        body += part
        if len(body) > MAX_BYTES:
            raise FeedTooLarge(f"{address} sends more than {MAX_BYTES // 1024**2} MB, which no feed needs")
    return bytes(body)


def _moved_to(response: aiohttp.ClientResponse, asked: str) -> str | None:
    """https://www.rfc-editor.org/rfc/rfc9110#name-301-moved-permanently, and 308.

    Name and password stay on the address as long as it is on their host.
    """
    history = response.history
    if not history or any(step.status not in (301, 308) for step in history):
        return None
    parts, before = urlsplit(str(response.url)), urlsplit(asked)
    login = before.netloc.rpartition("@")[0]
    if not login or (parts.hostname, parts.port) != (before.hostname, before.port):
        return parts.geturl()
    return parts._replace(netloc=f"{login}@{parts.netloc}").geturl()


def _max_age(cache_control: str) -> timedelta | None:
    """https://www.rfc-editor.org/rfc/rfc9111#name-max-age-2."""
    found = _MAX_AGE.search(cache_control)
    return timedelta(seconds=int(found[1])) if found else None


def _refused(address: str, status: int, headers: Mapping[str, str]) -> FeedError:
    server = "the site is in trouble; it is asked again later" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else ""
    way_out = _WAY_OUT.get(status) or server or "that is no feed: correct FEED_URLS"
    message = f"{address} answers with status {status}: {way_out}"
    return FeedRefused(message, status=status, retry_after=_retry_after(headers.get("Retry-After", "")))


def _retry_after(value: str) -> timedelta | None:
    """What the header asks for, https://www.rfc-editor.org/rfc/rfc9110#name-retry-after, within bounds."""
    try:
        wait = timedelta(seconds=int(value)) if value.isdecimal() else _until(value)
    except (ValueError, OverflowError):
        return None
    return max(timedelta(0), min(wait, LONGEST_RETRY_AFTER))


def _until(date: str) -> timedelta:
    moment = parsedate_to_datetime(date)
    return moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)


def _validator(value: str | None) -> str | None:
    return value if value and len(value) <= MAX_VALIDATOR else None


def _reason(error: aiohttp.ClientError) -> str:
    """What went wrong, without the address, which may hold a password."""
    match error:
        case aiohttp.ClientConnectorDNSError(os_error=AddressRefused() as refused):
            return f"{refused}: correct FEED_URLS"
        case aiohttp.ClientConnectorDNSError():
            return "its name is not known; correct FEED_URLS if it is misspelt"
        case aiohttp.ClientConnectorCertificateError():
            return "its certificate does not hold"
        case aiohttp.ClientSSLError():
            return "it does not speak TLS as we do; if it speaks none, its address begins with http://"
        case aiohttp.ClientConnectorError():
            return os.strerror(error.os_error.errno) if error.os_error.errno else "no connection"
        case aiohttp.ClientPayloadError():
            return "its answer breaks off or is not packed as it says"
        case aiohttp.ClientResponseError():
            return "its answer is no HTTP, or not packed as it says"
        case aiohttp.NonHttpUrlClientError() | aiohttp.InvalidURL():
            return "it leads to something that is no web address"
        case _:
            return type(error).__name__
