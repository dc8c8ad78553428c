"""The big cities of the world, each with its time zone: those that the tz database does not name, too.

``cities.tsv`` is made by ``make cities`` of what GeoNames (https://www.geonames.org, CC BY 4.0) has.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rapidfuzz import fuzz, process

LIKE_ENOUGH = 85
"""Of 100, from where on a misspelt name is worth asking about: of so many names, one is a bit like anything."""
_TABLE = Path(__file__).with_name("cities.tsv")


@dataclass(frozen=True, slots=True)
class City:
    """A city, which others may be called, too."""

    zone: str
    weight: int
    """Its inhabitants; by another name than its own, a tenth of them."""


def named(name: str) -> list[City]:
    """The cities of this folded name."""
    return by_name().get(name, [])


def within(words: str) -> list[City]:
    """The cities in whose name these folded words are, such as "york" in "new york"."""
    return [city for name, called in by_name().items() if f" {words} " in f" {name} " for city in called]


def like(name: str) -> list[City]:
    """The cities of the name that comes nearest to this folded one; none where none is near."""
    nearest = process.extractOne(name, by_name().keys(), scorer=fuzz.ratio, score_cutoff=LIKE_ENOUGH)
    return named(nearest[0]) if nearest else []


@lru_cache(maxsize=1)
def by_name() -> dict[str, list[City]]:
    """All cities, by each of their folded names; read once, in a twentieth of a second."""
    called: dict[str, list[City]] = {}
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        zone, inhabitants, names = line.split("\t")
        own, *further = names.split(";")
        called.setdefault(own, []).append(City(zone, int(inhabitants)))
        for name in further:
            called.setdefault(name, []).append(City(zone, int(inhabitants) // 10))
    return called
