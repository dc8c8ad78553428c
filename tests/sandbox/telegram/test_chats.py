"""Chats: who may be written to, who is in them, and what becomes of them."""

import pytest
from telegram import ChatMemberAdministrator, ChatMemberBanned, ChatMemberMember, ChatMemberOwner
from telegram.error import BadRequest, ChatMigrated, Forbidden

from bot.sandbox.telegram import BotApiServer, Limits, User
from bot.telegram.application import TelegramBot
from tests.sandbox.telegram.calling import Http, unknown_fields


async def test_who_never_wrote_cannot_be_written_to(bot: TelegramBot, server: BotApiServer) -> None:
    ben = server.user(first_name="Ben")
    with pytest.raises(Forbidden, match="initiate conversation"):
        await bot.send_message(ben.id, "x")
    await ben.say("hello")
    await bot.send_message(ben.id, "x")


async def test_who_blocked_the_bot_hears_nothing_until_they_come_back(bot: TelegramBot, ada: User) -> None:
    await ada.block()
    await ada.block()  # which changes nothing
    for call in (bot.send_message(ada.id, "x"), bot.send_chat_action(ada.id, "typing")):
        with pytest.raises(Forbidden, match="bot was blocked by the user"):
            await call
    await ada.unblock()
    await bot.send_message(ada.id, "x")
    changes = [update.my_chat_member for update in await bot.get_updates() if update.my_chat_member]
    assert [(type(c.old_chat_member), type(c.new_chat_member)) for c in changes] == [
        (ChatMemberMember, ChatMemberBanned),
        (ChatMemberBanned, ChatMemberMember),
    ]
    assert unknown_fields(changes) == {}


async def test_writing_unblocks(bot: TelegramBot, ada: User) -> None:
    await ada.block()
    await ada.say("I am back")
    await bot.send_message(ada.id, "x")


async def test_a_deleted_account_hears_nothing(bot: TelegramBot, ada: User) -> None:
    await ada.deactivate()
    with pytest.raises(Forbidden, match="user is deactivated"):
        await bot.send_message(ada.id, "x")


@pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
async def test_a_bot_that_is_not_in_it_cannot_write(
    bot: TelegramBot, server: BotApiServer, ada: User, kind: str
) -> None:
    group = server.group("Readers", [ada], kind=kind)
    await bot.send_message(group.id, "x")
    await group.kick()
    with pytest.raises(Forbidden, match=f"bot was kicked from the {kind} chat"):
        await bot.send_message(group.id, "x")
    await group.add()
    assert await bot.leave_chat(group.id)
    with pytest.raises(Forbidden, match=f"bot is not a member of the {kind} chat"):
        await bot.send_message(group.id, "x")
    await ada.say("/hello", group)
    updates = await bot.get_updates()
    assert [update.my_chat_member.from_user.id for update in updates if update.my_chat_member] == [
        *(ada.id,) * 3,
        bot.id,
    ]
    assert all(update.effective_message is None or update.effective_message.text != "/hello" for update in updates)


async def test_a_channel_takes_posts_from_administrators_only(bot: TelegramBot, server: BotApiServer) -> None:
    channel = server.group("News", kind="channel")
    post = await bot.send_message(channel.id, "x")
    assert (post.from_user, post.sender_chat) == (None, post.chat)
    assert unknown_fields(post) == {}
    await channel.kick()
    await channel.add()
    with pytest.raises(BadRequest, match="Need administrator rights in the channel chat"):
        await bot.send_message(channel.id, "x")


async def test_a_group_that_migrated_says_where_it_went(bot: TelegramBot, server: BotApiServer, ada: User) -> None:
    group = server.group("Readers", [ada], kind="group")
    await bot.get_updates(offset=-1)
    upgraded = await group.migrate()
    with pytest.raises(ChatMigrated) as moved:
        await bot.send_message(group.id, "x")
    assert moved.value.new_chat_id == upgraded.id
    assert (await bot.send_message(upgraded.id, "x")).chat.type == "supergroup"
    messages = [update.message for update in await bot.get_updates() if update.message]
    moves = [(m.chat.id, m.migrate_to_chat_id, m.migrate_from_chat_id) for m in messages[-2:]]
    assert moves == [(group.id, upgraded.id, None), (upgraded.id, None, group.id)]
    assert unknown_fields(messages) == {}


async def test_a_public_chat_is_found_by_its_name(http: Http) -> None:
    given = {"type": "supergroup", "title": "Readers", "username": "Lantern_Readers"}
    _, group = await http.request("POST", "/client/chats", json=given)
    sent = await http.result("sendMessage", chat_id="@lantern_readers", text="x")
    assert sent["chat"]["id"] == group["id"]


