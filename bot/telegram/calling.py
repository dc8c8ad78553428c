"""Calls to Telegram beside the library's own methods, and what those come to where Telegram's answer makes no sense.

Those methods make objects of everything that goes out and comes back: for a broadcast half of its cost. Here a call is
written as JSON, once for many chats if it is the same for them, and its answer is taken as it comes.
"""

import json
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar, cast

from telegram import Chat, Message, TelegramObject
from telegram.constants import ParseMode
from telegram.error import TelegramError
from telegram.request import RequestData

from bot.telegram.application import PatientReplies, TelegramBot

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Written:
    """A call's parameters, written. It stands where the library has its RequestData, which it hands on unread."""

    json_payload: bytes
    contains_files: ClassVar[bool] = False


def written(parameters: Mapping[str, object]) -> bytes:
    """Parameters as JSON; those that are None are left out."""
    return json.dumps({name: value for name, value in parameters.items() if value is not None}).encode()


async def call(bot: TelegramBot, method: str, own: Mapping[str, int | None], shared: bytes) -> Any:
    """The result of a call with some parameters of its own and others, at least one, that are ``written`` already.

    Its own are numbers and yes or no, which need no escapes. Raises TelegramError as every call does. No rate limiter
    stands in its way: it is for who keeps a pace already.
    """
    first = "".join([f'"{name}": {str(value).lower()}, ' for name, value in own.items() if value is not None])
    body = b"{" + first.encode() + shared[1:]
    return await bot.request.post(f"{bot.base_url}/{method}", cast("RequestData", Written(body)))


async def understood(answer: Awaitable[Answer]) -> Answer:
    """What a call of the library's own comes to.

    Where the result is of another kind than it should be, the library stumbles as over a bug of its own; here that is a
    TelegramError like all trouble on the way.
    """
    try:
        return await answer
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise TelegramError(f"The answer makes no sense: {type(error).__name__}") from error


async def reply(
    bot: TelegramBot, to: Message, text: str, keyboard: TelegramObject | None, preview: TelegramObject
) -> None:
    """Say this, in Telegram's HTML, where a message was said, and in a group as an answer to it.

    It waits where Telegram wants that. Raises TelegramError as ``Message.reply_text`` does, which is the same at more
    than twice the cost: it makes an object of what comes back.
    """
    where = {"chat_id": to.chat_id, "message_thread_id": to.message_thread_id if to.is_topic_message else None}
    quoted = {"message_id": to.message_id, "allow_sending_without_reply": True}
    said = written(
        {
            "text": text,
            "parse_mode": ParseMode.HTML,
            "reply_parameters": None if to.chat.type == Chat.PRIVATE else quoted,
            "reply_markup": keyboard and keyboard.to_dict(),
            "link_preview_options": preview.to_dict(),
        }
    )
    patient = cast("PatientReplies", bot.rate_limiter)
    await patient.process_request(call, (bot, "sendMessage", where, said), {}, "sendMessage", where, None)
