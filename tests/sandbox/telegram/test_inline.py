"""Inline mode, documents, and buttons that ask for a channel, as python-telegram-bot speaks them."""

from collections.abc import Sequence
from typing import Any

import pytest
from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
    KeyboardButton,
    KeyboardButtonRequestChat,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    Update,
)
from telegram.error import BadRequest

from bot.sandbox.telegram import BotApiServer, User
from bot.telegram.application import TelegramBot
from tests.sandbox.telegram.calling import Clock, Http


def article(number: str = "1", text: str = "<b>one</b>", **more: Any) -> InlineQueryResultArticle:
    return InlineQueryResultArticle(number, "One", InputTextMessageContent(text), **more)


async def answer(bot: TelegramBot, server: BotApiServer, results: Sequence[InlineQueryResultArticle]) -> Any:
    query = server.world.ask(1001, "north korea")
    (update,) = await bot.get_updates(offset=-1)
    assert update.inline_query is not None
    await update.inline_query.answer(results, cache_time=60, next_offset="20")
    return query


async def test_an_answer_reaches_who_asked(bot: TelegramBot, server: BotApiServer, ada: User) -> None:
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Read", url="https://news.example/one")]])
    query = await answer(bot, server, [article(reply_markup=keyboard, description="short")])
    (result,) = query.results
    assert (result["title"], result["description"], result["message"]["text"]) == ("One", "short", "one")
    assert result["message"]["entities"] == [{"offset": 0, "length": 3, "type": "bold"}]
    assert result["message"]["reply_markup"]["inline_keyboard"][0][0]["text"] == "Read"
    assert (query.next_offset, query.cache_seconds, query.is_personal) == ("20", 60, False)


@pytest.mark.parametrize(
    ("results", "reason"),
    [
        ([article("1"), article("1")], "result_id_duplicate"),
        ([article("x" * 65)], "result_id_invalid"),
        ([article(str(number)) for number in range(51)], "results_too_much"),
        ([article(text="<b>")], "can't parse entities"),
        ([article(text="x" * 4097)], "message_too_long"),
        ([article(thumbnail_url="nonsense")], "wrong thumbnail_url"),
    ],
)
async def test_what_telegram_refuses(
    bot: TelegramBot, server: BotApiServer, ada: User, results: Sequence[InlineQueryResultArticle], reason: str
) -> None:
    with pytest.raises(BadRequest, match=f"(?i){reason}"):
        await answer(bot, server, results)


async def test_a_query_is_answered_once_and_in_time(server: BotApiServer, http: Http, ada: User, clock: Clock) -> None:
    for _ in range(2):
        server.world.ask(1001, "x")
    await http.result("answerInlineQuery", inline_query_id="1", results="[]")
    clock.now += 16
    for query_id in ("1", "2", "3"):
        reason = await http.refusal("answerInlineQuery", inline_query_id=query_id, results="[]")
        assert reason.startswith("query is too old")


async def test_a_document_arrives_whole(bot: TelegramBot, server: BotApiServer, ada: User) -> None:
    await bot.send_document(ada.id, b'{"a": 1}', filename="a.json", caption="<i>yours</i>")
    message = await ada.wait_for(lambda message: "document" in message)
    assert server.file(message) == b'{"a": 1}'
    assert (message["document"]["file_name"], message["document"]["mime_type"]) == ("a.json", "application/json")
    assert (message["caption"], message["caption_entities"][0]["type"]) == ("yours", "italic")
    with pytest.raises(BadRequest, match=r"(?i)file must be non-empty"):
        await bot.send_document(ada.id, b"", filename="a.json")
    with pytest.raises(BadRequest, match=r"(?i)caption is too long"):
        await bot.send_document(ada.id, b"x", filename="a.json", caption="x" * 1025)


async def test_a_channel_is_chosen_by_a_button_below(bot: TelegramBot, server: BotApiServer, ada: User) -> None:
    channel = server.group("News", [ada], kind="channel")
    await channel.kick()
    request = KeyboardButton("Choose", request_chat=KeyboardButtonRequestChat(7, chat_is_channel=True))
    await bot.send_message(ada.id, "Which?", reply_markup=ReplyKeyboardMarkup([[request]]))
    await ada.share("Choose", channel)
    *_, change, update = await bot.get_updates(allowed_updates=Update.ALL_TYPES)
    assert change.my_chat_member is not None
    assert change.my_chat_member.new_chat_member.status == "administrator"
    assert update.message is not None
    assert update.message.chat_shared is not None
    assert (update.message.chat_shared.request_id, update.message.chat_shared.chat_id) == (7, channel.id)
    await bot.send_message(ada.id, "Thanks", reply_markup=ReplyKeyboardRemove())
    with pytest.raises(LookupError):
        await ada.share("Choose", channel)


@pytest.mark.parametrize(
    ("request_chat", "reason"),
    [
        ({"chat_is_channel": True}, 'can\'t find field "request_id"'),
        ({"request_id": 1}, 'can\'t find field "chat_is_channel"'),
        (
            {"request_id": 1, "chat_is_channel": True, "bot_administrator_rights": {"can_post_messages": True}},
            "must be a subset",
        ),
    ],
)
async def test_a_button_that_asks_for_a_channel_wrongly(
    http: Http, ada: User, request_chat: dict[str, Any], reason: str
) -> None:
    keyboard = {"keyboard": [[{"text": "Choose", "request_chat": request_chat}]]}
    assert reason in (await http.refusal("sendMessage", chat_id=ada.id, text="x", reply_markup=keyboard)).replace(
        "Can't", "can't"
    )


async def test_administrators_are_who_was_appointed(bot: TelegramBot, server: BotApiServer, ada: User) -> None:
    ben = server.user(1002, first_name="Ben")
    group = server.group("Readers", [ada, ben])
    assert (await bot.get_chat_member(group.id, ben.id)).status == "member"
    await group.appoint(ben)
    assert (await bot.get_chat_member(group.id, ben.id)).status == "administrator"
    assert {member.user.id for member in await bot.get_chat_administrators(group.id)} == {ada.id, ben.id}
    await ben.say("/follow Mali", to=group, anonymous=True)
    (update,) = await bot.get_updates(offset=-1)
    assert update.message is not None
    assert update.message.sender_chat is not None
    assert update.message.sender_chat.id == group.id
    await group.dismiss(ben)
    assert (await bot.get_chat_member(group.id, ben.id)).status == "member"
