"""The methods of the Bot API that the sandbox has, https://core.telegram.org/bots/api#available-methods.

Each is one small function: it takes the call's parameters and gives its result, or raises ``Refusal``.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.sandbox.telegram import documents, inline, messages, profile, receiving
from bot.sandbox.telegram.arguments import Arguments
from bot.sandbox.telegram.desk import Desk

Method = Callable[[Desk, Arguments], Awaitable[Any]]

METHODS: Mapping[str, Method] = {
    "getme": profile.get_me,
    "getupdates": receiving.get_updates,
    "setwebhook": receiving.set_webhook,
    "deletewebhook": receiving.delete_webhook,
    "getwebhookinfo": receiving.get_webhook_info,
    "sendmessage": messages.send_message,
    "senddocument": documents.send_document,
    "editmessagetext": messages.edit_message_text,
    "editmessagereplymarkup": messages.edit_message_reply_markup,
    "deletemessage": messages.delete_message,
    "answercallbackquery": messages.answer_callback_query,
    "answerinlinequery": inline.answer_inline_query,
    "sendchataction": messages.send_chat_action,
    "getchat": profile.get_chat,
    "getchatmember": profile.get_chat_member,
    "getchatadministrators": profile.get_chat_administrators,
    "leavechat": profile.leave_chat,
    "setmycommands": profile.set_my_commands,
    "getmycommands": profile.get_my_commands,
    "deletemycommands": profile.delete_my_commands,
    "setmydescription": profile.set_my_description,
    "getmydescription": profile.get_my_description,
    "setmyshortdescription": profile.set_my_short_description,
    "getmyshortdescription": profile.get_my_short_description,
}
"""By name in small letters: the Bot API does not mind how a method's name is written."""
