"""What hubs verify and deny."""

from datetime import timedelta
from typing import Any

import pytest

from bot.feeds.websub import AFTER_DENIAL, LONGEST_LEASE
from bot.store import websub
from bot.store.websub import State
from tests.feeds.office import TOKEN, TOPIC, Office, Outside, hub, office
from tests.logged import logged
from tests.make import NOW

__all__ = ["hub", "logged", "office"]


async def test_a_hub_that_was_asked_hears_its_challenge_as_plain_text(hub: Outside, office: Office) -> None:
    await office.subscribe(State.WANTED)
    assert await hub.ask() == (200, "<b>c&1</b>", "text/plain; charset=utf-8")
    confirmed = await office.subscription()
    assert (confirmed.state, confirmed.expires_at, confirmed.failures) == (State.LIVE, NOW + timedelta(hours=1), 0)
    async with office.database.read() as connection:
        renewed_at = await websub.next_due(connection)
    assert renewed_at is not None
    assert NOW < renewed_at < NOW + timedelta(hours=1)


async def test_what_came_out_before_the_hub_began_to_call_is_looked_for_once(hub: Outside, office: Office) -> None:
    await office.subscribe(State.WANTED)
    await hub.ask()
    assert await office.is_due()
    await office.poll()
    await hub.ask()
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
