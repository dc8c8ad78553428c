import asyncio

import pytest

from bot.alerts import fanout
from bot.alerts.fanout import FanOut
from bot.sandbox.telegram import Fault
from bot.store.fan_out import fan_out
from tests.alerts.conftest import Office
from tests.logged import Logged
from tests.make import a_follower, an_article, news


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanout, "CHUNK", 3)


async def owe_only_fan_out(office: Office, *names: str, readers: int) -> None:
    async with office.database.write() as connection:
        (mali,) = await a_follower(connection, 1001, "Mali")
        for chat_id in range(1002, 1001 + readers):
            await a_follower(connection, chat_id, "Mali")
        for name in names:
            await news(connection, an_article(name), [mali.id])


async def run(office: Office, logged: Logged, *, articles: int) -> None:
    """A fan-out, until so many articles are done."""
    news, stop = asyncio.Event(), asyncio.Event()
    working = asyncio.create_task(FanOut(office.database, office.clock, news=news, due=office.due).run(stop))
    await logged.wait_for("article fanned out", times=articles)
    stop.set()
    await working


async def test_every_follower_gets_an_alert_in_however_many_chunks(office: Office, logged: Logged) -> None:
    await owe_only_fan_out(office, "one", "two", readers=7)
    await run(office, logged, articles=2)
    done = logged.of("article fanned out")
    assert [(entry["headline"], entry["alerts"]) for entry in done] == [("Headline of two", 7), ("Headline of one", 7)]
    assert await office.states() == {"pending": 14}
    assert office.due.is_set()


async def test_a_fan_out_that_did_not_finish_is_taken_up_where_it_stopped(office: Office, logged: Logged) -> None:
    await owe_only_fan_out(office, "one", readers=7)
    async with office.database.write() as connection:
        begun = await fan_out(connection, office.clock(), 3)
        assert begun is not None
        assert not begun.done
    await run(office, logged, articles=1)
    assert logged.of("article fanned out")[0]["alerts"] == 7 - begun.alerts
    assert await office.states() == {"pending": 7}


async def test_who_follows_before_the_fan_out_gets_the_alert(office: Office, logged: Logged) -> None:
    await owe_only_fan_out(office, "one", readers=2)
    await office.follower(1003, "Mali")
    await run(office, logged, articles=1)
    assert await office.states() == {"pending": 3}
    await office.follower(1004, "Mali")
    await owe_only_fan_out(office, "two", readers=1)
    await run(office, logged, articles=2)
    assert await office.states() == {"pending": 3 + 4}


async def test_an_article_that_nobody_follows_is_done_and_wakes_nobody(office: Office, logged: Logged) -> None:
    async with office.database.write() as connection:
        await news(connection, an_article(), [])
    await run(office, logged, articles=1)
    assert logged.of("article fanned out")[0]["alerts"] == 0
    assert not office.due.is_set()


async def test_news_wakes_it(office: Office, logged: Logged) -> None:
    arrives, stop = asyncio.Event(), asyncio.Event()
    working = asyncio.create_task(FanOut(office.database, office.clock, news=arrives, due=office.due).run(stop))
    await owe_only_fan_out(office, "one", readers=1)
    arrives.set()
    await logged.wait_for("article fanned out")
    stop.set()
    await working


async def test_alerts_leave_while_the_fan_out_goes_on(office: Office, logged: Logged) -> None:
    readers = [await office.reader(number) for number in range(1001, 1008)]
    office.telegram.faults.add(Fault("500", method="sendMessage", chat_id=1007))
    async with office.database.write() as connection:
        (mali,) = await a_follower(connection, 1001, "Mali")
        await news(connection, an_article(), [mali.id])
    async with office.sending():
        await run(office, logged, articles=1)
        for reader in readers[:-1]:
            await reader.wait_for_text("Headline of one")
        await logged.wait_for("alert not sent")
        office.later(3)
        await readers[-1].wait_for_text("Headline of one")
