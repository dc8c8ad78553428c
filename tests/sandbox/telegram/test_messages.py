"""Messages: sent, edited, answered, taken away."""

import asyncio

import pytest
from telegram import LinkPreviewOptions, Message, ReplyParameters
from telegram.constants import ChatAction
from telegram.error import BadRequest

from bot.sandbox.telegram import BotApiServer, User, buttons
from bot.sandbox.telegram.taps import Taps
from bot.telegram.application import TelegramBot
from tests.sandbox.telegram.calling import Clock, Http, Json, unknown_fields

MENU = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}], [{"text": "Site", "url": "http://a.example/"}]]}


async def test_a_message_comes_back_whole(bot: TelegramBot, ada: User) -> None:
    preview = LinkPreviewOptions(False, "http://a.example/", prefer_small_media=True, show_above_text=True)
    sent = await bot.send_message(ada.id, "hello", link_preview_options=preview, protect_content=True)
    assert (sent.chat.id, sent.chat.username, sent.text) == (ada.id, "ada", "hello")
    assert sent.from_user == bot.bot
    assert sent.link_preview_options is not None
    assert sent.link_preview_options.to_dict() == {
        "url": "http://a.example/",
        "prefer_small_media": True,
        "show_above_text": True,
    }
    assert sent.has_protected_content is True
    assert sent.message_id > ada.messages[0]["message_id"]
    assert unknown_fields(sent) == {}


@pytest.mark.parametrize(
    ("parameters", "kept"),
    [
        ({}, None),
        ({"disable_web_page_preview": True}, {"is_disabled": True}),
        ({"link_preview_options": {"is_disabled": False}}, None),
        ({"link_preview_options": {"url": ""}, "disable_web_page_preview": True}, None),
    ],
)
async def test_only_what_is_said_of_the_preview_is_kept(http: Http, ada: User, parameters: Json, kept: object) -> None:
    sent = await http.result("sendMessage", chat_id=ada.id, text="x", **parameters)
    assert sent.get("link_preview_options") == kept


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({}, "message text is empty"),
        ({"text": "x"}, "chat_id is empty"),
        ({"text": "x", "chat_id": "@nobody"}, "chat not found"),
        ({"text": "x", "chat_id": "ada"}, "chat not found"),
        ({"text": "x", "chat_id": 4711}, "chat not found"),
        ({"text": "x", "chat_id": "9" * 400}, "chat not found"),
        ({"text": "x", "chat_id": 1001, "link_preview_options": "{"}, "can't parse link preview options JSON object"),
        ({"text": "x", "chat_id": 1001, "link_preview_options": []}, "object expected as link preview options"),
        ({"text": "x", "chat_id": 1001, "reply_parameters": 7}, "object expected as reply parameters"),
        ({"text": "x", "chat_id": 1001, "reply_parameters": {"x": 1}}, 'can\'t find field "message_id"'),
        ({"text": "x", "chat_id": 1001, "reply_parameters": {"message_id": 99}}, "message to be replied not found"),
        ({"text": "x", "chat_id": 1001, "message_thread_id": 5}, "message thread not found"),
    ],
)
async def test_what_cannot_be_sent_is_refused(http: Http, ada: User, parameters: Json, reason: str) -> None:
    assert await http.refusal("sendMessage", **parameters) == reason
    assert ada.received == []


async def test_a_reply_quotes_what_it_replies_to(bot: TelegramBot, ada: User) -> None:
    first = await bot.send_message(ada.id, "one")
    second = await bot.send_message(ada.id, "two", reply_parameters=ReplyParameters(first.message_id))
    third = await bot.send_message(ada.id, "three", reply_to_message_id=second.message_id)
    assert second.reply_to_message is not None
    assert third.reply_to_message is not None
    assert (second.reply_to_message.text, third.reply_to_message.text) == ("one", "two")
    assert third.reply_to_message.reply_to_message is None
    assert unknown_fields(third) == {}


