"""The time zones of the world: which there are, what they are called, and which of them go alike."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

import tzfpy
from babel import Locale
from babel.core import get_global

from bot.model import time_zone

MOST = 12
"""Zones offered at once; of more, nobody finds theirs."""
FEW = 3
"""Zones of a country, at most, where only a language hints at the country."""
FIRST = (
    "Africa/Johannesburg", "Africa/Lagos", "Africa/Nairobi", "Africa/Cairo", "Europe/London", "Europe/Paris",
    "Europe/Berlin", "Europe/Madrid", "Europe/Lisbon", "Europe/Athens", "Europe/Kyiv", "Europe/Istanbul",
    "Europe/Moscow", "Asia/Dubai", "Asia/Kolkata", "Asia/Dhaka", "Asia/Jakarta", "Asia/Shanghai", "Asia/Tokyo",
    "Australia/Sydney", "Australia/Perth", "Pacific/Auckland", "America/Sao_Paulo", "America/Manaus",
    "America/Argentina/Buenos_Aires", "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix",
    "America/Los_Angeles", "America/Anchorage", "America/Mexico_City", "America/Bogota", "America/Toronto",
)  # fmt: skip
"""Cities by which most people know their time, where several go by the same clock."""
_CONTINENTS = frozenset(
    ["Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"]
)
"""Elsewhere the tz database keeps names of old: "US/East-Indiana", "EST", and "Etc/GMT+2", two hours west."""


@lru_cache(maxsize=1)
def known() -> frozenset[str]:
    """The names of all zones that the tz database has."""
    return frozenset(available_timezones())


def at(latitude: float, longitude: float) -> str:
    """The zone of a place on earth; at sea one without a country."""
    return tzfpy.get_tz(longitude, latitude)


def of_language(tag: str | None, now: datetime) -> tuple[str, ...]:
    """The zones of the country that a language tag names, "en-ZA"; else of that which it hints at, as "af" does."""
    return _of_language(tag, now.date())


@lru_cache(maxsize=256)  # the same few are asked for each time that somebody sees their settings
def _of_language(tag: str | None, day: date) -> tuple[str, ...]:
    now = datetime.combine(day, time(), UTC)
    main, *more = (tag or "").replace("_", "-").split("-")
    if named := next((part.upper() for part in more if len(part) == len("ZA")), None):
        return distinct(of_country(named), now)[:MOST]
    likely = get_global("likely_subtags").get(main.lower(), "").rpartition("_")[2]
    zones = distinct(of_country(likely), now)
    return zones if len(zones) <= FEW else ()


def showing(offset: timedelta, now: datetime) -> tuple[str, ...]:
    """The zones whose clocks are now so far from UTC, the best known for each way in which they change."""
    return distinct((zone for zone in inhabited() if now.astimezone(time_zone(zone)).utcoffset() == offset), now)[:MOST]


def offsets(now: datetime) -> list[timedelta]:
    """How far from UTC the clocks of the world are now, from west to east."""
    return sorted({now.astimezone(time_zone(zone)).utcoffset() or timedelta(0) for zone in inhabited()})


def city(zone: str, locale: Locale) -> str:
    """What a zone is called in a language: by its city."""
    told = locale.time_zones.get(zone, {}).get("city")
    return str(told or zone.rpartition("/")[2].replace("_", " "))


def country(zone: str, locale: Locale) -> str:
    """The name of the country in which a zone is, in a language; empty for one in none."""
    territory = get_global("zone_territories").get(zone, "")
    return str(locale.territories.get(territory, "")) if territory.isalpha() else ""


def of_country(territory: str) -> list[str]:
    """The zones of a country, by its code."""
    return [zone for zone in get_global("territory_zones").get(territory, ()) if zone in inhabited()]


def distinct(zones: Iterable[str], now: datetime, rank: Callable[[str], Any] | None = None) -> tuple[str, ...]:
    """Of zones whose clocks go alike in the year to come, one: the first by ``rank``, else the best known."""
    by_clock: dict[tuple[timedelta | None, ...], str] = {}
    for zone in sorted(zones, key=rank or _fame):
        clock = tuple((now + timedelta(days=30 * month)).astimezone(time_zone(zone)).utcoffset() for month in range(12))
        by_clock.setdefault(clock, zone)
    return tuple(by_clock.values())


@lru_cache(maxsize=1)
def inhabited() -> frozenset[str]:
    """The zones of places where people live, each by its one current name."""
    current = known().intersection(get_global("zone_territories"))
    return frozenset(zone for zone in current if on_a_continent(zone))


def on_a_continent(zone: str) -> bool:
    """Whether the zone has a place's name."""
    return zone.partition("/")[0] in _CONTINENTS


@lru_cache(maxsize=1)
def _best_known() -> frozenset[str]:
    """The zones by which others are known: CLDR gives one for each that Windows has."""
    return frozenset(get_global("windows_zone_mapping").values()) & inhabited()


def _fame(zone: str) -> tuple[int, bool, str]:
    return (FIRST.index(zone) if zone in FIRST else len(FIRST), zone not in _best_known(), zone)
