"""Channels: configured by an admin from the private chat with the bot."""

import asyncio

import pytest
from sqlalchemy import text

from bot.sandbox.telegram import BotApiServer, Group, User, buttons
from bot.store.database import Database
from bot.telegram.application import TelegramApplication
from bot.topics.deep_links import link
from handlers.awaited import Awaited
from tests.handlers.conftest import one_database
from tests.handlers.test_following import followed
from tests.handlers.test_taps import labels, with_chips

HEAD = "📣 The <Daily> & Co\n\n"
LOST = "You or I may not write in that channel any more, so from now on you follow for yourself again."


@pytest.fixture
async def channel(telegram: BotApiServer, ada: User, ben: User) -> Group:
    """Ada's channel, to which Ben is subscribed. She has spoken with the bot before she lets it in."""
    await ada.say("/help")
    await ada.wait_for_text("I tell you when")
    return telegram.group("The <Daily> & Co", [ada, ben], kind="channel")


async def configure(ada: User) -> None:
    invitation = await ada.wait_for_text("I am now in the channel The <Daily> & Co.")
    await ada.tap(invitation, "Choose its topics")
    await ada.wait_for_text(f"{HEAD}From now on what you follow and choose here is for this channel")


async def test_who_lets_the_bot_into_a_channel_chooses_its_topics_in_private(
    database: Database, ada: User, channel: Group
) -> None:
    await configure(ada)
    await ada.say("/follow Mali, Chad")
    answer = await ada.wait_for_text(f"{HEAD}You now follow Mali and Chad.")
    await ada.tap(answer, "✓ Chad")
    await ada.wait_for(lambda message: labels(message) == {"✓ Mali", "+ Chad"})
    await ada.say("/topics")
    await ada.wait_for_text(f"{HEAD}You follow 1 topic")
    assert await followed(database, channel) == ["Mali"]
    assert await followed(database, ada) == []
    assert channel.received == []


async def test_channel_leads_back_to_ones_own_topics(database: Database, ada: User, channel: Group) -> None:
    await configure(ada)
    await ada.say("/channel")
    await ada.tap(await ada.wait_for_text("is for this channel."), "Back to my own topics")
    await ada.wait_for_text("From now on you follow for yourself again.")
    await ada.say("/follow Mali")
    await ada.wait_for(lambda message: message["text"].startswith("You now follow Mali."))
    assert await followed(database, ada) == ["Mali"]
    assert await followed(database, channel) == []


async def test_a_channel_is_chosen_with_the_button_below(database: Database, ada: User, channel: Group) -> None:
    await ada.say("/channel")
    await ada.wait_for_text("Choose one of which you are an admin")
    await ada.share("Choose a channel", channel)
    await ada.wait_for_text(f"{HEAD}From now on")
    await ada.say("/follow Mali")
    await ada.wait_for_text(f"{HEAD}You now follow Mali.")
    assert await followed(database, channel) == ["Mali"]


@one_database
async def test_who_chooses_a_channel_is_not_asked_twice(telegram: BotApiServer, ada: User) -> None:
    await ada.say("/channel")
    await ada.wait_for_text("Choose one of which you are an admin")
    second = telegram.group("Second", [ada], kind="channel")
    await ada.share("Choose a channel", second)
    await ada.wait_for_text("📣 Second\n\nFrom now on")
    assert not [message for message in ada.received if "I am now in the channel" in message["text"]]
    telegram.group("Third", [ada], kind="channel")
    await ada.wait_for_text("I am now in the channel Third.")


