from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts import zones

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
    ],
)
def test_a_zone_is_found_by_what_people_call_it(language: str, name: str, zone: str) -> None:
    assert zones.find(name, Locale(language), NOW) == zones.Found((zone,), sure=True)


@pytest.mark.parametrize(
    ("name", "among"),
    [
        ("USA", {"America/New_York", "America/Chicago", "America/Los_Angeles", "Pacific/Honolulu"}),
        ("Brazil", {"America/Sao_Paulo", "America/Manaus"}),
        ("Johanesburg", {"Africa/Johannesburg"}),
        ("york", {"America/New_York"}),
        ("+2", {"Africa/Johannesburg", "Europe/Paris"}),
        ("UTC+5:30", {"Asia/Kolkata"}),
        ("gmt−4", {"America/New_York"}),
    ],
)
def test_what_may_be_several_is_asked_about(name: str, among: set[str]) -> None:
    found = zones.find(name, Locale("en"), NOW)
    assert not found.sure
    assert among <= set(found.zones)
    assert len(found.zones) <= zones.MOST


@pytest.mark.parametrize("name", ["", "Rivendell", "/", "+99", "../../etc/passwd", "EST", "🚀", "x" * 4000])
def test_what_is_no_place_has_no_zone(name: str) -> None:
    assert zones.find(name, Locale("en"), NOW) == zones.Found()


@pytest.mark.parametrize(
    ("tag", "first"),
    [("en-ZA", "Africa/Johannesburg"), ("af", "Africa/Johannesburg"), ("pt-br", "America/Sao_Paulo"),
     ("es", "Europe/Madrid"), ("en", None), (None, None), ("zz-zz", None), ("-", None)],
)  # fmt: skip
def test_a_language_hints_at_a_zone(tag: str | None, first: str | None) -> None:
    assert next(iter(zones.of_language(tag, NOW)), None) == first


def test_every_clock_on_earth_leads_to_a_zone() -> None:
    clocks = zones.offsets(NOW)
    assert timedelta(hours=5, minutes=45) in clocks
    for offset in clocks:
        assert all(NOW.astimezone(ZoneInfo(zone)).utcoffset() == offset for zone in zones.showing(offset, NOW))
        assert zones.showing(offset, NOW)


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_every_place_on_earth_has_a_zone(latitude: float, longitude: float) -> None:
    ZoneInfo(zones.at(latitude, longitude))


def test_cities_are_called_as_in_the_readers_language() -> None:
    assert zones.city("Europe/London", Locale("fr")) == "Londres"
    assert zones.city("America/Argentina/Buenos_Aires", Locale("en")) == "Buenos Aires"