async def test_a_reply_goes_without_its_quote_where_it_may(http: Http, ada: User) -> None:
    gone = {"message_id": 99, "allow_sending_without_reply": True}
    ways: list[Json] = [{"reply_parameters": gone}, {"reply_parameters": {}}, {"reply_to_message_id": -1}]
    for parameters in ways:
        sent = await http.result("sendMessage", chat_id=ada.id, text="x", **parameters)
        assert "reply_to_message" not in sent


async def test_a_thread_is_there_once_someone_wrote_in_it(bot: TelegramBot, server: BotApiServer, ada: User) -> None:
    group = server.group("Readers", [ada])
    await ada.say("/start", group, thread=7)
    sent = await bot.send_message(group.id, "x", message_thread_id=7)
    assert (sent.message_thread_id, sent.is_topic_message) == (7, True)
    with pytest.raises(BadRequest, match="Message thread not found"):
        await bot.send_message(group.id, "x", message_thread_id=8)
    await group.delete_thread(7)
    with pytest.raises(BadRequest, match="Message thread not found"):
        await bot.send_message(group.id, "x", message_thread_id=7)


async def test_a_group_without_threads_does_not_mind_one(bot: TelegramBot, server: BotApiServer, ada: User) -> None:
    group = server.group("Readers", [ada])
    assert (await bot.send_message(group.id, "x", message_thread_id=7)).message_thread_id is None


async def test_an_edit_changes_what_it_names_and_nothing_else(bot: TelegramBot, ada: User) -> None:
    sent = await bot.send_message(ada.id, "<b>one</b>")
    edited = await bot.edit_message_text("two", ada.id, sent.message_id)
    assert isinstance(edited, Message)
    assert (edited.text, edited.entities, edited.message_id, edited.date) == ("two", (), sent.message_id, sent.date)
    assert edited.edit_date is not None
    assert unknown_fields(edited) == {}
    assert [message["text"] for message in ada.received] == ["two"]
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_text("two", ada.id, sent.message_id)


@pytest.mark.parametrize(
    ("method", "parameters", "reason"),
    [
        ("editMessageText", {}, "message text is empty"),
        ("editMessageText", {"text": "x"}, "message identifier is not specified"),
        ("editMessageText", {"text": "x", "message_id": 1}, "chat_id is empty"),
        ("editMessageText", {"text": "x", "chat_id": 1001, "message_id": 99}, "message to edit not found"),
        ("editMessageText", {"text": "x", "chat_id": 1001, "message_id": 1}, "message can't be edited"),
        ("editMessageReplyMarkup", {"chat_id": 1001, "message_id": 1}, "message can't be edited"),
        ("deleteMessage", {}, "chat identifier is not specified"),
        ("deleteMessage", {"chat_id": 1001}, "message identifier is not specified"),
        ("deleteMessage", {"chat_id": 1001, "message_id": 99}, "message to delete not found"),
        ("sendChatAction", {"chat_id": 1001, "action": "dance"}, "wrong parameter action in request"),
        ("sendChatAction", {"chat_id": 99, "action": "typing"}, "chat not found"),
        ("answerCallbackQuery", {"text": "x" * 201, "callback_query_id": 1}, "MESSAGE_TOO_LONG"),
        (
            "answerCallbackQuery",
            {"callback_query_id": "nonsense"},
            "query is too old and response timeout expired or query ID is invalid",
        ),
    ],
)
async def test_what_cannot_be_done_is_refused(
    http: Http, ada: User, method: str, parameters: Json, reason: str
) -> None:
    assert await http.refusal(method, **parameters) == reason


async def test_in_a_private_chat_the_bot_takes_away_any_message(bot: TelegramBot, ada: User) -> None:
    sent = await bot.send_message(ada.id, "x")
    assert await bot.delete_message(ada.id, sent.message_id)
    assert await bot.delete_message(ada.id, ada.messages[0]["message_id"])
    assert ada.messages == []


