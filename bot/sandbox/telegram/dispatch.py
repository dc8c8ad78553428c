"""From an HTTP request to a method and back, https://core.telegram.org/bots/api#making-requests."""

import asyncio

from aiohttp import web

from bot.sandbox.telegram.answers import Refusal, encode, refusal
from bot.sandbox.telegram.arguments import read_arguments
from bot.sandbox.telegram.desk import Desk
from bot.sandbox.telegram.faults import Fault, Faults
from bot.sandbox.telegram.inspection import Calls
from bot.sandbox.telegram.methods import METHODS


class Dispatch:
    """Serves ``/bot<token>/<method>``."""

    def __init__(self, desk: Desk, faults: Faults, calls: Calls, closing: asyncio.Event) -> None:
        self._desk = desk
        self._faults = faults
        self._calls = calls
        self._closing = closing

    def routes(self) -> list[web.RouteDef]:
        """Where it is served."""
        path = "/bot{token:[^/]*}/{method:[^/]*}"
        return [web.get(path, self.handle), web.post(path, self.handle)]

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one call."""
        try:
            self._desk.admit(request.match_info["token"])
            arguments = await read_arguments(request)
        except Refusal as refused:
            return _refused(refused)
        except web.HTTPRequestEntityTooLarge:
            return _refused(Refusal(413, "Request Entity Too Large: too many parameters"))
        name = request.match_info["method"]
        method = name.lower()
        fault = self._faults.strike(method, arguments.text("chat_id"))
        try:
            if fault is not None and not fault.applied:
                return await self._fail(fault, request)
            if method not in METHODS:
                raise refusal(404, f"method not found; this sandbox has no {name!r}")
            result = await METHODS[method](self._desk, arguments)
            response = _ok(result) if fault is None else await self._fail(fault, request)
        except Refusal as refused:
            response = _refused(refused)
        self._calls.add(name, arguments.values, response.status)
        return response

    async def _fail(self, fault: Fault, request: web.Request) -> web.Response:
        if fault.fault == "nonsense":
            return web.Response(text="<html>no Bot API here</html>", content_type="text/html")
        if fault.fault == "timeout":
            await self._closing.wait()
        if fault.fault in ("timeout", "reset"):
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        return _refused(fault.refusal())


def _ok(result: object) -> web.Response:
    return web.Response(body=b'{"ok":true,"result":' + encode(result) + b"}", content_type="application/json")


def _refused(refused: Refusal) -> web.Response:
    retry = refused.parameters.get("retry_after")
    headers = {} if retry is None else {"Retry-After": str(retry)}
    return web.Response(
        body=encode(refused.body()), status=refused.status, headers=headers, content_type="application/json"
    )
