"""What the tests of the local Bot API server call it with, and how they look at its answers."""

from typing import Any

from aiohttp import ClientSession
from telegram import TelegramObject

from bot.sandbox.telegram import TOKEN

Json = dict[str, Any]


class Clock:
    """Goes when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Http:
    """Calls of any kind."""

    def __init__(self, session: ClientSession, url: str) -> None:
        self._session = session
        self.url = url

    async def request(self, method: str, path: str, **more: Any) -> tuple[int, Any]:
        """Status and body, read as JSON where there is one."""
        async with self._session.request(method, self.url + path, **more) as response:
            return response.status, await response.json() if await response.read() else None

    async def call(self, name: str, **parameters: Any) -> Json:
        """A method's whole answer, its parameters sent as JSON."""
        _, answer = await self.request("POST", f"/bot{TOKEN}/{name}", json=parameters)
        assert isinstance(answer, dict)
        return answer

    async def result(self, name: str, **parameters: Any) -> Any:
        """What a method gives."""
        answer = await self.call(name, **parameters)
        assert answer["ok"] is True, answer
        return answer["result"]

    async def refusal(self, name: str, **parameters: Any) -> str:
        """Why a method refuses, with 400."""
        answer = await self.call(name, **parameters)
        assert (answer["ok"], answer["error_code"]) == (False, 400), answer
        return str(answer["description"]).removeprefix("Bad Request: ")


def unknown_fields(thing: object) -> dict[str, Any]:
    """The fields of an answer, at any depth, that python-telegram-bot does not know."""
    if isinstance(thing, list | tuple):
        return {name: value for part in thing for name, value in unknown_fields(part).items()}
    if not isinstance(thing, TelegramObject):
        return {}
    names = {name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ()) if name != "_bot"}
    parts = [getattr(thing, name, None) for name in names]
    return dict(thing.api_kwargs) | unknown_fields(parts)
