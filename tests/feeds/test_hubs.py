"""Hubs of many kinds, as servers on this machine."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from aiohttp import web

from bot.feeds import hubs as hubs_module
from bot.feeds.hubs import onward
from tests.feeds.connected import some_hubs
from tests.feeds.test_hosts import Names
from tests.make import FEED
from tests.web_server import Answer, serving


class Hub:
    """A hub that notes what it is asked, and answers as it is told to."""

    def __init__(self, status: int = 202, **answer: Any) -> None:
        self.asked: list[dict[str, str]] = []
        self._status, self._answer = status, answer

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append({name: str(value) for name, value in (await request.post()).items()})
        return web.Response(status=self._status, **self._answer)


async def ask(answer: Answer, feed_url: str = FEED, form: Mapping[str, str] | None = None) -> str | None:
    """What becomes of a request to a hub that answers so."""
    async with serving(answer) as hub, some_hubs() as hubs:
        return await hubs.ask(f"{hub}/hub", form or {"hub.mode": "subscribe"}, feed_url=feed_url)


@pytest.mark.parametrize("status", [200, 202, 204])
async def test_a_hub_that_will_see_to_it(status: int) -> None:
    assert await ask(Hub(status).answer) is None


@pytest.mark.parametrize(
    ("status", "text", "reason"),
    [
        (400, "unknown\r\n\x1b[31mtopic", "it answers with status 400: unknown [31mtopic"),
        (404, "", "it answers with status 404: "),
        (500, "x" * 5000, "it answers with status 500: " + "x" * 200),
        (303, "", "it answers with status 303: "),
    ],
)
async def test_a_hub_that_refuses_says_why(status: int, text: str, reason: str) -> None:
    assert await ask(Hub(status, text=text).answer) == reason


@pytest.mark.parametrize("status", [307, 308])
async def test_a_hub_may_send_us_on_to_another(status: int) -> None:
    other = Hub()

    async def answer(request: web.Request) -> web.Response:
        if request.path == "/hub":
            return web.Response(status=status, headers={"Location": "/other"})
        return await other.answer(request)

    assert await ask(answer, form={"hub.mode": "subscribe", "hub.topic": FEED}) is None
    assert other.asked == [{"hub.mode": "subscribe", "hub.topic": FEED}]


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("/hub", "it redirects more than 3 times"),
        ("", "it sends us to where no feed can be subscribed to"),
        ("file:///etc/passwd", "it sends us to where no feed can be subscribed to"),
        ("http://[::1", "it sends us to where no feed can be subscribed to"),
        ("http://" + "x" * 70 + ".localhost/", "it could not be reached: "),
    ],
)
async def test_a_hub_cannot_send_us_anywhere(location: str, reason: str) -> None:
    refusal = await ask(Hub(307, headers={"Location": location}).answer)
    assert refusal is not None
    assert refusal.startswith(reason)


@pytest.mark.parametrize(
    ("address", "location", "target"),
    [
        ("https://hub.example/a", "/b", "https://hub.example/b"),
        ("https://hub.example/a", "HTTPS://other.example/", "https://other.example/"),
        ("http://hub.example/a", "https://other.example/", "https://other.example/"),
        ("https://hub.example/a", "http://hub.example/a", None),
        ("https://hub.example/a", "//[", None),
    ],
)
def test_what_was_said_under_tls_is_not_said_again_without(address: str, location: str, target: str | None) -> None:
    assert onward(address, location) == target


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
async def test_a_public_feed_cannot_make_us_call_a_private_address(host: str) -> None:
    hub = Hub()
    async with serving(hub.answer) as address, some_hubs() as hubs:
        target = address.replace("127.0.0.1", host)
        refusal = await hubs.ask(target, {}, feed_url="https://93.184.216.34/feed/")
    assert refusal == "it is at a private address, and the feed is not"
    assert hub.asked == []


async def test_a_feed_whose_name_turns_private_cannot_either() -> None:
    hub, feed, names = Hub(), "https://paper.example/feed/", Names(("8.8.8.8",), ("127.0.0.1",))
    async with serving(hub.answer) as address, some_hubs(feed, resolver=names) as hubs:
        for _ in range(2):
            assert await hubs.ask(address, {}, feed_url=feed) == "it is at a private address, and the feed is not"
    async with serving(hub.answer) as address, some_hubs(feed, resolver=names) as hubs:
        assert await hubs.ask(address, {}, feed_url=feed) is None  # there from the first look-up on
    assert len(hub.asked) == 1


@pytest.mark.parametrize("hub", ["http://[::1", "http://", "nonsense", "http://\udcff/"])
@pytest.mark.parametrize("feed_url", [FEED, "https://93.184.216.34/feed/", "http://[", ""])
async def test_what_is_no_address_is_no_hub(hub: str, feed_url: str) -> None:
    async with some_hubs() as hubs:
        refusal = await hubs.ask(hub, {}, feed_url=feed_url)
    assert refusal is not None
    assert refusal.startswith("it could not be reached: ")


async def test_a_hub_that_hangs_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubs_module, "SECONDS", 0.1)

    async def answer(_: web.Request) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError("it ended")

    assert await ask(answer) == "it gave no answer within 0.1 seconds"


async def test_a_hub_that_says_no_http() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\0\1nonsense\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server, some_hubs() as hubs:
        port = server.sockets[0].getsockname()[1]
        refusal = await hubs.ask(f"http://127.0.0.1:{port}/", {}, feed_url=FEED)
    assert refusal is not None
    assert refusal.startswith("it could not be reached: ")
