"""What the buttons of the settings send back. Each says the wanted state: pressing twice is pressing once."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, ClassVar

from bot.alerts import zones
from bot.alerts.timing import DAY_MINUTES
from bot.model import Preview, Rhythm
from bot.telegram.presses import Press

MOST_ALERTS = 1001
"""A day; whoever wants so many or more wants no limit."""
WEEK_DAYS = 7


class Page(StrEnum):
    """A page of the settings."""

    MAIN = "main"
    RHYTHM = "rhythm"
    QUIET = "quiet"
    ZONE = "zone"
    CLOCKS = "clocks"
    LIMIT = "limit"
    MUTE = "mute"
    PICTURE = "picture"


class Switch(StrEnum):
    """Whether something is wanted."""

    ON = "on"
    OFF = "off"


class Length(StrEnum):
    """How long a mute lasts, as it is written behind /mute."""

    HOUR = "1h"
    NIGHT = "8h"
    TOMORROW = "tomorrow"
    TWO_DAYS = "2d"
    WEEK = "7d"
    OFF = "off"


class Zone(str):
    """A time zone by its name in the tz database. Raises ValueError where that has none of this name."""

    __slots__ = ()

    def __new__(cls, name: str) -> "Zone":
        """The zone of this name."""
        if name not in zones.known():
            raise ValueError(f"{name!r} is no time zone")
        return super().__new__(cls, name)


@dataclass(frozen=True, slots=True)
class Open(Press):
    """Show a page of the settings."""

    WORD: ClassVar[str] = "set"
    page: Page


@dataclass(frozen=True, slots=True)
class ShowZones(Press):
    """Show the zones whose clocks are so many minutes ahead of UTC."""

    WORD: ClassVar[str] = "set_ahead"
    minutes: int

    def __post_init__(self) -> None:
        _within(abs(self.minutes), DAY_MINUTES)


@dataclass(frozen=True, slots=True)
class SetMute(Press):
    """Be silent so long."""

    WORD: ClassVar[str] = "set_mute"
    length: Length


@dataclass(frozen=True, slots=True)
class Choice(Press):
    """The root of all that change settings; their fields are named as those. ValueError for what cannot be chosen."""

    PAGE: ClassVar[Page] = Page.MAIN
    """Where it is seen what was chosen."""

    @property
    def chosen(self) -> Mapping[str, Any]:
        """The settings that it changes, by their names in ChatSettings."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class SetRhythm(Choice):
    """Let alerts come so often."""

    WORD: ClassVar[str] = "set_rhythm"
    PAGE: ClassVar[Page] = Page.RHYTHM
    digest: Rhythm


@dataclass(frozen=True, slots=True)
class SetTime(Choice):
    """Let digests come at this time, in minutes after midnight."""

    WORD: ClassVar[str] = "set_time"
    PAGE: ClassVar[Page] = Page.RHYTHM
    digest_at: int

    def __post_init__(self) -> None:
        _within(self.digest_at, DAY_MINUTES)


@dataclass(frozen=True, slots=True)
class SetDay(Choice):
    """Let digests come on this day of the week; 0 is Monday."""

    WORD: ClassVar[str] = "set_day"
    PAGE: ClassVar[Page] = Page.RHYTHM
    digest_day: int

    def __post_init__(self) -> None:
        _within(self.digest_day, WEEK_DAYS)


@dataclass(frozen=True, slots=True)
class SetQuiet(Choice):
    """Have quiet hours, in minutes after midnight; none where both are one."""

    WORD: ClassVar[str] = "set_quiet"
    PAGE: ClassVar[Page] = Page.QUIET
    quiet_from: int
    quiet_until: int

    def __post_init__(self) -> None:
        _within(self.quiet_from, DAY_MINUTES)
        _within(self.quiet_until, DAY_MINUTES)

    @property
    def chosen(self) -> Mapping[str, Any]:
        """The settings that it changes."""
        some = self.quiet_from != self.quiet_until
        return {"quiet_from": self.quiet_from if some else None, "quiet_until": self.quiet_until if some else None}


@dataclass(frozen=True, slots=True)
class SetZone(Choice):
    """Go by the clocks of this zone."""

    WORD: ClassVar[str] = "set_zone"
    PAGE: ClassVar[Page] = Page.ZONE
    zone: Zone


@dataclass(frozen=True, slots=True)
class SetLimit(Choice):
    """Let so many alerts a day come at once; 0: all."""

    WORD: ClassVar[str] = "set_limit"
    PAGE: ClassVar[Page] = Page.LIMIT
    daily_cap: int

    def __post_init__(self) -> None:
        _within(self.daily_cap, MOST_ALERTS)

    @property
    def chosen(self) -> Mapping[str, Any]:
        """The setting that it changes."""
        return {"daily_cap": self.daily_cap or None}


@dataclass(frozen=True, slots=True)
class SetPicture(Choice):
    """Show pictures so."""

    WORD: ClassVar[str] = "set_picture"
    PAGE: ClassVar[Page] = Page.PICTURE
    preview: Preview


@dataclass(frozen=True, slots=True)
class SetSilent(Choice):
    """Let messages come without a sound, or with one."""

    WORD: ClassVar[str] = "set_silent"
    silent: Switch

    @property
    def chosen(self) -> Mapping[str, Any]:
        """The setting that it changes."""
        return {"silent": self.silent is Switch.ON}


@dataclass(frozen=True, slots=True)
class SetMember(Choice):
    """Be a member, or none."""

    WORD: ClassVar[str] = "set_member"
    member: Switch

    @property
    def chosen(self) -> Mapping[str, Any]:
        """The setting that it changes."""
        return {"member": self.member is Switch.ON}


CHOICES: tuple[type[Choice], ...] = (
    SetRhythm, SetTime, SetDay, SetQuiet, SetZone, SetLimit, SetPicture, SetSilent, SetMember
)  # fmt: skip


def _within(number: int, end: int) -> None:
    """Raises ValueError for a number that is none of 0 to ``end``, which is left out."""
    if not 0 <= number < end:
        raise ValueError(f"{number} is not within 0 and {end}")
