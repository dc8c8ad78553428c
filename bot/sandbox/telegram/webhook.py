"""Delivery of updates to the bot's webhook, https://core.telegram.org/bots/api#setwebhook."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.sandbox.telegram.answers import Json, encode
from bot.sandbox.telegram.updates import DEFAULT_TYPES, Updates

ANSWER_SECONDS = 60
"""How long the webhook may take to answer."""
LONGEST_DELAY = 60


_ELSEWHERE = "This sandbox delivers on this machine only"


@dataclass(frozen=True, slots=True)
class Target:
    """Where updates go."""

    url: str
    """As the bot gave it."""
    address: str
    """The same with everything that it leaves out."""
    local: bool
    """Whether that is on this machine."""
    secret: str
    max_connections: int


class Webhook:
    """Posts the waiting updates to the webhook, one after the other, each until it is accepted.

    To another machine nothing is posted: the updates wait, and ``info`` says why.
    Telegram itself posts several at once where they concern different chats; one at a time is the strictest order.
    """

    def __init__(self, updates: Updates, first_delay: float = 1.0) -> None:
        self.target: Target | None = None
        self._updates = updates
        self._first_delay = first_delay
        self._task: asyncio.Task[None] | None = None
        self._last_error: tuple[int, str] | None = None

    async def set(self, target: Target) -> None:
        """Deliver there from now on."""
        await self.remove()
        self.target = target
        self._updates.abort("terminated by setWebhook request")
        if target.local:
            self._task = asyncio.create_task(self._deliver(target), name="sandbox-webhook")
        else:
            self._last_error = int(time.time()), _ELSEWHERE

    async def remove(self) -> None:
        """Deliver nowhere; what was under way may arrive once more."""
        task, self._task, self.target, self._last_error = self._task, None, None, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def info(self) -> Json:
        """The Bot API's WebhookInfo object."""
        info: Json = {"url": "", "has_custom_certificate": False, "pending_update_count": len(self._updates)}
        if self.target is not None:
            info |= {"url": self.target.url, "max_connections": self.target.max_connections}
        if self._last_error is not None:
            info["last_error_date"], info["last_error_message"] = self._last_error
        if self._updates.allowed != DEFAULT_TYPES:
            info["allowed_updates"] = sorted(self._updates.allowed)
        return info

    async def _deliver(self, target: Target) -> None:
        headers = {"Content-Type": "application/json"}
        if target.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = target.secret
        async with ClientSession(headers=headers, timeout=ClientTimeout(total=ANSWER_SECONDS)) as session:
            delay = self._first_delay
            while True:
                update = await self._updates.first()
                error = await _post(session, target.address, encode(update))
                if error is None:
                    self._updates.take(update["update_id"] + 1, 0)
                    delay = self._first_delay
                else:
                    self._last_error = int(time.time()), error
                    await asyncio.sleep(delay)
                    delay = min(delay * 2, LONGEST_DELAY)


async def _post(session: ClientSession, url: str, body: bytes) -> str | None:
    """What went wrong, if anything did."""
    try:
        async with session.post(url, data=body, allow_redirects=False) as response:
            await response.read()
            if response.ok and response.status < 300:
                return None
            return f"Wrong response from the webhook: {response.status} {response.reason}"
    except TimeoutError:
        return "Read timeout expired"
    except ClientError as error:
        return f"Connection failed: {type(error).__name__}"
