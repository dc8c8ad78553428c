"""When alerts may reach a chat: its quiet hours, its digests, its limit a day. Pure rules; moments are in UTC.

A chat's settings are times on its wall clock. A time that a change of the clock skips counts as if the clock had not
changed yet, as calendars have it (RFC 5545, 3.3.5): 02:30 is then what the clock calls 03:30. A time that comes twice
is the first of the two, except that quiet hours hold both times.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.model import ChatSettings, Rhythm

DAY_MINUTES = 24 * 60
MORNING = 8 * 60
"""When digests come that have no time of their own, in minutes after midnight."""
LATE = timedelta(hours=3)
"""An article that is seen so long after it was published comes from the way back after an outage."""
GATHERING = timedelta(minutes=5)
"""What comes late is gathered within so long."""
BUSY = 10
"""Alerts a day, over a week, that are many for a chat without a limit of its own."""
FAR_MORE = 2
"""How many times what is many makes a digest worth an offer."""


def next_moment(settings: ChatSettings, now: datetime) -> datetime:
    """When an alert that comes now may reach the chat: now, or later."""
    return opens(settings, _next_digest(settings, now))


def opens(settings: ChatSettings, now: datetime) -> datetime:
    """When the chat is next neither muted nor in its quiet hours: now, or later."""
    at = max(now, settings.muted_until or now)
    while is_quiet(settings, at):
        at = next(moment for moment in _moments(settings, at, settings.quiet_until or 0, folds=(0, 1)) if moment > at)
    return at


def is_quiet(settings: ChatSettings, now: datetime) -> bool:
    """Whether the chat's wall clock shows a time within its quiet hours."""
    if settings.quiet_from is None:
        return False
    local = now.astimezone(settings.time_zone)
    return _covers(settings, local.hour * 60 + local.minute)


def next_at(settings: ChatSettings, now: datetime, minutes: int, day: int | None = None) -> datetime:
    """When, after now, the chat's wall clock next shows that time of day; on this day of the week, 0 is Monday."""
    return next(moment for moment in _moments(settings, now, minutes, day=day) if moment > now)


def next_morning(settings: ChatSettings, now: datetime) -> datetime:
    """When what exceeds a day's limit may reach the chat."""
    return opens(settings, next_at(settings, now, MORNING if settings.digest_at is None else settings.digest_at))


def day_began(settings: ChatSettings, now: datetime) -> datetime:
    """When the chat's day began."""
    zone = settings.time_zone
    return _moment(zone, now.astimezone(zone).date(), 0)


def gathered(now: datetime) -> datetime:
    """When what is seen late leaves: at the next full five minutes, so that all of it falls due together."""
    return now + GATHERING - (now - datetime.min.replace(tzinfo=UTC)) % GATHERING


def deserves_digest(settings: ChatSettings, sent_in_a_week: int) -> bool:
    """Whether a chat gets so many alerts that it might rather have a digest."""
    many = BUSY if settings.daily_cap is None else settings.daily_cap
    return settings.digest is Rhythm.NOW and sent_in_a_week >= FAR_MORE * many * 7


def needs_zone(settings: ChatSettings) -> bool:
    """Whether what a chat chose depends on where it is."""
    is_quiet_at_times = settings.quiet_from is not None
    return is_quiet_at_times or settings.daily_cap is not None or settings.digest in {Rhythm.DAILY, Rhythm.WEEKLY}


def _next_digest(settings: ChatSettings, now: datetime) -> datetime:
    """When the digest comes to which an alert of now belongs; now where each goes by itself."""
    match settings.digest:
        case Rhythm.NOW:
            return now
        case Rhythm.HOURLY:
            local = now.astimezone(settings.time_zone)
            since = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
            return now - since + timedelta(hours=1)
        case Rhythm.DAILY | Rhythm.WEEKLY:
            at = MORNING if settings.digest_at is None else settings.digest_at
            if _covers(settings, at):
                at = settings.quiet_until or 0
            day = (settings.digest_day or 0) if settings.digest is Rhythm.WEEKLY else None
            return next(moment for moment in _moments(settings, now, at, day=day) if moment > now)


def _covers(settings: ChatSettings, minutes: int) -> bool:
    """Whether a time of day is within the quiet hours, their end not included."""
    if settings.quiet_from is None or settings.quiet_until is None:
        return False
    length = (settings.quiet_until - settings.quiet_from) % DAY_MINUTES
    return (minutes - settings.quiet_from) % DAY_MINUTES < length


def _moments(
    settings: ChatSettings, now: datetime, minutes: int, *, day: int | None = None, folds: tuple[int, ...] = (0,)
) -> Iterator[datetime]:
    """The moments at which the wall clock shows that time, in their order, on one day of the week or on each, from
    a day before now on."""
    zone = settings.time_zone
    today = now.astimezone(zone).date()
    for ahead in range(-1, 16):
        that = today + timedelta(days=ahead)
        if day is None or that.weekday() == day:
            yield from sorted(_moment(zone, that, minutes, fold) for fold in folds)


def _moment(zone: ZoneInfo, day: date, minutes: int, fold: int = 0) -> datetime:
    hour, minute = divmod(minutes, 60)
    return datetime.combine(day, time(hour, minute, fold=fold), zone).astimezone(UTC)
