"""Counted links: who follows one is sent on to the site at once, and counted afterwards."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from http import HTTPStatus

import structlog
from aiohttp import web

from bot import metrics
from bot.errors import StoreUnreachable
from bot.loops import repeat
from bot.model import Lead, Tap
from bot.store import statistics
from bot.store import taps as tap_store
from bot.store.database import Database
from bot.store.statistics import Event, What

log = structlog.stdlib.get_logger()

PATH = "/t/{code}"
FLUSH = timedelta(seconds=1)
LAST_FLUSH_SECONDS = 5.0
"""How long counting may take at the end."""

_MACHINES = re.compile(r"(?<!cu)bot\b|crawler|spider|preview|externalhit|whatsapp|slack|embed", re.IGNORECASE)
"""User agents that look at links for whoever sends or receives them; CUBOT is a maker of phones."""
_AHEAD = ("Purpose", "Sec-Purpose", "X-Purpose", "X-Moz")
"""Headers of browsers that fetch ahead of their user's tap."""
_HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}
_PAGE_POLICY = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"}


class Tally:
    """Counts taps in memory and writes them down together, once a second, as soon as the database lets it."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._events: Counter[Event] = Counter()
        self._readers: set[tuple[int, Lead]] = set()

    @property
    def waiting(self) -> Counter[Event]:
        """What is counted and not yet written down."""
        return self._events

    def add(self, tap: Tap) -> None:
        """Count a tap."""
        what = What(tap.lead)
        metrics.TAPS.labels(what).inc()
        self._events[Event(what, tap.topic_id, tap.article_id)] += 1
        if tap.alert_id:
            self._readers.add((tap.alert_id, tap.lead))

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Write down what is counted meanwhile, at the end too, when nothing is added any more."""
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            writing = group.create_task(repeat("taps", self._flush, wake=asyncio.Event(), stop=stop), name="taps")
            yield
            stop.set()
            await asyncio.wait({writing}, timeout=LAST_FLUSH_SECONDS)
            writing.cancel()
        try:
            async with asyncio.timeout(LAST_FLUSH_SECONDS):
                await self._flush()
        except (StoreUnreachable, TimeoutError):
            log.error("taps not counted, the database is away", taps=self._events.total())

    async def _flush(self) -> timedelta:
        events, readers = self._events, self._readers
        if not events:
            return FLUSH
        self._events, self._readers = Counter(), set()
        try:
            async with self._database.write() as connection:
                await statistics.count(connection, self._clock(), events)
                await tap_store.note(connection, self._clock(), readers)
        except BaseException:
            self._events.update(events)
            self._readers |= readers
            raise
        return FLUSH


def routes(
    read: Callable[[str], Tap | None], count: Callable[[Tap], None], astray: Callable[[str | None], str]
) -> list[web.RouteDef]:
    """``GET /t/<code>`` sends on, 302, whatever the database does; 404 with a page where we made no such link.

    ``astray`` makes that page in the reader's language. Machines that only look at a link are sent on and not counted.
    """

    async def send_on(request: web.Request) -> web.Response:
        tap = read(request.match_info["code"])
        if tap is None:
            page = astray(_language(request))
            return web.Response(
                status=HTTPStatus.NOT_FOUND, text=page, content_type="text/html", headers=_HEADERS | _PAGE_POLICY
            )
        if _is_reader(request):
            count(tap)
        return web.Response(status=HTTPStatus.FOUND, headers=_HEADERS | {"Location": tap.address})

    return [web.get(PATH, send_on)]


def _is_reader(request: web.Request) -> bool:
    headers = request.headers
    ahead = any(headers.get(name) for name in _AHEAD)
    return request.method == "GET" and not ahead and not _MACHINES.search(headers.get("User-Agent", ""))


def _language(request: web.Request) -> str | None:
    """The language that the browser names first, https://www.rfc-editor.org/rfc/rfc9110#field.accept-language."""
    named = re.match(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}", request.headers.get("Accept-Language", ""))
    return named[0] if named else None
