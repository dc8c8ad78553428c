"""The updates that wait for the bot, https://core.telegram.org/bots/api#getting-updates."""

import asyncio
from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Any

from telegram.constants import UpdateType

from bot.sandbox.telegram.answers import Json, Refusal, refusal

KEPT_SECONDS = 24 * 60 * 60
LONGEST_POLL = 50
"""Seconds; who asks for more gets this."""

_TYPES: frozenset[str] = frozenset(UpdateType)
_ASKED_FOR = frozenset({UpdateType.CHAT_MEMBER, UpdateType.MESSAGE_REACTION, UpdateType.MESSAGE_REACTION_COUNT})
DEFAULT_TYPES: frozenset[str] = _TYPES - _ASKED_FOR
"""What a bot gets that never said what it wants."""


class Updates:
    """The queue of one bot: ids ascend, nothing leaves before it is confirmed or a day old."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.allowed: frozenset[str] = DEFAULT_TYPES
        self.next_id = 1
        self._clock = clock
        self._pending: deque[tuple[float, Json]] = deque()
        self._poll: asyncio.Future[None] | None = None
        self._arrived = asyncio.Event()

    def __len__(self) -> int:
        self._expire()
        return len(self._pending)

    def add(self, kind: str, payload: Any) -> None:
        """Queue an update, where the bot wants this kind."""
        if kind not in self.allowed:
            return
        self._pending.append((self._clock(), {"update_id": self.next_id, kind: payload}))
        self.next_id += 1
        self._arrived.set()
        self._wake()

    def allow(self, types: Any) -> None:
        """Take on ``allowed_updates``; what is no list of names changes nothing, an empty one means the default."""
        if isinstance(types, list) and all(isinstance(name, str) for name in types):
            self.allowed = frozenset(name.lower() for name in types) & _TYPES or DEFAULT_TYPES

    def clear(self) -> None:
        """Forget everything that waits."""
        self._pending.clear()

    def take(self, offset: int, limit: int) -> list[Json]:
        """The first updates from ``offset`` on, which confirms all before it; negative: only the last so many."""
        self._expire()
        pending = self._pending
        if offset < 0:
            while len(pending) > -offset:
                pending.popleft()
        elif offset <= self.next_id + 10:  # one from farther in the future counts for nothing
            while pending and pending[0][1]["update_id"] < offset:
                pending.popleft()
        return [update for _, update in islice(pending, limit)]

    async def poll(self, offset: int, limit: int, seconds: float) -> list[Json]:
        """Like ``take``, waiting for the first update. Raises Refusal where a later poll or a webhook takes over."""
        found = self.take(offset, limit)
        if found or seconds <= 0:
            return found
        self.abort("terminated by other getUpdates request; make sure that only one bot instance is running")
        mine = self._poll = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(seconds):
                await mine
        except TimeoutError:
            pass
        finally:
            if self._poll is mine:
                self._poll = None
        return self.take(offset, limit)

    def abort(self, reason: str) -> None:
        """End the poll under way, if any, with a conflict."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_exception(_conflict(reason))

    def close(self) -> None:
        """End the poll under way, if any, with what there is."""
        self._wake()

    async def first(self) -> Json:
        """The oldest update, as soon as there is one; it stays in the queue."""
        while not len(self):
            self._arrived.clear()
            await self._arrived.wait()
        return self._pending[0][1]

    def _wake(self) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)

    def _expire(self) -> None:
        oldest = self._clock() - KEPT_SECONDS
        while self._pending and self._pending[0][0] < oldest:
            self._pending.popleft()


def _conflict(reason: str) -> Refusal:
    return refusal(409, reason)
