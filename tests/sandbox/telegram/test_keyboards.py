"""Buttons: which are taken, how they come back, and why others are refused."""

import json

import pytest
from telegram import (
    CopyTextButton,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LoginUrl,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    SwitchInlineQueryChosenChat,
    WebAppInfo,
)
from telegram.error import BadRequest

from bot.sandbox.telegram import User, buttons
from bot.telegram.application import TelegramBot
from tests.sandbox.telegram.calling import Http, Json, unknown_fields

OK = {"text": "x", "callback_data": "y"}


@pytest.mark.parametrize(
    "button",
    [
        InlineKeyboardButton("x", callback_data="y"),
        InlineKeyboardButton("x", callback_data="y" * 64),
        InlineKeyboardButton("x", callback_data="ж" * 32),
        InlineKeyboardButton("🖋", url="https://a.example/b?c=d#e"),
        InlineKeyboardButton("x", url="tg://user?id=1001"),
        InlineKeyboardButton("x", switch_inline_query=""),
        InlineKeyboardButton("x", switch_inline_query_current_chat="y"),
        InlineKeyboardButton(
            "x", switch_inline_query_chosen_chat=SwitchInlineQueryChosenChat("y", allow_user_chats=True)
        ),
        InlineKeyboardButton("x", login_url=LoginUrl("https://a.example/", request_write_access=True)),
        InlineKeyboardButton("x", web_app=WebAppInfo("https://a.example/")),
        InlineKeyboardButton("x", copy_text=CopyTextButton("y" * 256)),
        InlineKeyboardButton("x", pay=True),
        InlineKeyboardButton("x", callback_data="y", style="danger", icon_custom_emoji_id="5368324170671202286"),
    ],
)
async def test_a_button_comes_back_as_it_was_sent(bot: TelegramBot, ada: User, button: InlineKeyboardButton) -> None:
    message = await bot.send_message(ada.id, "x", reply_markup=InlineKeyboardMarkup([[button]]))
    assert message.reply_markup is not None
    assert message.reply_markup.inline_keyboard == ((button,),)
    assert unknown_fields(message) == {}
    assert buttons(ada.received[-1]) == [button.to_dict()]


@pytest.mark.parametrize(
    ("button", "kept"),
    [
        ({"text": "x", "url": "A.Example"}, {"text": "x", "url": "http://a.example/"}),
        ({"text": 7, "callback_data": 8}, {"text": "7", "callback_data": "8"}),
        (OK | {"style": "default"}, OK),
        (OK | {"style": "Primary"}, OK | {"style": "primary"}),
        (OK | {"nonsense": 1}, OK),
        (OK | {"url": ""}, OK),
        ({"text": "", "callback_data": "y", "icon_custom_emoji_id": 5}, OK | {"text": "", "icon_custom_emoji_id": "5"}),
    ],
)
async def test_what_telegram_makes_plain_comes_back_plain(http: Http, ada: User, button: Json, kept: Json) -> None:
    message = await http.result("sendMessage", chat_id=ada.id, text="x", reply_markup={"inline_keyboard": [[button]]})
    assert message["reply_markup"] == {"inline_keyboard": [[kept]]}


@pytest.mark.parametrize(
    ("button", "reason"),
    [
        (7, "InlineKeyboardButton must be an Object"),
        ({"callback_data": "y"}, 'Can\'t find field "text"'),
        ({"text": None}, 'Field "text" must be of type String'),
        ({"text": "x"}, "Text buttons are unallowed in the inline keyboard"),
        ({"text": "x", "callback_data": ""}, "Text buttons are unallowed in the inline keyboard"),
        ({"text": "x", "callback_data": None}, 'Field "callback_data" must be of type String'),
        ({"text": "x", "callback_data": ["y"]}, 'Field "callback_data" must be of type String'),
        (OK | {"url": "a.example"}, "exactly one of url and callback_data must be used"),
        (OK | {"style": "loud"}, "invalid button style specified"),
        (OK | {"icon_custom_emoji_id": "x"}, 'Field "icon_custom_emoji_id" must be a valid Number'),
        ({"text": "x", "pay": "yes"}, 'Field "pay" must be of type Boolean'),
        ({"text": "x", "web_app": "https://a.example"}, 'Field "web_app" must be of type Object'),
        ({"text": "x", "web_app": {}}, 'Can\'t find field "url"'),
        (
            {"text": "x", "login_url": {"url": "https://a.example", "request_write_access": 1}},
            "must be of type Boolean",
        ),
    ],
)
async def test_a_malformed_button_is_named(http: Http, ada: User, button: object, reason: str) -> None:
    markup = {"inline_keyboard": [[button]]}
    refusal = await http.refusal("sendMessage", chat_id=ada.id, text="x", reply_markup=markup)
    assert refusal.startswith("can't parse inline keyboard button: ")
    assert reason.lower() in refusal.lower()


