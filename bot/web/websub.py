"""The address at which hubs call, https://www.w3.org/TR/websub/: they verify what was asked, and announce news."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Protocol

from aiohttp import web

from bot.errors import StoreUnreachable

PATH = "/websub"
"""Below PUBLIC_URL; behind it stands a token that only we and the hub know."""
MAX_BODY = 10 * 1024 * 1024
"""As large as a feed may be."""
READ_SECONDS = 30.0
AT_ONCE = 4
"""Bodies that are read and taken in at the same time; further calls wait."""

_AS_TEXT = {"X-Content-Type-Options": "nosniff"}


class Callbacks(Protocol):
    """Who answers hubs."""

    async def verify(self, token: str, question: Mapping[str, str]) -> str | None:
        """What to answer, or None where nobody agrees."""
        ...

    async def expects(self, token: str) -> bool:
        """Whether a call at this token may mean something."""
        ...

    async def ping(self, token: str, headers: Mapping[str, str], body: bytes) -> bool:
        """Take in a call; whether one was expected."""
        ...


def routes(callbacks: Callbacks) -> list[web.RouteDef]:
    """``GET /websub/<token>`` verifies: 200 and the challenge, else 404. ``POST`` takes a call in: 202, even if forged.

    410 where no call is expected any more, 400, 413 and 408 for a body that is not packed as it says, too large or too
    slow, 503 while the database is away, which hubs take for try again.
    """
    places = asyncio.Semaphore(AT_ONCE)

    async def verify(request: web.Request) -> web.Response:
        try:
            answer = await callbacks.verify(request.match_info["token"], request.query)
        except StoreUnreachable:
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
        if answer is None:
            return web.Response(status=HTTPStatus.NOT_FOUND, text="nothing of that was asked for\n")
        return web.Response(text=answer, headers=_AS_TEXT)

    async def ping(request: web.Request) -> web.Response:
        token = request.match_info["token"]
        try:
            if not await callbacks.expects(token):
                return web.Response(status=HTTPStatus.GONE)
            async with places:
                body = await _read(request)
                expected = await callbacks.ping(token, request.headers, body)
        except StoreUnreachable:
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
        return web.Response(status=HTTPStatus.ACCEPTED if expected else HTTPStatus.GONE)

    address = f"{PATH}/{{token:[A-Za-z0-9_-]{{1,64}}}}"
    return [web.get(address, verify, allow_head=False), web.post(address, ping)]


async def _read(request: web.Request) -> bytes:
    """The body, in bounded steps: the server's own bound is for Telegram's calls, which are small."""
    body = bytearray()
    try:
        async with asyncio.timeout(READ_SECONDS):
            async for part in request.content.iter_any():
                body += part
                if len(body) > MAX_BODY:
                    raise web.HTTPRequestEntityTooLarge(MAX_BODY, len(body))
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    return bytes(body)
