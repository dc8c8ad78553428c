"""The address at which hubs call, under whatever comes: the routes in the real web server, with real subscriptions."""

import asyncio
import gzip
import hmac
import io
import logging
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from bot.errors import NotAFeed, StoreUnreachable
from bot.feeds.pings import Pings
from bot.store import feeds, websub
from bot.store.database import Database
from bot.store.websub import State, Subscription
from bot.web import websub as route
from bot.web.server import MAX_BODY as SERVERS_BOUND
from bot.web.server import serving
from tests.logged import logged
from tests.make import FEED, NOW
from tests.web.outside import free_port

__all__ = ["logged"]

TOKEN, KEY = "an-unguessable-token", b"the secret between us"
HUB, TOPIC = "http://hub.example/", "http://paper.example/feed/"
LEASE = timedelta(days=1)


class Taken:
    """Callbacks that take everything at one token."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.together = self.most_together = 0
        self.gate, self.is_full = asyncio.Event(), asyncio.Event()
        self.gate.set()
        self.away = False

    async def verify(self, token: str, question: object) -> str | None:
        """Agree at the token."""
        await self._come()
        return "yes" if token == TOKEN else None

    async def expects(self, token: str) -> bool:
        """Only at the token."""
        await self._come()
        return token == TOKEN

    async def ping(self, token: str, headers: object, body: bytes) -> bool:
        """Take it, once the gate is open."""
        self.together += 1
        self.most_together = max(self.most_together, self.together)
        if self.together == route.AT_ONCE:
            self.is_full.set()
        await self.gate.wait()
        self.together -= 1
        self.bodies.append(body)
        return True

    async def _come(self) -> None:
        if self.away:
            raise StoreUnreachable("away")


@pytest.fixture
def taken() -> Taken:
    return Taken()


@pytest.fixture
async def port(taken: Taken) -> AsyncIterator[int]:
    port = free_port()
    async with serving(route.routes(taken), port):
        yield port


@pytest.fixture
async def client(port: int) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client:
        yield client


async def post(client: aiohttp.ClientSession, body: bytes, token: str = TOKEN, **headers: str) -> int:
    async with client.post(f"{route.PATH}/{token}", data=io.BytesIO(body), headers=headers) as response:
        return response.status


async def test_a_feed_of_ten_megabytes_is_taken_and_no_more(client: aiohttp.ClientSession, taken: Taken) -> None:
    largest = b"x" * route.MAX_BODY
    assert SERVERS_BOUND < route.MAX_BODY
    assert await post(client, largest) == 202
    assert await post(client, largest + b"x") == 413
    assert taken.bodies == [largest]


async def test_what_is_packed_counts_unpacked(client: aiohttp.ClientSession, taken: Taken) -> None:
    assert await post(client, gzip.compress(b"<rss/>"), **{"Content-Encoding": "gzip"}) == 202
    assert await post(client, gzip.compress(b"x" * (route.MAX_BODY + 1)), **{"Content-Encoding": "gzip"}) == 413
    assert await post(client, b"no gzip", **{"Content-Encoding": "gzip"}) == 400
    assert taken.bodies == [b"<rss/>"]


async def test_for_nobody_nothing_is_read(client: aiohttp.ClientSession, taken: Taken) -> None:
    assert await post(client, b"x" * (route.MAX_BODY + 1), token="nobody") == 410
    assert taken.bodies == []


async def test_few_bodies_are_held_at_the_same_time(client: aiohttp.ClientSession, taken: Taken) -> None:
    taken.gate.clear()
    async with asyncio.TaskGroup() as group:
        calls = [group.create_task(post(client, b"%d" % at)) for at in range(3 * route.AT_ONCE)]
        await taken.is_full.wait()
        taken.gate.set()
    assert {call.result() for call in calls} == {202}
    assert taken.most_together == route.AT_ONCE
    assert len(taken.bodies) == len(calls)


async def test_while_the_database_is_away_hubs_are_to_come_again(client: aiohttp.ClientSession, taken: Taken) -> None:
    taken.away = True
    assert await post(client, b"<rss/>") == 503
    async with client.get(f"{route.PATH}/{TOKEN}") as response:
        assert response.status == 503


async def test_a_body_that_drips_is_given_up(port: int, taken: Taken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(route, "READ_SECONDS", 0.1)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"POST {route.PATH}/{TOKEN} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n<rss".encode())
    async with asyncio.timeout(10):
        assert (await reader.readline()).split()[1] == b"408"
    writer.close()
    assert taken.bodies == []


async def test_a_body_that_breaks_off_is_nothing(port: int, taken: Taken, client: aiohttp.ClientSession) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"POST {route.PATH}/{TOKEN} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n<rss".encode())
    await writer.drain()
    writer.transport.abort()
    assert await post(client, b"<rss/>") == 202
    assert taken.bodies == [b"<rss/>"]


class Fuzzed:
    """A web server with one subscription behind it that is put back to its beginning before each try."""

    def __init__(self, database: Database, client: aiohttp.ClientSession) -> None:
        self._database, self._client = database, client
        self.taken: list[bytes] = []

    async def take(self, feed_id: int, body: bytes, content_type: str | None) -> None:
        """Take a feed's content; what does not begin like one is none."""
        if not body.startswith(b"<rss"):
            raise NotAFeed("this is no feed")
        self.taken.append(body)

    async def begin(self, state: State) -> None:
        """Have one subscription in this state, and nothing taken."""
        self.taken.clear()
        async with self._database.write() as connection:
            await feeds.register(connection, [FEED], NOW)
            for old in await websub.claim_due(connection, NOW + timedelta(days=99), LEASE, 9):
                await websub.remove(connection, old.id)
            await websub.want(connection, 1, HUB, TOPIC, token=TOKEN, secret=KEY.decode(), now=NOW)
            (new,) = await websub.claim_due(connection, NOW, LEASE, 9)
            await websub.record_asking(connection, new, "http://x/", NOW, NOW + LEASE)
            if state is State.UNWANTED:
                await websub.unwant(connection, 1, NOW)
                (leaving,) = await websub.claim_due(connection, NOW, LEASE, 9)
                await websub.record_asking(connection, leaving, "http://x/", NOW, NOW + LEASE)
            elif state is State.LIVE:
                await websub.record_confirmed(connection, new.id, NOW, NOW + LEASE, NOW + LEASE)
            elif state is State.DENIED:
                await websub.record_denied(connection, new, NOW + LEASE)

    async def subscription(self) -> Subscription | None:
        """The subscription."""
        async with self._database.read() as connection:
            return await websub.by_token(connection, TOKEN)

    async def request(self, method: str, token: str, **more: Any) -> tuple[int, str, str]:
        """Status, body and kind of the answer."""
        async with self._client.request(method, f"{route.PATH}/{token}", **more) as response:
            return response.status, await response.text(), response.headers.get("Content-Type", "")


