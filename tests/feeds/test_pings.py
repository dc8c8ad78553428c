"""What hubs call us for, over HTTP: each call goes through the web server's routes into a real database."""

import hmac
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.errors import NotAFeed, StoreUnreachable
from bot.feeds.pings import Pings
from bot.feeds.websub import AFTER_DENIAL, LONGEST_LEASE
from bot.store import feeds, websub
from bot.store.database import Database
from bot.store.websub import State, Subscription
from bot.web import websub as route
from tests.logged import Logged, logged
from tests.make import FEED, NOW

__all__ = ["logged"]

TOKEN, KEY = "an-unguessable-token", b"the secret between us"
HUB, TOPIC = "http://hub.example/", "http://paper.example/feed/"
RSS = "application/rss+xml"
BODY = b"<rss><channel/></rss>"
FORGED = "a call that no hub signed is ignored, as will be more like it"
LATER = timedelta(hours=1)


def sign(body: bytes, method: str = "sha256") -> str:
    """What the hub's calls are known by."""
    return f"{method}={hmac.new(KEY, body, method).hexdigest()}"


@dataclass
class Office:
    """A web server that hubs call, what it has taken, and a clock that the test holds."""

    database: Database
    logged: Logged
    now: datetime = NOW
    taken: list[tuple[int, bytes, str | None]] = field(default_factory=list)
    error: Exception | None = None

    async def take(self, feed_id: int, body: bytes, content_type: str | None) -> None:
        """Take a feed's content, or fail."""
        if self.error is not None:
            raise self.error
        self.taken.append((feed_id, body, content_type))

    async def subscribe(self, state: State = State.LIVE, *, asked: bool = True) -> None:
        """A subscription in this state; its feed is due later."""
        async with self.database.write() as connection:
            await feeds.register(connection, [FEED], NOW)
            await feeds.claim_due(connection, [FEED], NOW, LATER)
            await websub.want(connection, 1, HUB, TOPIC, token=TOKEN, secret=KEY.decode(), now=NOW)
            subscription = await websub.by_token(connection, TOKEN)
            assert subscription is not None
            if asked:
                await websub.record_asking(connection, subscription, "http://x/", NOW, NOW + LATER)
            match state:
                case State.LIVE:
                    await websub.record_confirmed(connection, subscription.id, NOW, NOW + 2 * LATER, NOW + LATER)
                case State.DENIED:
                    await websub.record_denied(connection, subscription, NOW + LATER)
                case State.UNWANTED:
                    await websub.unwant(connection, 1, NOW)
                    leaving = await websub.by_token(connection, TOKEN)
                    assert leaving is not None
                    await websub.record_asking(connection, leaving, "http://x/", NOW, NOW + LATER)

    async def subscription(self) -> Subscription:
        """The subscription."""
        async with self.database.read() as connection:
            subscription = await websub.by_token(connection, TOKEN)
        assert subscription is not None
        return subscription

    async def is_forgotten(self) -> bool:
        """Whether there is no subscription."""
        async with self.database.read() as connection:
            return await websub.by_token(connection, TOKEN) is None

    async def is_due(self) -> bool:
        """Whether the feed is to be polled at once."""
        async with self.database.read() as connection:
            due = await feeds.next_due(connection, [FEED])
        assert due is not None
        return due <= self.now


class Outside:
    """A hub that calls."""

    def __init__(self, client: aiohttp.ClientSession, url: str) -> None:
        self._client, self._url = client, url

    async def ask(self, token: str = TOKEN, mode: str = "subscribe", **more: str) -> tuple[int, str, str]:
        """Verify, or deny: status, body and kind of the answer."""
        question = {"mode": mode, "topic": TOPIC, "challenge": "<b>c&1</b>", "lease_seconds": "3600", **more}
        params = {f"hub.{name}": value for name, value in question.items()}
        async with self._client.get(f"{self._url}{route.PATH}/{token}", params=params) as response:
            return response.status, await response.text(), response.headers["Content-Type"]

    async def call(self, body: bytes = BODY, *, token: str = TOKEN, signature: str | None = None) -> int:
        """Announce news: the status of the answer, which says nothing."""
        headers = {"Content-Type": RSS, "X-Hub-Signature": sign(body) if signature is None else signature}
        async with self._client.post(f"{self._url}{route.PATH}/{token}", data=body, headers=headers) as response:
            assert await response.read() == b""
            return response.status

    async def status_of(self, method: str, path: str) -> int:
        """The status of the answer to any other request."""
        async with self._client.request(method, self._url + path) as response:
            return response.status


