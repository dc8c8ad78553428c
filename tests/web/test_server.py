import asyncio
import io
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bot.errors import SettingsError
from bot.sandbox.telegram import TOKEN, BotApiServer, Limits
from bot.store.database import Database
from bot.telegram.application import TelegramApplication, make_application, make_bot
from bot.telegram.connection import take_update
from bot.web import health, webhook
from bot.web.server import MAX_BODY, serving
from bot.web.webhook import SECRET_HEADER
from handlers.registry import register
from handlers.turn import Desk
from tests.logged import Logged, logged
from tests.make import FEED, NOW

__all__ = ["logged"]

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

    async def hand_over(self, body: object, **headers: str) -> tuple[int, str]:
        """Do as Telegram does: status and body of the answer."""
        data = io.BytesIO(body if isinstance(body, bytes) else json.dumps(body).encode())
        headers = {"Content-Type": "application/json", **({SECRET_HEADER: SECRET} | headers)}
        async with self._client.post(self.url + "/telegram", data=data, headers=headers) as response:
            return response.status, await response.text()


class Taken:
    """What the webhook handed on."""

    def __init__(self) -> None:
        self.all: list[object] = []

    async def take(self, data: object) -> None:
        """Take an update; numbers are none."""
        if isinstance(data, int):
            raise ValueError("a number is no update")
        self.all.append(data)


@pytest.fixture
def taken() -> Taken:
    return Taken()


@pytest.fixture
async def outside(taken: Taken) -> AsyncIterator[Outside]:
    """A web server with health and webhook."""
    port = free_port()
    routes = [*health.routes(), *webhook.routes(SECRET, taken.take)]
    async with serving(routes, port), aiohttp.ClientSession() as client:
        yield Outside(client, port)


async def test_health(outside: Outside) -> None:
    assert await outside.get("/healthz") == (200, "ok\n")
    assert (await outside.get("/"))[0] == 404
    assert (await outside.get("/telegram"))[0] == 405


async def test_an_update_with_the_secret_is_handed_on(outside: Outside, taken: Taken) -> None:
    assert await outside.hand_over({"update_id": 7}) == (200, "")
    assert taken.all == [{"update_id": 7}]


@pytest.mark.parametrize("secret", ["", "wrong", SECRET + "x", SECRET[:-1], SECRET.upper(), "ünïcode"])
async def test_without_the_secret_nothing_is_handed_on(outside: Outside, taken: Taken, secret: str) -> None:
    status, text = await outside.hand_over({"update_id": 7}, **{SECRET_HEADER: secret})
    assert (status, text) == (401, f"{SECRET_HEADER} is missing or wrong\n")
    assert taken.all == []


async def test_a_secret_that_is_no_text_is_wrong_too(outside: Outside, taken: Taken) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", outside.port)
    head = f"POST /telegram HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n{SECRET_HEADER}: "
    writer.write(head.encode() + b"\xff\xfe\r\n\r\n{}")
    async with asyncio.timeout(10):
        assert (await reader.read()).startswith(b"HTTP/1.1 401 ")
    writer.close()
    await writer.wait_closed()
    assert taken.all == []


@pytest.mark.parametrize("body", [b"", b"no JSON", b"\xff\xfe", b"{", b"[" * 100_000, b"12"])
@pytest.mark.parametrize("kind", ["application/json", "text/html", "application/json; charset=nonsense"])
async def test_what_is_no_update_is_refused(
    outside: Outside, taken: Taken, logged: Logged, body: bytes, kind: str
) -> None:
    assert await outside.hand_over(body, **{"Content-Type": kind}) == (400, "this is no update\n")
    assert taken.all == []
    assert len(logged.of("webhook call is no update")) == 1


async def test_more_than_an_update_can_be_is_refused(outside: Outside, taken: Taken) -> None:
    assert (await outside.hand_over(b" " * MAX_BODY + b"{}"))[0] == 413
    assert (await outside.hand_over({"text": "x" * (MAX_BODY // 2)}))[0] == 200
    assert len(taken.all) == 1


async def test_at_the_end_it_listens_no_more() -> None:
    async with aiohttp.ClientSession() as client:
        outside = Outside(client, free_port())
        async with serving(health.routes(), outside.port):
            await outside.get("/healthz")
        with pytest.raises(aiohttp.ClientConnectionError):
            await outside.get("/healthz")


async def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("", 0)) as holder:
        port = holder.getsockname()[1]
        with pytest.raises(SettingsError, match=f"PORT {port} cannot be used.*in use.*choose another"):
            async with serving(health.routes(), port):
                raise AssertionError("it serves")


@pytest.fixture
async def telegram() -> AsyncIterator[BotApiServer]:
    async with BotApiServer(TOKEN, Limits.off()) as server:
        yield server


@pytest.fixture
async def application(telegram: BotApiServer, database: Database) -> AsyncIterator[TelegramApplication]:
    application = make_application(make_bot(TOKEN, telegram.url))
    register(application, Desk(database, lambda: NOW, (FEED,), "The Daily Sample"))
    async with application:
        await application.start()
        yield application
        await application.stop()


@pytest.fixture
async def live(telegram: BotApiServer, application: TelegramApplication) -> AsyncIterator[Outside]:
    """A web server that Telegram's updates come to, with the bot behind it."""
    port = free_port()
    routes = webhook.routes(SECRET, lambda data: take_update(application, data))
    async with serving(routes, port), aiohttp.ClientSession() as client:
        outside = Outside(client, port)
        await application.bot.set_webhook(f"{outside.url}/telegram", secret_token=SECRET)
        yield outside
        await application.bot.delete_webhook()


async def test_what_a_reader_says_comes_by_webhook_and_is_answered(telegram: BotApiServer, live: Outside) -> None:
    ada = telegram.user(1001)
    await ada.say("/follow North Korea")
    await ada.wait_for_text("You now follow North Korea.")


async def test_the_same_update_twice_is_answered_once(telegram: BotApiServer, live: Outside) -> None:
    ada = telegram.user(1001)
    await ada.say("/start")
    await ada.wait_for_text("Welcome!")
    update = {"update_id": 4711, "message": MESSAGE}
    for _ in range(2):
        assert await live.hand_over(update) == (200, "")
    await live.hand_over({"update_id": 4712, "message": {**MESSAGE, "text": "Mali"}})
    await ada.wait_for_text("new articles on Mali?")
    assert sum("new articles on North Korea?" in message["text"] for message in ada.received) == 1


async def test_updates_of_other_kinds_and_edits_are_taken_and_left_alone(telegram: BotApiServer, live: Outside) -> None:
    ada = telegram.user(1001)
    await ada.say("/start")
    await ada.wait_for_text("Welcome!")
    edit = {**MESSAGE, "edit_date": 2, "text": "/follow Mali", "entities": [
        {"type": "bot_command", "offset": 0, "length": 7}
    ]}  # fmt: skip
    assert (await live.hand_over({"update_id": 5000, "edited_message": edit}))[0] == 200
    assert (await live.hand_over({"update_id": 5001, "something_new": {"x": 1}}))[0] == 200
    assert (await live.hand_over({"update_id": 5002, "poll_answer": {}}))[0] == 400
    await ada.say("/topics")
    await ada.wait_for_text("You follow no topics yet")
    assert len(ada.received) == 2
