import asyncio
import json
import traceback
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Update

from bot.errors import SettingsError
from bot.sandbox.telegram import TOKEN, BotApiServer, Fault
from bot.telegram import connection
from bot.telegram.application import TelegramApplication, TelegramBot, make_application, make_bot
from bot.telegram.calling import understood
from bot.telegram.connection import long_poll, persist, take_update
from tests.logged import Logged
from tests.telegram.conftest import Arrivals

NOT_REACHED = "Telegram not reached, trying again"


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "FIRST_PAUSE", timedelta(milliseconds=1))
    monkeypatch.setattr(connection, "LONGEST_PAUSE", timedelta(milliseconds=3))


@pytest.fixture
def stop() -> asyncio.Event:
    return asyncio.Event()


async def test_a_call_that_comes_through_is_made_once(telegram: BotApiServer, bot: TelegramBot, logged: Logged) -> None:
    before = len(telegram.calls.of("getMe"))
    assert await persist(bot.get_me, asyncio.Event())
    assert len(telegram.calls.of("getMe")) == before + 1
    assert logged.entries == []


async def test_an_outage_is_waited_for_and_said_once(
    telegram: BotApiServer, bot: TelegramBot, stop: asyncio.Event, logged: Logged
) -> None:
    telegram.faults.add(Fault("502", method="getMe", times=5))
    telegram.faults.add(Fault("500", method="getMe", times=2))
    assert await persist(bot.get_me, stop)
    assert [entry["event"] for entry in logged.entries] == [NOT_REACHED, NOT_REACHED, "Telegram reached again"]
    assert [entry["reason"] for entry in logged.of(NOT_REACHED)] == ["Bad Gateway", "Internal Server Error"]


async def test_a_result_of_another_kind_is_an_outage_too(
    telegram: BotApiServer, bot: TelegramBot, stop: asyncio.Event, logged: Logged
) -> None:
    telegram.faults.add(Fault("stray", method="getMe"))
    assert await persist(lambda: understood(bot.get_me()), stop)
    (entry,) = logged.of(NOT_REACHED)
    assert entry["reason"].startswith("The answer makes no sense: ")


async def test_a_bug_in_what_is_called_is_no_outage(stop: asyncio.Event) -> None:
    async def call() -> None:
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        await persist(call, stop)


async def test_a_wait_that_telegram_asks_for_is_kept(
    telegram: BotApiServer, bot: TelegramBot, stop: asyncio.Event, logged: Logged
) -> None:
    telegram.faults.add(Fault("429", method="getMe", retry_after=3600))
    calling = asyncio.create_task(persist(bot.get_me, stop))
    await logged.wait_for(NOT_REACHED)
    for _ in range(10):  # time enough for a second call, were it not to wait
        await bot.get_my_commands()
    stop.set()
    assert await calling is False


async def test_told_to_stop_during_an_outage_it_gives_up(
    telegram: BotApiServer, bot: TelegramBot, stop: asyncio.Event, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "FIRST_PAUSE", timedelta(hours=1))
    telegram.faults.add(Fault("502", method="getMe", times=1000))
    calling = asyncio.create_task(persist(bot.get_me, stop))
    await logged.wait_for(NOT_REACHED)
    stop.set()
    assert await calling is False


async def test_told_to_stop_it_breaks_off_a_call_without_an_answer(
    telegram: BotApiServer, arrivals: Arrivals, bot: TelegramBot, stop: asyncio.Event
) -> None:
    await arrivals.first("getMe")
    telegram.faults.add(Fault("timeout", method="getMe"))
    calling = asyncio.create_task(persist(bot.get_me, stop))
    await arrivals.first("getMe")
    stop.set()
    assert await calling is False


async def test_a_wrong_token_is_the_settings_fault_and_stays_secret(telegram: BotApiServer) -> None:
    token = "987654321:A-token-that-nobody-else-may-read-01234567"
    bot = make_bot(token, telegram.url)
    with pytest.raises(SettingsError, match="BOT_TOKEN is refused by Telegram") as caught:
        await persist(bot.initialize, asyncio.Event())
    await bot.shutdown()
    assert token not in "".join(traceback.format_exception(caught.value))


@pytest.fixture
async def application(bot: TelegramBot) -> TelegramApplication:
    return make_application(bot)


class Polling:
    """Long polling, under way."""

    def __init__(self, application: TelegramApplication) -> None:
        self._queue = application.update_queue
        self._stop = asyncio.Event()
        self._task = asyncio.create_task(long_poll(application, self._stop))

    async def next_text(self) -> str:
        """What the next update says."""
        async with asyncio.timeout(10):
            update = await self._queue.get()
        assert isinstance(update, Update)
        assert update.message is not None
        return update.message.text or ""

    async def end(self) -> None:
        """Stop it; raises what it raised."""
        self._stop.set()
        async with asyncio.timeout(10):
            await self._task

    async def died(self) -> None:
        """Wait until it ended by itself; raises what it raised."""
        async with asyncio.timeout(10):
            await self._task