async def test_what_the_bot_may_know_of_a_chat(bot: TelegramBot, server: BotApiServer, ada: User) -> None:
    group = server.group("Readers", [ada])
    for chat_id, title in ((ada.id, None), (group.id, "Readers")):
        chat = await bot.get_chat(chat_id)
        assert (chat.id, chat.title) == (chat_id, title)
        assert unknown_fields(chat) == {}
    await group.kick()
    with pytest.raises(Forbidden, match="kicked"):
        await bot.get_chat(group.id)


async def test_who_is_what_in_a_group(bot: TelegramBot, server: BotApiServer, ada: User) -> None:
    ben, eve = server.user(first_name="Ben"), server.user(first_name="Eve")
    group = server.group("Readers", [ada, ben])
    members = [await bot.get_chat_member(group.id, user_id) for user_id in (ada.id, ben.id, eve.id, bot.id)]
    assert [member.status for member in members] == ["creator", "member", "left", "member"]
    assert [member.user.id for member in await bot.get_chat_administrators(group.id)] == [ada.id]
    await group.promote()
    administrators = await bot.get_chat_administrators(group.id)
    assert [type(member) for member in administrators] == [ChatMemberOwner, ChatMemberAdministrator]
    assert unknown_fields(members + list(administrators)) == {}
    assert (await bot.get_chat_member(ada.id, ada.id)).status == "member"


@pytest.mark.parametrize(
    ("method", "parameters", "reason"),
    [
        ("getChat", {"chat_id": 4711}, "chat not found"),
        ("getChatMember", {"chat_id": 1001}, "invalid user_id specified"),
        ("getChatMember", {"chat_id": 1001, "user_id": 4711}, "member not found"),
        ("getChatMember", {"chat_id": 1001, "user_id": 1002}, "member not found"),
        ("getChatAdministrators", {"chat_id": 1001}, "there are no administrators in the private chat"),
        ("leaveChat", {"chat_id": 1001}, "can't leave private chats"),
    ],
)
async def test_what_cannot_be_asked_of_a_chat(
    http: Http, server: BotApiServer, ada: User, method: str, parameters: dict[str, int], reason: str
) -> None:
    server.user(1002)
    assert await http.refusal(method, **parameters) == reason


async def test_in_a_group_the_bot_sees_commands_and_replies_to_it(
    bot: TelegramBot, server: BotApiServer, ada: User
) -> None:
    ben = server.user(first_name="Ben")
    group = server.group("Readers", [ada, ben])
    await bot.get_updates(offset=-1)
    sent = await bot.send_message(group.id, "ask me")
    reply_to = {"message_id": sent.message_id}
    await ada.say("just talk", group)
    await ada.say("talk of /commands", group)
    await ada.say("/one", group)
    await ben.say("/two@Sandbox_Bot now", group)
    await ada.say("/three@other_bot", group)
    await ben.say("four", group, reply_to=reply_to)
    await ada.say("a reply to nothing", group, reply_to={"message_id": 99})
    await group.promote()
    await ada.say("five", group)
    messages = [update.message for update in await bot.get_updates() if update.message]
    assert [message.text for message in messages] == ["/one", "/two@Sandbox_Bot now", "four", "five"]
    assert [message.from_user.first_name for message in messages if message.from_user] == ["Ada", "Ben", "Ben", "Ada"]
    assert messages[2].reply_to_message is not None
    assert messages[2].reply_to_message.text == "ask me"
    assert unknown_fields(messages) == {}


async def test_what_a_channel_says_is_a_channel_post(bot: TelegramBot, server: BotApiServer, ada: User) -> None:
    channel = server.group("News", [ada], kind="channel")
    await ada.say("read all about it", channel)
    update = (await bot.get_updates(offset=-1))[0]
    assert update.channel_post is not None
    assert (update.channel_post.text, update.channel_post.sender_chat) == (
        "read all about it",
        update.channel_post.chat,
    )


async def test_nobody_writes_in_anothers_private_chat(http: Http, server: BotApiServer, ada: User) -> None:
    ben = server.user(first_name="Ben")
    status, answer = await http.request(
        "POST", f"/client/chats/{ada.id}/messages", json={"text": "x", "from_id": ben.id}
    )
    assert (status, answer) == (400, {"error": "user not found"})


async def test_a_chat_keeps_its_last_messages_only() -> None:
    async with BotApiServer(limits=Limits.off(), messages_kept=2) as server:
        ada = server.user()
        for number in range(3):
            await ada.say(str(number))
        assert [message["text"] for message in ada.messages] == ["1", "2"]


async def test_an_empty_group_is_spoken_for_by_telegram_itself(bot: TelegramBot, server: BotApiServer) -> None:
    group = server.group("Nobody's", kind="group")
    await group.migrate()
    message = (await bot.get_updates(offset=-2))[0].message
    assert message is not None
    assert message.from_user is not None
    assert message.from_user.id == 777000
