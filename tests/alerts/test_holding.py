"""Alerts wait for their chat's time, over HTTP and with a clock that the tests move."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.alerts.choosing import choose
from bot.alerts.holding import beyond_limit
from bot.model import Chat, ChatKind, ChatSettings, Rhythm
from bot.sandbox.telegram import Fault, User
from bot.store import articles
from bot.store.holding import Standing
from bot.store.schema import alerts
from tests.alerts.conftest import Office, headlines, written
from tests.handlers.conftest import one_database
from tests.make import NOW, an_alert, an_article

HOUR = 3600
"""It is noon in UTC at first."""
NIGHT = {"quiet_from": 11 * 60, "quiet_until": 14 * 60}


async def prefer(office: Office, user: User, **chosen: Any) -> None:
    chat = Chat(user.id, ChatKind.PRIVATE, "en")
    async with office.database.write() as connection:
        await choose(connection, chat, lambda before: replace(before, **chosen), office.clock())


async def until_sent(office: Office, user: User) -> None:
    """Let a reader who waits for nothing get something: what may go now was claimed at the same time."""
    await office.owe(an_article("marker"), topic="Marker")
    office.due.set()
    await user.wait_for_text("Headline of marker")


@pytest.fixture
async def ada(office: Office) -> User:
    return await office.reader(1001)


@pytest.fixture
async def ben(office: Office) -> User:
    return await office.reader(1002, "Marker")


async def test_nobody_is_woken_and_in_the_morning_it_comes_together(office: Office, ada: User, ben: User) -> None:
    await prefer(office, ada, **NIGHT)
    async with office.sending():
        await office.owe(*written(["one", "two"]))
        await until_sent(office, ben)
        assert ada.received == []
        office.later(2 * HOUR)
        message = await ada.wait_for_text("2 new articles on your topics")
    assert "Headline of one" in message["text"]
    assert "Headline of two" in message["text"]
    assert len(ada.received) == 1


async def test_quiet_hours_that_began_since_hold_what_was_to_go(office: Office, ada: User, ben: User) -> None:
    await prefer(office, ada, quiet_from=13 * 60, quiet_until=14 * 60)
    await office.owe()
    office.later(HOUR)
    async with office.sending():
        await until_sent(office, ben)
        assert ada.received == []
        await office.owe(an_article("two"))
        office.later(HOUR)
        await ada.wait_for_text("2 new articles")


async def test_one_that_waited_alone_comes_as_a_teaser(office: Office, ada: User) -> None:
    await prefer(office, ada, digest=Rhythm.HOURLY)
    await office.owe()
    async with office.sending():
        office.later(HOUR)
        await ada.wait_for_text("A short teaser.")
    assert headlines(ada) == ["Headline of one"]


async def test_digests_come_at_their_time_and_the_next_at_the_next(office: Office, ada: User, ben: User) -> None:
    await prefer(office, ada, digest=Rhythm.DAILY, digest_at=13 * 60)
    async with office.sending():
        await office.owe(*written(["one", "two"]))
        office.later(HOUR)
        await ada.wait_for_text("2 new articles")
        await office.owe(*written(["three", "four", "five"]))
        await until_sent(office, ben)
        office.later(24 * HOUR)
        await ada.wait_for_text("3 new articles")
    assert len(ada.received) == 2


async def test_what_was_chosen_counts_for_what_waits(office: Office, ada: User) -> None:
    await prefer(office, ada, digest=Rhythm.WEEKLY)
    await office.owe(*written(["one", "two"]))
    async with office.sending():
        await prefer(office, ada, digest=Rhythm.NOW)
        await ada.wait_for_text("2 new articles")
        await prefer(office, ada, muted_until=office.clock() + timedelta(days=2))
        await office.owe(*written(["three", "four", "five"]))
        await prefer(office, ada, muted_until=None)
        await ada.wait_for_text("3 new articles")


async def test_what_exceeds_the_limit_of_a_day_comes_the_next_morning(office: Office, ada: User, ben: User) -> None:
    await prefer(office, ada, daily_cap=2)
    async with office.sending():
        for name in ("one", "two"):
            await office.owe(an_article(name))
            office.later(60)
            await ada.wait_for_text(f"Headline of {name}")
        await office.owe(*written(["three", "four"]))
        await until_sent(office, ben)
        assert headlines(ada) == ["Headline of one", "Headline of two"]
    office.later(20 * HOUR)
    async with office.sending():
        await ada.wait_for_text("2 new articles")
        await office.owe(an_article("five"))
        office.due.set()
        await ada.wait_for_text("Headline of five")


async def test_what_comes_late_after_an_outage_comes_together(office: Office, ada: User, ben: User) -> None:
    await prefer(office, ada)
    late = [replace(article, published_at=NOW - timedelta(hours=5)) for article in written(["one", "two", "three"])]
    async with office.sending():
        await office.owe(*late)
        await until_sent(office, ben)
        assert ada.received == []
        office.later(600)
        await ada.wait_for_text("3 new articles")


@one_database
async def test_all_of_a_long_silence_is_told_once(office: Office, ada: User) -> None:
    await prefer(office, ada, muted_until=NOW + timedelta(hours=1))
    await office.owe(*written(range(30)))
    async with office.sending():
        office.later(HOUR)
        await ada.wait_for(lambda _: sum(message["text"].count("Headline of") for message in ada.received) == 30)
    assert [message["text"].splitlines()[0] for message in ada.received] == [
        "20 new articles on your topics", "10 new articles on your topics"
    ]  # fmt: skip
    assert await office.states() == {"sent": 30}


async def test_a_digest_is_corrected_as_one(office: Office, ada: User) -> None:
    await prefer(office, ada, digest=Rhythm.HOURLY)
    await office.owe(*written(["one", "two"]))
    async with office.sending():
        office.later(HOUR)
        message = await ada.wait_for_text("2 new articles")
        async with office.database.write() as connection:
            ids = (await connection.execute(select(alerts.c.article_id).order_by(alerts.c.article_id))).scalars().all()
            await articles.withdraw(connection, ids[0], office.clock())
        office.due.set()
        corrected = await ada.wait_for_text("This article has been withdrawn.")
    assert corrected["message_id"] == message["message_id"]
    assert "Headline of one" in corrected["text"]
    assert "Headline of two" in corrected["text"]
    assert len(ada.received) == 1


async def test_a_digest_that_is_refused_goes_in_pieces(office: Office, ada: User) -> None:
    await prefer(office, ada, digest=Rhythm.HOURLY)
    await office.owe(*written(["one", "two"]))
    office.telegram.faults.add(Fault("400", method="sendMessage", description="Bad Request: can't parse entities"))
    async with office.sending():
        office.later(HOUR)
        await ada.wait_for_text("Headline of one")
        await ada.wait_for_text("Headline of two")
    assert await office.states() == {"sent": 2}


def test_the_first_of_a_day_come_at_once_whichever_are_claimed_first() -> None:
    claimed = [replace(an_alert(number=number), settings=ChatSettings(daily_cap=3)) for number in (7, 5, 6, 4)]
    counted = [Standing(number, 1, None) for number in (4, 5, 6, 7)]
    counted += [Standing(1, 1, NOW - timedelta(hours=13)), Standing(2, 1, NOW - timedelta(hours=1))]
    over = beyond_limit(claimed, counted, NOW)
    assert [alert.id for alert in over] == [7, 6]


def test_who_has_no_limit_exceeds_none() -> None:
    assert beyond_limit([an_alert()], [Standing(0, 1, NOW)], NOW) == []
