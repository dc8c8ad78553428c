"""The methods that write, change and take away messages, and that answer taps on their buttons."""

from typing import Any

from telegram.constants import ChatAction

from bot.sandbox.telegram.answers import Json, bad_request
from bot.sandbox.telegram.arguments import Arguments, leading_integer
from bot.sandbox.telegram.chats import Chat, sent_by_bot
from bot.sandbox.telegram.desk import Desk
from bot.sandbox.telegram.fields import expect_object, flag_field, integer_field, text_field
from bot.sandbox.telegram.formatting import NO_PARSING, TEXT_LIMIT, entities_json, format_text, utf16_length
from bot.sandbox.telegram.given import given_entities
from bot.sandbox.telegram.keyboards import Markup, read_markup

ANSWER_LIMIT = 200
"""Characters that the answer to a tap may have."""

_OLDER_ACTIONS = frozenset({"cancel", "record_audio", "upload_audio", "pick_up_location"})
_ACTIONS = _OLDER_ACTIONS.union(ChatAction)


async def send_message(desk: Desk, arguments: Arguments) -> Json:
    """https://core.telegram.org/bots/api#sendmessage"""
    return post(desk, arguments, message_text(desk, arguments, "message is too long"))


def post(desk: Desk, arguments: Arguments, content: Json) -> Json:
    """The message that a call sends, with this content. Raises Refusal."""
    reply = _reply_parameters(arguments)
    markup = read_markup(arguments)
    content |= shown_keyboard(markup)
    chat = find_chat(desk, arguments)
    chat.check_writable()
    if markup.other:
        chat.requests = markup.requests
        chat.events.add("keyboard", {"labels": list(markup.requests)})
    if thread := _thread(chat, arguments):
        content |= {"message_thread_id": thread, "is_topic_message": True}
    if replied := _replied(chat, reply):
        content["reply_to_message"] = replied
    if arguments.flag("protect_content"):
        content["has_protected_content"] = True
    desk.count(chat, paid=arguments.flag("allow_paid_broadcast"))
    return desk.world.post(chat, content)


async def edit_message_text(desk: Desk, arguments: Arguments) -> Json:
    """https://core.telegram.org/bots/api#editmessagetext"""
    content = message_text(desk, arguments, "MESSAGE_TOO_LONG")
    content = dict.fromkeys(("entities", "link_preview_options"), None) | content
    return _edit(desk, arguments, content)


async def edit_message_reply_markup(desk: Desk, arguments: Arguments) -> Json:
    """https://core.telegram.org/bots/api#editmessagereplymarkup"""
    return _edit(desk, arguments, {})


async def delete_message(desk: Desk, arguments: Arguments) -> bool:
    """https://core.telegram.org/bots/api#deletemessage"""
    if not arguments.text("chat_id"):
        raise bad_request("Chat identifier is not specified")
    message_id = arguments.integer("message_id")
    if message_id == 0:
        raise bad_request("Message identifier is not specified")
    chat = find_chat(desk, arguments)
    chat.check_writable()
    message = chat.messages.get(message_id)
    if message is None:
        raise bad_request("message to delete not found")
    if not (chat.private or sent_by_bot(message) or chat.bot_status == "administrator"):
        raise bad_request("message can't be deleted")
    desk.world.delete(chat, message_id)
    return True


async def answer_callback_query(desk: Desk, arguments: Arguments) -> bool:
    """https://core.telegram.org/bots/api#answercallbackquery"""
    text = arguments.utf8("text", "text")
    if len(text) > ANSWER_LIMIT:
        raise bad_request("MESSAGE_TOO_LONG")
    url = arguments.utf8("url", "URL")
    if url and not url.startswith(f"https://t.me/{desk.world.bot['username']}?"):  # others are for games
        raise bad_request("URL_INVALID")
    query_id = str(arguments.integer("callback_query_id"))
    desk.world.answer(query_id, text, url, show_alert=arguments.flag("show_alert"))
    return True


