"""What the code logs, for tests that wait for it."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from structlog.typing import EventDict

WITHIN = 10.0


class Logged:
    """Everything that is logged during a test, oldest first."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []
        self._more = asyncio.Event()

    def __call__(self, logger: object, level: str, event: EventDict) -> EventDict:
        self.entries.append({"level": level, **event})
        self._more.set()
        raise structlog.DropEvent

    def of(self, event: str) -> list[dict[str, Any]]:
        """The entries of this event."""
        return [entry for entry in self.entries if entry["event"] == event]

    async def wait_for(self, event: str, times: int = 1) -> dict[str, Any]:
        """The last entry of this event once there are so many."""
        try:
            async with asyncio.timeout(WITHIN):
                while len(found := self.of(event)) < times:
                    self._more.clear()
                    await self._more.wait()
        except TimeoutError:
            raise AssertionError(f"{event!r} was not logged {times} times; logged was {self.entries}") from None
        return found[-1]


@pytest.fixture
def logged() -> Iterator[Logged]:
    """The log of this test."""
    structlog.reset_defaults()
    entries = Logged()
    structlog.configure(processors=[entries])
    yield entries
    structlog.reset_defaults()