@pytest.mark.parametrize(
    ("button", "reason"),
    [
        ({"text": "x", "callback_data": "y" * 65}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "callback_data": "ж" * 33}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "copy_text": {"text": ""}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"text": "x", "copy_text": {"text": "y" * 257}}, "BUTTON_COPY_TEXT_INVALID"),
        (
            {"text": "x", "url": "http://localhost/"},
            "inline keyboard button URL 'http://localhost/' is invalid: Wrong HTTP URL",
        ),
        (
            {"text": "x", "url": "ftp://a.example/"},
            "inline keyboard button URL 'ftp://a.example/' is invalid: Unsupported URL protocol",
        ),
        (
            {"text": "x", "web_app": {"url": "http://a.example/"}},
            "inline keyboard button Web App URL 'http://a.example/' is invalid: Only HTTPS links are allowed",
        ),
        (
            {"text": "x", "login_url": {"url": "http://a.example/"}},
            "inline keyboard button login URL 'http://a.example/' is invalid: Only HTTPS links are allowed",
        ),
    ],
)
async def test_a_button_that_telegram_does_not_take_is_refused(
    http: Http, ada: User, button: Json, reason: str
) -> None:
    markup = {"inline_keyboard": [[button]]}
    assert await http.refusal("sendMessage", chat_id=ada.id, text="x", reply_markup=markup) == reason
    assert ada.received == []


@pytest.mark.parametrize(
    ("markup", "reason"),
    [
        ("no JSON", "can't parse reply keyboard markup JSON object"),
        ("[" * 100_000, "can't parse reply keyboard markup JSON object"),
        ("null", "object expected as reply markup"),
        ([], "object expected as reply markup"),
        ({"inline_keyboard": {}}, 'field "inline_keyboard" must be of type Array'),
        ({"inline_keyboard": [OK]}, 'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays'),
        ({"keyboard": [7]}, 'field "keyboard" must be an Array of Arrays'),
        ({"force_reply": "yes"}, 'field "force_reply" must be of type Boolean'),
        ({"inline_keyboard": [[OK]] * 101}, "reply markup is too long"),
        ({"inline_keyboard": [[OK | {"text": "x" * 10_240}]]}, "reply markup is too long"),
    ],
)
async def test_a_keyboard_that_is_none_is_refused(http: Http, ada: User, markup: object, reason: str) -> None:
    assert await http.refusal("sendMessage", chat_id=ada.id, text="x", reply_markup=markup) == reason


async def test_a_row_has_eight_buttons_and_no_empty_one(http: Http, ada: User) -> None:
    rows = [[OK] * 9, [], [{"text": "", "callback_data": "y"}]]
    message = await http.result("sendMessage", chat_id=ada.id, text="x", reply_markup={"inline_keyboard": rows})
    assert [len(row) for row in message["reply_markup"]["inline_keyboard"]] == [8]


@pytest.mark.parametrize(
    "markup", [ReplyKeyboardMarkup([["x"]]), ReplyKeyboardRemove(), ForceReply(), InlineKeyboardMarkup([])]
)
async def test_other_keyboards_go_along_and_do_not_show(
    bot: TelegramBot, ada: User, markup: ReplyKeyboardMarkup | ReplyKeyboardRemove | ForceReply | InlineKeyboardMarkup
) -> None:
    message = await bot.send_message(ada.id, "x", reply_markup=markup)
    assert message.reply_markup is None


async def test_a_message_that_is_edited_takes_inline_keyboards_only(http: Http, ada: User) -> None:
    message = await http.result("sendMessage", chat_id=ada.id, text="x")
    where = {"chat_id": ada.id, "message_id": message["message_id"]}
    reason = await http.refusal("editMessageText", text="y", reply_markup={"keyboard": [["z"]]}, **where)
    assert reason == "inline keyboard expected"


async def test_a_keyboard_comes_and_goes_by_editing(bot: TelegramBot, ada: User) -> None:
    sent = await bot.send_message(ada.id, "x")
    markup = InlineKeyboardMarkup([[InlineKeyboardButton("x", callback_data="y")]])
    edited = await sent.edit_reply_markup(markup)
    assert isinstance(edited, Message)
    assert edited.reply_markup == markup
    assert edited.edit_date is not None
    bare = await sent.edit_reply_markup(None)
    assert isinstance(bare, Message)
    assert (bare.reply_markup, bare.text) == (None, "x")
    with pytest.raises(BadRequest, match="not modified"):
        await sent.edit_reply_markup(None)
    assert json.dumps(ada.received[-1]).count("inline_keyboard") == 0
