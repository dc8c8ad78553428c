"""Readers who are about to choose a channel: that the bot comes into it is then no surprise, and asks nothing."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

CHOOSING = timedelta(minutes=10)
"""How long after /channel a channel that lets the bot in is taken for the one that was chosen."""
REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Awaited:
    """The readers who sent /channel lately. Another process does not know them; it then asks a second time."""

    _until: dict[int, datetime] = field(default_factory=dict)

    def add(self, reader: int, now: datetime) -> None:
        """The reader is shown the button to choose a channel."""
        if len(self._until) >= REMEMBERED:
            del self._until[next(iter(self._until))]
        self._until[reader] = now + CHOOSING

    def has(self, reader: int, now: datetime) -> bool:
        """Whether the reader is choosing now."""
        return self._until.get(reader, now) > now

    def remove(self, reader: int) -> None:
        """The reader has chosen."""
        self._until.pop(reader, None)