@pytest.fixture
def office(database: Database, logged: Logged) -> Office:
    return Office(database, logged)


@pytest.fixture
async def hub(office: Office) -> AsyncIterator[Outside]:
    app = web.Application()
    app.add_routes(route.routes(Pings(office.database, lambda: office.now, office.take)))
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession() as client:
        yield Outside(client, f"http://127.0.0.1:{runner.addresses[0][1]}")
    await runner.cleanup()


async def test_a_hub_that_was_asked_hears_its_challenge_as_plain_text(hub: Outside, office: Office) -> None:
    await office.subscribe(State.WANTED)
    assert await hub.ask() == (200, "<b>c&1</b>", "text/plain; charset=utf-8")
    confirmed = await office.subscription()
    assert (confirmed.state, confirmed.expires_at, confirmed.failures) == (State.LIVE, NOW + timedelta(hours=1), 0)
    async with office.database.read() as connection:
        renewed_at = await websub.next_due(connection)
    assert renewed_at is not None
    assert NOW < renewed_at < NOW + timedelta(hours=1)
    assert not await office.is_due()


async def test_a_hub_that_verifies_twice_hears_the_same(hub: Outside, office: Office) -> None:
    await office.subscribe(State.WANTED)
    first = await hub.ask()
    office.now += timedelta(minutes=1)
    assert await hub.ask() == first
    assert (await office.subscription()).expires_at == office.now + timedelta(hours=1)


@pytest.mark.parametrize(
    ("told", "lease"),
    [("0", timedelta(0)), ("-5", timedelta(0)), ("1", timedelta(seconds=1)), ("9" * 400, LONGEST_LEASE)],
)
async def test_a_lease_of_any_size(hub: Outside, office: Office, told: str, lease: timedelta) -> None:
    await office.subscribe(State.WANTED)
    assert (await hub.ask(lease_seconds=told))[0] == 200
    assert (await office.subscription()).expires_at == NOW + lease
    async with office.database.read() as connection:
        again = await websub.next_due(connection)
    assert again is not None
    assert again >= NOW + timedelta(minutes=5)
    assert await hub.call() == 202
    assert len(office.taken) == 1


@pytest.mark.parametrize(
    ("state", "asked", "question"),
    [
        (State.WANTED, True, {"topic": TOPIC + "else"}),
        (State.WANTED, True, {"mode": "unsubscribe"}),
        (State.WANTED, True, {"mode": "publish"}),
        (State.WANTED, True, {"challenge": ""}),
        (State.WANTED, False, {}),
        (State.WANTED, False, {"mode": "denied"}),
        (State.LIVE, True, {"mode": "unsubscribe"}),
        (State.LIVE, True, {"mode": "denied", "topic": "else"}),
        (State.DENIED, True, {}),
        (State.UNWANTED, True, {}),
        (State.LIVE, True, {"token": "another"}),
    ],
)
async def test_what_was_not_asked_for_is_refused_and_changes_nothing(
    hub: Outside, office: Office, state: State, asked: bool, question: dict[str, Any]
) -> None:
    await office.subscribe(state, asked=asked)
    before = await office.subscription()
    assert (await hub.ask(**question))[:2] == (404, "nothing of that was asked for\n")
    assert await office.subscription() == before
    assert TOKEN not in str(office.logged.entries)


async def test_a_challenge_of_any_length_is_given_back(hub: Outside, office: Office) -> None:
    await office.subscribe(State.WANTED)
    challenge = "ж\r\n\0" * 500
    assert (await hub.ask(challenge=challenge))[1] == challenge


async def test_a_hub_that_was_asked_to_let_go_may_and_is_forgotten(hub: Outside, office: Office) -> None:
    await office.subscribe(State.UNWANTED)
    assert await hub.call() == 410
    assert (await hub.ask(mode="unsubscribe"))[:2] == (200, "<b>c&1</b>")
    assert await office.is_forgotten()
    assert (await hub.ask(mode="unsubscribe"))[0] == 404
    assert await hub.call() == 410
    assert office.taken == []


async def test_a_hub_may_deny_what_it_had_promised(hub: Outside, office: Office) -> None:
    await office.subscribe(State.LIVE)
    assert await hub.ask(mode="denied", reason="not you\n") == (200, "", "text/plain; charset=utf-8")
    assert (await office.subscription()).state is State.DENIED
    assert await office.is_due()
    assert office.logged.of("hub refuses to call")[0]["reason"] == "not you\n"
    async with office.database.read() as connection:
        assert await websub.next_due(connection) == NOW + AFTER_DENIAL
        assert await websub.relied_upon_until(connection, 1) is None
    assert await hub.call() == 410
    assert office.taken == []


