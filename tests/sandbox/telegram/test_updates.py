"""getUpdates: order, offsets, limits, long polling and its conflicts."""

import asyncio

import pytest
from telegram.error import Conflict

from bot.sandbox.telegram import TOKEN, BotApiServer, User
from bot.telegram.application import TelegramBot, make_bot
from tests.sandbox.telegram.calling import Clock, Http, unknown_fields


async def texts(http: Http, **parameters: int) -> list[str]:
    return [update["message"]["text"] for update in await http.result("getUpdates", **parameters)]


@pytest.fixture
async def said(http: Http, ada: User) -> int:
    """The id of the first of three updates: /start, one, two."""
    await ada.say("one")
    await ada.say("two")
    first: int = (await http.result("getUpdates"))[0]["update_id"]
    return first


async def test_updates_stay_until_they_are_confirmed(http: Http, said: int) -> None:
    assert await texts(http) == ["/start", "one", "two"]
    assert await texts(http, offset=said) == ["/start", "one", "two"]
    assert await texts(http, offset=said + 1) == ["one", "two"]
    assert await texts(http, offset=said) == ["one", "two"]
    assert await texts(http, offset=said + 3) == []
    assert await texts(http) == []


async def test_ids_ascend_by_one(http: Http, said: int) -> None:
    assert [update["update_id"] for update in await http.result("getUpdates")] == [said, said + 1, said + 2]


async def test_a_negative_offset_keeps_the_last_only(http: Http, said: int) -> None:
    assert await texts(http, offset=-2) == ["one", "two"]
    assert await texts(http, offset=-9) == ["one", "two"]


async def test_an_offset_far_in_the_future_confirms_nothing(http: Http, said: int) -> None:
    assert await texts(http, offset=said + 100) == ["/start", "one", "two"]


@pytest.mark.parametrize(("limit", "count"), [(1, 1), (2, 2), (0, 1), (-5, 1), (1000, 3)])
async def test_the_limit_is_between_1_and_100(http: Http, said: int, limit: int, count: int) -> None:
    assert len(await texts(http, limit=limit)) == count


async def test_updates_are_kept_for_a_day(http: Http, clock: Clock, ada: User) -> None:
    clock.now += 24 * 60 * 60
    await ada.say("one")
    assert await texts(http) == ["/start", "one"]
    clock.now += 1
    assert await texts(http) == ["one"]


async def under_way(bot: TelegramBot, server: BotApiServer) -> None:
    """Return when a long poll is under way."""
    async with asyncio.timeout(5):
        while server.world.updates._poll is None:
            await bot.get_me()


async def test_a_long_poll_ends_with_the_first_update(bot: TelegramBot, server: BotApiServer, ada: User) -> None:
    (first,) = await bot.get_updates()
    polling = asyncio.create_task(bot.get_updates(offset=first.update_id + 1, timeout=10))
    await under_way(bot, server)
    await ada.say("one")
    (update,) = await polling
    assert update.message is not None
    assert (update.message.text, update.update_id) == ("one", first.update_id + 1)
    assert unknown_fields(update) == {}


async def test_a_long_poll_ends_in_time(server: BotApiServer) -> None:
    assert await server.world.updates.poll(0, 100, 0.001) == []


async def test_a_poll_gives_way_to_a_later_one(bot: TelegramBot, server: BotApiServer, http: Http) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=10))
    await under_way(bot, server)
    second = asyncio.create_task(http.result("getUpdates", timeout=10))
    with pytest.raises(Conflict, match="terminated by other getUpdates request"):
        await first
    ada = server.user()
    await ada.say("one")
    assert [update["message"]["text"] for update in await second] == ["one"]


async def test_a_poll_gives_way_to_a_webhook(bot: TelegramBot, server: BotApiServer) -> None:
    polling = asyncio.create_task(bot.get_updates(timeout=10))
    await under_way(bot, server)
    await bot.set_webhook("https://a.example/")
    with pytest.raises(Conflict, match="terminated by setWebhook request"):
        await polling
    with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
        await bot.get_updates()
    await bot.delete_webhook()
    assert await bot.get_updates() == ()


async def test_a_poll_that_is_broken_off_leaves_the_next_alone(
    bot: TelegramBot, server: BotApiServer, ada: User
) -> None:
    (first,) = await bot.get_updates()
    polling = asyncio.create_task(bot.get_updates(offset=first.update_id + 1, timeout=10))
    await under_way(bot, server)
    polling.cancel()
    async with asyncio.timeout(5):
        while server.world.updates._poll is not None:
            await bot.get_me()
    await ada.say("one")
    assert len(await bot.get_updates()) == 1


async def test_a_server_that_stops_ends_the_poll_under_way() -> None:
    async with BotApiServer() as server, make_bot(TOKEN, server.url) as bot:
        polling = asyncio.create_task(bot.get_updates(timeout=10))
        await under_way(bot, server)
        await server.__aexit__(None, None, None)
        assert await polling == ()


@pytest.mark.parametrize(
    ("allowed", "kinds"),
    [
        (["message"], ["message"]),
        (["MESSAGE", "nonsense"], ["message"]),
        ([], ["message", "my_chat_member"]),
        (["nonsense"], ["message", "my_chat_member"]),
        ("no JSON", ["message", "my_chat_member"]),
        ([7], ["message", "my_chat_member"]),
    ],
)
async def test_the_bot_gets_the_kinds_that_it_asks_for(
    http: Http, server: BotApiServer, allowed: object, kinds: list[str]
) -> None:
    await http.result("getUpdates", allowed_updates=allowed)
    ada = server.user()
    await ada.say("one")
    await ada.block()
    assert [kind for update in await http.result("getUpdates") for kind in update if kind != "update_id"] == kinds


async def test_what_it_asked_for_stays_until_it_asks_for_something_else(http: Http, ada: User) -> None:
    await http.result("getUpdates", offset=99, allowed_updates=["callback_query"])
    await http.result("getUpdates")
    await ada.say("unheard")
    assert (await http.result("getWebhookInfo"))["allowed_updates"] == ["callback_query"]
    await http.result("getUpdates", allowed_updates=[])
    await ada.say("heard")
    assert (await texts(http))[-1] == "heard"
    assert "allowed_updates" not in await http.result("getWebhookInfo")
