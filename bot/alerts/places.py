"""What readers mean by the name of a place: a city, a country, a zone of the tz database, or what their clock shows.

Zones and countries are called as CLDR does, through Babel, in the reader's language and in English; other cities as in
the table of ``cities``.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from babel import Locale
from babel.core import get_global
from rapidfuzz import fuzz, process

from bot.alerts import cities, zones
from bot.alerts.zones import MOST
from bot.text import fold, key

LIKE_ENOUGH = 75
"""Of 100, from where on a misspelt name of a zone or a country is worth asking about."""
LONGEST = 100
"""Characters of a name that are read; no place has so many."""
SHORTEST = 5
"""Letters of a name in which a slip can be told from another name."""
CLEARLY = 10
"""So many times the inhabitants of any other of its name has a city that is meant without a question."""
_ENGLISH = Locale("en")
_UTC = frozenset({"Etc/UTC"})
_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+-])\s*(\d{1,2})(?::?(\d{2}))?")


@dataclass(frozen=True, slots=True)
class Found:
    """The zones that a name may mean; one that is ``sure`` needs no question."""

    zones: tuple[str, ...] = ()
    sure: bool = False


def find(name: str, locale: Locale, now: datetime) -> Found:
    """The zones that a reader may mean by a city, a country, a zone's name or an offset such as "+2"."""
    name = name.strip()[:LONGEST]
    if offset := _OFFSET.fullmatch(fold(name).replace("−", "-")):
        sign, hours, minutes = offset.groups()
        ahead = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return Found(zones.showing(ahead if sign == "+" else -ahead, now))
    wanted = key(name)
    if not wanted:
        return Found()
    found = _exactly(wanted, locale, now)
    if not found.zones:
        found = _in_country(wanted, locale, now)
    if not found.zones:
        return Found(_nearly(wanted, locale, now))
    return Found(found.zones[:1], sure=True) if found.sure else found


def _exactly(wanted: str, locale: Locale, now: datetime) -> Found:
    """What bears just this name: a country, else the cities that may be meant, and whether it is surely the first."""
    weights: dict[str, int] = {}
    for city in cities.named(wanted):
        weights[city.zone] = max(city.weight, weights.get(city.zone, 0))
    countries = _countries(locale).get(wanted)
    told = countries or _cities(locale).get(wanted, frozenset())
    if told and (countries or not weights.keys() & told):
        different = zones.distinct(told, now)
        return Found(different[:MOST], sure=len(different) == 1)
    different = zones.distinct(weights, now, lambda zone: -weights[zone])
    first, *others = [weights[zone] for zone in different] or [0]
    return Found(different[:MOST], sure=first > CLEARLY * max(others, default=0))


def _in_country(wanted: str, locale: Locale, now: datetime) -> Found:
    """The city that stands before its country, "Valencia, Spain"; what else stands there can only be asked about."""
    words = wanted.split()
    for end in range(len(words) - 1, 0, -1):
        city = _exactly(" ".join(words[:end]), locale, now)
        if not city.zones:
            continue
        there = _countries(locale).get(" ".join(words[end:]), ())
        within = tuple(zone for zone in city.zones if zone in there)
        return Found(within or city.zones, sure=len(within) == 1)
    return Found()


def _nearly(wanted: str, locale: Locale, now: datetime) -> tuple[str, ...]:
    """The zones of places of whose name this is a part, else of those whose names are alike."""
    names = _countries(locale) | _cities(locale)
    within = [zone for called, there in names.items() if f" {wanted} " in f" {called} " for zone in there]
    if within or len(wanted) < SHORTEST:
        return zones.distinct(within, now)[:MOST]
    if longer := cities.within(wanted):
        return zones.distinct([city.zone for city in longer], now)[:MOST]
    like = process.extract(wanted, names.keys(), scorer=fuzz.ratio, score_cutoff=LIKE_ENOUGH, limit=3)
    near = [city.zone for city in cities.like(wanted)] or [zone for called, _, _ in like for zone in names[called]]
    return zones.distinct(near, now)[:MOST]


@lru_cache(maxsize=32)
def _cities(locale: Locale) -> dict[str, frozenset[str]]:
    """The zones by their own names and by their cities'."""
    names: dict[str, set[str]] = {}
    for zone in zones.known():
        if zones.on_a_continent(zone):
            names.setdefault(key(zone), set()).add(zone)
            names.setdefault(key(zone.rpartition("/")[2]), set()).add(zone)
    for told in (locale, _ENGLISH):
        for zone in zones.inhabited():
            names.setdefault(key(zones.city(zone, told)), set()).add(zone)
    return {name: frozenset(there) for name, there in names.items()} | {"utc": _UTC, "gmt": _UTC}


@lru_cache(maxsize=32)
def _countries(locale: Locale) -> dict[str, frozenset[str]]:
    """The zones of countries, by names and codes."""
    names: dict[str, frozenset[str]] = {}
    for code, (territory, *_) in get_global("territory_aliases").items():
        if code not in zones.known():  # USA, UK; but EST is not Estonia
            names[key(code)] = frozenset(zones.of_country(territory))
    for told in (_ENGLISH, locale):
        for territory, country in told.territories.items():
            names[key(country)] = names[key(territory)] = frozenset(zones.of_country(territory))
    return {name: there for name, there in names.items() if there}
