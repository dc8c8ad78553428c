"""For tests and the curious, over HTTP: ``/sandbox/…`` shows which calls came and makes some fail."""

import asyncio
import time
from collections import deque
from collections.abc import Mapping

from aiohttp import web

from bot.sandbox.telegram.answers import Json, bad_request
from bot.sandbox.telegram.client import json_object, json_response, plain_errors
from bot.sandbox.telegram.faults import Fault, Faults
from bot.sandbox.telegram.fields import flag_field, integer_field, text_field

CALLS_KEPT = 1000


class Calls:
    """The last calls of the bot, oldest first; the token is not among what is kept."""

    def __init__(self, kept: int = CALLS_KEPT) -> None:
        self._kept: deque[Json] = deque(maxlen=kept)
        self._came = asyncio.Event()

    def add(self, method: str, params: Mapping[str, str], status: int) -> None:
        """Keep a call; status 0 where it was never answered."""
        self._kept.append({"method": method, "params": params, "status": status, "at": time.time()})
        self._came.set()

    def of(self, method: str = "") -> list[Json]:
        """The calls of this method, in any case; all without one."""
        wanted = method.lower()
        return [call for call in self._kept if not wanted or call["method"].lower() == wanted]

    async def wait_for(self, number: int, method: str = "") -> None:
        """Return as soon as so many calls of this method are kept."""
        while len(self.of(method)) < number:
            self._came.clear()
            await self._came.wait()


class Inspection:
    """The handlers."""

    def __init__(self, calls: Calls, faults: Faults) -> None:
        self._calls = calls
        self._faults = faults

    def routes(self) -> list[web.RouteDef]:
        """Where they are served."""
        return [
            web.get("/sandbox/calls", plain_errors(self.calls)),
            web.post("/sandbox/faults", plain_errors(self.add_fault)),
            web.delete("/sandbox/faults", plain_errors(self.clear_faults)),
        ]

    async def calls(self, request: web.Request) -> web.Response:
        """The last calls, of one method where ``method`` says so."""
        return json_response({"calls": self._calls.of(request.query.get("method", ""))})

    async def add_fault(self, request: web.Request) -> web.Response:
        """Let calls fail; the fields are those of ``Fault``."""
        given = await json_object(request)
        fault = Fault(text_field(given, "fault", required=True), applied=flag_field(given, "applied"))
        fault.method = text_field(given, "method") or fault.method
        fault.description = text_field(given, "description")
        for name in ("times", "retry_after", "chat_id", "migrate_to_chat_id"):
            if name in given:
                setattr(fault, name, integer_field(given, name, bound=1 << 52))
        fault.probability = _number(given, "probability", fault.probability)
        self._faults.add(fault)
        return json_response({"fault": fault.fault, "method": fault.method, "times": fault.times}, status=201)

    async def clear_faults(self, _: web.Request) -> web.Response:
        """Let nothing fail any more."""
        self._faults.clear()
        return web.Response(status=204)


def _number(given: Json, name: str, default: float) -> float:
    value = given.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise bad_request(f"{name} must be a number")
    return value
