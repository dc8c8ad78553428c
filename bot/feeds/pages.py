"""Pages: an article's own page, read once, politely and within bounds, for what its feed does not say."""

import os
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from types import TracebackType
from typing import Self

import aiohttp
import anyio
import structlog
from yarl import URL

from bot.feeds.apart import OutOfBounds
from bot.feeds.completing import complete
from bot.feeds.fetching import NOBODY, user_agent
from bot.feeds.hosts import AddressRefused, Hosts, web_address
from bot.feeds.page_facts import PageFacts, read_page_apart
from bot.feeds.premium import PremiumRules, Verdict
from bot.model import Article

log = structlog.stdlib.get_logger()

WHOLE_SECONDS = 3.0
"""For one page, from looking its host up to what it says: so long an alert waits for it."""
MAX_BYTES = 2 * 1024 * 1024
"""Of a page, unpacked; of a longer one the beginning is read."""
MAX_REDIRECTS = 3

_HEADERS = {
    "Accept": "text/html",
    "Accept-Encoding": "gzip, deflate, br",
}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PASSING = frozenset({404, 408, 425, 429})
"""What a page answers that may be there in a while, besides errors of its server: feeds are quicker than caches."""


@dataclass(frozen=True, slots=True)
class Completed:
    """An article as it goes on, why it is premium or free, and why its page was not read if it was not."""

    article: Article
    verdict: Verdict
    unread: str | None = None


class _Unread(Exception):
    """A page is not read; the text says why, and ``passing`` whether it may be read later."""

    def __init__(self, reason: str | None, *, passing: bool = False) -> None:
        super().__init__(reason)
        self.passing = passing


class Pages:
    """Reads pages of the site with these feeds and further hosts, as an async context manager.

    ``connector`` makes the connections, within its bounds; ``rules`` say which of its articles are premium, ``who``
    where its people can see whose requests these are.
    """

    def __init__(
        self,
        connector: aiohttp.BaseConnector,
        feeds: Iterable[str],
        rules: PremiumRules,
        hosts: Iterable[str] = (),
        *,
        who: str = NOBODY,
    ) -> None:
        self._connector = connector
        self._hosts = Hosts.of(feeds, hosts)
        self._rules = rules
        self._agent = user_agent(who)

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=self._connector,
            connector_owner=False,
            headers={**_HEADERS, "User-Agent": self._agent},
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def complete(self, article: Article, *, site: str | None = None) -> Article:
        """The article with what its page adds; without it, where the page is not there within WHOLE_SECONDS.

        Where it may be there later, the article says that its page was missed.
        ``site`` is the address that its feed gives for its site. Whatever the page does, this raises nothing; why a
        page was not read is in the log.
        """
        return (await self.look(article, site=site)).article

    async def look(self, article: Article, *, site: str | None = None) -> Completed:
        """The same, with the reasons."""
        page, unread, missed = None, None, False
        try:
            page = await self._read(article.link, self._hosts.and_of(site))
        except _Unread as reason:
            unread, missed = str(reason), reason.passing
            log.info("page not read", link=_shown(article.link), reason=unread)
        except Exception as error:  # a bug with one page must not keep its article from readers
            unread = f"bug: {type(error).__name__}"
            log.exception("page not read", link=_shown(article.link))
        completed, verdict = complete(article, page, self._rules)
        return Completed(replace(completed, page_missed=missed), verdict, unread)

    async def status(self, link: str, *, site: str | None = None) -> int | None:
        """The status with which the page answers now: 404 and 410 say that it is gone; None where there is no answer.

        A page that leads to the site's front page is gone, too. Only the head of the answer is read. Raises nothing,
        as ``complete``.
        """
        try:
            async with self._opened(link, self._hosts.and_of(site)) as response:
                led_to_front = _is_front(response.url) and not _is_front(URL(link))
                return HTTPStatus.GONE if led_to_front else response.status
        except _Unread as reason:
            log.debug("page not asked", link=_shown(link), reason=str(reason))
        except Exception:  # a bug with one page must not keep the others from being asked
            log.exception("page not asked", link=_shown(link))
        return None

    async def _read(self, link: str, hosts: Hosts) -> PageFacts:
        async with self._opened(link, hosts) as response:
            if response.status != HTTPStatus.OK:
                passing = response.status >= HTTPStatus.INTERNAL_SERVER_ERROR or response.status in _PASSING
                raise _Unread(f"it answers with status {response.status}", passing=passing)
            if response.content_type != "text/html":
                raise _Unread(f"it is {response.content_type[:100]}, not HTML")
            body = await _beginning(response)
            response.close()
            try:
                return await read_page_apart(
                    body, url=str(response.url), content_type=response.headers.get("Content-Type")
                )
            except OutOfBounds as error:
                raise _Unread(f"it {error}") from None

    @asynccontextmanager
    async def _opened(self, link: str, hosts: Hosts) -> AsyncIterator[aiohttp.ClientResponse]:
        """The answer at the end of the redirects, with WHOLE_SECONDS for all that is done with it."""
        try:
            with anyio.fail_after(WHOLE_SECONDS):
                address = web_address(link)
                for _ in range(MAX_REDIRECTS + 1):
                    why_not = hosts.why_not(address) if address else "it is no web address"
                    if address is None or why_not:
                        raise _Unread(why_not)
                    async with self._session.get(address, allow_redirects=False) as response:
                        target = response.headers.get("Location")
                        if response.status not in _REDIRECTS or not target:
                            yield response
                            return
                        address = web_address(target, seen_from=response.url)
                raise _Unread(f"it redirects more than {MAX_REDIRECTS} times")
        except TimeoutError:
            raise _Unread(f"there was no whole page within {WHOLE_SECONDS:g} seconds", passing=True) from None
        except aiohttp.ClientError as error:
            raise _Unread(_reason(error), passing=not _is_refused(error)) from None


async def _beginning(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for part in response.content.iter_any():  # unpacked in bounded steps, so that no bomb goes off between two
        body += part
        if len(body) >= MAX_BYTES:
            break
    return bytes(body[:MAX_BYTES])


def _is_front(address: URL) -> bool:
    return address.path in {"", "/"} and not address.query_string


def _shown(link: str) -> str:
    """The link as the log may show it."""
    return str(web_address(link) or "no web address")


def _is_refused(error: aiohttp.ClientError) -> bool:
    """Whether it is our own rules that keep the page from being read."""
    return isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, AddressRefused)


def _reason(error: aiohttp.ClientError) -> str:
    match error:
        case aiohttp.ClientConnectorDNSError(os_error=AddressRefused() as refused):
            return str(refused)
        case aiohttp.ClientConnectorDNSError():
            return "its name is not known"
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return "its certificate does not hold"
        case aiohttp.ClientConnectorError():
            return os.strerror(error.os_error.errno) if error.os_error.errno else "no connection"
        case aiohttp.ClientPayloadError():
            return "its answer breaks off or is not packed as it says"
        case _:
            return type(error).__name__