async def test_a_hub_that_denies_what_is_wanted_no_more_is_forgotten(hub: Outside, office: Office) -> None:
    await office.subscribe(State.UNWANTED)
    assert (await hub.ask(mode="denied"))[0] == 200
    assert await office.is_forgotten()


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
async def test_what_a_hub_sends_is_taken_for_the_feed(hub: Outside, office: Office, method: str) -> None:
    await office.subscribe()
    assert await hub.call(signature=sign(BODY, method)) == 202
    assert office.taken == [(1, BODY, RSS)]
    assert not await office.is_due()


@pytest.mark.parametrize(
    "signature",
    ["", "sha256=", "sha256=" + "0" * 64, "md5=d41d8cd98f00b204e9800998ecf8427e", "\udcff=\udcfe",
     sign(BODY + b" ")],
)  # fmt: skip
async def test_what_no_hub_signed_is_ignored_and_its_sender_learns_nothing(
    hub: Outside, office: Office, signature: str
) -> None:
    await office.subscribe()
    for _ in range(3):
        assert await hub.call(signature=signature) == 202
    assert office.taken == []
    assert not await office.is_due()
    assert len(office.logged.of(FORGED)) == 1
    assert await hub.call() == 202
    assert len(office.taken) == 1


@pytest.mark.parametrize("body", [b"", b"\n"])
async def test_a_call_without_content_has_the_feed_polled_at_once(hub: Outside, office: Office, body: bytes) -> None:
    await office.subscribe()
    assert await hub.call(body) == 202
    assert office.taken == []
    assert await office.is_due()


async def test_a_call_with_something_else_than_a_feed_has_the_feed_polled_at_once(hub: Outside, office: Office) -> None:
    await office.subscribe()
    office.error = NotAFeed("this is a cake")
    assert await hub.call(b"a cake") == 202
    assert await office.is_due()
    assert office.logged.of("hub sent no feed; it is polled")[0]["reason"] == "this is a cake"


async def test_where_nobody_takes_content_the_feed_is_polled_at_once(office: Office) -> None:
    await office.subscribe()
    assert await Pings(office.database, lambda: NOW).ping(TOKEN, {"X-Hub-Signature": sign(BODY)}, BODY)
    assert await office.is_due()


async def test_a_call_that_comes_twice_is_taken_twice_for_taking_it_in_again_changes_nothing(
    hub: Outside, office: Office
) -> None:
    await office.subscribe()
    assert [await hub.call(), await hub.call()] == [202, 202]
    assert office.taken[0] == office.taken[1]


@pytest.mark.parametrize("state", [State.LIVE, State.WANTED])
async def test_a_call_after_the_lease_or_before_it_is_confirmed_counts(
    hub: Outside, office: Office, state: State
) -> None:
    await office.subscribe(state)
    office.now += timedelta(days=1)
    assert await hub.call() == 202
    assert len(office.taken) == 1


async def test_a_call_makes_up_for_silence(hub: Outside, office: Office) -> None:
    await office.subscribe()
    async with office.database.write() as connection:
        assert await websub.doubt(connection, 1, NOW + timedelta(minutes=10), timedelta(minutes=5))
    await hub.call()
    async with office.database.read() as connection:
        assert await websub.relied_upon_until(connection, 1) is not None


@pytest.mark.parametrize("token", ["", "%00", TOKEN + "%00", "%ff", "a/b", "x" * 65, "ж", "%25"])
async def test_what_is_no_token_reaches_no_database(hub: Outside, office: Office, token: str) -> None:
    assert (await hub.ask(token=token))[0] == 404
    assert await hub.status_of("POST", f"{route.PATH}/{token}") == 404


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS"])
async def test_hubs_only_ask_and_call(hub: Outside, office: Office, method: str) -> None:
    await office.subscribe(State.WANTED)
    assert await hub.status_of(method, f"{route.PATH}/{TOKEN}?hub.mode=subscribe&hub.topic={TOPIC}") == 405


async def test_a_call_for_nobody_is_not_even_read(hub: Outside, office: Office) -> None:
    assert await hub.call(b"x" * 100_000, token="nobody") == 410
    assert office.taken == []


async def test_while_the_database_is_away_hubs_are_to_call_again(hub: Outside, office: Office) -> None:
    await office.subscribe()
    office.error = StoreUnreachable("away")
    assert await hub.call() == 503
    office.error = None
    assert await hub.call() == 202
    assert len(office.taken) == 1
