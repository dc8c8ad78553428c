from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.alerts import timing
from bot.model import ChatSettings, Rhythm

MINUTES = st.integers(0, 24 * 60 - 1)
MOMENTS = st.datetimes(datetime(2005, 1, 1), datetime(2037, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001
ZONES = st.one_of(
    st.sampled_from(["Australia/Lord_Howe", "Pacific/Apia", "America/St_Johns", "Africa/Casablanca", "Asia/Beirut"]),
    st.sampled_from(sorted(available_timezones())),
)


@st.composite
def settings(draw: st.DrawFn) -> ChatSettings:
    """Anything that a chat can choose about when, without a mute."""
    quiet_from, quiet_until = draw(st.tuples(MINUTES, MINUTES) | st.just((None, None)))
    digest, at, day = draw(st.sampled_from(Rhythm)), draw(MINUTES | st.none()), draw(st.integers(0, 6))
    return ChatSettings(draw(ZONES), quiet_from, quiet_until, digest, at, day)


def quiet(from_: str, until: str, zone: str = "Europe/Berlin") -> ChatSettings:
    return ChatSettings(zone, minutes(from_), minutes(until))


def minutes(clock: str) -> int:
    hour, minute = map(int, clock.split(":"))
    return hour * 60 + minute


def local(clock: str, zone: str = "Europe/Berlin", fold: int = 0) -> datetime:
    return datetime.fromisoformat(clock).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("hours", "now", "opens"),
    [
        (("22:00", "07:00"), "2026-05-04 21:59:59", "2026-05-04 21:59:59"),
        (("22:00", "07:00"), "2026-05-04 22:00", "2026-05-05 07:00"),
        (("22:00", "07:00"), "2026-05-05 06:59:59", "2026-05-05 07:00"),
        (("22:00", "07:00"), "2026-05-05 07:00", "2026-05-05 07:00"),
        (("13:00", "15:30"), "2026-05-05 14:00", "2026-05-05 15:30"),
        (("00:00", "06:00"), "2026-05-05 00:00", "2026-05-05 06:00"),
        (("18:00", "00:00"), "2026-05-05 20:00", "2026-05-06 00:00"),
        (("08:00", "08:00"), "2026-05-05 20:00", "2026-05-05 20:00"),
        # the clock goes from 02:00 to 03:00 on 29 March, and from 03:00 to 02:00 on 25 October
        (("22:00", "07:00"), "2026-03-28 23:00", "2026-03-29 07:00"),
        (("22:00", "07:00"), "2026-10-24 23:00", "2026-10-25 07:00"),
        (("22:00", "02:30"), "2026-03-28 23:00", "2026-03-29 03:30"),
        (("22:00", "02:30"), "2026-10-24 23:00", "2026-10-25 02:30"),
    ],
)
def test_quiet_hours_end_on_the_wall_clock(hours: tuple[str, str], now: str, opens: str) -> None:
    assert timing.opens(quiet(*hours), local(now)) == local(opens)


def test_a_time_that_comes_twice_is_quiet_twice() -> None:
    settings = quiet("22:00", "02:30")
    second = local("2026-10-25 02:10", fold=1)
    assert not timing.is_quiet(settings, local("2026-10-25 02:40"))
    assert timing.opens(settings, second) == local("2026-10-25 02:30", fold=1)


@pytest.mark.parametrize(
    ("rhythm", "now", "expected"),
    [
        (ChatSettings("Europe/Berlin"), "2026-05-04 21:59", "2026-05-04 21:59"),
        (ChatSettings("Europe/Berlin", digest=Rhythm.HOURLY), "2026-05-04 21:59", "2026-05-04 22:00"),
        (ChatSettings("Europe/Berlin", digest=Rhythm.HOURLY), "2026-05-04 22:00", "2026-05-04 23:00"),
        (ChatSettings("Asia/Kolkata", digest=Rhythm.HOURLY), "2026-05-04 22:00", "2026-05-04 22:30"),
        (ChatSettings("Europe/Berlin", digest=Rhythm.DAILY), "2026-05-04 07:59", "2026-05-04 08:00"),
        (ChatSettings("Europe/Berlin", digest=Rhythm.DAILY), "2026-05-04 08:00", "2026-05-05 08:00"),
        (ChatSettings("Europe/Berlin", None, None, Rhythm.DAILY, 150), "2026-03-28 12:00", "2026-03-29 03:30"),
        (ChatSettings("Europe/Berlin", None, None, Rhythm.DAILY, 150), "2026-03-29 12:00", "2026-03-30 02:30"),
        (ChatSettings("Europe/Berlin", None, None, Rhythm.DAILY, 150), "2026-10-24 12:00", "2026-10-25 02:30"),
        (ChatSettings("Europe/Berlin", 22 * 60, 7 * 60, Rhythm.DAILY, 360), "2026-05-04 06:30", "2026-05-04 07:00"),
        (ChatSettings("Europe/Berlin", 22 * 60, 7 * 60, Rhythm.HOURLY), "2026-05-04 22:30", "2026-05-05 07:00"),
        (ChatSettings("Europe/Berlin", None, None, Rhythm.WEEKLY, 600, 0), "2026-05-04 09:59", "2026-05-04 10:00"),
        (ChatSettings("Europe/Berlin", None, None, Rhythm.WEEKLY, 600, 0), "2026-05-04 10:00", "2026-05-11 10:00"),
        (ChatSettings("Europe/Berlin", None, None, Rhythm.WEEKLY, 600, 6), "2026-05-04 10:00", "2026-05-10 10:00"),
    ],
)
def test_an_alert_belongs_to_the_next_digest(rhythm: ChatSettings, now: str, expected: str) -> None:
    assert timing.next_moment(rhythm, local(now)) == local(expected)


def test_the_second_of_two_like_hours_brings_no_second_digest() -> None:
    settings = ChatSettings("Europe/Berlin", None, None, Rhythm.DAILY, minutes("02:30"))
    first = local("2026-10-25 02:30")
    assert timing.next_moment(settings, first) == local("2026-10-26 02:30")


def test_a_mute_goes_before_all() -> None:
    muted_until = local("2026-05-06 23:00")
    settings = ChatSettings("Europe/Berlin", 22 * 60, 7 * 60, muted_until=muted_until)
    assert timing.next_moment(settings, local("2026-05-04 12:00")) == local("2026-05-07 07:00")
    assert timing.next_moment(settings, local("2026-05-07 12:00")) == local("2026-05-07 12:00")


@given(settings(), MOMENTS)
def test_no_moment_is_within_quiet_hours_and_none_lies_in_the_past(settings: ChatSettings, now: datetime) -> None:
    for moment in (timing.next_moment, timing.opens, timing.next_morning):
        at = moment(settings, now)
        assert at >= now
        shown = at.astimezone(settings.time_zone)
        clock = shown.hour * 60 + shown.minute
        if settings.quiet_from is not None and settings.quiet_until is not None:
            if settings.quiet_from <= settings.quiet_until:
                assert not settings.quiet_from <= clock < settings.quiet_until
            else:
                assert settings.quiet_until <= clock < settings.quiet_from


@given(settings(), MOMENTS)
@example(ChatSettings("Pacific/Apia", None, None, Rhythm.WEEKLY, 5, 4), datetime(2011, 12, 24, tzinfo=UTC))
def test_no_alert_waits_longer_than_a_digest_and_a_night(settings: ChatSettings, now: datetime) -> None:
    period = {Rhythm.NOW: 0, Rhythm.HOURLY: 1, Rhythm.DAILY: 24, Rhythm.WEEKLY: 7 * 24}[settings.digest]
    night = 0 if settings.quiet_from is None else 24
    change = 24 + 2  # Samoa left out a day; elsewhere a clock is changed by an hour or two
    assert timing.next_moment(settings, now) - now <= timedelta(hours=period + night + change)


@given(settings(), MOMENTS, st.timedeltas(timedelta(0), timedelta(days=9)))
def test_who_comes_later_leaves_no_earlier(settings: ChatSettings, now: datetime, later: timedelta) -> None:
    assert timing.next_moment(settings, now) <= timing.next_moment(settings, now + later)


@given(settings(), MOMENTS)
def test_digests_go_on(settings: ChatSettings, now: datetime) -> None:
    first = timing.next_moment(settings, now)
    second = timing.next_moment(settings, first)
    assert second == first if settings.digest is Rhythm.NOW else second > first
    assert timing.opens(settings, first) == first


@given(settings(), MOMENTS)
def test_a_day_began_less_than_a_day_ago(settings: ChatSettings, now: datetime) -> None:
    assert timedelta(0) <= now - timing.day_began(settings, now) < timedelta(hours=27)


@given(MOMENTS)
def test_what_is_late_gathers(now: datetime) -> None:
    assert timedelta(0) < timing.gathered(now) - now <= timing.GATHERING
    assert timing.gathered(now).minute % 5 == timing.gathered(now).second == 0


@pytest.mark.parametrize(
    ("settings", "sent", "offered"),
    [
        (ChatSettings(), 139, False),
        (ChatSettings(), 140, True),
        (ChatSettings(daily_cap=3), 42, True),
        (ChatSettings(digest=Rhythm.DAILY), 1000, False),
    ],
)
def test_a_digest_is_offered_to_who_gets_far_more_than_many(settings: ChatSettings, sent: int, offered: bool) -> None:
    assert timing.deserves_digest(settings, sent) is offered


def test_a_zone_that_is_gone_is_utc() -> None:
    assert ChatSettings("Mars/Olympus").time_zone.key == ChatSettings("../x").time_zone.key == "UTC"
