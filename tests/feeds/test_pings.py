"""What hubs announce."""

from datetime import timedelta

import pytest

from bot.errors import NotAFeed, StoreUnreachable
from bot.feeds.pings import Pings
from bot.store import websub
from bot.store.websub import State
from bot.web import websub as route
from tests.feeds.office import BODY, RSS, TOKEN, TOPIC, Office, Outside, hub, office, sign
from tests.logged import logged
from tests.make import NOW

__all__ = ["hub", "logged", "office"]

FORGED = "a call that no hub signed is ignored, as will be more like it"


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
async def test_what_a_hub_sends_is_taken_for_the_feed(hub: Outside, office: Office, method: str) -> None:
    await office.subscribe()
    assert await hub.call(signature=sign(BODY, method)) == 202
    assert office.taken == [(1, BODY, RSS)]
    assert not await office.is_due()
    assert not office.due.is_set()


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
    assert await hub.call(signature=signature) == 202
    assert len(office.logged.of(FORGED)) == 2


@pytest.mark.parametrize("body", [b"", b"\n"])
async def test_a_call_without_content_has_the_feed_polled_at_once(hub: Outside, office: Office, body: bytes) -> None:
    await office.subscribe()
    assert await hub.call(body) == 202
    assert office.taken == []
    assert await office.is_due()
    assert office.due.is_set()


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


async def test_a_call_whose_subscription_ended_while_it_was_read_is_not_expected(office: Office) -> None:
    assert not await Pings(office.database, lambda: NOW).ping(TOKEN, {"X-Hub-Signature": sign(BODY)}, BODY)


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
