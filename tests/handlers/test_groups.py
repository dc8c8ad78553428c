"""Groups, their admins and their threads; how the bot comes and goes."""

import inspect
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select
from telegram import ChatMember, ChatMemberLeft, ChatMemberMember, ChatMemberRestricted
from telegram import User as TelegramUser

from bot.model import Chat, ChatKind
from bot.sandbox.telegram import BotApiServer, Group, Room, User
from bot.store.database import Database
from bot.store.schema import chats, follows
from bot.telegram.application import TelegramApplication
from handlers.admins import TRUSTED, Admins, may_change
from handlers.groups import may_write
from tests.handlers.conftest import one_database
from tests.handlers.test_following import followed
from tests.logged import Logged
from tests.make import NOW

ONLY_ADMINS = "Only admins change what is followed here. In our private chat you can follow for yourself."


@pytest.fixture
async def group(telegram: BotApiServer, ada: User, ben: User) -> Group:
    """Ada's group, in which Ben is, too."""
    group = telegram.group("Readers", [ada, ben])
    await group.promote()  # so that it sees every message
    return group


async def test_a_group_follows_for_itself(database: Database, group: Group, ada: User, ben: User) -> None:
    await ada.say("/follow Mali", to=group)
    answer = await group.wait_for_text("You now follow Mali.")
    assert answer["reply_to_message"]["text"] == "/follow Mali"
    await ada.say("/follow@sandbox_bot Chad", to=group)
    await group.wait_for_text("You now follow Chad.")
    assert await followed(database, ada) == await followed(database, ben) == []
    await ben.say("/topics", to=group)
    await group.wait_for_text("You follow")
    assert ada.received == ben.received == []


@one_database
@pytest.mark.parametrize(
    "command", ["/follow Chad", "/unfollow Mali", "/mute 8h", "/settings", "/export", "/forget", "/start ncGF5bG9hZA"]
)
async def test_who_is_no_admin_changes_nothing(
    database: Database, group: Group, ada: User, ben: User, command: str
) -> None:
    await ada.say("/follow Mali", to=group)
    await group.wait_for_text("You now follow Mali.")
    await ben.say(command, to=group)
    await group.wait_for_text(ONLY_ADMINS)
    assert await followed(database, group) == ["Mali"]


@one_database
async def test_what_a_group_cannot_do_it_is_not_told_of(group: Group, ada: User) -> None:
    await ada.say("/help", to=group)
    assert (await group.wait_for_text("I tell you when"))["text"].endswith(ONLY_ADMINS)
    await ada.say("/zone", to=group)
    assert "location" not in (await group.wait_for_text("Elsewhere?"))["text"]
    await ada.say("/zone")
    await ada.wait_for_text("or your location; I keep only the time zone.")


@one_database
async def test_an_admin_who_is_anonymous_or_newly_appointed_may(
    database: Database, group: Group, ada: User, ben: User
) -> None:
    await ben.say("/follow Mali", to=group)
    await group.wait_for_text(ONLY_ADMINS)
    await group.appoint(ben)
    await ben.say("/follow Mali", to=group)
    await group.wait_for_text("You now follow Mali.")
    await ada.say("/follow Chad", to=group, anonymous=True)
    await group.wait_for_text("You now follow Chad.")
    assert await followed(database, group) == ["Mali", "Chad"]


@one_database
async def test_telegram_is_asked_now_and_then_who_is_an_admin(
    telegram: BotApiServer, bot: TelegramApplication, group: Group, ben: User
) -> None:
    admins, chat = Admins(), Chat(group.id, ChatKind.SUPERGROUP)
    await group.appoint(ben)
    assert await admins.has(bot.bot, chat, ben.id, NOW)
    await group.dismiss(ben)
    assert await admins.has(bot.bot, chat, ben.id, NOW + TRUSTED / 2)
    assert len(telegram.calls.of("getChatMember")) == 1
    assert not await admins.has(bot.bot, chat, ben.id, NOW + TRUSTED)
    await group.kick()
    assert not await admins.has(bot.bot, chat, ben.id, NOW)


