import asyncio
import socket
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from bot.errors import SettingsError, StoreUnreachable
from bot.store.updates import Claim
from bot.web import webhook
from bot.web.server import MAX_BODY, serving
from bot.web.webhook import SECRET_HEADER
from tests.logged import Logged, logged
from tests.web.outside import SECRET, Outside, Taken, free_port, reached

__all__ = ["logged"]


async def here(_: web.Request) -> web.Response:
    return web.Response()


HERE = web.get("/here", here)


@pytest.fixture
def taken() -> Taken:
    return Taken()


@pytest.fixture
async def outside(taken: Taken) -> AsyncIterator[Outside]:
    """A web server with the webhook."""
    async with reached(webhook.routes(SECRET, taken.take)) as outside:
        yield outside


async def test_only_what_is_offered_can_be_had(outside: Outside) -> None:
    for path in ("/", "/telegram/", "//telegram", "/metrics", "/t/", "/.env"):
        assert (await outside.get(path))[0] == 404
    assert (await outside.get("/telegram"))[0] == 405


@pytest.mark.parametrize("below", ["", "/bot"])
async def test_proxies_may_take_the_path_of_the_public_address_away_or_not(taken: Taken, below: str) -> None:
    async with reached(webhook.routes(SECRET, taken.take), below) as outside:
        for start in {"", below}:
            assert await outside.hand_over({"update_id": 7}, start) == (200, "")
    assert len(taken.all) == len({"", below})


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


@pytest.mark.parametrize("body", [b"", b"no JSON", b"\xff\xfe", b"{", b"[" * 100_000])
@pytest.mark.parametrize("kind", ["application/json", "text/html", "application/json; charset=nonsense"])
async def test_what_is_no_json_is_refused(
    outside: Outside, taken: Taken, logged: Logged, body: bytes, kind: str
) -> None:
    assert await outside.hand_over(body, **{"Content-Type": kind}) == (400, "this is no JSON\n")
    assert taken.all == []
    assert len(logged.of("webhook call is no JSON")) == 1


async def test_what_is_not_understood_is_taken_lest_it_comes_again(outside: Outside, logged: Logged) -> None:
    assert await outside.hand_over(12) == (200, "")
    assert len(logged.of("update not understood, and left out")) == 1


async def test_more_than_an_update_can_be_is_refused(outside: Outside, taken: Taken) -> None:
    assert (await outside.hand_over(b" " * MAX_BODY + b"{}"))[0] == 413
    assert (await outside.hand_over({"text": "x" * (MAX_BODY // 2)}))[0] == 200
    assert len(taken.all) == 1


async def test_at_the_end_it_listens_no_more() -> None:
    async with aiohttp.ClientSession() as client:
        outside = Outside(client, free_port())
        async with serving([HERE], outside.port):
            await outside.get("/here")
        with pytest.raises(aiohttp.ClientConnectionError):
            await outside.get("/here")


@pytest.mark.parametrize(
    ("claim", "status"), [(Claim.OURS, 200), (Claim.HANDLED, 200), (Claim.TOO_EARLY, 503)], ids=lambda value: str(value)
)
async def test_telegram_is_told_what_to_do(taken: Taken, outside: Outside, claim: Claim, status: int) -> None:
    taken.claim = claim
    assert (await outside.hand_over({"update_id": 7}))[0] == status


async def test_with_the_database_away_updates_are_left_to_telegram(taken: Taken, outside: Outside) -> None:
    taken.error = StoreUnreachable("away")
    assert (await outside.hand_over({"update_id": 7}))[0] == 503


async def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("", 0)) as holder:
        port = holder.getsockname()[1]
        with pytest.raises(SettingsError, match=f"PORT {port} cannot be used.*in use.*choose another"):
            async with serving([HERE], port):
                raise AssertionError("it serves")
