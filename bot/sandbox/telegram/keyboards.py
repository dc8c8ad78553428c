"""What a bot may put under a message, https://core.telegram.org/bots/api#inlinekeyboardmarkup.

The rules are those of the Bot API server and TDLib, with two that only Telegram's servers apply: at most 100 buttons
and 10 kB in one keyboard, and 8 buttons in a row, of which the rest is cut off. One rule is as the documentation has
it and stricter than the servers, which would quietly ignore the rest: a button does exactly one thing.
"""

from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from bot.sandbox.telegram.answers import Json, Refusal, bad_request, encode
from bot.sandbox.telegram.arguments import Arguments
from bot.sandbox.telegram.fields import expect_object, flag_field, integer_field, object_field, text_field
from bot.sandbox.telegram.links import WrongLink, check_link, linked_user
from bot.sandbox.telegram.requests import requested_channel

BUTTONS = 100
BUTTONS_IN_A_ROW = 8
SIZE = 10_240
"""Bytes of JSON that a keyboard may have."""
CALLBACK_BYTES = 64
COPIED_CHARACTERS = 256

_ACTIONS = (
    "url",
    "callback_data",
    "callback_game",
    "pay",
    "switch_inline_query",
    "switch_inline_query_chosen_chat",
    "switch_inline_query_current_chat",
    "login_url",
    "web_app",
    "copy_text",
)
_INNER: dict[str, dict[str, Any]] = {
    "callback_game": {},
    "web_app": {"texts": ("url",), "needed": "url"},
    "copy_text": {"texts": ("text",), "needed": "text"},
    "login_url": {
        "texts": ("url", "forward_text", "bot_username"),
        "flags": ("request_write_access",),
        "needed": "url",
    },
    "switch_inline_query_chosen_chat": {
        "texts": ("query",),
        "flags": ("allow_user_chats", "allow_bot_chats", "allow_group_chats", "allow_channel_chats"),
    },
}
"""The actions that are objects themselves, with their fields."""
_STYLES = frozenset({"", "default", "primary", "danger", "success"})


@dataclass(frozen=True, slots=True)
class Markup:
    """What stands under a message. Only an inline keyboard shows up in the message itself."""

    inline_keyboard: list[list[Json]] | None = None
    other: bool = False
    """Whether it is a reply keyboard, its removal or a forced reply."""
    requests: dict[str, int] = field(default_factory=dict)
    """The labels of the reply keyboard's buttons that ask for a channel, with the number of the request."""


NOTHING = Markup()


def read_markup(arguments: Arguments) -> Markup:
    """The call's ``reply_markup``. Raises Refusal."""
    value = arguments.json("reply_markup", "reply keyboard markup")
    if value is None and not arguments.text("reply_markup"):
        return NOTHING
    markup = expect_object(value, "Object expected as reply markup")
    if rows := _rows(markup, "keyboard", 'Field "keyboard" must be an Array of Arrays'):
        return Markup(other=any(rows), requests=dict(filter(None, map(requested_channel, chain.from_iterable(rows)))))
    nested = 'Field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays'
    keyboard = inline_keyboard(_rows(markup, "inline_keyboard", nested))
    if keyboard:
        return Markup(keyboard)
    names = ("hide_keyboard", "remove_keyboard", "force_reply", "force_reply_keyboard")
    return Markup(other=any(flag_field(markup, name) for name in names))


def inline_keyboard(rows: list[list[Any]]) -> list[list[Json]]:
    """The rows as Telegram keeps them. Raises Refusal where a button is wrong or the keyboard too large."""
    parsed = [[_parse_button(button) for button in row] for row in rows]
    kept = [[_check_button(button) for button in row if _shows(button)][:BUTTONS_IN_A_ROW] for row in parsed]
    kept = [row for row in kept if row]
    if sum(map(len, rows)) > BUTTONS or len(encode(kept)) > SIZE:
        raise bad_request("reply markup is too long")
    return kept


def _rows(markup: Json, name: str, reason: str) -> list[list[Any]]:
    rows = markup.get(name, [])
    if not isinstance(rows, list):
        raise bad_request(f'Field "{name}" must be of type Array')
    if not all(isinstance(row, list) for row in rows):
        raise bad_request(reason)
    return rows


def _parse_button(value: Any) -> Json:
    try:
        button = expect_object(value, "InlineKeyboardButton must be an Object")
        kept: Json = {"text": text_field(button, "text", required=True)}
        if icon := integer_field(button, "icon_custom_emoji_id", bound=1 << 63):
            kept["icon_custom_emoji_id"] = str(icon)
        if style := _style(button):
            kept["style"] = style
        return kept | _action(button)
    except Refusal as wrong:
        reason = wrong.description.removeprefix("Bad Request: ")
        raise bad_request(f"can't parse inline keyboard button: {reason}") from None


def _shows(button: Json) -> bool:
    return bool(button["text"]) or "icon_custom_emoji_id" in button


def _style(button: Json) -> str:
    style = text_field(button, "style").lower()
    if style not in _STYLES:
        raise bad_request("invalid button style specified")
    return "" if style == "default" else style


def _action(button: Json) -> Json:
    named = [name for name in _ACTIONS if name in button and button[name] != ""]
    empty_query = [name for name in _ACTIONS if name.startswith("switch_inline_query") and button.get(name) == ""]
    actions = named + empty_query
    if not actions:
        raise bad_request("Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise bad_request(f"exactly one of {' and '.join(actions)} must be used")
    name = actions[0]
    if name in _INNER:
        return {name: _inner(object_field(button, name), **_INNER[name])}
    return {name: flag_field(button, name) if name == "pay" else text_field(button, name, required=True)}


def _inner(value: Json, texts: tuple[str, ...] = (), flags: tuple[str, ...] = (), needed: str = "") -> Json:
    kept: Json = {name: text_field(value, name, required=name == needed) for name in texts}
    kept |= {name: flag_field(value, name) for name in flags}
    return {name: setting for name, setting in kept.items() if setting or name == needed}


def _check_button(button: Json) -> Json:
    if "url" in button and linked_user(button["url"]) is None:
        return button | {"url": _checked(button["url"], "Inline keyboard button")}
    if len(button.get("callback_data", "").encode()) > CALLBACK_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    for name, what in (("login_url", "login"), ("web_app", "Web App")):
        if name in button:
            _checked(button[name]["url"], f"Inline keyboard button {what}", https_only=True)
    if "copy_text" in button and not 0 < len(button["copy_text"]["text"]) <= COPIED_CHARACTERS:
        raise bad_request("BUTTON_COPY_TEXT_INVALID")
    return button


def _checked(url: str, what: str, *, https_only: bool = False) -> str:
    try:
        return check_link(url, https_only=https_only)
    except WrongLink as wrong:
        raise bad_request(f"{what} URL '{url}' is invalid: {wrong}") from None