@pytest.fixture
async def polling(application: TelegramApplication) -> Polling:
    return Polling(application)


async def test_updates_are_taken_in_order_and_confirmed_at_the_end(
    telegram: BotApiServer, polling: Polling, arrivals: Arrivals
) -> None:
    await arrivals.first("getUpdates")
    telegram.faults.add(Fault("timeout", method="getUpdates"))  # for the next one, which would confirm them
    ada = telegram.user(1)
    for words in ("one", "two"):
        await ada.say(words)
    assert [await polling.next_text(), await polling.next_text()] == ["one", "two"]
    await arrivals.first("getUpdates")
    assert len(telegram.world.updates) == 2
    await polling.end()
    assert len(telegram.world.updates) == 0


async def test_a_webhook_that_was_set_before_gives_way(telegram: BotApiServer, bot: TelegramBot) -> None:
    await bot.set_webhook("https://elsewhere.example/telegram")
    ada = telegram.user(1)
    polling = Polling(make_application(bot))
    await ada.say("here")
    assert await polling.next_text() == "here"
    await polling.end()


@pytest.mark.parametrize("fault", ["502", "reset", "nonsense"])
async def test_updates_come_through_an_outage_once(
    telegram: BotApiServer, polling: Polling, logged: Logged, fault: str
) -> None:
    telegram.faults.add(Fault(fault, method="getUpdates", times=3))
    ada = telegram.user(1)
    await ada.say("still here")
    assert await polling.next_text() == "still here"
    await polling.end()
    assert len(logged.of(NOT_REACHED)) == 1


async def test_somebody_else_who_asks_is_said_once(telegram: BotApiServer, polling: Polling, logged: Logged) -> None:
    telegram.faults.add(Fault("409", method="getUpdates", times=4))
    await telegram.user(1).say("mine")
    assert await polling.next_text() == "mine"
    await polling.end()
    (entry,) = [entry for entry in logged.entries if "another process asks" in entry["event"]]
    assert entry["level"] == "error"


async def test_a_token_that_is_revoked_ends_it_and_says_so(
    telegram: BotApiServer, polling: Polling, arrivals: Arrivals
) -> None:
    await arrivals.first("getUpdates")
    telegram.faults.add(Fault("401", method="getUpdates"))
    await telegram.user(1).say("the last that comes through")
    with pytest.raises(SettingsError, match="BOT_TOKEN"):
        await polling.died()


async def test_told_to_stop_before_telegram_is_reached_it_stops(
    telegram: BotApiServer, polling: Polling, logged: Logged
) -> None:
    telegram.faults.add(Fault("502", method="deleteWebhook", times=1000))
    await logged.wait_for(NOT_REACHED)
    await polling.end()
    assert telegram.calls.of("getUpdates") == []


async def test_told_to_stop_while_telegram_is_away_it_stops(
    telegram: BotApiServer, polling: Polling, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "FIRST_PAUSE", timedelta(hours=1))
    telegram.faults.add(Fault("502", method="getUpdates", times=1000))
    await logged.wait_for(NOT_REACHED)
    await polling.end()


MESSAGE: dict[str, Any] = {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}, "text": "hello"}


async def test_an_update_that_was_handed_over_is_queued(application: TelegramApplication) -> None:
    await take_update(application, {"update_id": 7, "message": MESSAGE})
    update = application.update_queue.get_nowait()
    assert isinstance(update, Update)
    assert (update.update_id, update.message and update.message.text) == (7, "hello")


DATES: list[Any] = ["x", [], 10**15, 6.8e16, 10**30]


@pytest.mark.parametrize(
    "data",
    [
        *(None, 1, "x", [], {}),
        *({"update_id": "7"}, {"update_id": None}, {"message": MESSAGE}, {"update_id": 7, "message": 1}),
        *({"update_id": 7, "message": {**MESSAGE, "date": date}} for date in DATES),
    ],
)
async def test_what_is_no_update_is_refused(application: TelegramApplication, data: object) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        await take_update(application, data)
    assert len(str(caught.value)) < 200
    assert application.update_queue.empty()


junk: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(MESSAGE)), inner, max_size=5),
    max_leaves=10,
)


@given(data=st.fixed_dictionaries({}, optional={"update_id": junk, "message": junk, "callback_query": junk}))
def test_any_json_is_an_update_or_refused(data: dict[str, Any]) -> None:
    application = make_application(make_bot(TOKEN, "http://127.0.0.1:1"))
    try:
        asyncio.run(take_update(application, json.loads(json.dumps(data))))
    except ValueError:
        assert application.update_queue.empty()
    else:
        assert isinstance(application.update_queue.get_nowait(), Update)


async def test_an_update_that_cannot_be_read_is_left_out_and_the_rest_go_on(
    telegram: BotApiServer, polling: Polling, logged: Logged
) -> None:
    telegram.world.updates.add("message", {"message_id": 1, "text": "without a chat"})
    await telegram.user(1001).say("still there")
    assert await polling.next_text() == "still there"
    await polling.end()
    assert len(logged.of("update not understood, and left out")) == 1
