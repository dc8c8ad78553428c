from datetime import timedelta

import pytest

from bot.store import feeds, websub
from bot.store.database import Database
from bot.store.websub import State, Subscription
from tests.make import FEED, NOW, a_feed

TOKEN = "token"
HUB, TOPIC = "https://hub.example/", "https://paper.example/feed/"
CALLBACK = "https://bot.example/websub/token"
LEASE, CLAIM, LATER = timedelta(days=10), timedelta(seconds=90), timedelta(hours=1)


async def wanted(database: Database, token: str = TOKEN, hub: str = HUB) -> Subscription:
    """A feed whose hub is yet to be asked."""
    async with database.write() as connection:
        feed_id = await a_feed(connection)
        await websub.want(connection, feed_id, hub, TOPIC, token=token, secret="secret", now=NOW)
    return await found(database, token)


async def asked(database: Database) -> Subscription:
    """The same, asked."""
    subscription = await wanted(database)
    async with database.write() as connection:
        assert await websub.record_asking(connection, subscription, CALLBACK, NOW, NOW + LATER)
    return await found(database)


async def live(database: Database) -> Subscription:
    """The same, confirmed."""
    subscription = await asked(database)
    async with database.write() as connection:
        await websub.record_confirmed(connection, subscription.id, NOW, NOW + LEASE, NOW + LEASE / 2)
    return await found(database)


async def found(database: Database, token: str = TOKEN) -> Subscription:
    async with database.read() as connection:
        subscription = await websub.by_token(connection, token)
    assert subscription is not None
    return subscription


async def relied_upon(database: Database) -> bool:
    async with database.read() as connection:
        return await websub.relied_upon_until(connection, 1) is not None


async def test_a_hub_that_is_wanted_is_asked_once_and_again_when_nothing_came_of_it(database: Database) -> None:
    subscription = await wanted(database)
    assert (subscription.hub, subscription.topic, subscription.feed_url) == (HUB, TOPIC, FEED)
    assert (subscription.state, subscription.asked_at, subscription.failures) == (State.WANTED, None, 0)
    async with database.write() as connection:
        assert await websub.next_due(connection) == NOW
        assert await websub.claim_due(connection, NOW, CLAIM, 10) == [subscription]
        assert await websub.claim_due(connection, NOW, CLAIM, 10) == []
        assert await websub.claim_due(connection, NOW + CLAIM, CLAIM, 10) == [subscription]


async def test_no_more_are_claimed_than_can_be_asked(database: Database) -> None:
    async with database.write() as connection:
        await feeds.register(connection, ["http://127.0.0.1/1", "http://127.0.0.1/2"], NOW)
        for at in (1, 2):
            await websub.want(connection, at, HUB, TOPIC, token=f"t{at}", secret="s", now=NOW)
        assert len(await websub.claim_due(connection, NOW, CLAIM, 1)) == 1
        assert len(await websub.claim_due(connection, NOW, CLAIM, 1)) == 1
        assert await websub.claim_due(connection, NOW, CLAIM, 1) == []


async def test_its_way_from_wanted_to_live(database: Database) -> None:
    subscription = await asked(database)
    assert (subscription.state, subscription.callback) == (State.WANTED, CALLBACK)
    assert (subscription.asked_at, subscription.failures) == (NOW, 1)
    assert not await relied_upon(database)
    subscription = await live(database)
    assert (subscription.state, subscription.expires_at, subscription.failures) == (State.LIVE, NOW + LEASE, 0)
    async with database.read() as connection:
        assert await websub.next_due(connection) == NOW + LEASE / 2
        assert await websub.relied_upon_until(connection, 1) == NOW + LEASE
        assert await websub.relied_upon_until(connection, 2) is None


async def test_what_has_changed_since_it_was_claimed_is_not_asked(database: Database) -> None:
    before = await wanted(database)
    async with database.write() as connection:
        await websub.record_denied(connection, before, NOW + LATER)
        assert not await websub.record_asking(connection, before, CALLBACK, NOW, NOW)


async def test_a_hub_that_denied_is_asked_once_more_as_if_for_the_first_time(database: Database) -> None:
    subscription = await live(database)
    async with database.write() as connection:
        await websub.record_denied(connection, subscription, NOW + LATER)
    denied = await found(database)
    assert (denied.state, denied.expires_at) == (State.DENIED, None)
    assert not await relied_upon(database)
    async with database.write() as connection:
        assert await websub.claim_due(connection, NOW + LATER, CLAIM, 10) == [denied]
        assert await websub.record_asking(connection, denied, CALLBACK, NOW, NOW + LATER)
    assert (await found(database)).state is State.WANTED


