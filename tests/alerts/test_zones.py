from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts import zones
from bot.model import time_zone

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


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


def test_no_zone_is_read_from_its_file_twice() -> None:
    """zoneinfo keeps eight; to show a reader's settings took the files of thirty, each time."""
    for zone in zones.inhabited():
        time_zone(zone)
    read = time_zone.cache_info().misses
    zones.offsets(NOW)
    zones.of_language("en-US", NOW)
    assert time_zone.cache_info().misses == read
