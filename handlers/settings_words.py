"""Times, days and places in the reader's words, said and understood."""

from datetime import date, datetime, timedelta
from functools import lru_cache

from babel.dates import format_date, format_time, get_day_names

from bot.alerts import timing, zones
from bot.alerts.when import Vocabulary
from bot.language import Language, translation
from bot.model import ChatSettings, Rhythm

WITHIN_A_WEEK = timedelta(days=6)
"""So long the name of a day says which day is meant."""


def clock(minutes: int) -> str:
    """A time of day, "22:00": as everyone can read it, and type it behind a command."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def hours(settings: ChatSettings) -> str | None:
    """The quiet hours, "22:00–07:00"; None where there are none."""
    if settings.quiet_from is None or settings.quiet_until is None:
        return None
    return f"{clock(settings.quiet_from)}–{clock(settings.quiet_until)}"


def weekday(day: int, language: Language, *, short: bool = False) -> str:
    """The name of a day of the week; 0 is Monday."""
    return str(get_day_names("abbreviated" if short else "wide", locale=language.locale)[day])


def moment(at: datetime, settings: ChatSettings, now: datetime, language: Language) -> str:
    """A moment to come on the chat's own clock: "18:00", "Tue 08:00", "3 May 08:00"."""
    zone = settings.time_zone
    local = at.astimezone(zone)
    shown = format_time(local, "HH:mm", tzinfo=zone, locale=language.locale)
    if local.date() == now.astimezone(zone).date():
        return shown
    return f"{_day(local.date(), now.astimezone(zone).date(), language)} {shown}"


def place(settings: ChatSettings, now: datetime, language: Language) -> str:
    """Where a chat's clock is and what it shows: "Johannesburg, 14:05"."""
    return place_in(settings.zone or "UTC", now, language)


def place_in(zone: str, now: datetime, language: Language, *, with_country: bool = False) -> str:
    """The same for any zone; "Madrid (Spain), 14:05"."""
    city, country = zones.city(zone, language.locale), zones.country(zone, language.locale)
    named = f"{city} ({country})" if with_country and country not in {"", city} else city
    return f"{named}, {moment(now, ChatSettings(zone), now, language)}"


def digest_time(settings: ChatSettings) -> str:
    """When digests come."""
    return clock(timing.MORNING if settings.digest_at is None else settings.digest_at)


@lru_cache(maxsize=32)
def vocabulary(language: Language) -> Vocabulary:
    """The words for what can be chosen, in the reader's language and in English."""
    rhythms: dict[str, Rhythm] = {"now": Rhythm.NOW, "every day": Rhythm.DAILY, "every week": Rhythm.WEEKLY}
    days: dict[str, int] = {}
    off = ["none", "no", "stop"]
    tomorrow: list[str] = []
    for told in (translation(None), language):
        _ = told.gettext
        rhythms |= dict.fromkeys((_("at once"), _("off")), Rhythm.NOW)
        rhythms |= dict.fromkeys((_("hourly"), _("Every hour")), Rhythm.HOURLY)
        rhythms |= dict.fromkeys((_("daily"), _("Once a day")), Rhythm.DAILY)
        rhythms |= dict.fromkeys((_("weekly"), _("Once a week")), Rhythm.WEEKLY)
        days |= {weekday(day, told, short=short): day for day in range(7) for short in (False, True)}
        off.append(_("off"))
        tomorrow.append(_("tomorrow"))
    return Vocabulary(rhythms, days, off, tomorrow)


def _day(day: date, today: date, language: Language) -> str:
    if timedelta(0) <= day - today <= WITHIN_A_WEEK:
        return weekday(day.weekday(), language, short=True)
    return str(format_date(day, "d MMM", locale=language.locale))
