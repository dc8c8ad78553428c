"""From an HTTP request to a method and back, https://core.telegram.org/bots/api#making-requests."""

import asyncio

from aiohttp import web

from bot.sandbox.telegram.answers import Refusal, encode, refusal
from bot.sandbox.telegram.arguments import Arguments, read_arguments
from bot.sandbox.telegram.desk import Desk
from bot.sandbox.telegram.faults import Fault, Faults
from bot.sandbox.telegram.inspection import Calls
from bot.sandbox.telegram.methods import METHODS


class Dispatch:
    """Serves ``/bot<token>/<method>``; ``closing`` is set when the server stops."""

    def __init__(self, desk: Desk, faults: Faults, calls: Calls, closing: asyncio.Event) -> None:
        self._desk = desk
        self._faults = faults
        self._calls = calls
        self._closing = closing

    def routes(self) -> list[web.RouteDef]:
        """Where it is served."""
        return [web.route("*", "/bot{token:[^/]*}/{method:.*}", self.handle), web.route("*", "/bot{tail:.*}", _nothing)]

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one call."""
        try:
            self._desk.admit(request.match_info["token"])
            arguments = await read_arguments(request)
        except Refusal as refused:
            return _refused(refused)
        name = request.match_info["method"]
        fault = self._faults.strike(name.lower(), arguments.text("chat_id"))
        if fault is None:
            response = await self._perform(name, arguments)
            self._calls.add(name, arguments.values, response.status)
            return response
        if fault.applied:
            await self._perform(name, arguments)
        self._calls.add(name, arguments.values, fault.status)
        return await self._fail(fault, request)

    async def _perform(self, name: str, arguments: Arguments) -> web.Response:
        method = METHODS.get(name.lower())
        try:
            if method is None:
                raise refusal(404, f"method not found; this sandbox has no {name[:64]!r}")
            result = await method(self._desk, arguments)
        except Refusal as refused:
            return _refused(refused)
        return web.Response(body=b'{"ok":true,"result":' + encode(result) + b"}", content_type="application/json")

    async def _fail(self, fault: Fault, request: web.Request) -> web.Response:
        if fault.fault == "nonsense":
            return web.Response(text="<html>This is no Bot API.</html>", content_type="text/html")
        if fault.fault == "stray":
            return web.json_response({"ok": True, "result": "astray"})
        if fault.status:
            return _refused(fault.refusal())
        if fault.fault == "timeout":
            await self._closing.wait()
        if request.transport is not None:
            request.transport.abort()
        return web.Response()  # which goes nowhere


async def _nothing(_: web.Request) -> web.Response:
    return _refused(Refusal(404, "Not Found"))


def _refused(refused: Refusal) -> web.Response:
    response = web.Response(body=encode(refused.body()), status=refused.status, content_type="application/json")
    if "retry_after" in refused.parameters:
        response.headers["Retry-After"] = str(refused.parameters["retry_after"])
    return response
