from datetime import timedelta
from functools import partial

import asyncpg
import pytest
from sqlalchemy import make_url, update

from bot import loops
from bot.alerts import sending
from bot.alerts.sending import LEASE, Rate
from bot.sandbox.telegram import Limits, Room, buttons
from bot.store import outbox
from bot.store.schema import chats
from tests.alerts.conftest import Gate, Office, Unsteady, headlines, written
from tests.logged import Logged
from tests.make import an_article


async def test_an_alert_arrives_with_its_buttons(office: Office) -> None:
    ada = await office.reader(1001)
    await office.owe(an_article(tags=["Chad", "Mali"], premium=True))
    async with office.sending():
        message = await ada.wait_for_text("Headline of one")
    assert message["text"].startswith("Headline of one\n\nA short teaser.\n\nBy Jane Doe\n\n🔒 From R99 a month.")
    assert [button["text"] for button in buttons(message)] == ["Subscribe", "Already a member? Sign in", "+ Chad", "⋯"]
    assert "is_disabled" in message["link_preview_options"]
    assert await office.states() == {"sent": 1}
    assert "allow_paid_broadcast" not in office.telegram.calls.of("sendMessage")[0]["params"]


async def test_who_wants_no_sound_gets_none_and_nobody_elses_is_lost(office: Office) -> None:
    readers = [await office.reader(number) for number in (1001, 1002)]
    async with office.database.write() as connection:
        await connection.execute(update(chats).where(chats.c.id == 1001).values(silent=True))
    await office.owe()
    async with office.sending():
        for reader in readers:
            await reader.wait_for_text("Headline of one")
    silent = {
        call["params"]["chat_id"]: "disable_notification" in call["params"]
        for call in office.telegram.calls.of("sendMessage")
    }
    assert silent == {"1001": True, "1002": False}


async def test_who_pays_says_so(office: Office) -> None:
    ada = await office.reader(1001)
    await office.owe()
    async with office.sending(office.sender(Rate(1000, paid=True))):
        await ada.wait_for_text("Headline of one")
    assert office.telegram.calls.of("sendMessage")[0]["params"]["allow_paid_broadcast"] == "true"


@pytest.mark.parametrize("limits", [Limits(per_second=32)])
async def test_however_many_senders_keep_one_pace_within_telegrams_limit(office: Office) -> None:
    readers = [await office.reader(number) for number in range(1001, 1077)]
    await office.owe()
    async with office.sending(office.sender(Rate(32)), office.sender(Rate(32))):
        for reader in readers:
            await reader.wait_for_text("Headline of one")
    assert office.answers() == [200] * 76
    assert await office.states() == {"sent": 76}


def has_got(room: Room, number: int, _: object) -> bool:
    return len(room.received) >= number


@pytest.mark.parametrize("limits", [Limits(chat_burst=4)])
async def test_a_chats_alerts_keep_within_its_limit(office: Office) -> None:
    ada = await office.reader(1001)
    await office.owe(*written(range(5)))
    async with office.sending():
        for number in range(5):
            await ada.wait_for(partial(has_got, ada, number + 1))
            office.later(1)
    assert office.answers() == [200] * 5
    assert len(set(headlines(ada))) == 5


@pytest.mark.parametrize("limits", [Limits(chat_burst=4)])
async def test_what_is_owed_to_a_chat_right_after_its_burst_waits_whoever_sends_it(office: Office) -> None:
    ada = await office.reader(1001)
    await office.owe(*written("abc"))
    async with office.sending():
        await ada.wait_for(partial(has_got, ada, 3))
    await office.owe(*written("def"))
    async with office.sending(office.sender(), office.sender()):
        for number in range(3, 6):
            await ada.wait_for(partial(has_got, ada, number + 1))
            office.later(1)
    assert office.answers() == [200] * 6


@pytest.mark.parametrize("limits", [Limits()])
async def test_a_groups_alerts_keep_within_its_limit(office: Office) -> None:
    group = office.telegram.group("Readers")
    await office.follower(group.id)
    await office.owe(*written(range(25)))
    async with office.sending():
        for number in range(25):
            await group.wait_for(partial(has_got, group, number + 1))
            office.later(3)
    assert office.answers() == [200] * 25


async def test_what_a_sender_took_that_died_is_taken_again_after_the_lease(office: Office) -> None:
    ada = await office.reader(1001)
    await office.owe()
    async with office.database.write() as connection:
        assert len(await outbox.claim(connection, office.clock(), LEASE, 10)) == 1
    assert (await office.sender()._take())[0] == []
    office.later(LEASE.total_seconds())
    async with office.sending():
        await ada.wait_for_text("Headline of one")
    assert len(ada.received) == 1


