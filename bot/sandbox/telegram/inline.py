"""Inline mode, the articles that answer what people type. https://core.telegram.org/bots/api#inline-mode"""

import re
from typing import Any

from bot.sandbox.telegram.answers import Json, Refusal, bad_request
from bot.sandbox.telegram.arguments import Arguments
from bot.sandbox.telegram.desk import Desk
from bot.sandbox.telegram.fields import expect_object, integer_field, object_field, text_field
from bot.sandbox.telegram.keyboards import read_markup
from bot.sandbox.telegram.links import WrongLink, check_link
from bot.sandbox.telegram.messages import message_text, shown_keyboard

RESULTS = 50
ID_BYTES = 64
OFFSET_BYTES = 64

_START = re.compile("[A-Za-z0-9_-]{1,64}")


async def answer_inline_query(desk: Desk, arguments: Arguments) -> bool:
    """https://core.telegram.org/bots/api#answerinlinequery"""
    given = arguments.json("results", "inline query results")
    if not isinstance(given, list):
        raise bad_request("Expected an Array of inline query results")
    if len(given) > RESULTS:
        raise bad_request("RESULTS_TOO_MUCH")
    results = [_result(desk, value) for value in given]
    if len({result["id"] for result in results}) < len(results):
        raise bad_request("RESULT_ID_DUPLICATE")
    offset = arguments.utf8("next_offset", "next_offset")
    if len(offset.encode()) > OFFSET_BYTES:
        raise bad_request("NEXT_OFFSET_INVALID")
    button = _button(arguments)
    query = desk.world.queries.end(arguments.text("inline_query_id"), desk.world.clock())
    query.results, query.next_offset, query.button = results, offset, button
    query.cache_seconds = arguments.integer("cache_time", 300)
    query.is_personal = arguments.flag("is_personal")
    query.came.set()
    return True


def _button(arguments: Arguments) -> Json | None:
    """The button above the results, which opens the chat with the bot; the sandbox has no web apps."""
    value = arguments.json("button", "inline query results button")
    if value is None:
        return None
    given = expect_object(value, "Object expected as inline query results button")
    start = text_field(given, "start_parameter", required=True)
    if not _START.fullmatch(start):
        raise bad_request("START_PARAM_INVALID")
    return {"text": text_field(given, "text", required=True), "start_parameter": start}


def _result(desk: Desk, value: Any) -> Json:
    try:
        given = expect_object(value, "inline query result must be an Object")
        kind = text_field(given, "type", required=True)
        if kind != "article":
            raise bad_request(f"this sandbox has no result of type {kind[:64]!r}")
        number = text_field(given, "id", required=True)
        title = text_field(given, "title", required=True)
        content = object_field(given, "input_message_content")
        description = text_field(given, "description")
        links = {name: text_field(given, name) for name in ("url", "thumbnail_url")}
        for name in ("thumbnail_width", "thumbnail_height"):
            integer_field(given, name)
    except Refusal as wrong:
        reason = wrong.description.removeprefix("Bad Request: ")
        raise bad_request(f"can't parse inline query result: {reason}") from None
    if not 0 < len(number.encode()) <= ID_BYTES:
        raise bad_request("RESULT_ID_INVALID")
    if not title:
        raise bad_request("RESULT_TITLE_EMPTY")
    for name, link in links.items():
        _check(name, link)
    return {
        "id": number,
        "title": title,
        "description": description,
        **links,
        "message": _message(desk, given, content),
    }


def _message(desk: Desk, given: Json, content: Json) -> Json:
    """The message that the result becomes: its text and keyboard are read as those of any other."""
    sent = Arguments.of({"text": text_field(content, "message_text", required=True), **_rest(content)})
    shown = message_text(desk, sent, "MESSAGE_TOO_LONG")
    markup = read_markup(Arguments.of({"reply_markup": given["reply_markup"]} if "reply_markup" in given else {}))
    if markup.other:
        raise bad_request("Inline keyboard expected")
    return shown | shown_keyboard(markup)


def _rest(content: Json) -> Json:
    return {name: content[name] for name in ("parse_mode", "entities", "link_preview_options") if name in content}


def _check(name: str, link: str) -> None:
    try:
        if link:
            check_link(link)
    except WrongLink as wrong:
        raise bad_request(f"Wrong {name}: {wrong}") from None
