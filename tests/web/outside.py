"""What the outside sees of the web server."""

import io
import json
import socket
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web
from yarl import URL

from bot.store.updates import Claim
from bot.web.server import serving, starting
from bot.web.webhook import SECRET_HEADER

SECRET = "a-secret_of-32-characters-or-so"
MESSAGE: dict[str, Any] = {
    "message_id": 1, "date": 1, "chat": {"id": 1001, "type": "private", "first_name": "Ada"},
    "from": {"id": 1001, "is_bot": False, "first_name": "Ada"}, "text": "North Korea",
}  # fmt: skip


def free_port() -> int:
    with socket.create_server(("", 0)) as found:
        port: int = found.getsockname()[1]
        return port


class Outside:
    """What the outside sees of the web server."""

    def __init__(self, client: aiohttp.ClientSession, port: int) -> None:
        self._client = client
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    async def get(self, path: str) -> tuple[int, str]:
        """Status and body."""
        async with self._client.get(self.url + path) as response:
            return response.status, await response.text()

    async def ask(self, method: str, path: str, headers: Mapping[str, str]) -> aiohttp.ClientResponse:
        """The answer, its body read; redirects are not followed."""
        url = URL(self.url + path, encoded=True)
        async with self._client.request(method, url, headers=headers, allow_redirects=False) as response:
            await response.read()
            return response

    async def hand_over(self, body: object, below: str = "", **headers: str) -> tuple[int, str]:
        """Do as Telegram does: status and body of the answer."""
        data = io.BytesIO(body if isinstance(body, bytes) else json.dumps(body).encode())
        headers = {"Content-Type": "application/json", **({SECRET_HEADER: SECRET} | headers)}
        async with self._client.post(f"{self.url}{below}/telegram", data=data, headers=headers) as response:
            return response.status, await response.text()


class Taken:
    """What the webhook handed on."""

    def __init__(self) -> None:
        self.all: list[object] = []
        self.claim = Claim.OURS
        self.error: Exception | None = None

    async def take(self, data: object) -> Claim:
        """Take an update; numbers are none."""
        if isinstance(data, int):
            raise ValueError("a number is no update")
        if self.error:
            raise self.error
        self.all.append(data)
        return self.claim


@asynccontextmanager
async def reached(routes: Collection[web.RouteDef], below: str = "") -> AsyncIterator[Outside]:
    """The routes, served and seen from outside."""
    port = free_port()
    async with serving([*routes, *(starting(routes, below) if below else [])], port), aiohttp.ClientSession() as client:
        yield Outside(client, port)
