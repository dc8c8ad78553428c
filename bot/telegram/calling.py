"""Calls to Telegram that are written as JSON once for many chats, and of which the answer is taken as it comes.

The library's own methods make objects of everything that goes out and comes back: for a broadcast half of its cost.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from telegram.request import RequestData

from bot.telegram.application import TelegramBot


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