async def test_what_the_hub_never_heard_of_is_forgotten_at_once(database: Database) -> None:
    await wanted(database)
    async with database.write() as connection:
        await websub.unwant(connection, 1, NOW)
        assert await websub.by_token(connection, TOKEN) is None
        assert await websub.current(connection, 1) is None


async def test_another_hub_takes_the_place_of_one_that_is_still_to_let_go(database: Database) -> None:
    await live(database)
    async with database.write() as connection:
        await websub.unwant(connection, 1, NOW)
    await wanted(database, "another", "https://other.example/")
    old, new = await found(database), await found(database, "another")
    assert (old.state, new.state) == (State.UNWANTED, State.WANTED)
    async with database.write() as connection:
        assert await websub.current(connection, 1) == ("https://other.example/", TOPIC)
        assert await websub.claim_due(connection, NOW, CLAIM, 10) == [old, new]
        await websub.remove(connection, old.id)
        assert await websub.by_token(connection, TOKEN) is None


async def test_two_processes_that_find_the_same_hub_make_one_subscription(database: Database) -> None:
    await wanted(database)
    async with database.write() as connection:
        await websub.want(connection, 1, HUB, TOPIC, token="second", secret="s", now=NOW)
        assert await websub.by_token(connection, "second") is None


async def test_feeds_that_are_followed_no_more_are_left(database: Database) -> None:
    await live(database)
    async with database.write() as connection:
        await websub.keep_only(connection, [FEED], NOW)
        assert await websub.current(connection, 1) == (HUB, TOPIC)
        await websub.keep_only(connection, ["http://127.0.0.1/another"], NOW)
        assert await websub.current(connection, 1) is None
    assert (await found(database)).state is State.UNWANTED


@pytest.mark.parametrize(("below", "moved"), [("https://bot.example/websub/", False), ("https://new.example/w/", True)])
async def test_hubs_that_call_at_an_old_address_are_asked_anew(database: Database, below: str, moved: bool) -> None:
    await live(database)
    async with database.write() as connection:
        await websub.move(connection, below, NOW)
    assert await relied_upon(database) != moved
    assert ((await found(database)).asked_at is None) == moved
    async with database.read() as connection:
        assert (await websub.next_due(connection) == NOW) == moved


async def test_a_hub_that_is_to_let_go_knows_only_the_old_address(database: Database) -> None:
    await live(database)
    async with database.write() as connection:
        await websub.unwant(connection, 1, NOW)
        await websub.move(connection, "https://new.example/w/", NOW)
    assert (await found(database)).state is State.UNWANTED


async def test_a_silent_hub_is_relied_upon_again_when_it_calls(database: Database) -> None:
    subscription = await live(database)
    minutes = timedelta(minutes=1)
    async with database.write() as connection:
        assert not await websub.doubt(connection, 1, NOW + 4 * minutes, 5 * minutes)
    assert await relied_upon(database)
    async with database.write() as connection:
        assert await websub.doubt(connection, 1, NOW + 6 * minutes, 5 * minutes)
        assert not await websub.doubt(connection, 1, NOW + 7 * minutes, 5 * minutes)
    assert not await relied_upon(database)
    async with database.write() as connection:
        await websub.record_ping(connection, subscription.id, NOW + 8 * minutes)
        assert not await websub.doubt(connection, 1, NOW + 9 * minutes, 5 * minutes)
    assert await relied_upon(database)


async def test_a_hub_whose_lease_is_over_need_not_call(database: Database) -> None:
    await live(database)
    async with database.write() as connection:
        assert not await websub.doubt(connection, 1, NOW + LEASE, timedelta(minutes=5))


async def test_a_feed_is_made_due(database: Database) -> None:
    await wanted(database)
    async with database.write() as connection:
        await feeds.claim_due(connection, [FEED], NOW, LATER)
        assert await feeds.next_due(connection, [FEED]) == NOW + LATER
        await websub.poll_now(connection, 1, NOW)
        assert await feeds.next_due(connection, [FEED]) == NOW


async def test_neither_token_nor_secret_shows(database: Database) -> None:
    shown = repr(await asked(database))
    assert HUB in shown
    assert "token" not in shown
    assert "secret" not in shown
