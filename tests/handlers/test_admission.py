"""Who asks too much is asked to wait, and keeps nobody else waiting."""

from dataclasses import replace

import pytest

from bot.sandbox.telegram import BotApiServer, User
from bot.store.database import Database
from bot.telegram.patience import Bucket, Patience, Share
from handlers.turn import Desk
from tests.handlers.conftest import one_database
from tests.make import NOW

WAIT = "You are faster than I am. Please give me half a minute."


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """With a patience that does not come back by itself, however long a busy machine takes."""
    return replace(desk, patience=Patience(Share(burst=30, a_second=0)))


@one_database
async def test_who_asks_too_much_is_asked_to_wait_once(desk: Desk, ada: User, ben: User) -> None:
    desk.patience.buckets[ada.id] = Bucket(0, NOW.replace(year=2027))
    for _ in range(5):
        await ada.say("/topics")
    await ben.say("/topics")
    await ben.wait_for_text("You follow no topics yet")
    assert [message["text"] for message in ada.received] == [WAIT]
    desk.patience.buckets[ada.id] = Bucket(30, NOW)
    await ada.say("/topics")
    await ada.wait_for_text("You follow no topics yet")


@one_database
async def test_taps_count_too(desk: Desk, database: Database, ada: User) -> None:
    await ada.say("/follow Mali")
    message = await ada.wait_for_text("You now follow Mali.")
    desk.patience.buckets[ada.id] = Bucket(0, NOW.replace(year=2027))
    assert (await (await ada.tap(message, "✓ Mali")).answer())["text"] == WAIT


@one_database
async def test_who_floods_slows_nobody_and_is_answered_so_often_only(desk: Desk, ada: User, ben: User) -> None:
    for _ in range(90):
        await ada.say("/topics")
    await ben.say("/topics")
    await ben.wait_for_text("You follow no topics yet")
    await ada.wait_for_text(WAIT)
    assert [message["text"] for message in ada.received].count(WAIT) == 1
    assert len(ada.received) == 31
    assert desk.patience.buckets[ada.id].told


@one_database
async def test_anonymous_admins_of_all_groups_are_not_one_reader(telegram: BotApiServer, desk: Desk, ada: User) -> None:
    loud, quiet = telegram.group("Loud", [ada]), telegram.group("Quiet", [ada])
    desk.patience.buckets[loud.id] = Bucket(0, NOW.replace(year=2027))
    await ada.say("/topics", to=loud, anonymous=True)
    await loud.wait_for_text(WAIT)
    await ada.say("/topics", to=quiet, anonymous=True)
    await quiet.wait_for_text("You follow no topics yet")


@one_database
async def test_a_group_is_answered_no_more_than_telegram_lets_it_be(
    telegram: BotApiServer, desk: Desk, ada: User, ben: User
) -> None:
    loud, quiet = telegram.group("Loud", [ada, ben]), telegram.group("Quiet", [ada])
    object.__setattr__(desk.rooms, "share", Share(burst=2, a_second=0))
    for _ in range(5):
        await ben.say("/follow Mali", to=loud)
    await ada.say("/topics", to=quiet)
    await quiet.wait_for_text("You follow no topics yet")
    answer = await loud.wait_for_text("Only admins")
    await (await ada.tap(answer, "nonsense", forged=True)).answer()  # it comes after all that was said before
    assert len(loud.received) == 2
