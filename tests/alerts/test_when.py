from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts import when
from bot.model import ChatSettings, Rhythm

ZONE = "Africa/Johannesburg"
NOW = datetime(2026, 3, 2, 15, 30, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
WORDS = when.Vocabulary(
    rhythms={"at once": Rhythm.NOW, "hourly": Rhythm.HOURLY, "täglich": Rhythm.DAILY, "weekly": Rhythm.WEEKLY},
    days={"Monday": 0, "dimanche": 6},
    off=("off", "aus"),
    tomorrow=("tomorrow",),
)


@pytest.mark.parametrize(
    ("words", "hours"),
    [
        ("22:00-07:00", (1320, 420)),
        ("22:00 – 07:00", (1320, 420)),
        ("10pm-7am", (1320, 420)),
        ("from 10 p.m. to 7:30 A.M.", (1320, 450)),
        ("22h-7h30", (1320, 450)),
        ("de 22h à 7h", (1320, 420)),
        ("22-7", (1320, 420)),
        ("22.30 bis 6.15", (1350, 375)),
        ("18:00-24:00", (1080, 0)),
        ("12am-12pm", (0, 720)),
        ("٢٢:٠٠-٠٧:٠٠", (1320, 420)),
        ("22:00", None),
        ("22:00-22:00", None),
        ("22:00-25:00", None),
        ("22:61-07:00", None),
        ("1-2-3", None),
        ("22:00:00-07:00:00", None),
        ("at night", None),
        ("2200-0700", None),
        ("", None),
    ],
)
def test_quiet_hours_are_two_times(words: str, hours: tuple[int, int] | None) -> None:
    assert when.quiet_hours(words) == hours


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("at once", (Rhythm.NOW, None, None)),
        ("Hourly", (Rhythm.HOURLY, None, None)),
        ("TÄGLICH", (Rhythm.DAILY, None, None)),
        ("taglich um 18 Uhr", (Rhythm.DAILY, 1080, None)),
        ("7:30", (Rhythm.DAILY, 450, None)),
        ("every Monday at 9am", (Rhythm.WEEKLY, 540, 0)),
        ("dimanche", (Rhythm.WEEKLY, None, 6)),
        ("weekly 18:00", (Rhythm.WEEKLY, 1080, None)),
        ("weekly 25:00", None),
        ("Monday 9 and 18", None),
        ("7:30:00", None),
        ("whenever", None),
        ("", None),
    ],
)
def test_how_often_can_be_said_in_words(words: str, meant: tuple[Rhythm, int | None, int | None] | None) -> None:
    assert when.rhythm(words, WORDS) == meant


@pytest.mark.parametrize(
    ("words", "until"),
    [
        ("8h", NOW + timedelta(hours=8)),
        ("8", NOW + timedelta(hours=8)),
        ("for 8 hours", NOW + timedelta(hours=8)),
        ("1.5h", NOW + timedelta(minutes=90)),
        ("1h30m", NOW + timedelta(minutes=90)),
        ("90 min", NOW + timedelta(minutes=90)),
        ("2d", NOW + timedelta(days=2)),
        ("2 jours", NOW + timedelta(days=2)),
        ("1 week", NOW + timedelta(days=7)),
        ("3 semanas", NOW + timedelta(days=21)),
        ("until tomorrow", datetime(2026, 3, 3, 8, tzinfo=ZoneInfo(ZONE))),
        ("until 18:00", datetime(2026, 3, 2, 18, tzinfo=ZoneInfo(ZONE))),
        ("until 7am", datetime(2026, 3, 3, 7, tzinfo=ZoneInfo(ZONE))),
        ("until Monday", datetime(2026, 3, 9, 8, tzinfo=ZoneInfo(ZONE))),
        ("dimanche 18h", datetime(2026, 3, 8, 18, tzinfo=ZoneInfo(ZONE))),
        ("Monday 18:00", datetime(2026, 3, 2, 18, tzinfo=ZoneInfo(ZONE))),
        ("Monday 25:00", None),
        ("30s", None),
        ("2 months", None),
        ("0h", None),
        ("99999 days", None),
        ("25:00", None),
        ("for ever", None),
        ("", None),
    ],
)
def test_a_mute_is_as_long_as_it_says(words: str, until: datetime | None) -> None:
    assert when.mute_until(words, ChatSettings(ZONE), NOW, WORDS) == until


@given(st.text(max_size=60))
def test_any_words_are_read(words: str) -> None:
    when.quiet_hours(words)
    when.rhythm(words, WORDS)
    until = when.mute_until(words, ChatSettings(ZONE), NOW, WORDS)
    assert until is None or NOW < until <= NOW + when.LONGEST_MUTE


def test_off_is_off_in_any_language() -> None:
    assert when.is_off("OFF", WORDS)
    assert when.is_off("aus!", WORDS)
    assert not when.is_off("offer", WORDS)