async def test_nor_where_it_takes_long_to_write_down_that_the_bot_was_let_in(
    telegram: BotApiServer, database: Database, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_chosen = asyncio.Event()
    remove = Awaited.remove

    def noted(self: Awaited, reader: int) -> None:
        remove(self, reader)
        has_chosen.set()

    monkeypatch.setattr(Awaited, "remove", noted)
    await ada.say("/channel")
    await ada.wait_for_text("Choose one of which you are an admin")
    second = telegram.group("Second", [ada], kind="channel")
    async with database.write() as connection:
        if not database.is_sqlite:  # where one that writes has all others wait
            await connection.execute(text("LOCK TABLE chats IN SHARE MODE"))
        await ada.share("Choose a channel", second)
        await asyncio.wait_for(has_chosen.wait(), 5)
    await ada.wait_for_text("📣 Second\n\nFrom now on")
    telegram.group("Third", [ada], kind="channel")
    await ada.wait_for_text("I am now in the channel Third.")
    assert not [message for message in ada.received if "I am now in the channel Second" in message["text"]]


async def test_each_button_is_for_the_chat_that_its_message_is_about(
    bot: TelegramApplication, database: Database, ada: User, channel: Group
) -> None:
    own = await with_chips(bot, database, ada, "Mali")
    await configure(ada)
    await ada.tap(own, "+ Mali")
    await ada.wait_for(lambda message: labels(message) == {"✓ Mali"})
    assert (await followed(database, ada), await followed(database, channel)) == (["Mali"], [])
    await ada.say("/unfollow Mali", reply_to=own)
    await ada.wait_for(lambda message: message["text"].startswith("You no longer follow Mali."))
    await ada.say("/follow Chad")
    answer = await ada.wait_for_text(f"{HEAD}You now follow Chad.")
    await ada.say("/channel")
    await ada.tap(await ada.wait_for_text("is for this channel."), "Back to my own topics")
    await ada.wait_for_text("From now on you follow for yourself again.")
    await ada.tap(answer, "✓ Chad")
    await ada.wait_for(lambda message: labels(message) == {"+ Chad"})
    assert await followed(database, ada) == await followed(database, channel) == []


async def test_who_is_no_admin_any_more_is_back_at_home(
    database: Database, ada: User, ben: User, channel: Group
) -> None:
    await channel.appoint(ben)
    await ben.say("/help")
    await ben.wait_for_text("I tell you when")
    forged = await ben.tap(ben.received[-1], f"channel:{channel.id}", forged=True)
    await forged.answer()
    await ben.wait_for_text(f"{HEAD}From now on")
    await channel.kick()
    await ben.say("/follow Mali")
    await ben.wait_for_text(LOST)
    await ben.say("/follow Chad")
    await ben.wait_for(lambda message: message["text"].startswith("You now follow Chad."))
    assert await followed(database, channel) == []
    assert await followed(database, ben) == ["Chad"]


@one_database
@pytest.mark.parametrize("whose", ["channel", "nobody", "group"])
async def test_nobody_configures_what_is_not_theirs(
    telegram: BotApiServer, database: Database, ada: User, ben: User, channel: Group, whose: str
) -> None:
    group = telegram.group("Readers", [ben])
    await ben.say("/help")
    message = await ben.wait_for_text("I tell you when")
    chat_id = {"channel": channel.id, "nobody": -1_000_000_999_999, "group": group.id}[whose]
    tap = await ben.tap(message, f"channel:{chat_id}", forged=True)
    assert (await tap.answer())["text"] == LOST
    await ben.say("/follow Mali")
    await ben.wait_for(lambda message: message["text"].startswith("You now follow Mali."))
    assert await followed(database, ben) == ["Mali"]


async def test_under_a_channels_post_only_its_admins_change_what_it_follows(
    bot: TelegramApplication, database: Database, ada: User, ben: User, channel: Group
) -> None:
    post = await with_chips(bot, database, channel, "Mali")
    assert (await (await ben.tap(post, "+ Mali")).answer())["url"] == link("sandbox_bot", "Mali")
    await ada.tap(post, "+ Mali")
    await channel.wait_for(lambda message: labels(message) == {"✓ Mali"})
    assert await followed(database, channel) == ["Mali"]
    assert await followed(database, ada) == await followed(database, ben) == []


@one_database
async def test_in_a_group_channel_leads_to_the_private_chat(telegram: BotApiServer, ada: User) -> None:
    group = telegram.group("Readers", [ada])
    await ada.say("/channel", to=group)
    answer = await group.wait_for_text("Send me /channel in our private chat")
    assert buttons(answer) == []
    await ada.tap(answer, f"channel:{group.id}", forged=True)
    await ada.say("/topics", to=group)
    await group.wait_for_text("You follow no topics yet")
