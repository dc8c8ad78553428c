import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from bot.sandbox.telegram import TOKEN, BotApiServer, Limits
from bot.store import updates
from bot.store.database import Database
from bot.store.updates import Claim
from bot.telegram.application import TelegramApplication, make_application, make_bot
from bot.web import webhook
from handlers.registry import register
from handlers.turn import Desk
from tests.make import FEED, NOW
from tests.web.outside import MESSAGE, SECRET, Outside, reached


@pytest.fixture
async def telegram() -> AsyncIterator[BotApiServer]:
    async with BotApiServer(TOKEN, Limits.off()) as server:
        yield server


@asynccontextmanager
async def answering(telegram: BotApiServer, database: Database) -> AsyncIterator[TelegramApplication]:
    """The bot, as each process has one."""
    application = make_application(make_bot(TOKEN, telegram.url))
    register(application, Desk(database, lambda: NOW, (FEED,), "The Daily Sample"))
    async with application:
        await application.start()
        yield application
        await application.stop()


@pytest.fixture
async def application(telegram: BotApiServer, database: Database) -> AsyncIterator[TelegramApplication]:
    async with answering(telegram, database) as application:
        yield application


@pytest.fixture
async def live(telegram: BotApiServer, application: TelegramApplication, database: Database) -> AsyncIterator[Outside]:
    """A web server that Telegram's updates come to, with the bot behind it."""
    receiver = webhook.Receiver(database, application, lambda: NOW)
    async with reached(webhook.routes(SECRET, receiver.take)) as outside:
        await webhook.register(application.bot, database, f"{outside.url}/telegram", SECRET)
        yield outside
        await application.bot.delete_webhook()


async def test_what_a_reader_says_comes_by_webhook_and_is_answered(telegram: BotApiServer, live: Outside) -> None:
    ada = telegram.user(1001)
    await ada.say("/follow North Korea")
    await ada.wait_for_text("You now follow North Korea.", within=20)


async def test_the_same_update_twice_is_answered_once(telegram: BotApiServer, live: Outside) -> None:
    ada = telegram.user(1001)
    await ada.say("/start")
    await ada.wait_for_text("Welcome!", within=20)
    update = {"update_id": 4711, "message": MESSAGE}
    for _ in range(2):
        assert await live.hand_over(update) == (200, "")
    await live.hand_over({"update_id": 4712, "message": {**MESSAGE, "text": "Mali"}})
    await ada.wait_for_text("new articles on Mali?", within=20)
    assert sum("new articles on North Korea?" in message["text"] for message in ada.received) == 1


async def test_updates_of_other_kinds_and_edits_are_taken_and_left_alone(telegram: BotApiServer, live: Outside) -> None:
    ada = telegram.user(1001)
    await ada.say("/start")
    await ada.wait_for_text("Welcome!", within=20)
    edit = {**MESSAGE, "edit_date": 2, "text": "/follow Mali", "entities": [
        {"type": "bot_command", "offset": 0, "length": 7}
    ]}  # fmt: skip
    assert (await live.hand_over({"update_id": 5000, "edited_message": edit}))[0] == 200
    assert (await live.hand_over({"update_id": 5001, "something_new": {"x": 1}}))[0] == 200
    assert (await live.hand_over({"update_id": 5002, "poll_answer": {}}))[0] == 200
    await ada.say("/topics")
    await ada.wait_for_text("You follow no topics yet", within=20)
    assert len(ada.received) == 2


async def test_an_update_that_comes_to_two_processes_at_once_is_answered_by_one(
    telegram: BotApiServer, application: TelegramApplication, database: Database
) -> None:
    ada = telegram.user(1001)
    await ada.say("/start")  # so that the bot may write to her; nobody takes this update
    async with answering(telegram, database) as other:
        receivers = [webhook.Receiver(database, each, lambda: NOW) for each in (application, other)]
        update = {"update_id": 4711, "message": MESSAGE}
        claims = await asyncio.gather(*(receiver.take(update) for receiver in receivers * 3))
        assert claims.count(Claim.OURS) == 1
        assert [await receiver.take(update) for receiver in receivers] == [Claim.HANDLED] * 2
    await ada.wait_for_text("new articles on North Korea?", within=20)
    assert len(ada.received) == 1


async def test_an_update_whose_process_died_is_answered_by_the_next_when_its_lease_is_over(
    telegram: BotApiServer, application: TelegramApplication, database: Database
) -> None:
    async with database.write() as connection:
        assert await updates.claim(connection, [4711], NOW, webhook.LEASE) == [Claim.OURS]
    ada = telegram.user(1001)
    await ada.say("/start")  # so that the bot may write to her; nobody takes this update
    update = {"update_id": 4711, "message": MESSAGE}
    soon = NOW + webhook.LEASE - timedelta(seconds=1)
    assert await webhook.Receiver(database, application, lambda: soon).take(update) is Claim.TOO_EARLY
    later = NOW + webhook.LEASE
    assert await webhook.Receiver(database, application, lambda: later).take(update) is Claim.OURS
    await ada.wait_for_text("new articles on North Korea?", within=20)


async def test_what_telegram_will_not_send_again_is_forgotten(database: Database) -> None:
    async with database.write() as connection:
        await updates.claim(connection, [1], NOW, webhook.LEASE)
        await updates.settle(connection, [1])
        await updates.forget(connection, NOW + timedelta(days=1))
        assert await updates.claim(connection, [1], NOW + timedelta(days=1), webhook.LEASE) == [Claim.HANDLED]
        await updates.forget(connection, NOW + timedelta(days=3))
        assert await updates.claim(connection, [1], NOW + timedelta(days=3), webhook.LEASE) == [Claim.OURS]


@pytest.mark.parametrize("number", [-1, 2**53 + 1, "7", None, 1.5])
async def test_an_update_without_a_number_is_none(
    application: TelegramApplication, database: Database, number: object
) -> None:
    with pytest.raises(ValueError, match="no update"):
        await webhook.Receiver(database, application, lambda: NOW).take({"update_id": number, "message": MESSAGE})


async def test_the_webhook_is_set_only_when_it_is_another(
    telegram: BotApiServer, application: TelegramApplication, database: Database
) -> None:
    url = "https://bot.example/telegram"

    async def times_set(url: str, secret: str) -> int:
        before = len(telegram.calls.of("setWebhook"))
        await webhook.register(application.bot, database, url, secret)
        return len(telegram.calls.of("setWebhook")) - before

    assert await times_set(url, SECRET) == 1
    assert await times_set(url, SECRET) == 0
    assert await times_set(url, SECRET + "-2") == 1
    assert await times_set(url + "2", SECRET + "-2") == 1
    assert await times_set(url + "2", SECRET + "-2") == 0
    await application.bot.set_webhook(url + "2", secret_token="another", allowed_updates=["message"])
    assert await times_set(url + "2", SECRET + "-2") == 1
    assert await times_set(url + "2", SECRET + "-2") == 0
