import pytest

from bot.sandbox.telegram import BotApiServer, Group, User
from bot.store.database import Database
from tests.handlers.conftest import one_database
from tests.handlers.test_following import followed


@pytest.fixture
async def group(telegram: BotApiServer, ada: User, ben: User) -> Group:
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
    await group.wait_for_text("You follow these topics")
    assert ada.received == ben.received == []


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
