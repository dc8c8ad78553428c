"""Buttons below the field for text that ask for a chat, https://core.telegram.org/bots/api#keyboardbuttonrequestchat."""

from typing import Any

from bot.sandbox.telegram.answers import Json, Refusal, bad_request
from bot.sandbox.telegram.fields import expect_object, flag_field, integer_field, object_field, text_field

_RIGHTS = ("user_administrator_rights", "bot_administrator_rights")


def requested_channel(value: Any) -> tuple[str, int] | None:
    """A reply keyboard's button that asks for a channel: its label and the request's number; None for any other.

    Raises Refusal where a button asks for a chat in a way that Telegram does not take.
    """
    if not isinstance(value, dict) or "request_chat" not in value:
        return None
    try:
        request = object_field(value, "request_chat")
        number = integer_field(request, "request_id", required=True)
        if "chat_is_channel" not in request:
            raise bad_request('Can\'t find field "chat_is_channel"')
        wanted, own = (_rights(request, name) for name in _RIGHTS)
    except Refusal as wrong:
        reason = wrong.description.removeprefix("Bad Request: ")
        raise bad_request(f"can't parse keyboard button: {reason}") from None
    if not own <= wanted:
        raise bad_request("bot_administrator_rights must be a subset of user_administrator_rights")
    return (text_field(value, "text", required=True), number) if flag_field(request, "chat_is_channel") else None


def _rights(request: Json, name: str) -> set[str]:
    rights = expect_object(request.get(name, {}), f'Field "{name}" must be of type Object')
    return {right for right in rights if flag_field(rights, right)}