async def send_chat_action(desk: Desk, arguments: Arguments) -> bool:
    """https://core.telegram.org/bots/api#sendchataction"""
    action = arguments.text("action").lower()
    if action not in _ACTIONS:
        raise bad_request("Wrong parameter action in request")
    chat = find_chat(desk, arguments)
    chat.check_writable()
    _thread(chat, arguments)
    chat.events.add("action", {"action": action})
    return True


def find_chat(desk: Desk, arguments: Arguments) -> Chat:
    """The chat that ``chat_id`` names, by number or by @username."""
    name = arguments.text("chat_id")
    if not name:
        raise bad_request("chat_id is empty")
    if not name.startswith("@"):
        return desk.world.chat(leading_integer(name))
    for chat in desk.world.chats.values():
        if not chat.private and chat.about.get("username", "").lower() == name[1:].lower():
            return chat
    raise bad_request("chat not found")


def message_text(desk: Desk, arguments: Arguments, too_long: str) -> Json:
    """A message's text as it stands in the chat, with how it is shown. Raises Refusal."""
    source = arguments.utf8("text", "Strings")
    if not source:
        raise bad_request("Message text is empty")
    options = _link_preview(arguments)
    mode = arguments.text("parse_mode").lower()
    given = given_entities(arguments, source) if mode in NO_PARSING else []
    text, entities = format_text(source, mode, given)
    if len(text) > TEXT_LIMIT or utf16_length(text) > TEXT_LIMIT:
        raise bad_request(too_long)
    content: Json = {"text": text}
    if listed := entities_json(text, entities, desk.world.users):
        content["entities"] = listed
    if options:
        content["link_preview_options"] = options
    return content


def _link_preview(arguments: Arguments) -> Json:
    value = arguments.json("link_preview_options", "link preview options")
    if value is None and not arguments.text("link_preview_options"):
        return {"is_disabled": True} if arguments.flag("disable_web_page_preview") else {}
    given = expect_object(value, "Object expected as link preview options")
    kept: dict[str, Any] = {
        name: flag_field(given, name)
        for name in ("is_disabled", "prefer_small_media", "prefer_large_media", "show_above_text")
    }
    kept["url"] = text_field(given, "url")
    return {name: setting for name, setting in kept.items() if setting}


def shown_keyboard(markup: Markup) -> Json:
    """The keyboard as it stands under a message."""
    return {"reply_markup": {"inline_keyboard": markup.inline_keyboard}} if markup.inline_keyboard else {}


def _reply_parameters(arguments: Arguments) -> Json:
    value = arguments.json("reply_parameters", "reply parameters")
    if value is None and not arguments.text("reply_parameters"):
        allowed = arguments.flag("allow_sending_without_reply")
        return {"message_id": arguments.integer("reply_to_message_id"), "allow": allowed}
    given = expect_object(value, "Object expected as reply parameters")
    if not given:
        return {}
    message_id = integer_field(given, "message_id", required=True)
    return {"message_id": message_id, "allow": flag_field(given, "allow_sending_without_reply")}


def _replied(chat: Chat, reply: Json) -> Json | None:
    if reply.get("message_id", 0) <= 0:
        return None
    if reply["message_id"] in chat.messages:
        return chat.quoted(reply["message_id"])
    if not reply["allow"]:
        raise bad_request("message to be replied not found")
    return None


def _thread(chat: Chat, arguments: Arguments) -> int:
    """The thread that the call is for. Groups without threads do not mind one, the others know theirs."""
    thread = max(arguments.integer("message_thread_id"), 0)
    if thread and thread not in chat.threads:
        if chat.private or chat.is_forum:
            raise bad_request("message thread not found")
        return 0
    return thread


def _edit(desk: Desk, arguments: Arguments, content: Json) -> Json:
    markup = read_markup(arguments)
    if not arguments.text("chat_id") and not arguments.integer("message_id"):
        raise bad_request("Message identifier is not specified")
    chat = find_chat(desk, arguments)
    chat.check_writable()
    message = chat.messages.get(arguments.integer("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if not sent_by_bot(message):
        raise bad_request("message can't be edited")
    if markup.other:
        raise bad_request("Inline keyboard expected")
    desk.count(chat)
    return desk.world.edit(chat, message, content | {"reply_markup": None} | shown_keyboard(markup))
