"""Chats, and what they choose."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class ChatKind(StrEnum):
    """Telegram's kinds of chat, https://core.telegram.org/bots/api#chat."""

    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat that follows, or might: its Telegram id, its kind, and its language where Telegram tells it."""

    id: int
    kind: ChatKind
    language: str | None = None


class Rhythm(StrEnum):
    """How often a chat's alerts go out: each at once, or together in a digest."""

    NOW = "now"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"


class Preview(StrEnum):
    """How an article's picture is shown with its alert."""

    ABOVE = "above"
    SMALL = "small"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """What a chat chose: when alerts may reach it, and how they look. Times of day are minutes after its midnight."""

    zone: str | None = None
    """Its time zone's name in the tz database; UTC where it has not said."""
    quiet_from: int | None = None
    quiet_until: int | None = None
    """Both or neither; quiet hours go over midnight where they end before they begin."""
    digest: Rhythm = Rhythm.NOW
    digest_at: int | None = None
    """When daily and weekly digests come."""
    digest_day: int | None = None
    """On which day weekly ones do; 0 is Monday."""
    daily_cap: int | None = None
    """How many alerts a day come at once; the others come together the next morning."""
    muted_until: datetime | None = None
    silent: bool = False
    """Whether messages come without a sound."""
    preview: Preview = Preview.ABOVE
    member: bool = False
    """Whether its reader has a subscription, so wants to read and not to subscribe."""

    @property
    def time_zone(self) -> ZoneInfo:
        """UTC where it has none, or one that the tz database has dropped."""
        return time_zone(self.zone or "UTC")


@lru_cache(maxsize=1024)  # all there are: zoneinfo itself keeps eight, and reads the others' files each time
def time_zone(name: str) -> ZoneInfo:
    """The zone of this name in the tz database; UTC where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
