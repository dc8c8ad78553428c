"""The newsroom's door: who comes in, how long they may stay, and what every answer forbids browsers to do.

A link opens a page with one button, and only the button uses the link up: whoever fetches links ahead, as messengers
and browsers do, has used up nothing. The session is a cookie that goes to no other site and that no script can read.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

import structlog
from aiohttp import web
from aiohttp_jinja2 import render_template

from bot.errors import StoreUnreachable
from bot.store import passes
from bot.store.database import Database
from bot.store.passes import Kind

log = structlog.stdlib.get_logger()

SESSION = timedelta(hours=12)
"""A working day; after it the bot gives another link."""
EDITOR = web.RequestKey("editor", int)
"""The private chat of the editor who asks."""
READ_SECONDS = 10.0
"""How long a form may take to arrive."""
OPEN = frozenset({"door", "enter", "style"})
"""The names of the routes that everybody may see."""
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # the link's key stands in an address; with "no-referrer" forms have no origin
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Door:
    """Lets editors in, whose private chats ``editors`` are, to the path ``home`` of the site at ``public_url``."""

    def __init__(
        self, database: Database, clock: Callable[[], datetime], editors: Collection[int], public_url: str, home: str
    ) -> None:
        self._database = database
        self._clock = clock
        self._editors = frozenset(editors)
        self._home = home
        address = urlsplit(public_url)
        self._origin = f"{address.scheme}://{address.netloc}".lower()
        self._secure = address.scheme == "https"
        # the prefix lets no other host of the domain set it, https://www.rfc-editor.org/rfc/rfc6265
        self._cookie = "__Host-newsroom" if self._secure else "newsroom"

    @web.middleware
    async def guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer editors; show the door to all others. Whatever changes something must come from our own pages."""
        try:
            response = await self._answer(request, handler)
        except StoreUnreachable:
            response = _page(request, "The database does not answer. Try again in a minute.")
            response.set_status(HTTPStatus.SERVICE_UNAVAILABLE)
        except web.HTTPException as error:
            error.headers.update(HEADERS)
            raise
        response.headers.update(HEADERS)
        return response

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method not in {"GET", "HEAD"} and not self._is_own(request):
            return web.Response(status=HTTPStatus.FORBIDDEN, text="this did not come from a page of the newsroom\n")
        if request.match_info.route.name in OPEN:
            return await handler(request)
        secret = request.cookies.get(self._cookie, "")
        async with self._database.read() as connection:
            editor = await passes.holder(connection, secret, self._clock()) if secret else None
        if editor is None or editor not in self._editors:
            response = _page(request, "This is for the newsroom. Send /newsroom to the bot: it gives you a link.")
            response.set_status(HTTPStatus.UNAUTHORIZED)
            return response
        request[EDITOR] = editor
        return await handler(request)

    async def show(self, request: web.Request) -> web.StreamResponse:
        """``GET enter?key=…``: the page whose button uses the link up."""
        return render_template("door.html", request, {"key": request.query.get("key", "")})

    async def enter(self, request: web.Request) -> web.StreamResponse:
        """``POST enter``: use the link up and open a session, a new one whatever the browser had."""
        key = await field(request, "key")
        now = self._clock()
        async with self._database.write() as connection:
            editor = await passes.redeem(connection, key, now) if key else None
            if editor is None or editor not in self._editors:
                secret = None
            else:
                secret = await passes.issue(connection, Kind.SESSION, editor, now, SESSION)
        if secret is None:
            response = _page(request, "This link has been used or is too old. Send /newsroom to the bot for another.")
            response.set_status(HTTPStatus.FORBIDDEN)
            return response
        log.info("editor entered the newsroom", chat=editor)
        response = web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": self._home})
        response.set_cookie(
            self._cookie, secret, path="/", max_age=int(SESSION.total_seconds()),
            secure=self._secure, httponly=True, samesite="Strict",
        )  # fmt: skip
        return response

    async def leave(self, request: web.Request) -> web.StreamResponse:
        """``POST leave``: end the session."""
        async with self._database.write() as connection:
            await passes.revoke(connection, request.cookies.get(self._cookie, ""))
        response = _page(request, "You have left the newsroom.")
        response.del_cookie(self._cookie, path="/", secure=self._secure, httponly=True, samesite="Strict")
        return response

    def _is_own(self, request: web.Request) -> bool:
        """Whether a page of ours sent this: browsers say of every POST where it comes from.

        https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
        """
        return request.headers.get("Origin", "").lower() == self._origin


async def field(request: web.Request, name: str) -> str | None:
    """What a form says in this field. Raises HTTPRequestTimeout where it does not arrive in time."""
    try:
        async with asyncio.timeout(READ_SECONDS):
            value = (await request.post()).get(name)
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    return value if isinstance(value, str) else None


def _page(request: web.Request, sentence: str) -> web.Response:
    return render_template("said.html", request, {"sentence": sentence})
