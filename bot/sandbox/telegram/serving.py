"""The local Bot API server as a process of its own, for anyone who writes bots: ``python -m bot sandbox``."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from rich.console import Console

from bot.errors import SettingsError
from bot.sandbox.telegram.answers import Refusal
from bot.sandbox.telegram.faults import KINDS
from bot.sandbox.telegram.people import User
from bot.sandbox.telegram.server import TOKEN, BotApiServer

HOST = "127.0.0.1"


async def serve(port: int, token: str | None) -> None:
    """Serve on this machine until SIGINT, SIGTERM or SIGHUP; say where, and how to play with it.

    ``port`` 0 means any free one; with no ``token`` the first bot that calls is the one it serves. Raises SettingsError
    where the port cannot be had or the token is none.
    """
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with _open_server(port, token) as server:
        reader = server.user(first_name="Ada", language_code="en")
        Console(highlight=False, markup=False, soft_wrap=True).print(welcome(server.url, reader, token))
        await stop.wait()


def welcome(url: str, reader: User, token: str | None) -> str:
    """What is said at the start. Its commands work as they stand, in this order, once a bot has said something."""
    which = f"The first token that calls is the bot's; {TOKEN} will do." if token is None else "It serves your --token."
    chat = f"{url}/client/chats/{reader.id}"
    return f"""\
A local Bot API server listens at {url} for this machine alone. Ctrl-C ends it.

Your bot: set BOT_API_URL={url} (python-telegram-bot: base_url="{url}/bot"). {which}

Its user, Ada, writes, reads and taps a button by its callback data:
    curl {chat}/messages -d '{{"text": "/start"}}'
    curl {chat}/messages
    curl {chat}/taps -d '{{"message_id": 2, "data": "yes"}}'
    curl {chat}/block -X POST
    curl {chat}/unblock -X POST
    curl {url}/client/chats -d '{{"type": "private", "first_name": "Ben"}}'
    curl {url}/client/chats -d '{{"type": "supergroup", "title": "All of them"}}'

What the bot called, and how to let its next calls fail ({", ".join(KINDS)}):
    curl {url}/sandbox/calls
    curl {url}/sandbox/faults -d '{{"fault": "429", "method": "sendMessage", "retry_after": 5}}'
    curl {url}/sandbox/faults -X DELETE
"""


@asynccontextmanager
async def _open_server(port: int, token: str | None) -> AsyncIterator[BotApiServer]:
    async with AsyncExitStack() as stack:
        try:
            server = await stack.enter_async_context(BotApiServer(token, host=HOST, port=port))
        except Refusal:
            raise SettingsError(f"--token has not the form of a bot's token, such as {TOKEN}") from None
        except OSError as error:
            reason = os.strerror(error.errno).lower() if error.errno else str(error)
            raise SettingsError(f"Port {port} cannot be used: {reason}. Name another one with --port") from None
        yield server
