"""What happens in a chat, numbered, for whoever watches it: the chat page, and tests that wait for something."""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

EVENTS_KEPT = 500
"""Per chat; who watches again later than that misses the older ones."""


class Event(NamedTuple):
    """One thing that happened: ``message``, ``edited``, ``deleted``, ``answer`` or ``action``."""

    number: int
    kind: str
    data: Any


class Events:
    """The last events of one chat."""

    __slots__ = ("_kept", "_watchers", "last")

    def __init__(self) -> None:
        self.last = 0
        self._kept: deque[Event] = deque(maxlen=EVENTS_KEPT)
        self._watchers: set[asyncio.Event] = set()

    def add(self, kind: str, data: Any) -> None:
        """Tell everyone who watches."""
        self.last += 1
        self._kept.append(Event(self.last, kind, data))
        self.wake()

    def wake(self) -> None:
        """Let everyone who watches look again."""
        for watcher in self._watchers:
            watcher.set()

    def after(self, number: int) -> list[Event]:
        """The events kept that came after this one."""
        if number >= self.last:
            return []
        return [event for event in self._kept if event.number > number]

    @contextmanager
    def watched(self) -> Iterator[asyncio.Event]:
        """An event that is set whenever something happens here; clear it before you look."""
        changed = asyncio.Event()
        self._watchers.add(changed)
        try:
            yield changed
        finally:
            self._watchers.discard(changed)
