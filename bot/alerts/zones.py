"""Time zones as readers name them: by a city, a country, the tz database's own name, or the clock on their wall.

Cities and countries are those of CLDR, through Babel, in the reader's language and in English.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

import tzfpy
from babel import Locale
from babel.core import get_global
from rapidfuzz import fuzz, process

from bot.text import fold, key

LIKE_ENOUGH = 75
"""Of 100, from where on a misspelt name is worth asking about."""
LONGEST = 100
"""Characters of a name that are read; no place has so many."""
SHORTEST = 5
"""Letters of a name in which a slip can be told from another name."""
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
_ENGLISH = Locale("en")
_CONTINENTS = frozenset(
    ["Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"]
)
"""Elsewhere the tz database keeps names of old: "US/East-Indiana", "EST", and "Etc/GMT+2", two hours west."""
_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+-])\s*(\d{1,2})(?::?(\d{2}))?")


@dataclass(frozen=True, slots=True)
class Found:
    """The zones that a name may mean; one that is ``sure`` needs no question."""

    zones: tuple[str, ...] = ()
    sure: bool = False


@lru_cache(maxsize=1)
def known() -> frozenset[str]:
    """The names of all zones that the tz database has."""
    return frozenset(available_timezones())


def find(name: str, locale: Locale, now: datetime) -> Found:
    """The zones that a reader may mean by a city, a country, a zone's name or an offset such as "+2"."""
    if offset := _OFFSET.fullmatch(fold(name.strip()[:LONGEST]).replace("−", "-")):
        sign, hours, minutes = offset.groups()
        ahead = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return Found(showing(ahead if sign == "+" else -ahead, now))
    wanted = key(name[:LONGEST])
    names = _names(locale)
    if not wanted:
        return Found()
    if zones := names.get(wanted):
        different = distinct(zones, now)
        return Found(different[:MOST], sure=len(different) == 1)
    within = [zones for called, zones in names.items() if f" {wanted} " in f" {called} "]
    enough = LIKE_ENOUGH if len(wanted) >= SHORTEST else 100
    like = process.extract(wanted, names.keys(), scorer=fuzz.ratio, score_cutoff=enough, limit=3)
    guesses = within or [names[called] for called, _, _ in like]
    return Found(distinct([zone for zones in guesses for zone in zones], now)[:MOST])


def at(latitude: float, longitude: float) -> str:
    """The zone of a place on earth; at sea one without a country."""
    return tzfpy.get_tz(longitude, latitude)


def of_language(tag: str | None, now: datetime) -> tuple[str, ...]:
    """The zones of the country that a language tag names, "en-ZA"; else of that which it hints at, as "af" does."""
    main, *more = (tag or "").replace("_", "-").split("-")
    if named := next((part.upper() for part in more if len(part) == len("ZA")), None):
        return distinct(_zones_of(named), now)[:MOST]
    likely = get_global("likely_subtags").get(main.lower(), "").rpartition("_")[2]
    zones = distinct(_zones_of(likely), now)
    return zones if len(zones) <= FEW else ()


def showing(offset: timedelta, now: datetime) -> tuple[str, ...]:
    """The zones whose clocks are now so far from UTC, the best known for each way in which they change."""
    return distinct((zone for zone in _places() if now.astimezone(ZoneInfo(zone)).utcoffset() == offset), now)[:MOST]


def offsets(now: datetime) -> list[timedelta]:
    """How far from UTC the clocks of the world are now, from west to east."""
    return sorted({now.astimezone(ZoneInfo(zone)).utcoffset() or timedelta(0) for zone in _places()})


def city(zone: str, locale: Locale) -> str:
    """What a zone is called in a language: by its city."""
    told = locale.time_zones.get(zone, {}).get("city")
    return str(told or zone.rpartition("/")[2].replace("_", " "))


def distinct(zones: Iterable[str], now: datetime) -> tuple[str, ...]:
    """Of zones whose clocks go alike in the year to come, one: the best known. Those come first."""
    by_clock: dict[tuple[timedelta | None, ...], str] = {}
    for zone in sorted(zones, key=_rank):
        clock = tuple((now + timedelta(days=30 * month)).astimezone(ZoneInfo(zone)).utcoffset() for month in range(12))
        by_clock.setdefault(clock, zone)
    return tuple(by_clock.values())


@lru_cache(maxsize=1)
def _places() -> frozenset[str]:
    """The zones of places where people live, each by its one current name."""
    current = known().intersection(get_global("zone_territories"))
    return frozenset(zone for zone in current if _continent(zone) in _CONTINENTS)


@lru_cache(maxsize=1)
def _best_known() -> frozenset[str]:
    """The zones by which others are known: CLDR gives one for each that Windows has."""
    return frozenset(get_global("windows_zone_mapping").values()) & _places()


def _continent(zone: str) -> str:
    return zone.partition("/")[0]


def _rank(zone: str) -> tuple[int, bool, str]:
    return (FIRST.index(zone) if zone in FIRST else len(FIRST), zone not in _best_known(), zone)


def _zones_of(territory: str) -> list[str]:
    return [zone for zone in get_global("territory_zones").get(territory, ()) if zone in _places()]


@lru_cache(maxsize=32)
def _names(locale: Locale) -> dict[str, tuple[str, ...]]:
    """Folded names of cities, countries and zones, and the zones that each means."""
    names: dict[str, set[str]] = {}
    for zone in known():
        if _continent(zone) in _CONTINENTS:
            names.setdefault(key(zone), set()).add(zone)
            names.setdefault(key(zone.rpartition("/")[2]), set()).add(zone)
    for told in (locale, _ENGLISH):
        for zone in _places():
            names.setdefault(key(city(zone, told)), set()).add(zone)
        for territory, country in told.territories.items():
            if zones := _zones_of(territory):
                names.setdefault(key(country), set()).update(zones)
                names[key(territory)] = set(zones)
    for code, (territory, *_) in get_global("territory_aliases").items():
        if code not in known() and (zones := _zones_of(territory)):  # USA, UK; but EST is not Estonia
            names[key(code)] = set(zones)
    names["utc"] = names["gmt"] = {"Etc/UTC"}
    return {name: tuple(sorted(zones)) for name, zones in names.items()}
