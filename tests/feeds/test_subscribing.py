"""What becomes of subscriptions, at hubs that are servers on this machine."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from bot.errors import StoreUnreachable
from bot.feeds.hubs import Hubs
from bot.feeds.subscribing import ANNOUNCED_WITHIN, CLAIM, FAREWELLS, Subscriber
from bot.feeds.websub import LEASE, SAFETY_NET
from bot.model import Feed
from bot.store import feeds, websub
from bot.store.database import Database
from bot.store.websub import State, Subscription
from tests.feeds.connected import some_hubs
from tests.feeds.test_hubs import Hub
from tests.logged import Logged, logged
from tests.make import FEED, NOW
from tests.web_server import serving

__all__ = ["logged"]

CALLBACK = "https://bot.example/websub"
EVERY = timedelta(minutes=1)
OURS = Feed(1, FEED)


@dataclass
class Desk:
    """A subscriber whose clock the test holds."""

    database: Database
    hubs: Hubs
    logged: Logged
    callback: str | None = CALLBACK
    now: datetime = NOW
    follows: Sequence[str] = (FEED,)
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.subscriber = Subscriber(self.database, self.hubs, self.follows, self.callback, lambda: self.now)

    async def step(self, *, later: timedelta = timedelta(0)) -> None:
        """Let time pass and see to all that is due then."""
        self.now += later
        while await self.subscriber._step() <= timedelta(0):
            pass

    async def found(self) -> list[Subscription]:
        """All subscriptions."""
        async with self.database.write() as connection:
            return await websub.claim_due(connection, self.now + timedelta(days=99), timedelta(days=-99), 99)

    async def only(self) -> Subscription:
        """The one subscription."""
        (subscription,) = await self.found()
        return subscription

    async def confirm(self) -> None:
        """Do as if the hub had confirmed."""
        subscription = await self.only()
        async with self.database.write() as connection:
            await websub.record_confirmed(connection, subscription.id, self.now, self.now + LEASE, self.now + LEASE / 2)


@pytest.fixture
async def desk(database: Database, logged: Logged) -> AsyncIterator[Desk]:
    async with database.write() as connection:
        await feeds.register(connection, [FEED], NOW)
    async with some_hubs(FEED) as hubs:
        yield Desk(database, hubs, logged)


async def test_a_hub_is_asked_with_all_it_needs_to_know(desk: Desk) -> None:
    hub = Hub()
    async with serving(hub.answer) as address:
        await desk.subscriber.found_hub(OURS, (address, "https://paper.example/feed/"))
        await desk.step()
    subscription = await desk.only()
    assert hub.asked == [
        {
            "hub.mode": "subscribe",
            "hub.topic": "https://paper.example/feed/",
            "hub.callback": f"{CALLBACK}/{subscription.token}",
            "hub.secret": subscription.secret,
            "hub.lease_seconds": "864000",
        }
    ]
    assert len(subscription.token) >= 40
    assert len(subscription.secret) >= 40
    assert subscription.token != subscription.secret
    assert subscription.state is State.WANTED
    assert desk.logged.of("hub asked")[0]["hub"] == address
    said = str(desk.logged.entries)
    assert subscription.token not in said
    assert subscription.secret not in said


async def test_a_feed_that_says_the_same_again_changes_nothing(desk: Desk) -> None:
    hub = Hub()
    async with serving(hub.answer) as address:
        for _ in range(3):
            await desk.subscriber.found_hub(OURS, (address, FEED))
            await desk.step()
    assert len(hub.asked) == 1


async def test_a_hub_that_never_confirms_is_asked_less_and_less_often(desk: Desk) -> None:
    hub = Hub()
    async with serving(hub.answer) as address:
        await desk.subscriber.found_hub(OURS, (address, FEED))
        await desk.step()
        for _ in range(60):
            await desk.step(later=EVERY)
    assert 5 <= len(hub.asked) <= 8
    assert desk.logged.of("hub asked")[-1]["in_vain"] == len(hub.asked) - 1
    assert await desk.subscriber.until_next_poll(OURS, EVERY) == EVERY


async def test_a_lease_is_renewed_with_the_same_address_and_secret_before_it_ends(desk: Desk) -> None:
    hub = Hub()
    async with serving(hub.answer) as address:
        await desk.subscriber.found_hub(OURS, (address, FEED))
        await desk.step()
        await desk.confirm()
        await desk.step(later=LEASE / 2)
        assert hub.asked[0] == hub.asked[1]
        assert (await desk.only()).state is State.LIVE
        assert await desk.subscriber.until_next_poll(OURS, EVERY) == SAFETY_NET
        await desk.step(later=LEASE / 2)
    assert len(hub.asked) == 3
    assert await desk.subscriber.until_next_poll(OURS, EVERY) == EVERY


async def test_while_a_hub_is_down_its_lease_still_counts(desk: Desk, unused_tcp_port: int) -> None:
    await desk.subscriber.found_hub(OURS, (f"http://127.0.0.1:{unused_tcp_port}/", FEED))
    await desk.step()
    (told,) = desk.logged.of("hub not asked")
    assert told["reason"] == "it could not be reached: ClientConnectorError"
    await desk.confirm()
    await desk.step(later=LEASE / 2)
    assert await desk.subscriber.until_next_poll(OURS, EVERY) == SAFETY_NET


async def test_news_of_which_the_hub_said_nothing_brings_polling_back(desk: Desk) -> None:
    async with serving(Hub().answer) as address:
        await desk.subscriber.found_hub(OURS, (address, FEED))
        await desk.step()
        await desk.confirm()
        desk.now += ANNOUNCED_WITHIN
        await desk.subscriber.found_news(OURS)
        assert await desk.subscriber.until_next_poll(OURS, EVERY) == SAFETY_NET
        desk.now += EVERY
        for _ in range(2):
            await desk.subscriber.found_news(OURS)
    assert await desk.subscriber.until_next_poll(OURS, EVERY) == EVERY
    assert len(desk.logged.of("hub said nothing of news; polled as if there were none")) == 1


async def test_without_an_address_of_our_own_no_hub_is_asked_or_relied_upon(desk: Desk) -> None:
    hub = Hub()
    async with serving(hub.answer) as address:
        await desk.subscriber.found_hub(OURS, (address, FEED))
        await desk.step()
        await desk.confirm()
        private = Desk(desk.database, desk.hubs, desk.logged, callback=None)
        async with asyncio.timeout(10):
            await private.subscriber.run(asyncio.Event())
        assert await private.subscriber.until_next_poll(OURS, EVERY) == EVERY
    assert len(hub.asked) == 1


async def test_under_a_new_address_hubs_are_asked_anew(desk: Desk) -> None:
    hub = Hub()
    async with serving(hub.answer) as address:
        await desk.subscriber.found_hub(OURS, (address, FEED))
        await desk.step()
        await desk.confirm()
        await Desk(desk.database, desk.hubs, desk.logged, callback="https://new.example/w").step()
    assert hub.asked[1]["hub.callback"] == f"https://new.example/w/{(await desk.only()).token}"


async def test_a_hub_that_the_feed_leaves_is_asked_to_let_go_and_then_forgotten(desk: Desk) -> None:
    hub = Hub()
    async with serving(hub.answer) as address:
        await desk.subscriber.found_hub(OURS, (address, FEED))
        await desk.step()
        await desk.confirm()
        await desk.subscriber.found_hub(OURS, None)
        for _ in range(FAREWELLS + 1):
            await desk.step(later=timedelta(hours=1))
    farewells = hub.asked[1:]
    assert len(farewells) == FAREWELLS
    assert farewells[0] == {
        "hub.mode": "unsubscribe", "hub.topic": FEED, "hub.callback": hub.asked[0]["hub.callback"]
    }  # fmt: skip
    assert await desk.found() == []


async def test_the_hub_of_a_feed_that_is_followed_no_more_is_left(desk: Desk) -> None:
    hub = Hub()
    async with serving(hub.answer) as address:
        await desk.subscriber.found_hub(OURS, (address, FEED))
        await desk.step()
        await Desk(desk.database, desk.hubs, desk.logged, follows=["http://127.0.0.1/another/"]).step()
    assert [asked["hub.mode"] for asked in hub.asked] == ["subscribe", "unsubscribe"]


async def test_a_feed_that_moves_to_another_hub_leaves_the_first(desk: Desk) -> None:
    first, second = Hub(), Hub()
    async with serving(first.answer) as one, serving(second.answer) as two:
        await desk.subscriber.found_hub(OURS, (one, FEED))
        await desk.step()
        await desk.subscriber.found_hub(OURS, (two, FEED))
        await desk.step()
    assert [asked["hub.mode"] for asked in first.asked] == ["subscribe", "unsubscribe"]
    assert [asked["hub.mode"] for asked in second.asked] == ["subscribe"]
    assert first.asked[0]["hub.callback"] != second.asked[0]["hub.callback"]
    assert first.asked[0]["hub.secret"] != second.asked[0]["hub.secret"]


async def test_a_subscription_that_changed_meanwhile_is_not_asked_for(desk: Desk) -> None:
    hub = Hub()
    async with serving(hub.answer) as address:
        await desk.subscriber.found_hub(OURS, (address, FEED))
        before = await desk.only()
        async with desk.database.write() as connection:
            await websub.record_denied(connection, before, NOW)
        await desk.subscriber._ask(before)
    assert hub.asked == []


async def test_what_could_not_be_recorded_is_taken_up_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object) -> bool:
        raise StoreUnreachable("away")

    hub = Hub()
    async with serving(hub.answer) as address:
        await desk.subscriber.found_hub(OURS, (address, FEED))
        with monkeypatch.context() as patched, pytest.raises(StoreUnreachable):
            patched.setattr(websub, "record_asking", away)
            await desk.step()
        assert hub.asked == []
        await desk.step(later=CLAIM)
    assert len(hub.asked) == 1


async def test_it_works_until_it_is_told_to_stop(desk: Desk) -> None:
    hub = Hub()
    async with serving(hub.answer) as address, asyncio.TaskGroup() as group:
        group.create_task(desk.subscriber.run(desk.stop))
        await desk.subscriber.found_hub(OURS, (address, FEED))
        await desk.logged.wait_for("hub asked")
        desk.stop.set()
    assert len(hub.asked) == 1