@pytest.fixture
async def fuzzed(database: Database) -> AsyncIterator[Fuzzed]:
    port = free_port()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client:
        fuzzed = Fuzzed(database, client)
        async with serving(route.routes(Pings(database, lambda: NOW, fuzzed.take)), port):
            yield fuzzed


AGREED = {
    State.WANTED: {"subscribe", "denied"},
    State.LIVE: {"subscribe", "denied"},
    State.DENIED: {"denied"},
    State.UNWANTED: {"unsubscribe", "denied"},
}
FUZZ = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
tokens = st.just(TOKEN) | st.just(TOKEN) | st.from_regex(r"[A-Za-z0-9_%.~-]{1,80}", fullmatch=True)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
modes = st.sampled_from(["subscribe", "unsubscribe", "denied", "publish"])
leases = st.integers().map(str) | words
likely = st.fixed_dictionaries(
    {"hub.mode": modes, "hub.topic": st.just(TOPIC), "hub.challenge": words},
    optional={"hub.lease_seconds": leases, "hub.reason": words},
)
unlikely = st.fixed_dictionaries(
    {}, optional={"hub.mode": modes | words, "hub.topic": words, "hub.challenge": words, "hub.lease_seconds": leases}
)
bodies = st.sampled_from([b"", b"<rss/>", b"<rss>" + b"x" * 100_000]) | st.binary(max_size=3000)
signatures = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=200)


@FUZZ
@given(state=st.sampled_from(State), token=tokens, question=likely | likely | unlikely)
async def test_whatever_is_asked_only_what_we_asked_for_is_agreed_to(
    fuzzed: Fuzzed, caplog: pytest.LogCaptureFixture, state: State, token: str, question: Mapping[str, str]
) -> None:
    await fuzzed.begin(state)
    before, mode = await fuzzed.subscription(), question.get("hub.mode", "")
    status, text, kind = await fuzzed.request("GET", token, params=question)
    event(f"{state} {mode[:9]!r} {status}")
    is_agreed = token == TOKEN and question.get("hub.topic") == TOPIC and mode in AGREED[state]
    assert status == (200 if is_agreed and (mode == "denied" or question.get("hub.challenge")) else 404)
    assert kind == "text/plain; charset=utf-8"
    if status == 404:
        assert await fuzzed.subscription() == before
    else:
        assert text == ("" if mode == "denied" else question["hub.challenge"])
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


@FUZZ
@given(state=st.sampled_from(State), token=tokens, body=bodies, signature=st.none() | signatures)
async def test_whatever_calls_only_what_the_hub_signed_is_taken(
    fuzzed: Fuzzed, caplog: pytest.LogCaptureFixture, state: State, token: str, body: bytes, signature: str | None
) -> None:
    await fuzzed.begin(state)
    right = "sha1=" + hmac.new(KEY, body, "sha1").hexdigest()
    headers = {"X-Hub-Signature": right if signature is None else signature}
    status, text, _ = await fuzzed.request("POST", token, data=body, headers=headers)
    event(f"{state} {signature is None} {status}")
    is_expected = token == TOKEN and state in {State.WANTED, State.LIVE}
    assert status == 202 if is_expected else status in {404, 410}
    assert text == "" or status == 404
    assert fuzzed.taken == ([body] if is_expected and signature is None and body.startswith(b"<rss") else [])
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
