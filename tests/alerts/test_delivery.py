import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.alerts import delivery
from bot.alerts.delivery import MAX_ATTEMPTS, retry_at
from bot.alerts.message import Message, render
from bot.alerts.sending import Rate
from bot.model import Alert
from bot.sandbox.telegram import Fault, buttons
from bot.store.schema import PENDING, alerts, follows
from tests.alerts.conftest import Office, headlines, written
from tests.logged import Logged
from tests.make import NOW, an_article


async def test_when_telegram_asks_to_wait_everything_waits_and_nothing_is_lost(office: Office, logged: Logged) -> None:
    readers = [await office.reader(number) for number in range(1001, 1021)]
    await office.owe()
    office.telegram.faults.add(Fault("429", method="sendMessage", retry_after=60, times=3))
    async with office.sending(office.sender(Rate(20))):
        assert (await logged.wait_for("Telegram asks to wait"))["seconds"] == 60
    tried = len(office.answers())
    waiting = office.sender()
    nothing, pause = await waiting._take()
    assert nothing == []
    assert pause > timedelta(seconds=50)
    office.later(50)
    assert (await waiting._take())[0] == []
    assert len(office.answers()) == tried < 20
    office.later(11)
    async with office.sending():
        for reader in readers:
            await reader.wait_for_text("Headline of one")
    assert sorted(office.answers()) == [200] * 20 + [429] * 3
    assert await office.states() == {"sent": 20}


async def test_many_refusals_at_once_are_said_once(office: Office, logged: Logged) -> None:
    for number in range(1001, 1011):
        await office.reader(number)
    await office.owe()
    office.telegram.faults.add(Fault("429", method="sendMessage", retry_after=60, times=10))
    async with office.sending():
        await logged.wait_for("Telegram asks to wait")
    assert len(logged.of("Telegram asks to wait")) == 1
    assert await office.states() == {"pending": 10}


async def test_what_is_due_again_before_its_failure_is_written_down_leaves_at_once(office: Office) -> None:
    ada = await office.reader(1001)
    await office.owe()
    office.telegram.faults.add(Fault("500", method="sendMessage"))
    sender = office.sender()
    await sender._take()  # from now on it has room for a message
    for _ in range(2):
        office.later(delivery.LONGEST_RETRY.total_seconds())
        (parcel,), _ = await sender._take()
        await sender._fly(parcel)
    assert headlines(ada) == ["Headline of one"]


@pytest.mark.parametrize("gone", ["blocked", "deactivated", "never there"])
async def test_a_chat_that_telegram_refuses_rests_and_keeps_its_follows(
    office: Office, logged: Logged, gone: str
) -> None:
    ada, ben = await office.reader(1001), await office.reader(1002)
    chat_id = 1001
    if gone == "blocked":
        await ada.block()
    elif gone == "deactivated":
        await ada.deactivate()
    else:
        chat_id = 4711
        await office.follower(chat_id)
    await office.owe(*written("ab"))
    async with office.sending():
        assert (await logged.wait_for("chat rests"))["chat"] == chat_id
        office.later(1)
        await ben.wait_for_text("Headline of b")
    assert await office.followed_by(chat_id) == ["Mali"]
    assert (await office.states())["failed"] == 2
    await office.owe(an_article("c"))
    assert (await office.states())["pending"] == (2 if gone == "never there" else 1)
    assert headlines(ben) == ["Headline of a", "Headline of b"]


async def test_a_group_that_threw_the_bot_out_rests(office: Office, logged: Logged) -> None:
    group = office.telegram.group("Readers")
    await office.follower(group.id)
    await group.kick()
    await office.owe()
    async with office.sending():
        await logged.wait_for("chat rests")
    assert await office.followed_by(group.id) == ["Mali"]


async def test_a_group_that_moved_gets_its_alert_in_the_new_chat(office: Office, logged: Logged) -> None:
    group = office.telegram.group("Readers", kind="group")
    await office.follower(group.id)
    await office.owe()
    moved = await group.migrate()
    async with office.sending():
        await logged.wait_for("group became a supergroup")
    async with office.sending():
        await moved.wait_for_text("Headline of one")
    assert await office.followed_by(moved.id) == ["Mali"]
    assert await office.followed_by(group.id) == []
    assert await office.states() == {"sent": 1}


async def test_a_group_that_moved_to_a_known_chat_gets_each_alert_once(office: Office, logged: Logged) -> None:
    group = office.telegram.group("Readers", kind="group")
    await office.follower(group.id, "Mali", "Chad")
    moved = await group.migrate()
    await office.follower(moved.id, "Mali", "Togo")
    await office.owe(an_article("both"))
    await office.owe(an_article("old"), topic="Chad")
    async with office.sending():
        await logged.wait_for("group became a supergroup")
        await moved.wait_for_text("Headline of both")
    office.later(3)
    async with office.sending():
        await moved.wait_for_text("Headline of old")
    assert headlines(moved) == ["Headline of both", "Headline of old"]
    assert set(await office.followed_by(moved.id)) == {"Mali", "Chad", "Togo"}
    assert await office.states() == {"sent": 2}