async def test_in_a_group_it_takes_away_its_own_unless_it_is_administrator(
    bot: TelegramBot, server: BotApiServer, ada: User
) -> None:
    group = server.group("Readers", [ada])
    said, sent = await ada.say("x", group), await bot.send_message(group.id, "y")
    assert await bot.delete_message(group.id, sent.message_id)
    with pytest.raises(BadRequest, match="Message can't be deleted"):
        await bot.delete_message(group.id, said["message_id"])
    await group.promote()
    assert await bot.delete_message(group.id, said["message_id"])


async def test_what_the_bot_is_doing_shows(bot: TelegramBot, ada: User) -> None:
    assert await bot.send_chat_action(ada.id, ChatAction.TYPING)
    assert [event.data for event in ada.chat.events.after(0) if event.kind == "action"] == [{"action": "typing"}]


async def test_a_tap_reaches_the_bot_and_its_answer_the_user(bot: TelegramBot, http: Http, ada: User) -> None:
    sent = await http.result("sendMessage", chat_id=ada.id, text="Well?", reply_markup=MENU)
    tap = await ada.tap(sent, "Yes")
    query = (await bot.get_updates(offset=-1))[0].callback_query
    assert query is not None
    assert (query.data, query.id, query.from_user.id) == ("y", tap.id, ada.id)
    assert query.message is not None
    assert query.message.message_id == sent["message_id"]
    assert unknown_fields(query) == {}
    assert await query.answer("Noted", show_alert=True)
    assert (await tap.answer()).items() >= {"text": "Noted", "show_alert": True, "url": ""}.items()
    with pytest.raises(BadRequest, match="Query is too old"):
        await query.answer("again")


async def test_a_tap_can_be_answered_for_fifteen_seconds(http: Http, clock: Clock, ada: User) -> None:
    sent = await http.result("sendMessage", chat_id=ada.id, text="Well?", reply_markup=MENU)
    early, late = await ada.tap(sent, "y"), await ada.tap(sent, "y")
    clock.now += 15
    assert await http.result("answerCallbackQuery", callback_query_id=early.id) is True
    clock.now += 1
    assert "too old" in await http.refusal("answerCallbackQuery", callback_query_id=late.id)
    with pytest.raises(AssertionError, match="was not answered within 0 s"):
        await late.answer(within=0)


def test_only_so_many_taps_wait_for_their_answers(ada: User) -> None:
    taps = Taps()
    ids = [taps.begin(ada.chat, 1, now=0.0) for _ in range(10_001)]
    assert [taps.end(query_id, now=0.0) is None for query_id in (ids[0], ids[1], ids[-1])] == [True, False, False]


async def test_a_user_taps_only_buttons_that_are_there_unless_forging(http: Http, ada: User) -> None:
    sent = await http.result("sendMessage", chat_id=ada.id, text="Well?", reply_markup=MENU)
    assert [button["text"] for button in buttons(sent)] == ["Yes", "Site"]
    with pytest.raises(LookupError, match=r"no button 'Site'; there are \['Yes', 'Site'\]"):
        await ada.tap(sent, "Site")
    await ada.tap(sent, "made up", forged=True)
    (update,) = await http.result("getUpdates", offset=-1)
    assert update["callback_query"]["data"] == "made up"


async def test_waiting_for_a_message_ends_when_it_comes(bot: TelegramBot, ada: User) -> None:
    waiting = asyncio.create_task(ada.wait_for_text("wanted"))
    await bot.send_message(ada.id, "something else")
    sent = await bot.send_message(ada.id, "what was wanted")
    assert (await waiting)["message_id"] == sent.message_id


async def test_waiting_in_vain_names_what_there_is(bot: TelegramBot, ada: User) -> None:
    await bot.send_message(ada.id, "something else")
    with pytest.raises(AssertionError, match=r"no such message within 0 s; there are \['/start', 'something else'\]"):
        await ada.wait_for_text("wanted", within=0)
