from datetime import UTC, datetime

import pytest
from babel import Locale

from bot.alerts import cities, places, zones
from bot.text import key

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "name", "zone"),
    [
        ("en", "Johannesburg", "Africa/Johannesburg"),
        ("en", "new york", "America/New_York"),
        ("en", "America/New_York", "America/New_York"),
        ("en", "São Paulo", "America/Sao_Paulo"),
        ("en", "St. John's", "America/St_Johns"),
        ("en", "Calcutta", "Asia/Calcutta"),
        ("en", "Germany", "Europe/Berlin"),
        ("en", "UK", "Europe/London"),
        ("en", "za", "Africa/Johannesburg"),
        ("en", "UTC", "Etc/UTC"),
        ("fr", "Londres", "Europe/London"),
        ("fr", "le caire", "Africa/Cairo"),
        ("fr", "London", "Europe/London"),
        ("af", "Suid-Afrika", "Africa/Johannesburg"),
        ("ja", "東京", "Asia/Tokyo"),
        ("en", "Cape Town", "Africa/Johannesburg"),
        ("en", "Durban", "Africa/Johannesburg"),
        ("en", "Pretoria", "Africa/Johannesburg"),
        ("en", "Port Elizabeth", "Africa/Johannesburg"),
        ("en", "Gqeberha", "Africa/Johannesburg"),
        ("en", "Bombay", "Asia/Kolkata"),
        ("en", "Washington, D.C.", "America/New_York"),
        ("en", "NYC", "America/New_York"),
        ("en", "San Francisco", "America/Los_Angeles"),
        ("en", "Valencia, Spain", "Europe/Madrid"),
        ("en", "valencia venezuela", "America/Caracas"),
        ("en", "Birmingham, UK", "Europe/London"),
        ("af", "Kaapstad", "Africa/Johannesburg"),
        ("af", "München", "Europe/Berlin"),
        ("fr", "Lyon", "Europe/Paris"),
        ("fr", "Séville", "Europe/Madrid"),
        ("fr", "La Nouvelle-Orléans", "America/Chicago"),
        ("es", "Ciudad del Cabo", "Africa/Johannesburg"),
        ("es", "Múnich", "Europe/Berlin"),
        ("es", "Marsella", "Europe/Paris"),
        ("es", "Guadalajara", "America/Mexico_City"),
    ],
)
def test_a_zone_is_found_by_what_people_call_it(language: str, name: str, zone: str) -> None:
    assert places.find(name, Locale(language), NOW) == places.Found((zone,), sure=True)


@pytest.mark.parametrize(
    ("name", "among"),
    [
        ("USA", {"America/New_York", "America/Chicago", "America/Los_Angeles", "Pacific/Honolulu"}),
        ("Mexico", {"America/Mexico_City", "America/Tijuana"}),
        ("Brazil", {"America/Sao_Paulo", "America/Manaus"}),
        ("Johanesburg", {"Africa/Johannesburg"}),
        ("Cape Twon", {"Africa/Johannesburg"}),
        ("kong", {"Asia/Hong_Kong"}),
        ("+2", {"Africa/Johannesburg", "Europe/Paris"}),
        ("UTC+5:30", {"Asia/Kolkata"}),
        ("gmt−4", {"America/New_York"}),
        ("Valencia", {"Europe/Madrid", "America/Caracas"}),
        ("Barcelona", {"Europe/Madrid", "America/Caracas"}),
        ("Córdoba", {"Europe/Madrid", "America/Argentina/Cordoba"}),
        ("London, Ontario", {"Europe/London", "America/Toronto"}),
        ("Springfield Illinois", {"America/Chicago", "America/New_York"}),
    ],
)
def test_what_may_be_several_is_asked_about(name: str, among: set[str]) -> None:
    found = places.find(name, Locale("en"), NOW)
    assert not found.sure
    assert among <= set(found.zones)
    assert len(found.zones) <= zones.MOST


@pytest.mark.parametrize(
    "name",
    ["", "Rivendell", "/", "+99", "../../etc/passwd", "EST", "CET", "IST", "🚀", "x" * 4000, "Hello world", "Mordor"],
)
def test_what_is_no_place_has_no_zone(name: str) -> None:
    assert places.find(name, Locale("en"), NOW) == places.Found()


@pytest.mark.parametrize("language", ["en", "af", "es", "fr"])
def test_a_zone_is_among_those_that_its_own_city_means(language: str) -> None:
    locale = Locale(language)
    for zone in zones.inhabited():
        found = places.find(zones.city(zone, locale), locale, NOW).zones
        assert zone in found or len(zones.distinct([zone, *found], NOW)) == len(found)


def test_the_table_of_cities_is_folded_as_names_are_and_knows_its_zones() -> None:
    for name, called in cities.by_name().items():
        assert key(name) == name
        assert {city.zone for city in called} <= zones.known()