async def test_with_a_wrong_token_everything_is_kept_and_leaves_when_it_is_right(
    office: Office, logged: Logged
) -> None:
    ada = await office.reader(1001)
    await office.owe()
    office.telegram.faults.add(Fault("401", method="sendMessage"))
    async with office.sending():
        entry = await logged.wait_for("Telegram refuses BOT_TOKEN; alerts are kept until it is right")
    assert entry["level"] == "error"
    assert await office.states() == {"pending": 1}
    office.later(61)
    async with office.sending():
        await ada.wait_for_text("Headline of one")
    assert len(ada.received) == 1


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("fault", ["500", "502", "nonsense", "stray", "reset", "timeout"])
@pytest.mark.parametrize("delivered", [False, True])
async def test_what_did_not_come_through_is_tried_again(
    office: Office, logged: Logged, monkeypatch: pytest.MonkeyPatch, fault: str, delivered: bool
) -> None:
    ada = await office.reader(1001)
    await office.owe()
    office.telegram.faults.add(Fault(fault, method="sendMessage", applied=delivered))
    async with office.sending():
        await office.telegram.calls.wait_for(1, "sendMessage")
        loop = asyncio.get_running_loop()
        monkeypatch.setattr(loop, "time", lambda clock=loop.time: clock() + 60)  # so long nobody waits for an answer
        assert (await logged.wait_for("alert not sent"))["attempts"] == 1
    assert await office.states() == {"pending": 1}
    office.later(3)
    async with office.sending():
        await ada.wait_for(lambda _: len(ada.received) > delivered)
    # The one way to an alert twice: Telegram took it, and its answer was lost.
    assert len(ada.received) == 1 + delivered
    assert await office.states() == {"sent": 1}


async def test_an_alert_that_telegram_does_not_take_is_given_up_and_no_other(office: Office, logged: Logged) -> None:
    ada, ben = await office.reader(1001), await office.reader(1002)
    await office.owe(*written("ab"))
    office.telegram.faults.add(Fault("400", chat_id=1001, description="Bad Request: message is too long"))
    async with office.sending():
        assert (await logged.wait_for("alert given up"))["reason"] == "Message is too long"
        office.later(1)
        await ada.wait_for_text("Headline of b")
        await ben.wait_for_text("Headline of b")
    assert headlines(ada) == ["Headline of b"]
    assert headlines(ben) == ["Headline of a", "Headline of b"]
    assert await office.states() == {"sent": 3, "failed": 1}


async def test_a_refusal_stops_its_chat_and_no_other(office: Office) -> None:
    readers = [await office.reader(number) for number in range(1001, 1011)]
    await office.owe()
    office.telegram.faults.add(Fault("429", chat_id=1004, method="sendMessage", retry_after=60))
    async with office.sending():
        for reader in readers[:3] + readers[4:]:
            await reader.wait_for_text("Headline of one")
    async with office.sending():
        assert readers[3].received[1:] == []
        office.later(50)
        office.later(11)
        await readers[3].wait_for_text("Headline of one")
    assert await office.states() == {"sent": 10}


@pytest.mark.parametrize("words", ["BUTTON_URL_INVALID", "inline keyboard button URL 'x' is invalid: Wrong HTTP URL"])
async def test_where_telegram_takes_a_link_for_none_the_alert_goes_without_it(office: Office, words: str) -> None:
    ada = await office.reader(1001)
    await office.owe(an_article(tags=["Chad", "Mali"]))
    office.telegram.faults.add(Fault("400", chat_id=1001, description=f"Bad Request: {words}"))
    async with office.sending():
        message = await ada.wait_for_text("Headline of one")
    assert [button["text"] for button in buttons(message)] == ["+ Chad", "⋯"]


async def test_where_the_thread_is_gone_the_chat_gets_the_alert(office: Office) -> None:
    group = office.telegram.group("Readers")
    await office.follower(group.id)
    async with office.database.write() as connection:
        await connection.execute(update(follows).values(thread_id=7))
    await office.owe()
    office.telegram.faults.add(Fault("400", chat_id=group.id, description="Bad Request: message thread not found"))
    async with office.sending():
        await group.wait_for_text("Headline of one")
    first, second = office.telegram.calls.of("sendMessage")
    assert first["params"]["message_thread_id"] == "7"
    assert "message_thread_id" not in second["params"]


async def test_a_bug_with_one_alert_keeps_no_other(
    office: Office, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    def render_some(alert: Alert, *more: Any) -> Message:
        if "bad" in alert.article.headline:
            raise ZeroDivisionError
        return render(alert, *more)

    monkeypatch.setattr(delivery, "render", render_some)
    ada = await office.reader(1001)
    await office.owe(*written(["bad", "good"]))
    async with office.sending():
        assert (await logged.wait_for("alert failed"))["exc_info"] is True
        office.later(1)
        await ada.wait_for_text("Headline of good")
    async with office.database.read() as connection:
        (error,) = (await connection.execute(select(alerts.c.error).where(PENDING))).scalars()
    assert error == "bug: ZeroDivisionError"


async def test_after_many_attempts_an_alert_is_put_aside(office: Office, logged: Logged) -> None:
    await office.reader(1001)
    await office.owe()
    async with office.database.write() as connection:
        await connection.execute(update(alerts).values(attempts=MAX_ATTEMPTS - 1))
    office.telegram.faults.add(Fault("500", method="sendMessage"))
    async with office.sending():
        await logged.wait_for("alert given up")
    assert await office.states() == {"failed": 1}


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 2), (2, 4), (5, 32), (10, 900), (10**6, 900)])
def test_the_pauses_between_attempts_grow(attempts: int, seconds: int) -> None:
    assert retry_at(NOW, attempts) == NOW + timedelta(seconds=seconds)