async def test_told_to_stop_it_waits_for_the_answer_of_what_is_in_flight(office: Office, gate: Gate) -> None:
    ada = await office.reader(1001)
    await office.owe(*written("ab"))
    gate.open.clear()
    async with office.sending() as stop:
        await gate.arrived.get()
        stop.set()
        gate.open.set()
    assert headlines(ada) == ["Headline of a", "Headline of b"]
    assert await office.states() == {"sent": 2}


async def test_while_one_is_in_flight_it_looks_soon_whether_that_has_landed(office: Office) -> None:
    await office.reader(1001)
    await office.owe()
    sender = office.sender()
    await sender._take()  # from now on it has room for a message
    office.later(1)
    (parcel,), pause = await sender._take()
    nothing, pause_again = await sender._take()
    assert nothing == []
    assert max(pause, pause_again) <= sending.RECORD_EVERY
    await sender._fly(parcel)
    assert sender._until_landed(LEASE) <= sending.RECORD_EVERY  # it may land while others are written down
    await sender._take()
    assert await office.states() == {"sent": 1}
    assert sender._until_landed(LEASE) == LEASE


async def test_only_so_many_are_in_flight_and_the_next_leaves_when_one_lands(
    office: Office, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "IN_FLIGHT", 2)
    for module in (sending, loops):
        monkeypatch.setattr(module, "LONGEST_PAUSE", timedelta(hours=1))
    readers = [await office.reader(number) for number in range(1001, 1007)]
    await office.owe()
    gate.open.clear()
    sender = office.sender()
    async with office.sending(sender):
        for _ in range(2):
            await gate.arrived.get()
        assert (await sender._take())[0] == []
        assert gate.arrived.empty()
        gate.open.set()
        for reader in readers:
            await reader.wait_for_text("Headline of one")
    assert office.answers() == [200] * 6


async def test_a_database_that_goes_away_and_comes_back_loses_and_repeats_nothing(
    office: Office, gate: Gate, unsteady: Unsteady, logged: Logged
) -> None:
    ada, ben = await office.reader(1001), await office.reader(1002)
    await office.owe(*written("ab"))
    gate.open.clear()
    sender = office.sender(database=unsteady)
    async with office.sending(sender):
        for _ in range(2):
            await gate.arrived.get()
        unsteady.away = True
        gate.open.set()
        await ada.wait_for_text("Headline of a")
        await ben.wait_for_text("Headline of a")
        await logged.wait_for("database away")
        office.later(LEASE.total_seconds())
        unsteady.away = False
        office.due.set()
        await logged.wait_for("database back")
        await ada.wait_for_text("Headline of b")
        await ben.wait_for_text("Headline of b")
        await logged.wait_for("alert sent", times=4)
    assert headlines(ada) == headlines(ben) == ["Headline of a", "Headline of b"]
    assert await office.states() == {"sent": 4}


async def test_told_to_stop_while_the_database_is_away_it_stops(
    office: Office, gate: Gate, unsteady: Unsteady, logged: Logged
) -> None:
    ada = await office.reader(1001)
    await office.owe()
    gate.open.clear()
    async with office.sending(office.sender(database=unsteady)):
        await gate.arrived.get()
        unsteady.away = True
        gate.open.set()
        await ada.wait_for_text("Headline of one")
    assert logged.of("outcomes not recorded; the alerts are taken again")
    assert await office.states() == {"pending": 1}


@pytest.mark.parametrize("database_kind", ["postgres"], indirect=True)
async def test_connections_that_break_lose_and_repeat_nothing(office: Office, migrated_url: str) -> None:
    readers = [await office.reader(number) for number in range(1001, 1031)]
    await office.owe()
    url = make_url(migrated_url).set(drivername="postgresql")
    admin = await asyncpg.connect(url.set(database="postgres").render_as_string(hide_password=False))
    try:
        async with office.sending(office.sender(Rate(100))):
            for number in range(0, 30, 5):
                await readers[number].wait_for_text("Headline of one")
                await admin.execute(BREAK_ALL, url.database)
                office.later(LEASE.total_seconds())
            for reader in readers:
                await reader.wait_for_text("Headline of one")
    finally:
        await admin.close()
    assert [len(reader.received) for reader in readers] == [1] * 30
    assert await office.states() == {"sent": 30}


BREAK_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1"