@one_database
@pytest.mark.parametrize(
    "words",
    ["Mali", "hello @sandbox_bot", "/nonsense", "/follow@other_bot Mali", "/help@other_bot", "I said /help", "🚀"],
)
async def test_what_is_not_for_the_bot_is_left_alone(group: Group, ada: User, words: str) -> None:
    await ada.say("/help", to=group)
    help_ = await group.wait_for_text("I tell you when")
    for reply_to in (None, help_):
        await ada.say(words, to=group, reply_to=reply_to)
    await ada.say("/topics", to=group)
    await group.wait_for_text("You follow no topics yet")
    assert len(group.received) == 2


async def threads(database: Database, group: Room) -> list[int | None]:
    async with database.read() as connection:
        query = select(follows.c.thread_id).where(follows.c.chat_id == group.id).order_by(follows.c.created_at)
        return list((await connection.execute(query)).scalars())


async def test_a_follow_made_in_a_thread_is_told_there(database: Database, group: Group, ada: User) -> None:
    await ada.say("/follow Mali", to=group, thread=7)
    answer = await group.wait_for_text("You now follow Mali.")
    assert answer["message_thread_id"] == 7
    await ada.say("/follow Chad", to=group)
    await group.wait_for_text("You now follow Chad.")
    assert await threads(database, group) == [7, None]
    await ada.say("/follow Mali", to=group, thread=8)
    answer = await group.wait_for_text("You already follow Mali.")
    assert "From now on I post it here." in answer["text"]
    assert await threads(database, group) == [8, None]


async def test_a_chip_tapped_in_a_thread_follows_into_it(database: Database, group: Group, ada: User) -> None:
    await ada.say("/follow Mali", to=group, thread=7)
    await ada.tap(await group.wait_for_text("You now follow Mali."), "✓ Mali")
    message = await group.wait_for(lambda message: "+ Mali" in str(message.get("reply_markup")))
    await (await ada.tap(message, "+ Mali")).answer()
    assert await threads(database, group) == [7]


async def resting(database: Database, room: Room) -> bool:
    async with database.read() as connection:
        query = select(chats.c.resting_since).where(chats.c.id == room.id)
        return (await connection.execute(query)).scalar_one() is not None


async def test_who_blocks_the_bot_rests_and_who_comes_back_wakes(database: Database, logged: Logged, ada: User) -> None:
    await ada.say("/follow Mali")
    await ada.wait_for_text("You now follow Mali.")
    await ada.block()
    await logged.wait_for("chat rests")
    assert await resting(database, ada)
    await ada.unblock()
    await logged.wait_for("chat is back")
    assert not await resting(database, ada)
    assert await followed(database, ada) == ["Mali"]


async def test_a_group_that_threw_the_bot_out_keeps_its_topics(
    database: Database, logged: Logged, group: Group, ada: User
) -> None:
    await ada.say("/follow Mali", to=group)
    await group.wait_for_text("You now follow Mali.")
    await group.kick()
    await logged.wait_for("chat rests")
    assert await resting(database, group)
    await group.add()
    await ada.say("/topics", to=group)
    await group.wait_for_text("You follow 1 topic")
    assert not await resting(database, group)


async def test_what_a_group_follows_moves_along_when_it_becomes_a_supergroup(
    telegram: BotApiServer, database: Database, ada: User
) -> None:
    group = Group(telegram.world, telegram.world.add_group("Readers", [ada.id]))
    await ada.say("/follow Mali", to=group)
    await group.wait_for_text("You now follow Mali.")
    upgraded = await group.migrate()
    await ada.say("/topics", to=upgraded)
    await upgraded.wait_for_text("You follow 1 topic")
    assert await followed(database, upgraded) == ["Mali"]
    assert await followed(database, group) == []


SOMEBODY = TelegramUser(1, "Tagalong", is_bot=True)
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def restricted(*, is_member: bool = True, can_send: bool = True) -> ChatMember:
    names = [name for name in inspect.signature(ChatMemberRestricted).parameters if name.startswith("can_")]
    rights: dict[str, Any] = dict.fromkeys(names, can_send)
    return ChatMemberRestricted(SOMEBODY, is_member=is_member, until_date=NEVER, **rights)


@pytest.mark.parametrize(
    ("member", "may"),
    [
        (ChatMemberMember(SOMEBODY), True),
        (ChatMemberLeft(SOMEBODY), False),
        (restricted(), True),
        (restricted(can_send=False), False),
        (restricted(is_member=False), False),
    ],
)
def test_where_the_bot_may_write(member: ChatMember, may: bool) -> None:
    assert may_write(member) is may
    assert not may_change(member, ChatKind.SUPERGROUP)
