"""The local Bot API server: started and stopped here, for the demo, for tests, and for anyone who writes bots."""

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from aiohttp import web

from bot.sandbox.telegram.answers import Json
from bot.sandbox.telegram.chats import MESSAGES_KEPT
from bot.sandbox.telegram.client import Client
from bot.sandbox.telegram.desk import Desk
from bot.sandbox.telegram.dispatch import Dispatch
from bot.sandbox.telegram.faults import Faults
from bot.sandbox.telegram.inspection import CALLS_KEPT, Calls, Inspection
from bot.sandbox.telegram.limits import Limiter, Limits
from bot.sandbox.telegram.people import Group, User
from bot.sandbox.telegram.webhook import Webhook
from bot.sandbox.telegram.world import World

TOKEN = "123456789:TEST-token-of-the-sandbox-0123456789"  # noqa: S105 - opens nothing but a sandbox
"""A token of the right form, for tests."""
LARGEST_REQUEST = 1 << 20
"""Bytes of a call's parameters."""
SHUTDOWN_SECONDS = 2.0
"""How long calls under way may take to end when the server stops."""


class BotApiServer:
    """A Bot API server on this machine, as an async context manager.

    ``token`` is the one that is let in; with None it is the first well-formed one that calls. ``port`` 0 means any free
    one. ``extend`` may add routes of its own to the aiohttp application. ``clock`` gives seconds and never goes back.
    """

    def __init__(
        self,
        token: str | None = TOKEN,
        limits: Limits | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        username: str = "sandbox_bot",
        extend: Callable[[web.Application], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        webhook_delay: float = 1.0,
        messages_kept: int = MESSAGES_KEPT,
        calls_kept: int = CALLS_KEPT,
    ) -> None:
        self.world = World(username, clock, messages_kept)
        self.faults = Faults()
        self.calls = Calls(calls_kept)
        self._webhook = Webhook(self.world.updates, webhook_delay)
        self._desk = Desk(self.world, Limiter(limits or Limits()), self._webhook)
        if token is not None:
            self._desk.admit(token)
        self._closing = asyncio.Event()
        self._host, self._port = host, port
        self.app = self._application()
        if extend is not None:
            extend(self.app)

    @property
    def url(self) -> str:
        """Where it is served; a bot's ``BOT_API_URL``. Known once it started."""
        return f"http://{self._host}:{self._port}"

    def file(self, message: Json) -> bytes:
        """The document that came with one of the bot's messages."""
        return self._desk.files[message["document"]["file_id"]].content

    def user(self, user_id: int | None = None, *, first_name: str = "Ada", **more: str) -> User:
        """A user, with ``username``, ``last_name`` and ``language_code`` where given."""
        return User(self.world, self.world.add_user(user_id, first_name=first_name, **more))

    def group(self, title: str, members: Iterable[User] = (), *, kind: str = "supergroup") -> Group:
        """A group, supergroup or channel with these users and the bot in it."""
        return Group(self.world, self.world.add_group(title, [member.id for member in members], kind=kind))

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            runner = web.AppRunner(
                self.app, access_log=None, handler_cancellation=True, shutdown_timeout=SHUTDOWN_SECONDS
            )
            stack.push_async_callback(runner.cleanup)
            await runner.setup()
            await web.TCPSite(runner, self._host, self._port).start()
            self._port = runner.addresses[0][1]
            stack.push_async_callback(self._webhook.remove)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self.world.close()
        await self._stack.aclose()

    def _application(self) -> web.Application:
        app = web.Application(client_max_size=LARGEST_REQUEST)
        app.add_routes(Dispatch(self._desk, self.faults, self.calls, self._closing).routes())
        app.add_routes(Client(self._desk, self._closing).routes())
        app.add_routes(Inspection(self.calls, self.faults).routes())
        return app
